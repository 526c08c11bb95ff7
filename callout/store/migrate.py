"""Bringing a database to the newest schema, with Alembic from the first table on.

Alembic is loaded where it works: most commands only ask which revision a database has.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from callout.store.database import Database
from callout.store.planner import teach_planner
from callout.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
REVISIONS = tuple(sorted(file.stem[:4] for file in (_SCRIPTS / "versions").glob("[0-9]*.py")))
"""All of this program, oldest first: they stand in one line, and each file begins with its own."""
HEAD = REVISIONS[-1]
"""The revision that this program works with."""
_REACHED = table("alembic_version", column("version_num"))


def config(connection: Connection) -> "Config":
    """What Alembic's commands need to work on this connection."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    it = Config()
    it.set_main_option("script_location", str(_SCRIPTS))
    it.attributes["connection"] = connection
    return it


def upgrade(database: Database) -> str:
    """Run every migration that is missing; returns the revision reached."""

    def run(connection: Connection) -> str:
        if (found := read_revision(connection)) == HEAD:
            return found
        from alembic import command  # noqa: PLC0415

        command.upgrade(config(connection), "head")
        if connection.dialect.name == "sqlite":
            teach_planner(connection)
        return read_revision(connection)

    return database.write(run)


def revision(database: Database) -> str:
    """The schema revision of this database; empty for a new one."""
    return database.read(read_revision)


def drift(database: Database) -> list[object]:
    """Differences between the migrated database and schema.py; a test expects none."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    return database.read(lambda c: list(compare_metadata(MigrationContext.configure(c), metadata)))


def read_revision(connection: Connection) -> str:
    """The schema revision on this connection; empty for a new database."""
    if not inspect(connection).has_table(_REACHED.name):
        return ""
    return connection.scalar(select(_REACHED.c.version_num)) or ""
