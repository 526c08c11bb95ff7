"""A provider may fail in one country and work in another: only where it fails is it left alone."""

from collections.abc import Callable

from sqlalchemy import select, update

from callout.cli.web import provider_states
from callout.domain.level import Level
from callout.ports import Message, Outcome, Refusal, Submission
from callout.store import schema
from tests.scenarios.field import GRID_1, Field, number
from tests.scenarios.test_providers import ACCEPTED, DOWN, attempts, line, on_the_list, texts_and_calls, use

AWAY = "+888"
"""Assigned to nobody, as +999 is."""
ABROAD = (1, 2, 3, 5, 6)
"""Phones of the county's posts but one."""


def move_abroad(field: Field, *serials: int) -> None:
    """These people have their phones in another country."""
    x = schema.personal
    for serial in serials:
        here = number(serial).e164
        there = update(x).where(x.c.value == here).values(value=here.replace("+999", AWAY))
        field.app.database.write(lambda db, there=there: db.execute(there))  # type: ignore[misc]


def away(end: Submission) -> Callable[[Message], Submission]:
    """How a provider answers that fails abroad."""
    return lambda message: end if message.e164.startswith(AWAY) else ACCEPTED


def the_line(field: Field) -> str:
    """What the officer is told of it."""
    h = schema.human_call
    [item] = field.rows(select(h).where(h.c.kind == "provider_down"))
    return str(item.note)


def test_what_fails_in_one_country_closes_no_other(field: Field) -> None:
    first, second = line(field, end=away(DOWN)), line(field, "second")
    use(field, first, second)
    move_abroad(field, *ABROAD)
    field.alert(Level.ORANGE)
    field.wait(4 * 60)
    assert {m.e164[:4] for _, m in second.took} == {AWAY}
    assert {row[2] for row in attempts(field, 4)} == {"first"}
    assert len(attempts(field, 4)) > 1
    assert on_the_list(field).count("provider_down") == 1
    said = the_line(field)
    assert "通道“first”到 +888 的号码不通（ClientConnectorError）：有别的通道就走别的通道，会自动再试；请查网络" in said
    assert [(one.name, one.ok) for one in provider_states(field.app)] == [("scripted", True)]


def test_each_country_is_tried_again_by_itself_and_the_line_goes(field: Field) -> None:
    up: list[bool] = []
    first = line(field, end=lambda m: ACCEPTED if up else away(DOWN)(m))
    use(field, first, line(field, "second"))
    move_abroad(field, *ABROAD)
    field.alert(Level.ORANGE)
    fleet = field.app.sender.fleet
    assert set(fleet.shut("first")) == {AWAY}
    up.append(True)
    field.wait(100)
    assert fleet.shut("first") == {}
    assert "provider_down" not in on_the_list(field)
    assert {m.e164[:4] for _, m in first.took} == {AWAY, "+999"}


def test_a_way_counts_as_another_only_where_it_works_in_the_persons_own_country(field: Field) -> None:
    """Texts and calls are dead abroad: whoever is there waits for them and a human knows; at home nobody waits."""
    texts, calls = line(field, end=away(DOWN)), line(field, "calls", end=away(DOWN))
    texts_and_calls(field, texts, calls)
    move_abroad(field, *ABROAD)
    field.alert(Level.ORANGE)
    field.wait(60)
    assert "no_way" in on_the_list(field)
    assert {row[1] for row in attempts(field, 4)} == {"sent"}
    out = field.app.sender.fleet.out
    assert out(f"{AWAY}0", field.clock.now())
    assert not out("+9990", field.clock.now())


def test_a_stopped_account_is_stopped_in_every_country(field: Field) -> None:
    refused = Submission(Outcome.REFUSED, reason="20003", kind=Refusal.CONFIG)
    first, second = line(field, end=away(refused)), line(field, "second")
    use(field, first, second)
    move_abroad(field, GRID_1)
    field.alert(Level.ORANGE)
    fleet, now = field.app.sender.fleet, field.clock.now()
    assert set(fleet.shut("first")) == {AWAY}
    fleet.lose({"first": now}, now)
    assert set(fleet.shut("first")) == {AWAY, "+999"}
    assert not fleet.circuit("first", "+777").admits(now)


def test_several_processes_that_find_it_gone_make_one_line(field: Field) -> None:
    """Each process learns it by its own hand-overs, seconds apart."""
    for identifier in ("first", "second"):
        use(field, line(field, end=lambda _: DOWN), line(field, "second"))  # as a process does that knows nothing yet
        field.alert(Level.RED, identifier=identifier)
        field.wait(5)
        assert on_the_list(field) == ["provider_down"]
