"""Where seeds are played: a database with rules and roster in force, copied anew for each."""

import shutil
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pysqlite3

from callout.app import World as Outside
from callout.app import build
from callout.domain.ladder import ChannelKind
from callout.render.messages import Templates
from callout.settings import Settings
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store.database import Database
from tests.drills import county
from tests.simulation.storm import BEGINS, draw
from tests.simulation.world import World

_NO_WAITING = "options=-clock_timeout%3D50"
"""All processes share one thread: who would wait for another's lock fails instead, and tries again."""


class Ground:
    """A place to play seeds one after another: SQLite in memory, or databases on a PostgreSQL server."""

    def __init__(self, server: str = "") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="storm-"))
        county.lay_out(self.home, Settings().rules)
        self._copies: Lite | Server = Server(server) if server else Lite()
        self.settings = Settings(database_url="sqlite://", rules=self.home / "rules")
        self.templates = Templates(self.settings.templates)
        database = Database(self._copies.original)
        app = build(self.settings, Outside(VirtualClock(min(BEGINS)), SeededIds(0), (), "actual"), database)
        app.use_rules()
        app.use_roster(county.roster(), "示例·录入")
        app.rulebooks.counties()
        self.parsed = app.rulebooks._parsed
        self._copies.keep(database)

    def play(self, seed: int, gone: ChannelKind | None = None) -> World:
        """The story of one seed, from its beginning to its end; `gone`: with the gateway of one channel away."""
        database = self._copies.fresh()
        try:
            return World(replace(draw(seed), gone=gone), database, self.settings, self.parsed, self.templates).run()
        finally:
            self._copies.drop(database)

    def close(self) -> None:
        """Leave nothing behind."""
        self._copies.close()
        shutil.rmtree(self.home)


class Lite:
    """One database in memory, whose bytes are put back: what SQLAlchemy has compiled for it stays compiled."""

    original = "sqlite://"

    def keep(self, database: Database) -> None:
        self._database = database
        raw: Any = database.engine.raw_connection().driver_connection
        self._raw, self._start = raw, pysqlite3.connect(":memory:")
        raw.backup(self._start)

    def fresh(self) -> Database:
        self._start.backup(self._raw)
        return self._database

    def drop(self, _database: Database) -> None:
        """It is written over the next time."""

    def close(self) -> None:
        self._database.close()
        self._start.close()


class Server:
    """Copies of a template database on a server."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._admin = psycopg.connect(server, autocommit=True)
        self._template = self._named("CREATE DATABASE {}")
        self.original = self._url(self._template)

    def _named(self, statement: str) -> str:
        name = f"storm_{uuid.uuid4().hex}"
        self._run(statement, name)
        return name

    def _run(self, statement: str, name: str) -> None:
        self._admin.execute(statement.format(f'"{name}"').encode())

    def _url(self, name: str) -> str:
        parts = urlsplit(self._server)
        query = "&".join(filter(None, (parts.query, _NO_WAITING)))
        return urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{name}", query=query))

    def keep(self, database: Database) -> None:
        database.close()

    def fresh(self) -> Database:
        return Database(self._url(self._named(f'CREATE DATABASE {{}} TEMPLATE "{self._template}"')))

    def drop(self, database: Database) -> None:
        database.close()
        self._run("DROP DATABASE {} WITH (FORCE)", urlsplit(database.url).path.lstrip("/"))

    def close(self) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", self._template)
        self._admin.close()
