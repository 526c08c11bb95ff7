"""线路自检: one phone is called through the whole way on a schedule; who it fails twice for is a human."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from callout.app import App, World, build
from callout.cli.canary import Canary
from callout.domain.canary import NAME, Expects, Trip, demanded, failures, slot, verdict
from callout.domain.drill import DrillState
from callout.domain.instant import BEIJING, MINUTE, SECOND, Instant, instant, later
from callout.domain.level import Level
from callout.pipeline import drill as stage
from callout.ports import everywhere
from callout.reports.account import account
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.canary import last_judged
from tests.databases import Shelf
from tests.scenarios.conftest import Opener
from tests.scenarios.field import BAIMA, COUNTY, DAY, DESK, SMS, VOICE, Field, number

PHONE = 99
"""The phone on the duty room's table; it stands in no roster."""
TIMES = "10:00,11:00,12:00,13:00"


@pytest.fixture
def field(open_county: Opener) -> Field:
    """A county with a test phone; it is ten o'clock."""
    return open_county(canary_number=number(PHONE).e164, canary_at=TIMES)


def look(field: Field) -> str:
    said = asyncio.run(Canary(field.app).run_once())
    field.settle()
    return said


def until_judged(field: Field) -> str:
    """The job looks again and again while time passes."""
    for _ in range(25):
        if said := look(field):
            return said
        field.wait(30)
    return ""


def rung(field: Field) -> set[int]:
    return {serial for serial, _ in field.new()}


def test_it_goes_the_whole_way_and_says_what_it_is(field: Field) -> None:
    assert look(field) == ""
    assert rung(field) == {PHONE}
    text = field.last(PHONE, SMS).text
    assert text.startswith("【叫应】【演练】")
    assert "【测试】武隆区应急值班室" in text
    field.wait(4)
    assert look(field) == ""  # taken by the provider is not enough
    field.receipt(PHONE, "delivered")
    assert look(field) == "通过，4.0 秒"
    passed, began, trip = field.app.database.read(last_judged) or (None, None, Trip())
    assert (passed, began) == (True, DAY)
    assert trip.sent is not None
    assert trip.delivered == later(DAY, 4 * SECOND)
    field.wait(3600 - 60)
    assert look(field) == ""  # once for each of its times
    assert rung(field) == {PHONE}
    assert field.human_calls() == []


def test_it_is_in_no_figure_of_what_is_real(field: Field) -> None:
    look(field)
    until_judged(field)
    whole = field.app.database.read(lambda db: account(db, field.app.rulebooks))
    assert (whole.total.due, whole.total.called, whole.work.human_calls) == (0, 0, {})
    assert {row.county for row in field.rows(select(schema.callout.c.county))} == {f"{COUNTY}-D1"}


def test_what_fails_twice_rings_somebody_until_it_passes(field: Field) -> None:
    """The provider takes everything, and nothing comes to the phone."""
    assert until_judged(field) == "没有通过：10 分钟内已交给服务商，没有回执或应答"
    assert field.human_calls() == []
    field.clock.advance(later(DAY, 60 * MINUTE))
    assert until_judged(field).startswith("没有通过")
    assert field.human_calls() == [(0, "canary")]
    assert DESK not in rung(field)
    field.wait(180)
    assert rung(field) == {DESK}  # nobody took the item: for real, by the real desk's ladder
    field.clock.advance(later(DAY, 120 * MINUTE))
    look(field)
    field.receipt(PHONE, "delivered")
    assert look(field).startswith("通过")
    assert field.human_calls() == []


def test_a_call_that_came_where_the_text_was_refused_passes_and_says_that_the_text_was(field: Field) -> None:
    field.phones.script = lambda m: "refused" if m.channel is SMS else ""
    look(field)
    assert rung(field) == {PHONE}
    field.receipt(PHONE, "heard_whole", VOICE)
    assert look(field).endswith("秒；但有 1 次没有确实交出去，是下一步叫到的")
    _, _, trip = field.app.database.read(last_judged) or (None, None, Trip())
    assert trip.failed == 1


def test_an_engine_that_is_started_again_judges_what_the_last_one_began(field: Field) -> None:
    look(field)
    field.wait(11 * 60)
    assert look(field).startswith("没有通过")


def test_it_waits_while_a_warning_is_being_answered(field: Field) -> None:
    field.alert(Level.ORANGE, areas=(BAIMA,))
    look(field)
    assert PHONE not in rung(field)
    for serial in range(1, 7):
        field.reply(serial, "1")
    field.wait(60)
    look(field)
    assert PHONE in rung(field)


def test_a_warning_ends_it_without_a_word_and_it_counts_for_nothing(field: Field) -> None:
    look(field)
    field.new()
    field.alert(Level.BLUE, areas=(BAIMA,))
    [test] = field.app.store.read(lambda work: work.drills.held_in(COUNTY))
    assert (test.state, test.why) == (DrillState.OVER, "来了真实预警，演练让路")
    field.wait(900)
    assert PHONE not in rung(field)
    assert field.app.database.read(last_judged) is None


@pytest.fixture
def simulated(sqlite_shelf: Shelf) -> Iterator[tuple[App, Carrier, VirtualClock]]:
    """An engine with simulated phones, as `callout serve` has without a channels file."""
    with sqlite_shelf.lend() as database:
        clock = VirtualClock(DAY)
        carrier = Carrier(clock, 1)
        settings = Settings(
            database_url=database.url,
            canary_number=number(PHONE).e164,
            canary_at=TIMES,
            canary_expects=Expects.ANSWERED,
        )
        app = build(settings, World(clock, SeededIds(1), everywhere(carrier), "demo"), database)
        app.use_rules()
        yield app, carrier, clock


def test_simulated_phones_answer_it(simulated: tuple[App, Carrier, VirtualClock]) -> None:
    app, carrier, clock = simulated

    async def story() -> str:
        canary = Canary(app)
        for _ in range(150):
            app.take_in(carrier.due(clock.now()))
            await app.settle()
            if said := await canary.run_once():
                return said
            clock.advance(later(clock.now(), 5 * SECOND))
        return ""

    assert asyncio.run(story()).startswith("通过")
    assert {one.e164 for one in carrier.journal} == {number(PHONE).e164}


def test_where_the_rules_call_no_township_there_is_nobody_to_be(field: Field) -> None:
    [row] = field.rows(select(schema.county.c.rulebook).where(schema.county.c.county == COUNTY))
    book = field.app.rulebooks.get(COUNTY, row.rulebook)
    assert demanded(book, DAY)
    assert demanded(replace(book, rules=()), DAY) is None


def test_its_times_are_those_of_the_beijing_day() -> None:
    ten = instant(datetime(2026, 8, 2, 10, tzinfo=BEIJING))
    found = [slot(later(ten, by * MINUTE), "22:30,10:00") for by in (-1, 0, 29, 30)]
    assert found == [None, ten, ten, None]


def test_more_than_was_expected_is_enough_and_less_is_not() -> None:
    at = Instant(5_000)
    assert Trip(answered=at).reached(Expects.SENT) == at
    assert Trip(sent=at).reached(Expects.ANSWERED) is None
    assert verdict(Trip(), Expects.SENT, Instant(0), Instant(10 * MINUTE)) == "没有通过：10 分钟内没有交出去"


def test_only_failures_in_a_row_count() -> None:
    ended = [("d", "没有通过：…"), ("c", "来了真实预警，演练让路"), ("b", "没有通过：…"), ("a", "通过，1.0 秒")]
    assert failures(ended) == ["d", "b"]
    assert failures(ended[3:]) == []


def test_of_two_engines_one_begins_and_what_cannot_start_is_over_at_once(field: Field) -> None:
    """Both look at the same moment; and a drill was started between a look and the start."""
    one, two = Canary(field.app), Canary(field.app)
    asyncio.run(one.run_once())
    two._begin(DAY, DAY)
    tests = field.app.store.read(lambda work: work.drills.held_in(COUNTY))
    assert [test.state for test in tests] == [DrillState.RUNNING]
    later_on = stage.Order(tests[0].county, NAME, "engine", live=False)
    planned = replace(tests[0], state=DrillState.PLANNED, begins=later(DAY, MINUTE), rev=0)
    code = field.app.store.write(lambda work: work.drills.plan(COUNTY, planned, {}, "engine"))
    one._start(replace(later_on, county=code))
    over = field.app.store.read(lambda work: work.drills.find(code))
    assert over
    assert (over.state, over.started_at) == (DrillState.OVER, None)
    assert over.why.startswith("没有开始：")
    assert {serial for serial, _ in field.new()} == set()
