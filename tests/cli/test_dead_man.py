"""A watch outside the house hears from the engine while it beats, and nothing when it does not."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr, ValidationError

from callout.app import World, build
from callout.cli.pulse import STALE
from callout.cli.serve import Engine
from callout.domain.instant import Instant, later
from callout.settings import Settings
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.sources.http import NoAnswerError


class _Watch(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Watch)
        self.server.heard.append(self.path)
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Watch(HTTPServer):
    """Somebody else's server that rings when it hears nothing."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Watch)
        self.heard: list[str] = []
        self.answers = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/ping/secret-word"


@pytest.fixture
def watch() -> Iterator[Watch]:
    with Watch() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def knocked(watch: Watch, silent_for: int) -> None:
    """An engine whose last whole beat was so long ago tells the watch, or does not."""
    clock = VirtualClock(Instant(1_785_600_000_000))
    settings = Settings(database_url="sqlite://", heartbeat_url=SecretStr(watch.address))
    app = build(settings, World(clock, SeededIds(1), (), "demo"))
    engine = replace_beat(Engine(app, None), later(clock.now(), -silent_for))

    async def once() -> None:
        async with engine.web:
            await engine.dead_man()

    try:
        asyncio.run(once())
    finally:
        app.close()


def replace_beat(engine: Engine, at: Instant) -> Engine:
    engine._beat_at = at
    return engine


def test_it_is_told_while_the_engine_beats(watch: Watch) -> None:
    knocked(watch, 0)
    assert watch.heard == ["/ping/secret-word"]


def test_it_hears_nothing_when_stages_fail(watch: Watch) -> None:
    knocked(watch, STALE + 1)
    assert watch.heard == []


def test_a_watch_that_fails_is_said_without_its_address(watch: Watch) -> None:
    watch.answers = 500
    with pytest.raises(NoAnswerError) as refused:
        knocked(watch, 0)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://watch.example/x", "ftp://127.0.0.1/x", "x"])
def test_nothing_leaves_the_house_unencrypted(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(heartbeat_url=SecretStr(url))
