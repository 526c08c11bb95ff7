"""The state machines: what the tables allow happens, nothing else ever does."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain import attempt, callout, feedback, human_call, intake, relocation, stop_work
from callout.domain.attempt import FAILED, Attempt, AttemptState, ReceiptKind, attempt_id, county_of, lease
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState, lane_of, level_of
from callout.domain.errors import StateError
from callout.domain.feedback import FeedbackState
from callout.domain.hearing import LATE, OPEN
from callout.domain.human_call import HumanCallState
from callout.domain.instant import SECOND, Instant
from callout.domain.intake import AlertState
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Level
from callout.domain.machine import follow, picture
from callout.domain.stop_work import IN_FORCE, StopWorkState

Machine = tuple[Mapping[tuple[Any, Any], StrEnum], StrEnum, type[StrEnum], type[StrEnum]]
"""Table, start, states, events."""
MACHINES: dict[str, Machine] = {
    "callout": (callout.TABLE, callout.START, CalloutState, CalloutEvent),
    "attempt": (attempt.TABLE, attempt.START, AttemptState, attempt.AttemptEvent),
    "human_call": (human_call.TABLE, human_call.START, HumanCallState, human_call.HumanCallEvent),
    "alert": (intake.ALERT_TABLE, AlertState.RECEIVED, AlertState, intake.AlertEvent),
    "stop_work": (stop_work.TABLE, stop_work.START, StopWorkState, stop_work.StopWorkEvent),
    "feedback": (feedback.TABLE, feedback.START, FeedbackState, feedback.FeedbackEvent),
    "relocation": (
        relocation.TABLE,
        relocation.START,
        relocation.RelocationState,
        relocation.RelocationEvent,
    ),
}
TERMINAL: dict[str, set[StrEnum]] = {
    "callout": {CalloutState.SUPERSEDED, CalloutState.LIFTED},
    "attempt": {AttemptState.SENT, AttemptState.REFUSED, AttemptState.WITHDRAWN},
    "human_call": {HumanCallState.CLOSED},
    "alert": {
        AlertState.OVER,
        AlertState.LIFTED,
        AlertState.CARRIED_OUT,
        AlertState.HELD,
        AlertState.NOT_ACTUAL,
        AlertState.DECLINED,
    },
    "stop_work": set(),  # what was lifted can be proposed again
    "feedback": {FeedbackState.SUPERSEDED},
    "relocation": set(),  # a later warning asks anew for those who were let home
}
every_machine = pytest.mark.parametrize("name", MACHINES)
machines = st.sampled_from(list(MACHINES))


@given(machines, st.data())
def test_no_sequence_of_events_leaves_the_table(name: str, data: st.DataObject) -> None:
    """Whatever happens in whatever order, a row stands in a state of its table, and a refused event moves nothing."""
    table, state, states, events = MACHINES[name]
    for event in data.draw(st.lists(st.sampled_from(list(events)), max_size=12)):
        if (state, event) in table:
            state = follow(table, state, event)
        else:
            with pytest.raises(StateError, match=f"状态 {state} 不接受事件 {event}"):
                follow(table, state, event)
        assert state in states


@every_machine
def test_terminal_means_terminal(name: str) -> None:
    """The states that we call an end are exactly those that no event leaves."""
    table, _, states, _ = MACHINES[name]
    assert set(states) - {state for state, _ in table} == TERMINAL[name]


@every_machine
def test_every_state_and_every_event_is_used(name: str) -> None:
    """No word stands in an enum that nothing can lead to."""
    table, start, states, events = MACHINES[name]
    apart = {
        AlertState.AWAITING,
        AlertState.HELD,
        AlertState.NOT_ACTUAL,
        CalloutState.INFORMED,
    }  # given at the door, before any event
    assert {start, *table.values()} | apart >= set(states) >= {start, *table.values()}
    assert {event for _, event in table} == set(events)


@every_machine
def test_the_picture_shows_every_arrow_and_every_end(name: str) -> None:
    """The drawing in the documents is the table itself."""
    table, start, _, _ = MACHINES[name]
    lines = picture(table, start).splitlines()
    assert lines[:2] == ["stateDiagram-v2", f"    [*] --> {start}"]
    arrows = {f"    {state} --> {after}: {event}" for (state, event), after in table.items()}
    ends = {f"    {end} --> [*]" for end in TERMINAL[name] & set(table.values())}
    assert set(lines[2:]) == arrows | ends


@given(st.lists(st.sampled_from(list(CalloutEvent)), max_size=20))
def test_an_answered_callout_never_calls_again_by_itself(events: list[CalloutEvent]) -> None:
    """After 应 nothing but a better answer is accepted: only a clock time of the rules asks anew."""
    state = CalloutState.ANSWERED
    for event in events:
        if (state, event) in callout.TABLE and event is not CalloutEvent.STRUCK:
            state = follow(callout.TABLE, state, event)
    assert state is CalloutState.ANSWERED


def test_an_answer_is_accepted_while_the_callout_asks_for_one() -> None:
    """Who answers late still counts; what another message took over, or an all-clear ended, takes no answer."""
    deaf = {s for s in CalloutState if (s, CalloutEvent.ANSWERED) not in callout.TABLE}
    assert deaf == TERMINAL["callout"] | {CalloutState.CONTINUED, CalloutState.INFORMED}
    assert set(OPEN) == set(CalloutState) - deaf - {CalloutState.ANSWERED}
    assert set(LATE) == set(OPEN) - set(callout.LIVE)
    assert set(callout.UNANSWERED) == {s for s in CalloutState if (s, CalloutEvent.EXPIRED) in callout.TABLE}


def test_bytes_leave_only_from_submitting() -> None:
    """What was sent or lost in doubt had been committed as `submitting` before; what nobody would carry never was."""
    before = {
        state for (state, _), after in attempt.TABLE.items() if after in {AttemptState.SENT, AttemptState.UNKNOWN}
    }
    assert before == {AttemptState.SUBMITTING, AttemptState.UNKNOWN}
    refused = {state for (state, _), after in attempt.TABLE.items() if after is AttemptState.REFUSED}
    assert refused == {AttemptState.SUBMITTING, AttemptState.CLAIMED}
    assert (AttemptState.UNKNOWN, attempt.AttemptEvent.ACCEPTED) not in attempt.TABLE


def test_only_a_decision_stops_and_only_a_decision_ends_it() -> None:
    """Nothing but an order leads to a stop, and nothing but a lift leads out of it."""
    into = {event for (state, event), after in stop_work.TABLE.items() if after in IN_FORCE and state not in IN_FORCE}
    out = {event for (state, event), after in stop_work.TABLE.items() if state in IN_FORCE and after not in IN_FORCE}
    assert (into, out) == ({stop_work.StopWorkEvent.ORDERED}, {stop_work.StopWorkEvent.LIFTED})


def test_a_feedback_that_is_owed_can_always_be_given() -> None:
    """However late."""
    given = {state for (state, event) in feedback.TABLE if event is feedback.FeedbackEvent.GIVEN}
    assert given == {*feedback.OWED, FeedbackState.GIVEN}
    assert feedback.remind_after(30 * 60_000) == 20 * 60_000


@pytest.mark.parametrize("level", list(Level))
def test_each_level_runs_in_its_own_lane(level: Level) -> None:
    """Red is lane 0, and a callout knows its level from its lane."""
    key = CalloutKey("500156", 1, 2, 0)
    one = Callout(key, CalloutState.TO_CALL, 0, None, lane_of(level), "x", None, "", False, 0)
    assert one.level is level
    assert level_of(lane_of(level)) is level
    assert (lane_of(level) == 0) == (level is Level.RED)


def test_a_receipt_of_failure_outranks_whatever_came_before() -> None:
    """Receipts come twice and in any order; the highest rank wins, and proof that nobody was reached is highest."""
    assert {kind for kind in ReceiptKind if kind.failed} == set(FAILED)
    assert min(kind.rank for kind in FAILED) > max(kind.rank for kind in set(ReceiptKind) - FAILED)
    assert ReceiptKind.TAKEN.rank == 0


def test_an_attempt_names_its_county_and_is_held_for_thirty_seconds() -> None:
    """A callback finds its rows by key, and a dead worker's claim is free again after half a minute."""
    assert attempt_id("500156", "abc") == "500156.abc"
    assert county_of("500156.abc") == "500156"
    assert lease(Instant(1_000)) == 1_000 + 30 * SECOND


def test_the_submitting_commit_moves_an_attempt_by_one_revision() -> None:
    """What is recorded afterwards names the revision that the commit left, and cannot be submitted a second time."""
    fresh = Attempt(
        "500156", "500156.a", 1, (), "", Target.HOLDER, ChannelKind.SMS, 1, 1, False, AttemptState.CLAIMED, 4
    )
    gone = fresh.submitted()
    assert (gone.state, gone.rev) == (AttemptState.SUBMITTING, 5)
    with pytest.raises(StateError):
        gone.submitted()
