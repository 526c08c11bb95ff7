"""On PostgreSQL, before it has counted what a first storm has written: nothing is looked for once per callout."""

import json
import re

from sqlalchemy import Table

from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.sending_sql import select_under, select_waiting_on


def fill(database: Database, table: Table, many: int, **values: str) -> None:
    """So many rows, numbered n; what is not named is empty or 0. The server does not count them by itself."""
    needed = [column for column in table.columns if not column.nullable or column.name in values]
    row = [values.get(c.name, "''" if c.type.python_type is str else "0") for c in needed]
    names = ", ".join(column.name for column in needed)
    rows = f"INSERT INTO {table.name} ({names}) SELECT {', '.join(row)} FROM generate_series(1, {many}) AS n"
    for statement in (f"ALTER TABLE {table.name} SET (autovacuum_enabled = off)", rows):
        database.write(lambda db, it=statement: db.exec_driver_sql(it))  # type: ignore[misc]


def plan(database: Database, statement: object, **values: object) -> str:
    """How the server would run the statement."""
    made = statement.compile(database.engine)  # type: ignore[attr-defined]
    given = made.params | {"rows": json.dumps([["500156", 1, 3]]), "own": json.dumps([["x", 0, 1]])} | values
    rows = database.read(lambda db: db.exec_driver_sql(f"EXPLAIN {made.string}", given).all())
    return "\n".join(row[0] for row in rows)


def test_the_posts_of_a_superior_are_found_by_their_own_key(fresh_postgres: str) -> None:
    """Begun at the callouts that are due, a claim of a first storm took eight minutes of one statement and more."""
    database = Database(fresh_postgres)
    upgrade(database)
    here = {"county": "'500156'", "post": "n"}
    fill(database, schema.duty, 20_000, **here, roster="'r'", superior="n / 4000")
    fill(database, schema.callout, 20_000, **here, alert="1", state="'to_call'", next_at="1")
    fill(database, schema.attempt_callout, 20_000, **here, alert="1", attempt="'a' || n")
    database.write(lambda db: db.exec_driver_sql("ANALYZE duty"))
    for found in (
        plan(database, select_under("postgresql"), ahead=0, state="to_call", until=5, now=5),
        plan(database, select_waiting_on("postgresql"), state="to_call"),
    ):
        assert re.findall(r"Scan using (\w+) on callout\b", found) == ["pk_callout"], found
    database.close()
