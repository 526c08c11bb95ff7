"""Nobody carries the channel of a step: a text goes to whom only a call was meant for, and the call is still tried."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import select

from callout.domain.abilities import Window
from callout.domain.attempt import ReceiptKind
from callout.domain.callout import CalloutKey
from callout.domain.circuit import PAUSES
from callout.domain.instant import MINUTE, SECOND
from callout.domain.ladder import Target
from callout.domain.level import Level
from callout.domain.roster import NumberKind
from callout.pipeline.send import Sender
from callout.ports import InboundKind, Provider
from callout.reports.timeline import course
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.baima import CALL, TEXT, WARNED, changed, post
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    DAY,
    DEPUTY,
    DESK,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    NIGHT,
    Field,
    number,
    open_field,
    person,
    standard_roster,
)
from tests.scenarios.test_providers import ACCEPTED, DOWN, UNKNOWN, Line, line, texts_and_calls

LONGEST, LOOK = PAUSES[-1] // SECOND + 1, 10  # until a provider that is back is tried; then the others


@pytest.fixture
def night(open_lite: Opener) -> Field:
    """The standard county at half past eleven at night."""
    return open_lite(NIGHT)


@pytest.fixture
def open_lite(sqlite_shelf: Shelf) -> Iterator[Opener]:
    """Opens fields on SQLite: on the other database one story is told, and the simulation plays there."""
    with ExitStack() as lent:
        yield lambda start=DAY, roster=None: open_field(lent.enter_context(sqlite_shelf.lend()), start, roster)


def silent(field: Field, *posts: int, level: Level = Level.RED) -> None:
    """白马 is warned, and half a minute later everybody has answered but the holders of these posts."""
    field.alert(level, areas=[BAIMA])
    field.wait(31)
    for one in WARNED:
        if one not in posts:
            field.reply(one, "全部收到")


def lost(field: Field) -> tuple[Line, Line]:
    """(texts that go, calls of which none goes)."""
    both = line(field), line(field, "calls", end=lambda _: DOWN)
    texts_and_calls(field, *both)
    return both


def provided(field: Field, *providers: Provider) -> None:
    """These carry everything."""
    field.app.sender = Sender(replace(field.app.sender.sending, providers=providers))


def to(some: Line, serial: int) -> list[str]:
    """What this phone got of what wants an answer, in words."""
    return [m.text for _, m in some.took if m.wants_answer and int(m.e164[-7:]) == serial]


def rung(calls: Line) -> list[int]:
    """Whoever was called about the warning: not the officer about what lies unclaimed."""
    return [serial for serial in calls.serials() if serial != DESK]


def instead(field: Field) -> list[tuple[int, str, str]]:
    """(phone, channel, for which step and why) of calls to others than the holder that went by another channel than
    their step says."""
    t, n, x = schema.attempt, schema.number, schema.personal
    rows = field.rows(
        select(t.c.channel, t.c.instead, x.c.value)
        .join(n, n.c.id == t.c.number)
        .join(x, x.c.commitment == n.c.commitment)
        .where(t.c.instead != "", t.c.target != Target.HOLDER)
        .order_by(t.c.claimed_at, t.c.id)
    )
    return [(int(r.value[-7:]), r.channel, r.instead) for r in rows]


def test_with_all_voice_lost_deputy_and_superior_are_texted_and_a_text_ends_the_ladder(open_county: Opener) -> None:
    night = open_county(NIGHT)
    texts, calls = lost(night)
    silent(night, GRID_1)
    night.wait(30)
    assert len(to(texts, DEPUTY)) == 1  # a minute after the text to the holder, as the ladder would have rung
    assert "未应答，请您代为到岗" in to(texts, DEPUTY)[0]
    assert (GRID_1, "no_way") in night.human_calls("open")  # the officer knows all the same
    night.wait(61)
    assert [one for one in to(texts, LEADER_BAIMA) if "示例·白马镇网格员一" in one]
    assert instead(night) == [(DEPUTY, "sms", "4 outage"), (LEADER_BAIMA, "sms", "5 outage")]
    night.wait(31)
    night.reply(DEPUTY, "1")
    assert night.states()[GRID_1] == "answered"
    told = len(texts.took)
    calls.end = lambda _: ACCEPTED
    night.wait(20 * 60)
    assert not {GRID_1, DEPUTY, LEADER_BAIMA} & set(calls.serials())
    assert len(texts.took) == told


def test_the_record_says_which_step_went_another_way_and_why(night: Field) -> None:
    lost(night)
    silent(night, GRID_1)
    night.wait(30)
    assert [r.detail.rpartition(" instead=")[2] for r in night.audit("attempt.claimed") if "instead" in r.detail] == [
        "4 outage"
    ]
    key = CalloutKey(COUNTY, 1, GRID_1, 0)
    told = [one.what for one in night.app.database.read(lambda db: course(db, key, NIGHT))]
    assert "短信：通道已接收（first、代第4步，通道都不通）" in told


def test_when_the_voice_is_back_whoever_is_silent_is_rung_and_nobody_else(night: Field) -> None:
    texts, calls = lost(night)
    silent(night, GRID_1, GRID_2)
    night.wait(60)
    assert to(texts, DEPUTY)
    night.reply(GRID_2, "1")
    calls.end = lambda _: ACCEPTED
    night.wait(61)
    assert rung(calls) == [DEPUTY]  # the step that was held; its text has been there already
    night.wait(60)
    assert rung(calls) == [DEPUTY, LEADER_BAIMA]
    assert len(to(texts, DEPUTY)) == 1


def test_a_landline_is_not_texted_the_next_person_is_and_a_human_knows(open_lite: Opener) -> None:
    at_home = person(DEPUTY, number(DEPUTY, NumberKind.LANDLINE))
    night = open_lite(NIGHT, roster=standard_roster(responders=(*map(person, range(1, 7)), at_home)))
    texts, _ = lost(night)
    silent(night, GRID_1)
    night.wait(30)
    assert to(texts, DEPUTY) == []
    assert instead(night) == [(LEADER_BAIMA, "sms", "5 outage")]
    assert (GRID_1, "no_way") in night.human_calls("open")


def test_with_the_texts_lost_too_a_human_is_asked_at_once_and_texts_go_when_they_are_back(open_lite: Opener) -> None:
    """Two deputies wait for the text: the first one is the trial of the gateway, and the other comes after it."""
    night = open_lite(NIGHT, roster=changed("both", post(GRID_2, deputy=LEADER_JIANGKOU)))
    texts, _ = lost(night)
    silent(night, GRID_1, GRID_2)
    texts.end = lambda _: DOWN
    night.wait(29)
    assert {(GRID_1, "no_way"), (GRID_2, "no_way")} <= set(night.human_calls("open"))
    night.wait(60)
    assert to(texts, DEPUTY) == []
    texts.end = lambda _: ACCEPTED
    night.wait(LONGEST + 2 * LOOK)
    assert (len(to(texts, DEPUTY)), len(to(texts, LEADER_JIANGKOU))) == (1, 1)


def test_several_silent_people_are_one_text_to_the_same_superior(open_lite: Opener) -> None:
    """The one has a deputy and the other one too: both are texted first."""
    night = open_lite(NIGHT, roster=changed("both", post(GRID_2, deputy=LEADER_JIANGKOU)))
    texts, _ = lost(night)
    silent(night, GRID_1, GRID_2)
    night.wait(120)
    both = [one for one in to(texts, LEADER_BAIMA) if "示例·白马镇网格员一" in one and "示例·白马镇网格员二" in one]
    assert len(both) == 1


def test_where_nobody_carries_calls_at_all_the_text_is_the_step(night: Field) -> None:
    """Nothing is held, for no voice will come back; each is waited for as the ladder says."""
    texts = line(night)
    provided(night, Provider(texts, frozenset({TEXT})))
    silent(night, GRID_1)
    night.wait(30)
    assert len(to(texts, DEPUTY)) == 1
    night.wait(61)
    assert instead(night) == [(DEPUTY, "sms", "4 nobody"), (LEADER_BAIMA, "sms", "5 nobody")]
    night.wait(61)
    assert night.states()[GRID_1] == "exhausted"


@pytest.mark.parametrize("held", [True, False])
def test_a_text_that_is_busy_comes_a_little_later(open_lite: Opener, held: bool) -> None:
    """Beside a call that is held, and in its place: one text in five seconds is let through."""
    night = open_lite(NIGHT, roster=changed("both", post(GRID_2, deputy=LEADER_JIANGKOU)))
    texts = line(night, able=replace(ABILITIES, per_second=0.2))
    calls = Provider(line(night, "calls", end=lambda _: DOWN), frozenset({CALL}))
    provided(night, Provider(texts, frozenset({TEXT})), *[calls] * held)
    silent(night, GRID_1, GRID_2)
    night.wait(3 * 60)
    assert to(texts, DEPUTY)
    assert to(texts, LEADER_JIANGKOU)
    times = [at for at, _ in texts.took]
    assert all(after - before >= 4 * SECOND for before, after in pairwise(times))


def test_a_number_texted_as_often_as_it_may_be_is_not_texted_beside_a_call(night: Field) -> None:
    """Two texts an hour to one number: the superior, who has had the warning and one about a silent person."""
    texts = line(night, able=replace(ABILITIES, windows=(Window(2, 60 * MINUTE),)))
    texts_and_calls(night, texts, line(night, "calls", end=lambda _: DOWN))
    silent(night, GRID_1, GRID_2)
    night.wait(10 * 60)
    assert len([s for s in texts.serials() if s == LEADER_BAIMA]) <= 2


def test_a_call_in_doubt_has_a_text_beside_its_repeat(night: Field) -> None:
    """UNKNOWN takes the next different channel at once, also where the ladder has only calls."""
    texts, calls = (
        line(night),
        line(night, "calls", end=lambda m: UNKNOWN if m.e164 == number(DEPUTY).e164 else ACCEPTED),
    )
    texts_and_calls(night, texts, calls)
    silent(night, GRID_1)
    night.wait(100)
    assert len(to(texts, DEPUTY)) == 1
    assert len(to(calls, DEPUTY)) == 2
    assert "重复" in to(calls, DEPUTY)[1]
    assert (GRID_1, "in_doubt") in night.human_calls()


def test_with_texts_lost_at_night_the_deputy_is_rung_after_the_wait_of_the_step(night: Field) -> None:
    """The holder has been rung and has one number; the text that is lost is not waited for five minutes."""
    texts, calls = line(night, end=lambda _: DOWN), line(night, "calls")
    texts_and_calls(night, texts, calls)
    night.alert(Level.RED, areas=[BAIMA])
    night.wait(60)
    assert DEPUTY not in calls.serials()
    night.wait(70)
    assert DEPUTY in calls.serials()


def test_of_a_yellow_the_deputy_is_texted_as_well(open_lite: Opener) -> None:
    field = open_lite(roster=changed("desk", post(DESK, deputy=DEPUTY)))
    lost(field)
    field.alert(Level.YELLOW, areas=[BAIMA])
    field.wait(11 * 60)
    assert (DEPUTY, "sms", "4 outage") in instead(field)


def test_where_the_texts_for_a_number_are_lost_they_go_when_they_are_back(night: Field) -> None:
    """Another gateway for texts works, but not for numbers of this country."""
    texts, calls = line(night), line(night, "calls", end=lambda _: DOWN)
    abroad = Provider(line(night, "abroad"), frozenset({TEXT}), regions=("+1",))
    provided(night, Provider(texts, frozenset({TEXT})), abroad, Provider(calls, frozenset({CALL})))
    silent(night, GRID_1)
    texts.end = lambda _: DOWN
    night.wait(100)
    assert to(texts, DEPUTY) == []
    texts.end = lambda _: ACCEPTED
    night.wait(LONGEST + LOOK)
    assert len(to(texts, DEPUTY)) == 1
    assert calls.asked < 60  # nothing is looked at again and again


def test_without_calls_and_with_a_full_number_the_ladder_goes_on(night: Field) -> None:
    """One text an hour to a number: the leader has had the own warning, and is not texted about somebody else."""
    texts = line(night, able=replace(ABILITIES, windows=(Window(1, 60 * MINUTE),)))
    provided(night, Provider(texts, frozenset({TEXT})))
    silent(night, GRID_1)
    night.wait(5 * 60)
    assert instead(night) == [(DEPUTY, "sms", "4 nobody")]
    assert (GRID_1, "exhausted") in night.human_calls()


def test_words_that_were_filtered_for_a_number_go_beside_a_call_by_another_gateway(night: Field) -> None:
    """The leader's own warning was filtered at the first gateway; what is said about somebody else has its words."""
    texts, second = line(night), line(night, "second")
    provided(
        night,
        Provider(texts, frozenset({TEXT})),
        Provider(second, frozenset({TEXT})),
        Provider(line(night, "calls", end=lambda _: DOWN), frozenset({CALL})),
    )
    night.alert(Level.RED, areas=[BAIMA])
    own = next(m for _, m in texts.took if int(m.e164[-7:]) == LEADER_BAIMA)
    night.come(InboundKind.RECEIPT, ReceiptKind.FILTERED, attempt=own.attempt)
    night.wait(60)
    assert to(texts, LEADER_BAIMA) == [own.text]
    assert [one for one in to(second, LEADER_BAIMA) if "示例·白马镇网格员二" in one]
