"""Links: short, bound to one attempt, not to be guessed; and what a pressed button says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import Instant
from callout.domain.link import (
    LIFE,
    Choice,
    Place,
    Pressed,
    ends,
    in_words,
    place_of,
    read_pressed,
    token,
    whose,
    written,
)

KEY = b"a secret of sixteen"
ATTEMPT = "500156.0123456789abcdef0123456789abcdef"


def test_a_link_is_24_letters_and_digits_and_names_where_to_look() -> None:
    text = token(KEY, ATTEMPT)
    assert len(text) == 24
    assert text.isalnum()
    assert text == text.lower()
    assert place_of(text) == place_of(text.upper()) == Place("500156", "500156.01234567")
    assert whose(KEY, text.upper(), ["500156.01234567ff", ATTEMPT]) == ATTEMPT


@pytest.mark.parametrize("number", [1, 900])
def test_a_link_of_a_drill_names_its_drill_and_is_no_link_of_the_county(number: int) -> None:
    attempt = f"500156-D{number}.0123456789abcdef0123456789abcdef"
    text = token(KEY, attempt)
    assert len(text) == 32
    assert place_of(text) == Place(f"500156-D{number}", f"500156-D{number}.01234567")
    assert whose(KEY, text, [ATTEMPT, attempt]) == attempt
    assert whose(KEY, token(KEY, ATTEMPT), [attempt]) is None


@pytest.mark.parametrize("text", ["", "a" * 23, "0" * 24, "叫" * 24, "-" * 24, "0" * 32])
def test_what_was_never_a_link_leads_nowhere(text: str) -> None:
    assert place_of(text) is None
    assert whose(KEY, text, [ATTEMPT]) is None


@given(st.integers(0, 23), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_link_with_one_sign_changed_is_nobodys(at: int, sign: str) -> None:
    text = token(KEY, ATTEMPT)
    other = text[:at] + sign + text[at + 1 :]
    place = place_of(other)
    near = [ATTEMPT] if place and ATTEMPT.startswith(place.start) else []
    assert (whose(KEY, other, near) == ATTEMPT) == (other == text)


def test_a_link_of_another_key_or_another_attempt_is_nobodys() -> None:
    text = token(KEY, ATTEMPT)
    assert whose(b"another secret....", text, [ATTEMPT]) is None
    assert whose(KEY, text, [ATTEMPT[:-1] + "0"]) is None
    assert whose(KEY, text, []) is None


@given(st.text(max_size=40))
def test_what_was_never_a_link_is_nobodys(text: str) -> None:
    assert place_of(text) is None or len(text) in (24, 32)
    assert whose(KEY, text, [ATTEMPT]) is None


def test_what_is_pressed_is_kept_and_read_again() -> None:
    assert [written(choice, None) for choice in Choice] == ["1", "moving", "2", "3"]
    assert read_pressed(written(Choice.RECEIVED, 5)) == Pressed("1")
    assert read_pressed(written(Choice.MOVING, None)) == Pressed("1")
    assert read_pressed(written(Choice.MOVING, 12)) == Pressed("1", Report(FeedbackKind.MOVED, 12))
    assert read_pressed("#") == Pressed("#")
    assert in_words("moving:12") == "正在转移（已转移 12 人）"
    assert [in_words(choice) for choice in Choice] == ["收到", "正在转移", "无法到岗", "需要支援"]


def test_a_link_lives_as_long_as_a_text_is_read_as_a_reply() -> None:
    assert ends(Instant(5)) == 5 + LIFE
