"""On SQLite every statement of a night finds its rows by an index; none walks a table that grows with the storms."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import Connection, event

from callout.cli.housekeeping import counting
from callout.domain.alert import MsgType
from callout.domain.level import Level
from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.planner import ROWS, SMALL, WAITING, count_called
from callout.store.schema import metadata
from tests.scenarios.field import BAIMA, GRID_1, NIGHT, Field, open_field
from tests.scenarios.night import eventful

GROWING = (
    "callout",
    "attempt",
    "attempt_callout",
    "answer",
    "audit",
    "personal",
    "inbound",
    "human_call",
    "notice",
    "feedback",
)
PARTIAL = {
    i.name for table in metadata.sorted_tables for i in table.indexes
    if i.dialect_options["sqlite"]["where"] is not None
}  # fmt: skip
Spoken = dict[str, Any]


class Ear:
    """Every statement that the engine speaks, each once, with parameters that it had."""

    def __init__(self, field: Field) -> None:
        self.spoken: Spoken = {}
        self.field = field
        event.listen(field.app.database.engine, "before_cursor_execute", self.hear)

    def hear(self, *given: Any) -> None:
        _db, _cursor, statement, parameters, _context, many = given
        if not many and statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")):
            self.spoken.setdefault(statement, parameters)

    def plan(self, statement: str) -> list[str]:
        def explain(db: Connection) -> list[str]:
            rows = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", self.spoken[statement])
            return [str(row[3]) for row in rows]

        return self.field.app.database.write(explain)


@pytest.fixture(scope="module")
def ear() -> Ear:
    field = open_field("sqlite://", NIGHT)
    ear = Ear(field)
    eventful(field)
    _renewed_and_lifted(field)
    event.remove(field.app.database.engine, "before_cursor_execute", ear.hear)
    return ear


def _renewed_and_lifted(field: Field) -> None:
    """A repetition, an upgrade that drops a township, and the all-clear."""
    field.alert(identifier="示例-3")
    field.reply(GRID_1, "收到")
    field.wait(20)
    more: dict[str, Any] = {"msg_type": MsgType.UPDATE, "references": ["示例-3"]}
    field.alert(identifier="示例-4", **more)
    field.wait(20)
    field.alert(Level.RED, identifier="示例-5", areas=[BAIMA], **more)
    field.wait(20)
    more["msg_type"] = MsgType.CANCEL
    field.alert(Level.RED, identifier="示例-6", areas=[BAIMA], headline="武隆区气象台解除暴雨红色预警", **more)


def names(statement: str, tables: tuple[str, ...] = GROWING) -> set[str]:
    """How the statement calls these tables."""
    found = re.findall(rf"(?:FROM|JOIN|UPDATE|INTO|,)\s+({'|'.join(tables)})\b(?:\s+AS\s+\"?(\w+)\"?)?", statement)
    return {alias or table for table, alias in found}


def walks(steps: list[str], called: set[str]) -> list[str]:
    """Steps that look at every row of a table or index; a partial index holds only what waits."""
    scans = [step for step in steps if (hit := re.match(r"SCAN (\w+)", step)) and hit[1] in called]
    return [step for step in scans if not any(f"INDEX {name}" in step for name in PARTIAL)]


def test_no_statement_walks_a_table_that_grows(ear: Ear) -> None:
    found = {s: walks(ear.plan(s), names(s)) for s in ear.spoken}
    assert not {statement: steps for statement, steps in found.items() if steps}


HOT = {
    "what is due in a lane": r"FROM callout\s+WHERE callout\.state = \? AND callout\.next_at <= \?",
    "the agenda": r"min\(callout\.next_at\)",
    "callouts behind an attempt": r"JOIN callout ON .*callout\.attempt = attempt_callout\.attempt",
    "a guarded change of callouts": r"^UPDATE callout SET .*FROM \(SELECT",
    "a guarded change of attempts": r"^UPDATE attempt SET .*FROM \(SELECT",
    "dead attempts": r"FROM attempt\s+WHERE \(?attempt\.state = 'claimed' OR attempt\.state = 'submitting'",
    "calls to end": r"attempt\.hang_up = 1",
    "inbound rows nobody has looked at": r"inbound\.state = 'pending'",
    "what a number was told lately": r"attempt\.claimed_at > \?",
    "numbers by their digits": r"personal\.kind = 'number'|personal\.value = v\.value",
    "what an attempt needs to become words": r"LEFT OUTER JOIN personal AS",
    "who is on a post": r"coalesce\(shift\.responder, duty\.holder\)",
    "opening a chunk": r"^INSERT INTO callout \(",
    "entries of a chunk": r"^INSERT INTO audit .*SELECT",
    "closing older callouts of the episode": r"^UPDATE callout SET .*callout\.post = old\.post",
    "notices to send": r"notice\.state = 'to_send'",
    "items nobody has taken": r"human_call\.state = 'open'",
    "entries to seal": r"FROM audit.*ORDER BY audit\.xid, audit\.id",
}


@pytest.mark.parametrize("what", HOT)
def test_the_hot_statements_were_among_them(ear: Ear, what: str) -> None:
    assert any(re.search(HOT[what], s.replace("\n", " "), re.DOTALL) for s in ear.spoken)


@pytest.mark.parametrize("statement", [
    "SELECT * FROM callout WHERE grade = ?", "SELECT * FROM audit AS a WHERE a.detail = ?",
    "UPDATE attempt SET rev = 1 WHERE reason = ?", "SELECT * FROM alert, personal AS p WHERE p.salt = ?",
])  # fmt: skip
def test_a_walk_is_seen(ear: Ear, statement: str) -> None:
    ear.spoken[statement] = ("",)
    steps = ear.plan(statement)
    del ear.spoken[statement]
    assert walks(steps, names(statement))


def statistics(database: Database) -> dict[str, str]:
    rows = database.write(lambda db: db.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1").all())
    return {str(row.idx): str(row.stat) for row in rows}


def test_the_planner_knows_every_index_before_the_first_row() -> None:
    database = Database("sqlite://")
    upgrade(database)
    taught = statistics(database)
    ours = {str(i.name) for table in metadata.sorted_tables for i in table.indexes}
    assert ours <= set(taught)
    assert taught["sqlite_autoindex_callout_1"] == f"{ROWS} {ROWS} 10000 1 1"
    assert taught["ix_alert_county_state"].startswith(f"{SMALL} ")
    assert {taught[str(name)].split()[0] for name in PARTIAL} == {str(WAITING)}
    upgrade(database)
    assert statistics(database) == taught
    database.close()


def test_growing_tables_are_those_without_a_natural_bound() -> None:
    assert set(GROWING) <= set(schema.metadata.tables)


def called(database: Database, first: int, last: int) -> None:
    """A storm calls so many posts."""
    rows = f"SELECT '500156', 1, n, 0, 'a' || n FROM generate_series({first}, {last}) AS n"
    names = "county, alert, post, round, attempt"
    database.write(lambda db: db.exec_driver_sql(f"INSERT INTO attempt_callout ({names}) {rows}"))


def known(database: Database) -> int:
    """So many calls the server takes its table for."""
    known = "SELECT reltuples, pg_stat_force_next_flush() FROM pg_class WHERE oid = 'attempt_callout'::regclass"
    return int(database.write(lambda db: db.exec_driver_sql(known).scalar_one()))


def test_a_server_counts_what_a_storm_writes_beside_the_work_and_no_red_waits_for_it(fresh_postgres: str) -> None:
    database, small = Database(fresh_postgres), Database("sqlite://")
    upgrade(database)
    [job] = counting(database.engine)
    alone = "ALTER TABLE attempt_callout SET (autovacuum_enabled = off)"  # the server's own count comes when it comes
    database.write(lambda db: db.exec_driver_sql(alone))
    called(database, 1, 300)
    assert known(database) <= 0
    assert asyncio.run(job.run()) == ("attempt_callout",)  # type: ignore[arg-type]  # the first ones, however few
    called(database, 301, 1_500)
    assert known(database) == 300
    assert asyncio.run(job.run()) == ()  # type: ignore[arg-type]
    called(database, 1_501, 5_000)
    known(database)
    assert asyncio.run(job.run()) == ("attempt_callout",)  # type: ignore[arg-type]  # the job is a coroutine
    assert known(database) == 5_000
    called(database, 5_001, 5_400)
    known(database)
    assert asyncio.run(job.run()) == ()  # type: ignore[arg-type]
    database.write(count_called)
    assert known(database) == 5_000  # a later message counts nothing that has hardly grown
    called(database, 5_401, 40_000)
    database.write(count_called)
    assert known(database) == 40_000  # but where nobody has counted a storm, it does
    assert counting(small.engine) == ()
    small.close()
    database.close()
