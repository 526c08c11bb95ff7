"""Telling query planners what a storm looks like, before the first one has filled the tables.

Without statistics SQLite's takes every index column for equally selective and walks a whole county for one row;
https://sqlite.org/fileformat2.html#stat1tab allows an application to write the statistics itself.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, Table, bindparam, text

from callout.store.schema import metadata

ROWS = 1_000_000
"""Rows of a table that grows with the storms, in a county of some 10,000 posts and a hundred alerts."""
SMALL = 100
"""Rows of the tables that do not grow."""
WAITING = 1_000
"""Rows in a partial index: those that wait for work."""
_SMALL = {"county", "alert", "alert_county", "alert_reference", "episode", "ladder", "rulebook_version",
          "roster_version", "seal", "stop_work", "stop_decision", "stop_photo", "feedback_demand",
          "raw_document", "office_user", "user_session", "sign_in_try", "api_key"}  # fmt: skip
_DISTINCT: Mapping[str, int] = {
    "county": 1, "roster": 2, "rulebook": 2, "alert": 100, "role": 20, "area": 30, "kind": 4, "state": 5, "lane": 4,
    "round": 1, "post": 10_000, "responder": 10_000, "superior": 1_000, "xid": 1, "hang_up": 2,
}  # fmt: skip
"""How many different values a column has; columns not named here are taken for unique."""
_CALLED = ("alert_county", "rule_match", "callout", "attempt", "attempt_callout", "answer", "notice")
"""The tables that renewing and lifting look through."""
_OUTGROWN = text("""
    SELECT relname FROM pg_class c
    WHERE relname IN :tables AND pg_table_is_visible(c.oid)
      AND pg_relation_size(c.oid) / current_setting('block_size')::int > 4 * greatest(relpages, 0) + 50
    ORDER BY relname""").bindparams(bindparam("tables", expanding=True))
"""Four times as large as when they were counted, and by some two thousand rows."""
_CHANGED = text("""
    SELECT c.relname FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relname IN :tables AND pg_table_is_visible(c.oid)
      AND s.n_mod_since_analyze > CASE WHEN c.reltuples < 0 THEN 0 ELSE 1000 + c.reltuples END
    ORDER BY c.relname""").bindparams(bindparam("tables", expanding=True))
"""A thousand rows more than there were then have been written since they were counted, or they never were: the server
takes the few hundred matches of a first warning for one, and sorted all 400,000 posts for each next 5,000."""


def teach_planner(connection: Connection) -> None:
    """Write statistics for every table and index of an SQLite database."""
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table in metadata.sorted_tables:
        size = SMALL if table.name in _SMALL else ROWS
        for name, columns, partial in _indexes(connection, table):
            statement = text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)")
            stat = _stat(WAITING if partial else size, columns)
            connection.execute(statement, {"tbl": table.name, "idx": name, "stat": stat})
    connection.exec_driver_sql("ANALYZE sqlite_schema")


def count_roster(connection: Connection) -> None:
    """Count a roster just loaded: PostgreSQL does so by itself only a minute later.

    Until then it takes a county for one row, and a warning that comes in walks the whole roster once per post.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE responder, contact, number, personal, shift, duty")


def count_called(connection: Connection) -> None:
    """Count what a storm has written before a later message renews or lifts it, where it has outgrown the last count.

    Uncounted, the all-clear to 10,000 people took minutes instead of seconds. A running engine counts beside its work
    (`count_grown`): a count takes a tenth of a second and more, which no red call must wait for.
    """
    if connection.dialect.name == "postgresql":
        grown = connection.execute(_OUTGROWN, {"tables": _CALLED}).scalars().all()
        if grown:
            connection.exec_driver_sql(f"ANALYZE {', '.join(grown)}")


def count_grown(engine: Engine) -> tuple[str, ...]:
    """Count the tables of which much was written since the last count; returns their names. Nobody waits for it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        grown = tuple(connection.execute(_CHANGED, {"tables": _CALLED}).scalars())
        for table in grown:
            connection.exec_driver_sql(f"ANALYZE {table}")
    return grown


def _indexes(connection: Connection, table: Table) -> list[tuple[str, list[str], bool]]:
    """Name, columns, and whether it holds some rows only."""
    found = connection.exec_driver_sql(f"PRAGMA index_list({table.name})").all()
    return [
        (row[1], [column[2] for column in connection.exec_driver_sql(f"PRAGMA index_info({row[1]})")], bool(row[4]))
        for row in found
    ]


def _stat(left: int, columns: list[str]) -> str:
    stat = [left]
    for column in columns:
        left = max(1, left // _DISTINCT.get(column, ROWS))
        stat.append(left)
    return " ".join(map(str, stat))
