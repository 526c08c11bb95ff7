"""The migrations build exactly the tables that the code speaks of, and go with the package."""

import tomllib
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Table, inspect

from callout.store.database import Database
from callout.store.migrate import REVISIONS, config, drift, revision, upgrade
from callout.store.schema import metadata
from tests.shape import ROOT, imports, modules, tracked

VERSIONS = "callout/store/migrations/versions"
PARTIAL = {
    "ix_alert_county_strike", "ix_attempt_open", "ix_attempt_hang_up", "ix_notice_to_send", "ix_inbound_pending",
    "ix_attempt_ref", "ix_attempt_unknown", "ix_inbound_unmatched", "ix_duty_unusable",
    "ix_human_call_open", "ix_stop_work_ordered", "ix_feedback_waiting", "ix_broadcast_waiting", "ix_desk_call_waiting",
    "ix_relocation_waiting", "ix_contact_landline", "ix_alarm_to_issue",
}  # fmt: skip


@pytest.fixture
def database(empty: Database) -> Database:
    """A database of this test alone: its tables come and go."""
    upgrade(empty)
    return empty


def built(database: Database) -> dict[str, Any]:
    """Everything the database knows about its tables, Alembic's own aside."""

    def read(db: Connection) -> dict[str, Any]:
        seen = inspect(db)
        return {table: _built(seen, table) for table in seen.get_table_names() if table != "alembic_version"}

    return database.write(read)


def _built(seen: Any, table: str) -> dict[str, Any]:
    columns = [{**c, "type": str(c["type"])} for c in seen.get_columns(table)]
    indexes = {i["name"]: {**i, "dialect_options": _text(i)} for i in seen.get_indexes(table)}
    others = [seen.get_foreign_keys(table), seen.get_unique_constraints(table), seen.get_check_constraints(table)]
    return {"columns": columns, "indexes": indexes, "key": seen.get_pk_constraint(table), "others": others}


def _text(index: Any) -> dict[str, str]:
    """The predicate of a partial index as text that does not depend on how it was written."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {name: value.replace('"', "") for name, value in options.items()}


def test_the_migrations_build_what_the_schema_says(empty: Database) -> None:
    empty.write(metadata.create_all)
    declared = built(empty)
    empty.write(metadata.drop_all)
    upgrade(empty)
    assert drift(empty) == []
    assert built(empty) == declared
    assert set(declared) == set(metadata.tables)


def test_every_partial_index_is_partial(database: Database) -> None:
    where = {"sqlite": "sqlite_where", "postgresql": "postgresql_where"}[database.engine.dialect.name]
    predicates = {
        name: i["dialect_options"].get(where, "") for table in built(database).values()
        for name, i in table["indexes"].items()
    }  # fmt: skip
    assert {name for name, text in predicates.items() if text} == PARTIAL
    assert all(word in predicates["ix_attempt_open"] for word in ("claimed", "submitting"))


def test_a_difference_would_be_seen(database: Database) -> None:
    """The comparison itself: an index that lost its predicate, a default that is gone, a column too many."""
    before = built(database)

    def change(statement: str) -> dict[str, Any]:
        database.write(lambda db: db.exec_driver_sql(statement))
        return built(database)

    assert change("DROP INDEX ix_attempt_open") != before
    assert change("CREATE INDEX ix_attempt_open ON attempt (lease)") != before
    assert change("ALTER TABLE seal ADD COLUMN more TEXT") != before
    assert drift(database) != []


def test_running_them_twice_changes_nothing(database: Database) -> None:
    before, reached = built(database), revision(database)
    assert reached == database.read(lambda db: ScriptDirectory.from_config(config(db)).get_current_head())
    assert upgrade(database) == reached
    assert built(database) == before


def test_a_new_database_has_no_revision(empty: Database) -> None:
    assert revision(empty) == ""


def test_they_can_be_undone_and_done_again(database: Database) -> None:
    before = built(database)
    database.write(lambda db: command.downgrade(config(db), "base"))
    assert built(database) == {}
    assert revision(database) == ""
    upgrade(database)
    assert built(database) == before


@pytest.mark.parametrize("step", ["0002"])
def test_each_can_be_undone_alone(database: Database, step: str) -> None:
    whole, newest = set(built(database)), revision(database)
    database.write(lambda db: command.downgrade(config(db), step))
    assert set(built(database)) < whole
    assert upgrade(database) == newest
    assert set(built(database)) == whole


def test_a_transaction_knows_its_own_number(fresh_postgres: str) -> None:
    """Without the default of `xid` no seal could tell which entries may still get a predecessor."""
    database = Database(fresh_postgres)
    upgrade(database)
    insert = (
        "INSERT INTO audit (county, at, event, alert, post, attempt, ref, before, after, actor, commitment, "
        "detail) VALUES ('', 0, '', 0, 0, '', '', '', '', '', '', '') RETURNING xid"
    )

    def write(db: Connection) -> tuple[int, int]:
        own = db.exec_driver_sql("SELECT pg_current_xact_id()::text::bigint").scalar_one()
        return int(own), int(db.exec_driver_sql(insert).scalar_one())

    own, written = database.write(write)
    database.close()
    assert own == written > 0


def test_they_are_frozen() -> None:
    """A migration that reads the schema of today says something else tomorrow."""
    trees = [(name, tree) for name, tree in modules(VERSIONS) if not name.endswith("__init__.py")]
    assert len(trees) >= 4
    assert not [name for name, tree in trees if "callout" in set(imports(tree))]


def test_they_travel_in_the_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert wheel["wheel"]["packages"] == ["callout"]
    scripts = ScriptDirectory(str(ROOT / "callout" / "store" / "migrations"))
    chain = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert tuple(script.revision for script in reversed(chain)) == REVISIONS
    files = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {f"{VERSIONS}/{script.path.rpartition('/')[2]}" for script in chain} <= files


def test_every_column_that_matters_cannot_be_absent() -> None:
    """What may be NULL is listed: an instant that may never come, a person who may be missing, an erased value."""
    nullable = {str(c) for table in metadata.tables.values() for c in _nullable(table)}
    assert nullable == {
        "alert.expires", "callout.ahead_at", "callout.due_at", "alert_county.expires_at", "alert_county.strikes_at",
        "attempt.receipt_at", "alert_county.confirm_by", "attempt.picked_up_at", "attempt.ended_at",
        "attempt.settled_at", "attempt.submitted_at", "callout.answered_at", "callout.expires_at", "callout.next_at",
        "duty.deputy", "duty.holder", "duty.superior", "feedback.given_at", "feedback.next_at", "human_call.closed_at",
        "human_call.next_at", "notice.expires_at", "personal.salt", "personal.value", "stop_decision.effective_at",
        "stop_work.next_at", "broadcast.acknowledged_at", "broadcast.next_at", "broadcast.sent_at",
        "relocation.next_at", "confirmation.answered_at", "drill.started_at", "drill.ended_at", "desk_call.next_at",
        "desk_call.officer_at", "desk_call.person_at", "stop_photo.body",
    }  # fmt: skip


def _nullable(table: Table) -> list[Column[Any]]:
    return [c for c in table.columns if c.nullable]
