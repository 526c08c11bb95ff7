"""演练 on real phones: it reaches its list and nobody else, says what it is, and stands apart from all that is real."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from callout.domain.alert import Status
from callout.domain.drill import DrillEvent, DrillState, GivesWay
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, later
from callout.domain.level import Hazard, Level
from callout.pipeline import drill as stage
from callout.reports.account import account
from callout.store import schema
from callout.store.roster_reading import read_roster
from tests.databases import Shelf
from tests.scenarios.drilling import NAME, OFFICER, end, found, message, order, rung, start
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DAY,
    DEPUTY,
    DESK,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    SMS,
    VOICE,
    Field,
    make_alert,
    open_field,
)


@pytest.fixture
def county(sqlite_shelf: Shelf) -> Iterator[Field]:
    with sqlite_shelf.lend() as database:
        yield open_field(database)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_drill_rings_its_list_and_nobody_else_all_the_way_up(kind: str, request: pytest.FixtureRequest) -> None:
    """GRID_1 never answers; neither the deputy nor the leader above is listed: neither is rung, and that is noted."""
    with request.getfixturevalue("sqlite_shelf" if kind == "sqlite" else "postgres_shelf").lend() as database:
        _all_the_way_up(open_field(database))


def _all_the_way_up(county: Field) -> None:
    drill = start(county, GRID_1, GRID_2)
    county.reply(GRID_2, "1")
    county.wait(1800)
    assert rung(county) == {GRID_1, GRID_2}
    b = schema.drill_beyond
    left = {(r.post, r.target, r.responder) for r in county.rows(select(b))}
    assert left == {(GRID_1, "deputy", DEPUTY), (GRID_1, "superior", LEADER_BAIMA)}
    assert county.audit("drill_beyond.not_listed")
    assert {r.county for r in county.rows(select(schema.callout.c.county))} == {drill.county}


def test_whoever_is_listed_above_is_called_in_turn(county: Field) -> None:
    start(county, GRID_1, DEPUTY, LEADER_BAIMA)
    county.reply(LEADER_BAIMA, "1")
    county.wait(1800)
    assert rung(county) == {GRID_1, DEPUTY, LEADER_BAIMA}
    assert DESK not in rung(county)


def test_every_text_and_call_says_what_it_is(county: Field) -> None:
    start(county, GRID_1, GRID_2)
    county.wait(3600)
    texts = [m for _, m in county.phones.got]
    assert {m.channel for m in texts} == {SMS, VOICE}
    for each in texts:
        if each.channel is SMS:
            assert each.text.startswith("【叫应】【演练】")
        else:
            assert each.text.startswith("这是演练")
            assert each.text.endswith("这是演练。")


def test_a_planner_that_tries_a_stranger_is_stopped_on_the_last_step(county: Field) -> None:
    """Planted fault: the roster of the drill is the whole roster. The sender refuses, and the real desk is told."""
    drill = order(county, GRID_1)
    county.app.store.write(lambda work: work.drills.start(drill, OFFICER, live=True))

    def whole(work):  # type: ignore[no-untyped-def]
        roster = read_roster(work.ledger.connection, COUNTY, "r1")
        work.rosters.use_roster(replace(roster, county=drill.county, version="whole"), "drill", OFFICER)

    county.app.store.write(whole)
    county.app.drilling.issue(*message(county, drill))
    county.wait(20)
    assert {serial for serial, _ in county.new()} == {GRID_1}
    h = schema.human_call
    [told] = county.rows(select(h).where(h.c.county == COUNTY))
    assert told.kind == "fault"
    assert "不在演练名单" in told.note
    county.wait(130)
    assert DESK in rung(county)  # nobody took the item: the officer on shift is rung, for real
    assert "演练" not in county.last(DESK, VOICE).text


def test_a_bare_answer_that_may_be_meant_for_either_counts_for_neither(county: Field) -> None:
    """The drill was first and is not answered; then the real warning comes, with its code."""
    drill = start(county, GRID_1, gives_way=GivesWay.NEVER)
    county.wait(60)
    county.alert(Level.ORANGE, areas=(BAIMA,))
    real = county.last(GRID_1, SMS)
    assert "演练" not in real.text
    assert "（加编号，如1A3）" in real.text
    county.wait(60)
    county.reply(GRID_1, "1")
    assert (county.callout(GRID_1, alert=2).grade, county.callout(GRID_1, alert=1).grade) == ("", "")
    assert (GRID_1, "asked") in county.human_calls()
    told = county.last(GRID_1, SMS).text
    assert "分不清是答真实预警还是答演练" in told
    assert "1A3" in told
    county.reply(GRID_1, "全部收到")
    assert (county.callout(GRID_1, alert=2).grade, county.callout(GRID_1, alert=1).grade) == ("", "")
    county.reply(GRID_1, "1A2")
    assert (county.callout(GRID_1, alert=2).grade, county.callout(GRID_1, alert=1).grade) == ("", "acknowledged")
    county.reply(GRID_1, "1A3")
    assert county.callout(GRID_1, alert=2).grade == "acknowledged"
    assert drill.county == county.callout(GRID_1, alert=1).county


def test_a_bare_answer_to_a_drill_is_the_drills_once_the_real_warning_has_ended(county: Field) -> None:
    county.alert(Level.ORANGE, areas=(BAIMA,), hours=0.5)
    county.wait(2000)  # nobody answered, and it is over
    start(county, GRID_1, gives_way=GivesWay.NEVER)
    county.wait(40)
    county.reply(GRID_1, "1")
    assert (county.callout(GRID_1, alert=1).grade, county.callout(GRID_1, alert=2).grade) == ("", "acknowledged")


def test_whoever_has_answered_the_drill_answers_the_real_warning_with_one_digit(county: Field) -> None:
    start(county, GRID_1, gives_way=GivesWay.NEVER)
    county.wait(40)
    county.reply(GRID_1, "1")
    assert county.callout(GRID_1, alert=1).grade == "acknowledged"
    county.wait(600)
    county.alert(Level.ORANGE, areas=(BAIMA,))
    county.wait(40)
    county.reply(GRID_1, "1")
    assert county.callout(GRID_1, alert=2).grade == "acknowledged"


def test_a_drill_calls_no_number_on_which_a_real_warning_waits(county: Field) -> None:
    """And so a one-digit answer there is the real warning's alone."""
    drill = order(county, GRID_1, GRID_2)
    county.alert(Level.ORANGE, areas=(BAIMA,))
    with pytest.raises(CalloutError, match="有真实预警正在叫应"):
        stage.start(county.app.drilling, stage.Order(drill.county, NAME, OFFICER, live=True))
    for serial in range(1, 7):
        county.reply(serial, "1")
    start(county, GRID_1, GRID_2, gives_way=GivesWay.NEVER)
    before = len(county.to(GRID_1))
    county.alert(Level.ORANGE, areas=(BAIMA,), hazard=Hazard.LANDSLIDE)
    county.wait(600)
    since = [m.text for _, m in county.to(GRID_1)[before:]]
    assert since
    assert not [text for text in since if "演练" in text]


def test_a_key_answers_the_call_in_which_it_was_pressed(county: Field) -> None:
    start(county, GRID_1, gives_way=GivesWay.NEVER)
    county.wait(300)
    county.key(GRID_1, "1")
    county.alert(Level.ORANGE, areas=(BAIMA,))
    assert (county.callout(GRID_1, alert=1).grade, county.callout(GRID_1, alert=2).grade) == ("acknowledged", "")


def test_a_real_red_ends_the_drill_without_a_word_and_goes_first(county: Field) -> None:
    drill = start(county, GRID_1, GRID_2, LEADER_BAIMA)
    county.new()
    county.alert(Level.RED, areas=(BAIMA,))
    after = found(county, drill.county)
    assert (after.state, after.why) == (DrillState.OVER, "来了真实预警，演练让路")
    county.wait(1200)
    assert not [m for at, m in county.phones.got[3:] if "演练" in m.text]
    assert set(county.states(alert=1).values()) == {"lifted"}


def test_an_orange_warning_leaves_it_going_behind_every_real_call(county: Field) -> None:
    drill = start(county, GRID_2)
    county.alert(Level.BLUE, areas=(BAIMA,))
    assert found(county, drill.county).state is DrillState.RUNNING
    lanes = {r.county: r.lane for r in county.rows(select(schema.callout.c.county, schema.callout.c.lane))}
    assert lanes[drill.county] > lanes[COUNTY]


def test_it_ends_in_time_and_whoever_was_called_is_told(county: Field) -> None:
    drill = start(county, GRID_1)
    county.wait(2 * 3600 + 5)
    assert found(county, drill.county).state is DrillState.OVER
    last = county.last(GRID_1, SMS).text
    assert last.startswith("【叫应】【演练】")
    assert "已解除" in last
    silent = len(county.phones.got)
    county.wait(3600)
    assert len(county.phones.got) == silent


def test_a_human_ends_it_and_it_is_not_started_twice(county: Field) -> None:
    drill = start(county, GRID_1)
    with pytest.raises(CalloutError, match="正在进行"):
        stage.start(county.app.drilling, stage.Order(drill.county, NAME, OFFICER, live=True))
    end(county, drill)
    assert found(county, drill.county).why == "示例·讲评"
    assert not stage.end(county.app.drilling, drill, DrillEvent.ENDED, OFFICER, "")


def test_it_starts_within_its_planned_time_only(county: Field) -> None:
    for begins, ends, why in ((HOUR, 2 * HOUR, "还没有到时间"), (-2 * HOUR, -HOUR, "时间已过")):
        now = county.clock.now()
        drill = order(county, GRID_1, begins=later(now, begins), ends=later(now, ends))
        with pytest.raises(CalloutError, match=why):
            stage.start(county.app.drilling, stage.Order(drill.county, NAME, OFFICER, live=True))
    assert county.phones.got == []


@pytest.mark.parametrize(("typed", "listed", "why"), [
    ("示例·别的", (GRID_1,), "不一致"), (NAME, (), "名单是空的"),
])  # fmt: skip
def test_it_starts_only_by_name_and_with_a_list(county: Field, typed: str, listed: tuple[int, ...], why: str) -> None:
    drill = order(county, *listed)
    with pytest.raises(CalloutError, match=why):
        stage.start(county.app.drilling, stage.Order(drill.county, typed, OFFICER, live=True))
    assert county.phones.got == []


def test_nobody_starts_what_was_never_planned(county: Field) -> None:
    with pytest.raises(CalloutError, match="没有演练"):
        stage.start(county.app.drilling, stage.Order(f"{COUNTY}-D9", NAME, OFFICER, live=True))


def test_an_exercise_from_outside_joins_the_drill_that_runs_and_no_other(county: Field) -> None:
    outside = replace(make_alert(DAY, Level.ORANGE, areas=(BAIMA,)), status=Status.EXERCISE)
    county.take_in(outside)
    assert county.phones.got == []
    drill = start(county, GRID_2)
    county.new()
    county.take_in(replace(outside, identifier="second"))
    county.take_in(replace(outside, identifier="third", status=Status.DRAFT))
    assert county.new() == [(GRID_2, SMS)]
    assert {r.county for r in county.rows(select(schema.callout.c.county))} == {drill.county}


def test_it_is_in_no_account_of_what_is_real(county: Field) -> None:
    drill = start(county, GRID_1, GRID_2)
    county.wait(3600)
    whole = county.app.database.read(lambda db: account(db, county.app.rulebooks))
    own = county.app.database.read(lambda db: account(db, county.app.rulebooks, drill.county))
    assert (whole.total.due, whole.work.human_calls) == (0, {})
    assert (own.total.due, own.total.lost) == (2, 0)


def test_channels_that_were_not_ordered_are_not_used(county: Field) -> None:
    start(county, GRID_1, channels=frozenset({SMS}))
    county.wait(3600)
    assert {channel for _, channel in county.new()} == {SMS}
