"""Reading what is committed, beside the engine: no connection of a process is used, and nothing can fail."""

from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from callout.store.database import Database


class Eyes:
    """Plain reads of a database."""

    def __init__(self, database: Database) -> None:
        self._raw: Any
        self._own = database.engine.dialect.name != "sqlite"
        if self._own:
            url = make_url(database.url).set(drivername="postgresql")
            self._raw = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)
        else:
            self._raw = database.engine.raw_connection().driver_connection

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """The rows of a SELECT."""
        return list(self._raw.execute(question).fetchall())

    def break_connections(self) -> None:
        """A restart of the server, as its clients see it: every connection but this one is gone."""
        if self._own:
            self.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def close(self) -> None:
        """Look no more."""
        if self._own:
            self._raw.close()
