"""What messages of one episode do to each other: the decision table, and that the order of arrival does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.callout import LIVE, UNANSWERED, CalloutState
from callout.domain.episode import RENEWS, Move, Said, Turn, in_order, moves, over, reception, reign, stands
from callout.domain.instant import HOUR, Instant, later
from callout.domain.level import Level

COUNTY, A, B = "gb2260:500156", "stats:500156101", "stats:500156102"
T0 = Instant(1_785_600_000_000)
BLUE, YELLOW, ORANGE, RED = Level


def said(alert: int, level: Level | None, *areas: str, at: int = 0, **more: object) -> Said:
    """A warning of that level for these areas (default: A), `at` minutes after the first; valid for six hours."""
    levels = dict.fromkeys((*(areas or (A,)), COUNTY), level)
    sent = later(T0, at * 60_000)
    return replace(Said(alert, f"id{alert}", sent, levels, later(sent, 6 * HOUR)), **more)  # type: ignore[arg-type]


def cancel(alert: int, *names: Level, areas: Sequence[str] = (A,), at: int = 0) -> Said:
    return said(alert, None, *areas, at=at, lifts=True, names=frozenset(names), until=None)


def turns(alert: int, *messages: Said) -> dict[str, Turn]:
    return {area: move.turn for area, move in moves(messages, alert, COUNTY).items()}


@pytest.mark.parametrize(
    ("old", "new", "turn"),
    [
        (YELLOW, ORANGE, Turn.UPGRADE),
        (ORANGE, RED, Turn.UPGRADE),
        (RED, RED, Turn.RED_AGAIN),
        (ORANGE, ORANGE, Turn.REPEAT),
        (RED, ORANGE, Turn.DOWNGRADE),
        (ORANGE, BLUE, Turn.DOWNGRADE),
    ],
)
def test_what_a_later_message_means(old: Level, new: Level, turn: Turn) -> None:
    """For the township and for the county's own posts alike."""
    assert turns(2, said(1, old), said(2, new, at=5)) == {A: turn, COUNTY: turn}


def test_the_first_message_and_one_after_the_end_of_the_last_begin_anew() -> None:
    """What has ended by then is no level to repeat."""
    assert turns(1, said(1, ORANGE)) == {A: Turn.FIRST, COUNTY: Turn.FIRST}
    short = said(1, ORANGE, until=later(T0, 60_000))
    assert turns(2, short, said(2, ORANGE, at=1)) == {A: Turn.FIRST, COUNTY: Turn.FIRST}


def test_a_township_newly_covered_is_first_and_the_county_is_only_told() -> None:
    """The posts of the county hear a repetition: their level has not changed."""
    assert turns(2, said(1, ORANGE, A), said(2, ORANGE, A, B, at=5)) == {
        A: Turn.REPEAT, B: Turn.FIRST, COUNTY: Turn.REPEAT,
    }  # fmt: skip


def test_the_countys_posts_stand_under_the_highest_level_anywhere() -> None:
    """Yellow for one township does not lower a county in which another one is orange."""
    both = said(1, ORANGE, A), said(2, YELLOW, B, at=5)
    assert moves(both, 2, COUNTY) == {B: Move(Turn.FIRST, YELLOW, 2), COUNTY: Move(Turn.REPEAT, ORANGE, 1)}
    assert (stands(both, A, COUNTY, T0), stands(both, B, COUNTY, T0), stands(both, COUNTY, COUNTY, T0)) == (
        ORANGE, YELLOW, ORANGE,
    )  # fmt: skip


def test_a_cancel_lifts_what_stands_and_only_what_was_sent_before_it() -> None:
    """At the same instant the Cancel comes first."""
    both = said(1, ORANGE), cancel(2, at=5)
    assert moves(both, 2, COUNTY) == {area: Move(Turn.LIFTS, ORANGE, 2, (1,)) for area in (A, COUNTY)}
    assert over(both) == [1]
    assert moves((said(1, ORANGE, at=5), cancel(2, at=5)), 2, COUNTY) == {}


def test_a_cancel_that_names_a_level_lifts_only_that_level() -> None:
    """Blue was replaced by yellow: its Cancel lifts nothing. Yellow's Cancel lifts the whole reign."""
    chain = said(1, BLUE), said(2, YELLOW, at=5)
    assert moves((*chain, cancel(3, BLUE, at=9)), 3, COUNTY) == {}
    assert moves((*chain, cancel(3, YELLOW, at=9)), 3, COUNTY)[A].reign == (1, 2)


def test_a_cancel_of_one_township_leaves_the_other_and_lowers_the_county() -> None:
    """The county's posts go on with what still stands."""
    chain = said(1, YELLOW, B), said(2, ORANGE, A, at=2)
    found = moves((*chain, cancel(3, at=9)), 3, COUNTY)
    assert found == {A: Move(Turn.LIFTS, ORANGE, 3, (2,)), COUNTY: Move(Turn.DOWNGRADE, YELLOW, 1)}
    same = said(1, ORANGE, B), said(2, ORANGE, A, at=2), cancel(3, at=9)
    assert COUNTY not in moves(same, 3, COUNTY)


def test_an_update_that_drops_an_area_lifts_it() -> None:
    """Only an Update that nobody doubts; any other message that does not name the area leaves it alone."""
    first = said(1, ORANGE, A, B)
    assert moves((first, said(2, ORANGE, A, at=5, drops=True)), 2, COUNTY)[B] == Move(Turn.LIFTS, ORANGE, 2, (1,))
    assert B not in moves((first, said(2, ORANGE, A, at=5)), 2, COUNTY)


def test_a_cancel_that_came_first_waits_for_its_warning() -> None:
    """The warning opens as lifted. A Cancel of another level does not touch it."""
    assert turns(1, cancel(2, at=5), said(1, ORANGE)) == {A: Turn.LIFTED_BEFORE, COUNTY: Turn.LIFTED_BEFORE}
    assert turns(1, cancel(2, BLUE, at=5), said(1, ORANGE)) == {A: Turn.FIRST, COUNTY: Turn.FIRST}


@pytest.mark.parametrize(
    ("late", "newest", "move"),
    [
        (ORANGE, RED, Move(Turn.OVERTAKEN, RED, 2)),
        (ORANGE, YELLOW, Move(Turn.OVERTAKEN, YELLOW, 2)),
        (RED, RED, Move(Turn.OVERTAKEN, RED, 2)),
        (RED, ORANGE, Move(Turn.LATE_RED, RED, 1)),
    ],
)
def test_a_message_that_comes_after_a_newer_one(late: Level, newest: Level, move: Move) -> None:
    """The newest speaks; but a red is called, however late, unless a newer red has called everybody."""
    assert moves((said(2, newest, at=5), said(1, late)), 1, COUNTY) == {A: move, COUNTY: move}


def test_after_a_cancel_in_between_everything_begins_anew() -> None:
    """And a later Cancel of an area that something newer covers again lifts nothing."""
    chain = said(1, ORANGE), cancel(2, at=5), said(3, YELLOW, at=9)
    assert turns(3, *chain) == {A: Turn.FIRST, COUNTY: Turn.FIRST}
    assert moves(chain, 2, COUNTY) == {}


def test_messages_without_townships_are_compared_as_a_whole() -> None:
    alone = replace(said(1, ORANGE), levels={COUNTY: ORANGE})
    again = replace(said(2, YELLOW, at=5), levels={COUNTY: YELLOW})
    assert turns(2, alone, again) == {COUNTY: Turn.DOWNGRADE}
    assert stands((alone,), COUNTY, COUNTY, later(T0, 7 * HOUR)) is None


@pytest.mark.parametrize("turn", [t for t in Turn if t is not Turn.LIFTS])
@pytest.mark.parametrize("older", [None, *CalloutState])
@pytest.mark.parametrize("newer", [False, True])
def test_the_callout_of_every_due_post_has_a_first_state(turn: Turn, older: CalloutState | None, newer: bool) -> None:
    """A ladder, unless somebody runs one already, has answered, is newer, or the warning has been lifted."""
    state = reception(turn, older, newer)
    renews = turn in (*RENEWS, Turn.OVERTAKEN)
    if turn is Turn.LIFTED_BEFORE:
        assert state is CalloutState.LIFTED
    elif newer and turn is not Turn.LATE_RED:
        assert state is CalloutState.SUPERSEDED
    elif renews and older in LIVE:
        assert state is CalloutState.CONTINUED
    elif renews and older is CalloutState.ANSWERED:
        assert state is CalloutState.INFORMED
    else:
        assert state is CalloutState.TO_CALL


@dataclass
class Row:
    """One callout of the model below."""

    state: CalloutState
    carried_by: int = 0
    called: bool = False
    """A ladder of its own ran."""


@dataclass
class Model:
    """The plan stage without a database: one post per area, nobody answers."""

    said: list[Said] = field(default_factory=list)
    rows: dict[tuple[int, str], Row] = field(default_factory=dict)

    def arrive(self, message: Said) -> None:
        self.said.append(message)
        order = [one.alert for one in in_order(self.said)]
        place = order.index(message.alert)
        for area, move in moves(self.said, message.alert, COUNTY).items():
            older, newer = order[:place], order[place + 1 :]
            self._close(move.reign, area, LIVE, CalloutState.LIFTED)
            if area in message.levels and not message.lifts:
                self._open(message.alert, area, move, (older, newer))

    def answering(self, alert: int, area: str) -> Row:
        """The row whose ladder answers for this pair."""
        row = self.rows[alert, area]
        return self.answering(row.carried_by, area) if row.carried_by else row

    def _open(self, alert: int, area: str, move: Move, others: tuple[list[int], list[int]]) -> None:
        older, newer = others
        own = [(each, row) for each in older if (row := self.rows.get((each, area))) and not row.carried_by]
        carrier, last = own[-1] if own else (0, None)
        state = reception(move.turn, last.state if last else None, any((n, area) in self.rows for n in newer))
        carried = carrier if state in (CalloutState.CONTINUED, CalloutState.INFORMED) else 0
        self.rows[alert, area] = Row(state, carried, state is CalloutState.TO_CALL)
        if state is CalloutState.TO_CALL:
            self._close(older, area, UNANSWERED, CalloutState.SUPERSEDED)
        if move.turn is Turn.LATE_RED:
            for row in self._close(newer, area, (*LIVE, CalloutState.CONTINUED), CalloutState.CONTINUED):
                row.carried_by = alert

    def _close(
        self, alerts: Sequence[int], area: str, states: Sequence[CalloutState], state: CalloutState
    ) -> list[Row]:
        closed = [row for one in alerts if (row := self.rows.get((one, area))) and row.state in states]
        for row in closed:
            row.state = state
        return closed


@st.composite
def stories(draw: st.DrawFn) -> list[Said]:
    """Up to five messages of one episode, in the order in which they were sent."""
    count = draw(st.integers(1, 5))
    areas = st.sampled_from([(A,), (B,), (A, B)])
    messages = []
    for n in range(1, count + 1):
        place, names = draw(areas), draw(st.frozensets(st.sampled_from(Level), max_size=1))
        if draw(st.integers(0, 3)) == 0:
            messages.append(cancel(n, *names, areas=place, at=n))
        else:
            messages.append(said(n, draw(st.sampled_from(Level)), *place, at=n, drops=draw(st.booleans())))
    return messages


def told(messages: Sequence[Said]) -> Model:
    model = Model()
    for message in messages:
        model.arrive(message)
    return model


@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_what_stands(story: list[Said], chance) -> None:  # type: ignore[no-untyped-def]
    """The level of every township and of the county is the same, and so is who is over."""
    other = [*story]
    chance.shuffle(other)
    at = later(T0, 60_000)
    for area in (A, B, COUNTY):
        assert stands(other, area, COUNTY, at) is stands(story, area, COUNTY, at)
        assert [one.alert for one in reign(other, area)] == [one.alert for one in reign(story, area)]
    assert sorted(over(other)) == sorted(over(story))


@given(stories(), st.randoms(use_true_random=False))
def test_nobody_who_was_due_vanishes_in_any_order(story: list[Said], chance) -> None:  # type: ignore[no-untyped-def]
    """Every due pair has a ladder, one that goes on for it, a newer callout that took over, or an all-clear."""
    chance.shuffle(story)
    model = told(story)
    for area in (A, B, COUNTY):
        warnings = [one for one in in_order(story) if area in one.levels and not one.lifts]
        ends = [model.answering(one.alert, area).state for one in reversed(warnings)]
        assert all(state in (*LIVE, CalloutState.LIFTED) for state in ends[:1])
        assert set(ends) <= {*LIVE, CalloutState.LIFTED, CalloutState.SUPERSEDED}


@given(stories(), st.randoms(use_true_random=False))
def test_where_something_stands_a_ladder_runs_and_nowhere_else(story: list[Said], chance) -> None:  # type: ignore[no-untyped-def]
    """One ladder per post at most, whatever came when; after an all-clear none."""
    chance.shuffle(story)
    model = told(story)
    for area in (A, B):
        live = [row for (_, place), row in model.rows.items() if place == area and row.state in LIVE]
        assert len(live) == (1 if reign(story, area) else 0)


@given(stories(), st.randoms(use_true_random=False))
def test_a_red_is_never_merged_away(story: list[Said], chance) -> None:  # type: ignore[no-untyped-def]
    """Every red calls everybody due, unless a newer red did, or it had been lifted before it came."""
    chance.shuffle(story)
    model = told(story)
    for message in story:
        for area in (A, B) if RED in message.levels.values() else ():
            if area in message.levels and not model.rows[message.alert, area].called:
                newer = [one for one in story if one.order > message.order]
                again = any(area in one.levels and one.levels[area] is RED for one in newer)
                lifted = any(
                    (one.lifts and area in one.levels) or (one.drops and area not in one.levels) for one in newer
                )
                assert again or lifted


def test_a_ladder_that_outlived_a_late_cancel_ends_with_the_next() -> None:
    """A warning, its repetition, the Cancel in between (late: it lifts nothing any more), the Cancel of both."""
    model = told([said(1, BLUE), said(3, BLUE, at=4), cancel(2, at=2), cancel(4, at=6)])
    assert {row.state for row in model.rows.values()} == {CalloutState.LIFTED, CalloutState.CONTINUED}
    assert model.answering(3, A).state is CalloutState.LIFTED


def test_every_order_of_one_night_ends_the_same() -> None:
    """Yellow, orange, a Cancel of yellow that no longer stands, downgrade: all 24 orders leave yellow, called once."""
    night = [said(1, YELLOW), said(2, ORANGE, at=5), cancel(3, YELLOW, at=7), said(4, YELLOW, at=9)]
    for order in permutations(night):
        model = told(order)
        live = [row for (_, place), row in model.rows.items() if place == A and row.state in LIVE]
        assert stands(order, A, COUNTY, later(T0, 600_000)) is YELLOW
        assert len(live) == 1
