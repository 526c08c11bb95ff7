"""docs/states.md says what the state tables say, and every value has a meaning."""

from enum import StrEnum

import pytest

from tests.write_states import DOCUMENT, MACHINES, Machine, meanings, page


def values(one: Machine) -> tuple[type[StrEnum], type[StrEnum]]:
    state, event = next(iter(one.table))
    return type(state), type(event)


def test_the_page_is_what_the_tables_say() -> None:
    """To mend it: python -m tests.write_states"""
    assert DOCUMENT.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("one", MACHINES, ids=lambda one: one.title)
def test_every_value_says_what_it_means_in_the_world(one: Machine) -> None:
    for kind in values(one):
        assert set(meanings(kind)) == {value.name for value in kind}
        assert all(text.endswith(".") for text in meanings(kind).values())


def test_every_table_of_the_domain_is_drawn() -> None:
    drawn = {kind.__name__ for one in MACHINES for kind in values(one)}
    assert drawn == {
        "CalloutState", "CalloutEvent", "AttemptState", "AttemptEvent", "HumanCallState", "HumanCallEvent",
        "StopWorkState", "StopWorkEvent", "FeedbackState", "FeedbackEvent", "AlertState", "AlertEvent",
        "CopyState", "CopyEvent", "ConfirmState", "ConfirmEvent", "DeskCallState", "DeskCallEvent",
            "CircuitState", "CircuitEvent", "RelocationState", "RelocationEvent", "DrillState", "DrillEvent",
    }  # fmt: skip


class Half(StrEnum):
    SAID = "said"
    """Somebody
    said it."""
    UNSAID = "unsaid"


def test_a_missing_meaning_is_seen() -> None:
    assert meanings(Half) == {"SAID": "Somebody said it."}
