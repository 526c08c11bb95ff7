"""semantics 1: automatic is the default; what waits for a word goes out at its deadline all the same."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.alert import Alert, MsgType
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, SECOND, beijing, later
from callout.domain.level import Level
from callout.domain.pace import UNREACHED, PerPart
from callout.pipeline import approve
from callout.reports.finish import finish, finish_lines, spent
from callout.reports.forecast import Looking, Stored, forecast
from callout.reports.outlook import Forecast
from callout.reports.outlook_words import conclusion
from callout.settings import Settings
from callout.store import schema
from callout.store.roster_reading import read_roster
from callout.store.store import Work
from tests.scenarios.field import COUNTY, DAY, DESK, GRID_1, SMS, VOICE, Field, make_alert

WAIT = 5 * MINUTE
OFFICER = "示例·值班员"


def asks(field: Field, *levels: Level) -> None:
    """The county wants a word at these levels, for up to five minutes."""
    intake = field.app.intake
    counties = [replace(county, confirm=dict.fromkeys(levels, WAIT)) for county in intake.counties()]
    field.app.intake = replace(intake, counties=lambda: counties)


def state(field: Field, alert: int = 1) -> str:
    ac = schema.alert_county
    [row] = field.rows(select(ac).where(ac.c.alert == alert))
    return str(row.state)


def approved(field: Field, alert: int = 1, officer: str = OFFICER) -> None:
    field.app.store.write(lambda work: approve.confirm(work, COUNTY, alert, officer))
    field.settle()


def test_a_county_that_sets_nothing_calls_at_once(field: Field) -> None:
    field.alert(Level.RED)
    assert GRID_1 in {serial for serial, _ in field.new()}
    assert field.human_calls() == []


def test_an_alert_that_waits_calls_nobody_until_an_officer_confirms_it(field: Field) -> None:
    asks(field, Level.RED)
    field.alert(Level.RED)
    assert (state(field), field.new(), field.human_calls()) == ("awaiting", [], [(0, "unconfirmed")])
    approved(field)
    assert GRID_1 in {serial for serial, _ in field.new()}
    assert (state(field), field.human_calls()) == ("planned", [])
    [entry] = field.audit("alert_county.confirmed")
    assert entry.actor == OFFICER


def test_only_the_levels_that_the_county_names_wait(field: Field) -> None:
    asks(field, Level.RED)
    field.alert(Level.ORANGE)
    assert state(field) == "planned"


def test_what_waits_rings_the_desk_like_all_work_for_a_human(field: Field) -> None:
    """Red: nobody claims it within a minute."""
    asks(field, Level.RED)
    field.alert(Level.RED)
    field.wait(59)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(DESK, VOICE)]


def test_at_its_deadline_it_goes_out_and_the_record_says_that_nobody_confirmed(field: Field) -> None:
    asks(field, Level.ORANGE)
    field.alert(Level.ORANGE)
    field.wait(WAIT / 1000 - 1)
    assert state(field) == "awaiting"
    field.wait(1)
    assert state(field) == "planned"
    assert GRID_1 in {serial for serial, _ in field.new()}
    [entry] = field.audit("alert_county.unconfirmed")
    assert (entry.actor, entry.at, "无人确认" in entry.detail) == ("", DAY + WAIT, True)
    assert field.human_calls() == []
    [item] = field.rows(select(schema.human_call))
    assert beijing(later(DAY, WAIT), "%H:%M") in item.note


def test_an_officer_may_decide_with_a_reason_that_it_calls_nobody(field: Field) -> None:
    asks(field, Level.RED)
    field.alert(Level.RED)
    with pytest.raises(CalloutError, match="理由"):
        field.app.store.write(lambda work: approve.decline(work, COUNTY, 1, OFFICER, " "))
    field.app.store.write(lambda work: approve.decline(work, COUNTY, 1, OFFICER, "气象台电话更正，误发"))
    field.wait(3600)
    assert (state(field), field.new(), field.human_calls()) == ("declined", [], [])
    [entry] = field.audit("alert_county.declined")
    assert (entry.actor, "误发" in entry.detail) == (OFFICER, True)


def test_two_officers_decide_once(field: Field) -> None:
    asks(field, Level.RED)
    field.alert(Level.RED)
    approved(field)
    with pytest.raises(CalloutError, match="已经不在等确认"):
        approved(field)
    with pytest.raises(CalloutError, match="姓名"):
        approved(field, officer=" ")


def test_while_it_waits_the_older_warning_stands_and_its_ladders_run(field: Field) -> None:
    """An upgrade that nobody has confirmed says nothing yet; confirmed, it is an upgrade like any other."""
    asks(field, Level.RED)
    field.alert(Level.ORANGE)
    field.new()
    field.alert(Level.RED, identifier="red")
    assert field.callout(GRID_1).state == "waiting"
    approved(field, 2)
    assert field.callout(GRID_1).state == "superseded"
    assert field.callout(GRID_1, 2).state == "waiting"


def test_an_all_clear_never_waits_and_what_it_lifts_is_not_called_later(field: Field) -> None:
    asks(field, *Level)
    field.alert(Level.RED, identifier="red")
    field.wait(60)
    field.phones.got.clear()
    field.seen = 0
    field.alert(
        Level.RED, msg_type=MsgType.CANCEL, references=["red"], headline="武隆区气象台解除暴雨红色预警", hours=None
    )
    field.wait(WAIT / 1000)
    assert {state(field), state(field, 2)} == {"lifted", "carried_out"}
    assert [serial for serial, _ in field.new() if serial != DESK] == []


def test_what_would_soon_be_over_does_not_wait(field: Field) -> None:
    asks(field, Level.ORANGE)
    field.alert(Level.ORANGE, hours=9 / 60)
    assert state(field) == "planned"


def test_a_county_says_in_its_plan_at_which_levels_it_wants_a_word(field: Field, tmp_path: Path) -> None:
    shutil.copytree(field.app.settings.rules, tmp_path / "rules")
    file = tmp_path / "rules" / "county.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("# confirm: {red: 5分钟}", "confirm: {red: 3分钟}"), encoding="utf-8")
    field.app.settings = Settings(database_url=field.app.settings.database_url, rules=tmp_path / "rules")
    field.app.use_rules()
    [county] = field.app.rulebooks.counties()
    assert county.confirm == {Level.RED: 3 * MINUTE}
    seen = asked(field, make_alert(DAY, Level.RED))
    assert (seen.confirm_by, conclusion(seen).startswith("结论：等值班人员确认")) == (later(DAY, 3 * MINUTE), True)
    field.alert(Level.RED)
    field.wait(3 * 60)
    assert state(field) == "planned"


def asked(field: Field, alert: Alert) -> Forecast:
    """What explain says about an alert now."""

    [row] = field.app.store.read(lambda work: work.rosters.counties())
    book = field.app.rulebooks.get(COUNTY, row.rulebook)

    def look(work: Work) -> Forecast | None:
        db = work.ledger.connection
        stored = Stored(db, read_roster(db, COUNTY, row.roster), 1, "A1")
        return forecast(Looking(book, field.app.sender.sending.renderer, work.at, "actual", stored), alert)

    seen = field.app.store.read(look)
    assert seen
    return seen


def test_a_forecast_says_when_everybody_will_have_been_called(field: Field) -> None:
    """Six posts, and a gateway that takes one text in ten seconds: the last first text leaves after fifty."""
    seen = asked(field, make_alert(DAY, Level.ORANGE))
    by_text = finish(seen, {SMS: 0.1}, DAY)
    assert by_text
    many, until = len(seen.called), DAY + (len(seen.called) - 1) * 10 * SECOND
    assert (by_text.first[SMS].many, by_text.first[SMS].until) == (many, until)
    assert "前叫完" in next(finish_lines(by_text))
    assert by_text.last_at > until
    at_once = finish(seen, {}, DAY)
    assert at_once
    assert (at_once.first[SMS].until, "没有写明速率" in next(finish_lines(at_once))) == (DAY, True)
    assert list(finish_lines(finish(replace(seen, called=()), {}, DAY))) == []


def test_a_forecast_counts_parts_where_the_sender_is_limited_by_parts(field: Field) -> None:
    """A text of several parts takes several turns of a long code; where nobody has a road it says so."""
    seen = asked(field, make_alert(DAY, Level.ORANGE))
    parts = sum(one.rungs[0].sms_parts for one in seen.called)
    assert parts > len(seen.called)
    by_part = finish(seen, {SMS: PerPart(0.1)}, DAY)
    assert by_part
    assert (by_part.first[SMS].many, by_part.first[SMS].until) == (len(seen.called), DAY + (parts - 1) * 10 * SECOND)
    assert spent({SMS: 4}, {SMS: PerPart(0.5)}) == 22 * SECOND  # twelve parts, the first at once
    assert spent({SMS: 4}, {SMS: 0.5}) == 6 * SECOND
    nobody = finish(seen, {SMS: UNREACHED}, DAY)
    assert "没有通道到得了" in next(finish_lines(nobody))
