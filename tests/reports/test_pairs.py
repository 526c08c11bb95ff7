"""The pure core of the account: reasons, losses, tallies."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.answer import Grade
from callout.domain.attempt import ReceiptKind
from callout.domain.callout import CalloutState
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level
from callout.reports.account import Work, as_json, nearest_rank, summarise
from callout.reports.pairs import AlertLine, Course, Pair, Reason, Tries, lost_pairs, reason

T0 = Instant(1_750_000_000_000)
LINE = AlertLine(
    "500156", 1, "示例-1", Hazard.RAINSTORM, Level.RED, T0, "actual", AlertState.PLANNED, 1, 99, frozenset(), "b1", "v1"
)
EXHAUSTED = Course(CalloutState.EXHAUSTED, T0, None, None, None, late=False)
SENT = Tries(sent=True)
PAIR = Pair(LINE, 1, "stats:500156101", EXHAUSTED, SENT, frozenset(), frozenset(), None)


def work(*kinds: HumanCallKind) -> frozenset[HumanCallKind]:
    return frozenset(kinds)


@pytest.mark.parametrize(("given_", "why"), [
    ({}, Reason.SILENT),
    ({"tries": Tries(sent=True, receipt=ReceiptKind.DELIVERED)}, Reason.SILENT),
    ({"tries": Tries(sent=True, receipt=ReceiptKind.NO_REPLY)}, Reason.SILENT),
    ({"work": work(HumanCallKind.EXHAUSTED)}, Reason.SILENT),
    ({"tries": Tries()}, Reason.NOT_CALLED),
    ({"tries": Tries(sent=True, receipt=ReceiptKind.BUSY)}, Reason.BUSY),
    ({"tries": Tries(sent=True, receipt=ReceiptKind.SWITCHED_OFF)}, Reason.SWITCHED_OFF),
    ({"tries": Tries(sent=True, receipt=ReceiptKind.DEAD)}, Reason.DEAD_NUMBER),
    ({"unusable": Reason.DEAD_NUMBER, "tries": Tries()}, Reason.DEAD_NUMBER),
    ({"unusable": Reason.NO_NUMBER}, Reason.NO_NUMBER),
    ({"tries": Tries(unknown=True)}, Reason.IN_DOUBT),
    ({"tries": Tries(sent=True, unknown=True)}, Reason.SILENT),
    ({"work": work(HumanCallKind.IN_DOUBT)}, Reason.IN_DOUBT),
    ({"said": frozenset({Grade.CANNOT_COME})}, Reason.REFUSED),
    ({"work": work(HumanCallKind.CANNOT_COME, HumanCallKind.EXHAUSTED)}, Reason.REFUSED),
    ({"work": work(HumanCallKind.NO_NUMBER)}, Reason.NO_NUMBER),
    ({"work": work(HumanCallKind.VACANT, HumanCallKind.IN_DOUBT)}, Reason.VACANT),
    ({"course": None, "work": work(HumanCallKind.VACANT)}, Reason.NO_RECORD),
])  # fmt: skip
def test_the_reason_that_wins(given_: dict[str, Any], why: Reason) -> None:
    assert reason(replace(PAIR, **given_)) is why


@pytest.mark.parametrize(("times", "percent", "seconds"), [
    ([], 50, None), ([1_400], 95, 1), ([1_500], 50, 2), ([1_000, 2_000], 50, 1), ([1_000, 2_000, 3_000], 50, 2),
    ([n * 1_000 for n in range(1, 101)], 95, 95), ([n * 1_000 for n in range(1, 11)], 95, 10),
])  # fmt: skip
def test_nearest_rank(times: list[int], percent: int, seconds: int | None) -> None:
    assert nearest_rank(times, percent) == seconds


courses = st.builds(
    Course,
    st.sampled_from(CalloutState),
    st.integers(T0, T0 + 10).map(Instant),
    st.none() | st.just(T0),
    st.none() | st.just(Instant(T0 + 60_000)),
    st.none() | st.sampled_from(Grade),
    late=st.booleans(),
)
tries = st.builds(Tries, st.booleans(), st.booleans(), st.booleans(), st.none() | st.sampled_from(ReceiptKind))
lines = st.lists(
    st.builds(
        lambda sent, level, state: replace(LINE, sent=Instant(sent), level=level, state=state, cursor=3),
        st.integers(T0, T0 + 3),
        st.sampled_from(Level),
        st.sampled_from([AlertState.PLANNING, AlertState.PLANNED]),
    ),
    max_size=3,
).map(lambda found: [replace(line, alert=at) for at, line in enumerate(found, 1)])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[AlertLine], list[Pair]]:
    """Some alerts of one episode, each with the same few posts in any state whatever."""
    alerts = draw(lines)
    pair = st.builds(
        Pair,
        st.just(LINE),
        st.just(1),
        st.sampled_from(["a", "b"]),
        st.none() | courses,
        tries,
        st.frozensets(st.sampled_from(Grade)),
        st.frozensets(st.sampled_from(HumanCallKind)),
        st.sampled_from([None, Reason.DEAD_NUMBER, Reason.NO_NUMBER]),
    )
    return alerts, [replace(draw(pair), line=line, post=post) for line in alerts for post in (1, 2, 5)]


@given(worlds())
def test_every_pair_is_in_exactly_one_place(world: tuple[list[AlertLine], list[Pair]]) -> None:
    alerts, pairs = world
    account = summarise(pairs, alerts, Work({}, {}))
    for counts in (account.total, *(each for _, each in account.per_alert), *account.per_area.values()):
        told = counts.informed + counts.lifted
        assert counts.due == counts.answered + told + counts.superseded + counts.open + counts.unreachable
        assert counts.late <= counts.answered <= counts.reached
        assert counts.lost <= counts.unreachable + counts.superseded
    assert sum(account.reasons.values()) == account.total.unreachable
    groups = (account.by_level.values(), account.by_time.values(), account.per_area.values())
    for group in (*map(list, groups), [counts for _, counts in account.per_alert]):
        assert sum(counts.due for counts in group) == account.total.due == len(pairs)
        assert sum(counts.lost for counts in group) == account.total.lost == len(lost_pairs(pairs))


@given(worlds(), st.integers(min_value=0))
def test_a_row_that_goes_missing_is_never_unseen(world: tuple[list[AlertLine], list[Pair]], at: int) -> None:
    _, pairs = world
    planned = [pair for pair in pairs if pair.course and pair.line.state is AlertState.PLANNED]
    if planned:
        gone = replace(planned[at % len(planned)], course=None)
        left = [gone if pair.key == gone.key else pair for pair in pairs]
        assert gone in lost_pairs(left)
        assert {pair.key for pair in lost_pairs(left)} >= {pair.key for pair in lost_pairs(pairs)}


@given(worlds())
def test_plain_data_adds_up(world: tuple[list[AlertLine], list[Pair]]) -> None:
    alerts, pairs = world
    doubtful = [replace(line, unknown=2, repeated=1) for line in alerts]
    found = as_json(summarise(pairs, doubtful, Work({HumanCallKind.ASKED: 2}, {"停学": (1, 3)})))
    assert found["unknown"] == sum(each["unknown"] for each in found["per_alert"]) == 2 * len(alerts)
    assert found["possibly_repeated"] == len(alerts)
    assert found["human_calls_open"] == sum(found["human_calls"].values()) == 2
    assert found["due"] == sum(each["due"] for each in found["per_township"])
