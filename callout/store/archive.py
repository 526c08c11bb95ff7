"""A whole database as one SQLite file that every reading command reads, whatever database it comes from."""

import os
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from callout.domain.errors import CalloutError
from callout.store.backup import one_file
from callout.store.database import Database
from callout.store.migrate import upgrade
from callout.store.schema import metadata

_MANY = 5_000
_LARGE = ("stop_photo", "raw_document")
"""Tables whose rows are read a few at a time."""


def archive(database: Database, target: Path) -> int:
    """Write it, as of one moment and for this account alone; returns how many rows it has.

    Raises CalloutError where not every row has come over. An unfinished file never bears the name of a finished one.
    """
    part = target.with_name(target.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    kept = Database(f"sqlite:///{part}")
    try:
        upgrade(kept)
        rows = database.read(lambda db: kept.write(lambda into: _copy(db, into)))
    finally:
        kept.close()
    one_file(part)
    part.replace(target)
    return rows


def _copy(source: Connection, into: Connection) -> int:
    total = 0
    for table in metadata.sorted_tables:
        into.execute(table.delete())  # what a migration puts into a new database
        many = 20 if table.name in _LARGE else _MANY
        found = source.execution_options(yield_per=many).execute(select(table)).mappings().partitions()
        copied = 0
        for some in found:
            into.execute(insert(table), [dict(row) for row in some])
            copied += len(some)
        if copied != into.execute(select(func.count()).select_from(table)).scalar_one():
            raise CalloutError(f"表 {table.name} 没有抄全，没有存档")
        total += copied
    return total
