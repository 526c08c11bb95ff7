"""A county whose texts and calls go over real HTTP: our engine and web, the official SDK, a carrier with people."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from callout.app import App, World, build
from callout.channels import load
from callout.channels.twilio_account import RETRIES
from callout.cli.web import PageServer, bound, config_of, site_of
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.pipeline.receive import Received, receive
from callout.ports import Document, Provider, Runs, Setup
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import ACCOUNT, TOKEN, Options
from callout.simulation.twilio.server import CarrierServer
from callout.store import schema
from callout.store.ear import Ear
from tests.databases import new_database
from tests.scenarios.field import DAY, AlertReader, make_alert, number, standard_roster

PUBLIC = "https://callout.example"
SPEED = 40.0
"""Faster, and a busy machine would take a hand-over for dead: its lease is 30 seconds of the engine's time."""
SENDER = "+99900000000001"
SMS, VOICE = ChannelKind.SMS, ChannelKind.VOICE
PATIENCE = 60.0
"""Real seconds after which a story has failed."""


def phone(serial: int) -> str:
    return number(serial).e164


@dataclass
class Lines:
    """One story: `alert`, then `until`; the engine beats while it waits."""

    app: App
    carrier: CarrierServer
    inside: str
    """Where our web really listens."""
    reader: AlertReader = field(default_factory=AlertReader)

    def alert(self, level: Level = Level.ORANGE, **more: Any) -> Received:
        alert = make_alert(self.app.world.clock.now(), level, **more)
        raw = alert.identifier.encode()
        self.reader.alerts[raw] = alert
        return receive(self.app.intake, Document("story.xml", "story", raw))

    async def until(self, holds: Callable[[], object]) -> None:
        """Beat until it holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.app.settle()
                if holds():
                    return
                await asyncio.sleep(0.01)

    def say(self, serial: int, words: str) -> None:
        """A text comes from this phone."""
        self.carrier.texts.say(phone(serial), words, SENDER)

    async def sent(self, serial: int) -> None:
        """Until the carrier has taken a text to this phone."""
        await self.until(lambda: [a for a in self.attempts(serial) if a[:2] == ("sms", "sent")])

    def answers(self, post: int, alert: int = 1) -> list[tuple[str, str]]:
        """(grade, inbound kind) of what came back about this post, in order."""
        g, i = schema.answer, schema.inbound
        found = self.rows(
            select(g.c.grade, i.c.kind)
            .join(i, i.c.event == g.c.ref)
            .where(g.c.post == post, g.c.alert == alert)
            .order_by(g.c.at)
        )
        return [(r.grade, r.kind) for r in found]

    def rows(self, statement: Any) -> list[Row[Any]]:
        return self.app.database.read(lambda db: list(db.execute(statement).all()))

    def state(self, post: int, alert: int = 1) -> str:
        """Of the callout; empty while it is not opened yet."""
        c = schema.callout
        found = self.rows(select(c.c.state).where(c.c.post == post, c.c.alert == alert, c.c.round == 0))
        return str(found[0].state) if found else ""

    def attempts(self, serial: int) -> list[tuple[str, str, str]]:
        """(channel, state, receipt) of everything that went to this phone, in order."""
        t, n, x = schema.attempt, schema.number, schema.personal
        found = self.rows(
            select(t)
            .join(n, n.c.id == t.c.number)
            .join(x, x.c.commitment == n.c.commitment)
            .where(x.c.value == phone(serial))
            .order_by(t.c.claimed_at, t.c.id)
        )
        return [(r.channel, r.state, r.receipt) for r in found]

    def human_calls(self) -> list[tuple[int, str]]:
        h = schema.human_call
        return [
            (r.post, r.kind) for r in self.rows(select(h).where(h.c.state != "closed").order_by(h.c.post, h.c.kind))
        ]


def providers(url: str, now: Any, ear: Ear, sms: Mapping[str, Any], voice: Mapping[str, Any]) -> tuple[Provider, ...]:
    """One Twilio account for texts and calls, on this machine. Where texts are fetched, nobody can call in."""
    made, public = [], "" if sms.get("pull") else PUBLIC
    for name, kind, more in (("sms", "twilio_sms", sms), ("voice", "twilio_voice", voice)):
        module = load(kind)
        usual = {"per_sender": 0.0} if kind == "twilio_sms" else {"per_second": 0.0}
        config = module.Config(
            account_sid=ACCOUNT, auth_token_env="X", senders=(SENDER,), base_url=url, **(usual | dict(more))
        )
        setup = Setup(name, config, {"auth_token": TOKEN}, now, ear, public)
        made.append(Provider(module.channel(setup), module.CARRIES, (), config.real))
    return tuple(made)


@asynccontextmanager
async def serving(app: App, socket: Any) -> AsyncIterator[None]:
    """Our web on a real socket."""
    server = PageServer(config_of(site_of(app)))
    task = asyncio.create_task(server.serve(sockets=[socket]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def lines(
    folder: Path,
    cast: Mapping[int, Temperament] | None = None,
    sms: Mapping[str, Any] | None = None,
    voice: Mapping[str, Any] | None = None,
    **more: Any,
) -> AsyncIterator[Lines]:
    """Nobody answers by themselves unless the cast says so (`say` speaks for them); `more`: the carrier's Options."""
    socket = bound("127.0.0.1", 0)
    inside = f"http://127.0.0.1:{socket.getsockname()[1]}"
    people = dict.fromkeys((1, 2, 3, 4, 5, 6, 14), Temperament.SILENT) | dict(cast or {})
    options = Options(
        speed=SPEED,
        start=DAY,
        cast={phone(serial): how for serial, how in people.items()},
        inbound=f"{PUBLIC}/hooks/sms/sms{RETRIES}",
        reach={PUBLIC: inside},
    )
    async with AsyncExitStack() as stack:
        stack.callback(socket.close)
        carrier = await stack.enter_async_context(CarrierServer(replace(options, **more)))
        ear, clock = Ear(), carrier.network.pace
        channels = providers(carrier.url, clock.now, ear, sms or {}, voice or {})
        for one in channels:
            if isinstance(one.channel, Runs):
                await stack.enter_async_context(one.channel.run())
        settings = Settings(database_url=f"sqlite:///{folder}/lines.sqlite3")
        database = new_database(settings.database_url)
        app = build(settings, World(clock, SeededIds(1), channels, "demo", ear), database)
        stack.callback(app.close)
        made = Lines(app, carrier, inside)
        app.intake = type(app.intake)(app.intake.store, made.reader, app.intake.counties, "demo")
        app.use_rules()
        app.use_roster(standard_roster(), "示例·测试")
        await stack.enter_async_context(serving(app, socket))
        yield made


def tell(folder: Path, story: Callable[[Lines], Coroutine[Any, Any, None]], **more: Any) -> None:
    """Run one story on fresh lines."""

    async def run() -> None:
        async with asyncio.timeout(2 * PATIENCE), lines(folder, **more) as made:
            await story(made)

    asyncio.run(run())


__all__: Sequence[str] = ("PUBLIC", "SMS", "VOICE", "Lines", "lines", "phone", "tell")
