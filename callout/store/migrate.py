"""Bringing a database to the newest schema, with Alembic from the first table on."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from callout.store.database import Database
from callout.store.planner import teach_planner
from callout.store.schema import metadata

_SCRIPTS = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection."""
    it = Config()
    it.set_main_option("script_location", str(_SCRIPTS))
    it.attributes["connection"] = connection
    return it


def upgrade(database: Database) -> str:
    """Run every migration that is missing; returns the revision reached."""

    def run(connection: Connection) -> str:
        if (found := _revision(connection)) == _newest():
            return found
        command.upgrade(config(connection), "head")
        if connection.dialect.name == "sqlite":
            teach_planner(connection)
        return _revision(connection)

    return database.write(run)


def revision(database: Database) -> str:
    """The schema revision of this database; empty for a new one."""
    return database.read(_revision)


def drift(database: Database) -> list[object]:
    """Differences between the migrated database and schema.py; a test expects none."""
    return database.read(lambda c: list(compare_metadata(MigrationContext.configure(c), metadata)))


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


@cache
def _newest() -> str:
    return ScriptDirectory(str(_SCRIPTS)).get_current_head() or ""
