"""Extension digits: always the same for one attempt, and none where they would not tell two apart."""

from hypothesis import given
from hypothesis import strategies as st

from callout.domain.extension import extension, named_by

IDS = st.text("0123456789abcdef.", min_size=1, max_size=24)


@given(attempt=IDS, digits=st.integers(1, 8))
def test_the_digits_of_an_attempt_are_always_the_same_and_name_it(attempt: str, digits: int) -> None:
    given_out = extension(attempt, digits)
    assert len(given_out) == digits
    assert given_out == extension(attempt, digits)
    assert named_by(given_out, [attempt]) == attempt


def test_without_digits_nothing_is_named() -> None:
    assert extension("500156.a", 0) == ""
    assert named_by("", ["500156.a"]) == ""


def test_two_attempts_with_the_same_digits_are_left_to_the_number() -> None:
    """One digit tells ten texts apart at most."""
    attempts = [f"500156.{n}" for n in range(11)]
    same = next(a for a in attempts[1:] if extension(a, 1) in {extension(b, 1) for b in attempts if b != a})
    assert named_by(extension(same, 1), attempts) == ""
