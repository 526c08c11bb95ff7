"""explain and the engine say the same: the same people, the same numbers, the same words, the same work for humans."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert
from callout.domain.answer import answer_code
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import HOUR, later
from callout.domain.intake import AlertState
from callout.domain.ladder import Target
from callout.domain.level import Hazard, Level
from callout.domain.roster import NumberKind, Shift
from callout.rulebook.roster import roster_sample
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DESK,
    GRID_1,
    GRID_3,
    LEADER_BAIMA,
    NIGHT,
    Field,
    make_alert,
    number,
    person,
    standard_roster,
)
from tests.scenarios.foreseeing import foresee

LONG = 3600


def warned(field: Field) -> dict[str, tuple[Any, ...]]:
    """Every message about the warning itself that left the house: by attempt, when, to whom, how and in which words."""
    t, link = schema.attempt, schema.attempt_callout
    own = {r.attempt for r in field.rows(select(link.c.attempt).where(link.c.round == 0))}
    targets = {r.id: r.target for r in field.rows(select(t.c.id, t.c.target))}
    return {
        m.attempt: (at, targets[m.attempt], m.channel, f"****{m.e164[-4:]}", m.text)
        for at, m in field.phones.got
        if m.attempt in own
    }


@pytest.mark.parametrize("level", [Level.BLUE, Level.RED])
@pytest.mark.parametrize("start", [DAY, NIGHT])
def test_everybody_whom_explain_names_is_called_and_nobody_else(open_county: Opener, level: Level, start: Any) -> None:
    field = open_county(start, standard_roster(responders=_people()))
    alert = make_alert(start, level, hours=None)
    seen = foresee(field, alert)
    assert seen.state is AlertState.RECEIVED
    field.take_in(alert)
    assert {each.post for each in seen.called} == set(field.states())
    field.wait(LONG)
    expected = {(r.at, r.target, r.channel, r.number, r.text) for each in seen.called for r in each.rungs}
    sent = set(warned(field).values())
    # Silent people under one superior are put to that superior in one message, a little early; so only its way counts.
    assert _without_superiors(sent) == _without_superiors(expected)
    assert _ways(sent) == _ways(expected)


def _people() -> tuple[Any, ...]:
    """The standard people; one has a second mobile, one a landline first, one no number."""
    rest = [person(n) for n in (1, 2, 3, 14)]
    second = person(GRID_1, number(GRID_1), number(44))
    landline = person(5, number(55, NumberKind.LANDLINE), number(5))
    return (*rest, second, landline, replace(person(GRID_3), contacts=()))


def _without_superiors(said: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {each for each in said if each[1] != Target.SUPERIOR}


def _ways(said: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {each[1:4] for each in said}


def test_a_whole_sample_county_is_called_as_foreseen(open_county: Opener) -> None:
    field = open_county()
    book = field.app.use_rules()
    field.app.use_roster(roster_sample(book.county, 120, 3, book), "示例")
    alert = make_alert(DAY, Level.ORANGE)
    seen = foresee(field, alert)
    field.take_in(alert)
    assert {each.post for each in seen.called} == set(field.states())
    first = {(r.number, r.channel, r.text) for each in seen.called for r in each.rungs[:1]}
    assert {(said[3], said[2], said[4]) for said in warned(field).values()} == first
    assert sorted((ask.kind.value, bool(ask.note)) for ask in seen.asks) == sorted(
        (kind, False) for _, kind in field.human_calls()
    )
    w = schema.stop_work
    proposed = field.rows(select(w.c.code, w.c.role, w.c.rule, w.c.objects))
    assert sorted(map(tuple, proposed)) == sorted((s.code, s.role, s.rule, s.objects) for s in seen.stops)


def test_one_person_on_two_posts_is_told_of_both_at_once(open_county: Opener) -> None:
    posts = tuple(replace(p, holder=LEADER_BAIMA) if p.id == GRID_1 else p for p in standard_roster().posts)
    field = open_county(DAY, standard_roster(posts=posts))
    alert = make_alert(DAY, Level.ORANGE)
    seen = foresee(field, alert)
    mine = {each.post: each.rungs[0].text for each in seen.called if each.post in (LEADER_BAIMA, GRID_1)}
    assert len(set(mine.values())) == 1
    field.take_in(alert)
    [(_, message)] = field.to(LEADER_BAIMA)
    assert message.text == mine[GRID_1]


def test_who_is_on_shift_is_named_and_called(open_county: Opener) -> None:
    shift = Shift(LEADER_BAIMA, 14, DAY, later(DAY, HOUR))
    field = open_county(DAY, standard_roster(shifts=(shift,)))
    seen = foresee(field, make_alert(DAY))
    [leader] = [each for each in seen.called if each.post == LEADER_BAIMA]
    assert leader.holder == "示例·人员14"
    assert leader.rungs[0].number == f"****{number(14).e164[-4:]}"


def test_a_number_with_another_open_alert_gets_its_code(open_county: Opener) -> None:
    field = open_county()
    field.alert(Level.ORANGE)
    second = make_alert(field.clock.now(), Level.ORANGE, identifier="second", hazard=Hazard.FLASH_FLOOD)
    seen = foresee(field, second)
    words = {r.text for each in seen.called for r in each.rungs[:1]}
    assert all(f"加编号，如1{answer_code(2)}" in text for text in words)
    before = len(warned(field))
    field.take_in(second)
    assert words == {said[4] for said in list(warned(field).values())[before:]}


def test_only_the_warned_township_is_named(field: Field) -> None:
    seen = foresee(field, make_alert(DAY, Level.ORANGE, areas=[BAIMA]))
    assert seen.areas == ("白马镇",)
    assert {each.area for each in seen.called} == {"白马镇", "武隆区"}
    away = [r for r in seen.rulings if not r.failed and not r.areas]
    assert "500156102-江口镇/橙色起" in {r.rule.id for r in away}


def test_a_post_without_holder_or_number_is_named_as_work_for_a_human(open_county: Opener) -> None:
    roster = standard_roster(responders=_people())
    vacant = tuple(replace(p, holder=None) if p.id == GRID_1 else p for p in roster.posts)
    field = open_county(DAY, replace(roster, posts=vacant))
    alert = make_alert(DAY)
    seen = foresee(field, alert)
    asked = {(ask.kind, ask.about) for ask in seen.asks}
    assert (HumanCallKind.VACANT, "示例·白马镇网格员一") in asked
    assert (HumanCallKind.NO_NUMBER, "示例·江口镇网格员三") in asked
    field.take_in(alert)
    kinds = {HumanCallKind.VACANT, HumanCallKind.NO_NUMBER}
    assert {(p, k) for p, k in field.human_calls() if k in kinds} == {(GRID_1, "vacant"), (GRID_3, "no_number")}


@pytest.mark.parametrize(
    ("alert", "state", "kind"),
    [
        (make_alert(DAY, None), AlertState.HELD, HumanCallKind.UNDECIDED),
        (make_alert(later(DAY, -8 * HOUR), Level.RED), AlertState.HELD, HumanCallKind.LATE_ALERT),
    ],
)
def test_what_is_held_for_a_human_is_foreseen_so(
    field: Field, alert: Alert, state: AlertState, kind: HumanCallKind
) -> None:
    seen = foresee(field, alert)
    assert (seen.state, [ask.kind for ask in seen.asks], seen.called) == (state, [kind], ())
    field.take_in(alert)
    assert field.states() == {}
    assert [each for each in field.human_calls() if each[0] == 0] == [(0, kind)]


def test_looking_ahead_writes_nothing_and_sends_nothing(field: Field) -> None:
    def counts() -> list[Any]:
        tables = [select(table.c[0]).with_only_columns(table.c[0]) for table in schema.metadata.sorted_tables]
        return [len(field.rows(each)) for each in tables]

    before = counts()
    foresee(field, make_alert(DAY, Level.RED))
    field.settle()
    assert counts() == before
    assert field.phones.got == []
    assert field.states() == {}
    assert DESK in {each.post for each in foresee(field, make_alert(DAY, Level.RED)).called}
