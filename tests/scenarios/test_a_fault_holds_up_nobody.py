"""One row at which the program fails: everybody else is called, answered and expired as ever, and a human has the row.

The database itself refuses the row here (a trigger raises), so the engine that fails is the real one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.faults import lost
from callout.domain.instant import later
from callout.domain.level import Hazard, Level
from callout.pipeline import receive
from callout.ports import InboundKind, Reading
from callout.sources.folder import WatchedFolder
from callout.store import schema
from tests.scenarios.evenings import at, with_schools
from tests.scenarios.field import (
    BAIMA,
    DAY,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    SMS,
    AlertReader,
    Field,
    make_alert,
    open_field,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest) -> Iterator[Field]:
    """On a database of its own, which may be broken."""
    field = open_field("sqlite://" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres"))
    yield field
    field.app.close()


def breaks(field: Field, what: str, when: str) -> None:
    """From now on the database refuses this write, e.g. `INSERT ON attempt`, where the condition on NEW holds."""
    body = "BEGIN SELECT RAISE(ABORT, 'broken'); END"
    if field.app.database.engine.dialect.name == "postgresql":
        raising = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$"
        run(field, f"CREATE FUNCTION broken() {raising}")
        body = "EXECUTE FUNCTION broken()"
    run(field, f"CREATE TRIGGER broken BEFORE {what} FOR EACH ROW WHEN ({when}) {body}")


def run(field: Field, statement: str) -> None:
    field.app.database.write(lambda db: db.exec_driver_sql(statement))


def mended(field: Field) -> None:
    on = " ON rule_match" if field.app.database.engine.dialect.name == "postgresql" else ""
    run(field, f"DROP TRIGGER broken{on}")


def fails(field: Field) -> None:
    """The stage's error is raised, so that it is logged, after everything else is done."""
    with pytest.raises(Exception, match="broken"):
        field.settle()


def note(field: Field, kind: str = "fault") -> str:
    h = schema.human_call
    [row] = field.rows(select(h.c.note).where(h.c.kind == kind))
    return str(row.note)


def test_a_warning_that_cannot_be_opened_holds_up_no_other(county: Field) -> None:
    """Red comes first and fails; the orange one is called, an officer knows of the red, and mended it is called too."""
    breaks(county, "INSERT ON rule_match", "NEW.alert = 1")
    county.take_in(make_alert(DAY, Level.RED, areas=[BAIMA]), settle=False)
    county.take_in(make_alert(DAY, areas=[JIANGKOU]), settle=False)
    for _beat in range(3):
        fails(county)
    assert GRID_3 in {serial for serial, _ in county.new()}
    assert county.states(1) == {}
    assert (0, "fault") in county.human_calls()
    assert "还有人没有叫" in note(county)
    mended(county)
    county.settle()
    assert {GRID_1, GRID_2} <= {serial for serial, _ in county.new()}


def test_whoever_cannot_be_claimed_is_a_humans_and_the_others_are_called(county: Field) -> None:
    breaks(county, "INSERT ON attempt_callout", f"NEW.post = {GRID_1}")
    county.take_in(make_alert(DAY, areas=[BAIMA]), settle=False)
    fails(county)
    assert {GRID_2, DESK} <= {serial for serial, _ in county.new()}
    assert county.callout(GRID_1).state == "exhausted"
    assert (GRID_1, "exhausted") in county.human_calls()
    county.settle()


def test_where_nobody_can_be_claimed_everybody_is_a_humans(county: Field) -> None:
    breaks(county, "INSERT ON attempt_callout", "NEW.post > 0")
    county.take_in(make_alert(DAY, areas=[BAIMA]), settle=False)
    fails(county)
    assert not county.attempts()
    assert {GRID_1, GRID_2, DESK} <= {serial for serial, state in county.states().items() if state == "exhausted"}
    assert {(GRID_1, "exhausted"), (GRID_2, "exhausted")} <= set(county.human_calls())


def test_a_ladder_that_cannot_go_on_holds_up_no_other(county: Field) -> None:
    county.alert(areas=[BAIMA])
    county.new()
    breaks(county, "UPDATE ON callout", f"NEW.post = {GRID_1} AND NEW.state = 'to_call' AND OLD.state = 'waiting'")
    county.clock.advance(later(DAY, 3_600_000))
    fails(county)
    assert GRID_2 in {serial for serial, _ in county.new()}
    assert (county.callout(GRID_1).state, county.callout(GRID_2).state) == ("exhausted", "waiting")
    assert (GRID_1, "exhausted") in county.human_calls()
    county.settle()


def test_a_reply_that_cannot_be_handled_holds_up_no_other(county: Field) -> None:
    """The ladder of whoever sent it goes on, and an officer is asked to look."""
    county.alert(areas=[BAIMA])
    breaks(county, "UPDATE ON callout", f"NEW.post = {GRID_1} AND NEW.state = 'answered'")
    for serial in (GRID_1, GRID_2):
        county.reply(serial, "收到", settle=False)
    fails(county)
    assert (county.callout(GRID_1).state, county.callout(GRID_2).state) == ("waiting", "answered")
    assert (GRID_1, "fault") in county.human_calls()
    assert "有一条回话没能处理" in note(county)
    county.settle()


def test_a_key_that_cannot_be_handled_is_put_before_an_officer(county: Field) -> None:
    county.alert(areas=[BAIMA])
    attempt = county.last(GRID_1, SMS).attempt
    breaks(county, "UPDATE ON callout", f"NEW.post = {GRID_1} AND NEW.state = 'answered'")
    with pytest.raises(Exception, match="broken"):
        county.come(InboundKind.KEY, "1", attempt=attempt)
    assert (GRID_1, "fault") in county.human_calls()


def test_a_clock_time_that_cannot_be_acted_on_holds_up_no_other(county: Field) -> None:
    """At 22:00 one of two red warnings fails: an officer has it, and the schools of the other are asked."""
    field = county
    field.app.use_roster(with_schools(), "示例·测试")
    field.clock.advance(at(18))
    field.alert(Level.RED, areas=[JIANGKOU])
    field.alert(Level.RED, areas=[BAIMA], identifier="示例-乙", references=[])
    breaks(field, "UPDATE ON alert_county", "NEW.alert = 1 AND NEW.strikes_at IS DISTINCT FROM OLD.strikes_at")
    field.clock.advance(at(22))
    fails(field)
    assert {e.alert for e in field.audit("alert_county.clock_struck")} == {2}
    assert "没有叫人" in note(field)


def test_a_desk_that_cannot_be_rung_holds_up_no_expiry(county: Field) -> None:
    county.alert(areas=[BAIMA], hours=1)
    county.alert(hazard=Hazard.HAIL)
    breaks(county, "INSERT ON callout", "NEW.round > 0")
    county.clock.advance(later(DAY, 3_600_000))
    fails(county)
    assert county.callout(GRID_1).state == "expired_unanswered"


class Broken(AlertReader):
    """A reader with a mistake in it."""

    def read(self, raw: bytes) -> Reading:
        if raw == b"mistake":
            raise KeyError(raw)
        return super().read(raw)


def test_a_document_at_which_the_program_fails_holds_up_no_other(county: Field, tmp_path: Path) -> None:
    """It is put away with its reason, a human is rung, and the warning behind it is taken in."""
    county.reader = Broken()
    county.app.intake = type(county.app.intake)(
        county.app.intake.store, county.reader, county.app.intake.counties, county.app.intake.run
    )
    county.reader.alerts[b"good"] = make_alert(DAY, areas=[BAIMA])
    for name, raw in (("1.xml", b"mistake"), ("2.xml", b"good")):
        (tmp_path / name).write_bytes(raw)
    receive.run_once(county.app.intake, [WatchedFolder(tmp_path)])
    county.settle()
    assert "KeyError" in note(county, "refused_document")
    assert "KeyError" in (tmp_path / "refused" / "1.xml.why.txt").read_text(encoding="utf-8")
    assert county.callout(GRID_1).state == "waiting"


LEAVES = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$"


def test_a_document_that_falls_into_an_outage_stays_with_its_source(fresh_postgres: str, tmp_path: Path) -> None:
    """However often the server goes away, nobody is asked to read it, and it is taken in when the server is back."""
    field = open_field(fresh_postgres)
    run(field, f"CREATE FUNCTION leaves() {LEAVES}")
    run(field, "CREATE TRIGGER leaves BEFORE INSERT ON alert FOR EACH ROW EXECUTE FUNCTION leaves()")
    field.reader.alerts[b"red"] = make_alert(DAY, Level.RED, areas=[BAIMA])
    (tmp_path / "1.xml").write_bytes(b"red")
    for _beat in range(3):
        with pytest.raises(Exception, match="connection") as caught:
            receive.run_once(field.app.intake, [WatchedFolder(tmp_path)])
        assert lost(caught.value)
    assert (tmp_path / "1.xml").exists()
    assert not field.human_calls()
    run(field, "DROP TRIGGER leaves ON alert")
    receive.run_once(field.app.intake, [WatchedFolder(tmp_path)])
    field.settle()
    assert {GRID_1, GRID_2} <= {serial for serial, _ in field.new()}
    assert (0, "refused_document") not in field.human_calls()
    assert (tmp_path / "done" / "1.xml").exists()
    field.app.close()


def test_a_document_that_never_gets_through_does_not_keep_those_behind_it(fresh_postgres: str, tmp_path: Path) -> None:
    """At which the server itself breaks, each time: a human has it in the end, and the red behind it rings."""
    field = open_field(fresh_postgres)
    run(field, f"CREATE FUNCTION leaves() {LEAVES}")
    when = "FOR EACH ROW WHEN (NEW.identifier = '示例-坏') EXECUTE FUNCTION leaves()"
    run(field, f"CREATE TRIGGER leaves BEFORE INSERT ON alert {when}")
    field.reader.alerts[b"breaks"] = make_alert(DAY, identifier="示例-坏", areas=[BAIMA])
    field.reader.alerts[b"red"] = make_alert(DAY, Level.RED, areas=[BAIMA])
    for name, raw in (("1.xml", b"breaks"), ("2.xml", b"red")):
        (tmp_path / name).write_bytes(raw)
    for _beat in range(receive.TURNS - 1):
        with pytest.raises(Exception, match="connection"):
            receive.run_once(field.app.intake, [WatchedFolder(tmp_path)])
    assert not field.human_calls()
    receive.run_once(field.app.intake, [WatchedFolder(tmp_path)])
    field.settle()
    assert f"已连续 {receive.TURNS} 轮" in note(field, "refused_document")
    assert (tmp_path / "refused" / "1.xml").read_bytes() == b"breaks"
    assert {GRID_1, GRID_2} <= {serial for serial, _ in field.new()}
    field.app.close()


@pytest.mark.parametrize(
    ("what", "when"),
    [
        ("UPDATE ON callout", f"NEW.post = {GRID_1} AND NEW.state = 'answered'"),
        ("UPDATE ON callout", f"NEW.post = {GRID_1} AND NEW.state = 'to_call' AND OLD.state = 'waiting'"),
        ("INSERT ON attempt_callout", f"NEW.post = {GRID_1}"),
    ],
    ids=["answer", "next step", "claim"],
)
def test_a_server_that_goes_away_makes_nothing_a_humans(fresh_postgres: str, what: str, when: str) -> None:
    """Whatever was under way is done when it is back: the answer counts, the ladder goes on."""
    field = open_field(fresh_postgres)
    field.alert(areas=[BAIMA])
    run(field, f"CREATE FUNCTION leaves() {LEAVES}")
    run(field, f"CREATE TRIGGER leaves BEFORE {what} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION leaves()")
    if "answered" in when:
        field.reply(GRID_1, "收到", settle=False)
    else:
        field.clock.advance(later(DAY, 3_600_000))
    for _beat in range(3):
        with pytest.raises(Exception, match="connection") as caught:
            field.settle()
        assert lost(caught.value)
    assert not [
        kind for post, kind in field.human_calls() if (post, kind) in {(GRID_1, "fault"), (GRID_1, "exhausted")}
    ]
    run(field, f"DROP TRIGGER leaves ON {what.rpartition(' ')[2]}")
    before = len(field.attempts())
    field.settle()
    if "answered" in when:
        assert field.callout(GRID_1).state == "answered"
    else:
        assert len(field.attempts()) > before
    field.app.close()
