"""What is made by the thousand is made as a frozen dataclass would be."""

import dataclasses

import pytest

from callout.domain.attempt import Attempt, AttemptState
from callout.domain.ladder import ChannelKind, Target
from callout.domain.made_often import made_often, replace

ATTEMPT = Attempt("500156", "500156.a", 7, (), "", Target.HOLDER, ChannelKind.SMS, 3, 5, False, AttemptState.CLAIMED, 2)


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    """Whose fields are guarded at run time as well."""

    left: int
    right: str = ""


@made_often(frozen=True, slots=True)
class Single:
    """Of one field."""

    only: int


@pytest.mark.parametrize(
    "changes", [{}, {"provider": "示例"}, {"rev": 3, "state": AttemptState.SENT, "callouts": ((1,),)}]
)
def test_a_changed_copy_is_the_one_that_the_standard_library_makes(changes: dict[str, object]) -> None:
    before = dataclasses.astuple(ATTEMPT)
    assert replace(ATTEMPT, **changes) == dataclasses.replace(ATTEMPT, **changes)  # type: ignore[arg-type]
    assert dataclasses.astuple(ATTEMPT) == before


def test_a_guarded_one_and_one_of_a_single_field_are_copied_as_well() -> None:
    assert replace(Guarded(1, "示例"), left=2) == Guarded(2, "示例")
    assert replace(Single(1), only=2) == Single(2)


def test_a_field_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(AttributeError):
        replace(ATTEMPT, nobody=1)  # type: ignore[call-arg]
