"""What providers tell of calls: kept as text and read back, put together, and believed only as far as it can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.call_facts import NO_FACTS, TIMES, CallFact, CallFacts, call_facts, over_at, read_facts, written
from callout.domain.instant import MINUTE, SECOND, Instant, later

T0 = Instant(1_785_679_200_000)
_times = st.none() | st.integers(0, 1 << 50).map(Instant)
_facts = st.builds(
    CallFacts, _times, _times, st.integers(-1, 10_000), st.sampled_from(["", "RE0123456789abcdef", "录 音 1"])
)


@given(_facts)
def test_what_was_kept_is_read_back(facts: CallFacts) -> None:
    assert read_facts(str(facts)) == facts


def test_nothing_known_is_no_text() -> None:
    assert (str(NO_FACTS), read_facts("")) == ("", NO_FACTS)


def test_what_was_told_first_stays_and_the_rest_is_added() -> None:
    first = CallFacts(picked_up_at=T0, recording="RE1")
    second = CallFacts(later(T0, SECOND), later(T0, 20 * SECOND), 19, "RE2")
    assert second.over(first) == CallFacts(T0, later(T0, 20 * SECOND), 19, "RE1")
    assert first.over(second) == second
    assert first.over(NO_FACTS) == first


@pytest.mark.parametrize(
    ("by", "believed"), [(-2 * MINUTE, False), (-MINUTE, True), (2 * MINUTE, True), (5 * MINUTE, False)]
)
def test_a_time_that_cannot_be_is_not_believed(by: int, believed: bool) -> None:
    at = later(T0, by)
    kept = CallFacts(at, None, 5).within(T0, later(T0, 2 * MINUTE))
    assert kept == CallFacts(at if believed else None, None, 5)


def test_an_end_and_a_length_give_the_beginning_and_nobody_picked_up_gives_none() -> None:
    assert over_at(T0, 20) == CallFacts(later(T0, -20 * SECOND), T0, 20)
    assert over_at(T0, 0) == CallFacts(ended_at=T0)


def test_two_times_give_the_length() -> None:
    assert call_facts(T0, later(T0, 1_600)) == CallFacts(T0, later(T0, 1_600), 2)
    assert call_facts(None, T0) == CallFacts(ended_at=T0)
    assert call_facts(T0, None) == NO_FACTS
    assert call_facts(later(T0, 1), T0) == CallFacts(ended_at=T0), "a clock that went backward tells no length"


def test_what_can_be_told_is_written_even_where_it_is_nothing() -> None:
    assert written(frozenset()) == "-"
    assert written(TIMES) == "picked_up,ended,heard"
    assert written(frozenset({CallFact.RECORDING})) == "recording"
