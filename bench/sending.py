"""Hand-over of texts: our whole send path (claim, commit, submit, record, durable) beside the bare SDK client.

Both talk to the same peer in another process, in turn, with as many in flight.
"""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from bench.county import OPENS, SEED, load, warning
from bench.servers import Copies, Server
from bench.tables import Table
from callout.app import App, World, build
from callout.channels import twilio_sms
from callout.cli.housekeeping import settle_in
from callout.domain.instant import Instant
from callout.pipeline.receive import receive
from callout.ports import Provider, Setup
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.ear import Ear

IN_FLIGHT = 100
LATENCIES = (0, 30, 150)
"""Milliseconds."""
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "bench", "+99900000000001"
TEXT = "【叫应】【演示】示例县暴雨橙色预警（示例气象台10:00发布）：示例镇。收到回1，无法到岗回2，需要支援回3。"


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts a second at one latency, each run."""

    database: str
    latency: int
    texts: int
    bare: tuple[float, ...]
    ours: tuple[float, ...]
    cpu: tuple[float, float]
    """CPU seconds per 1,000 texts, bare and ours, in the last run: the first one also compiles each statement once."""


class _Clock:
    """The real pace, beginning at ten in the morning of the bench's day: by night some would be rung instead."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> Instant:
        """The present instant."""
        return Instant(OPENS + round((time.monotonic() - self._begun) * 1000))


def run(server: Server, people: int, runs: int, latencies: Sequence[int] = LATENCIES) -> list[Rate]:
    """Measure both at each latency, in turn."""
    with server.filled(lambda url: _fill(url, people)) as copies:
        return [_compare(server.name, copies, latency, runs) for latency in latencies]


def _fill(url: str, people: int) -> None:
    app = build(Settings(database_url=url), World(_Clock(), SeededIds(SEED), (), "demo"))
    load(app, people)
    app.close()


def _compare(name: str, copies: Copies, latency: int, runs: int) -> Rate:
    with peer(latency) as url:
        ours = []
        for _ in range(runs):
            with copies() as database:
                ours.append(asyncio.run(_ours(url, database)))
        texts = ours[0][0]
        alone = [asyncio.run(bare(url, texts)) for _ in range(runs)]
    cpu = (alone[-1][1] / texts * 1000, ours[-1][2] / ours[-1][0] * 1000)
    return Rate(name, latency, texts, tuple(rate for rate, _ in alone), tuple(n / s for n, s, _ in ours), cpu)


class _Sdk(AsyncTwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's own carrier, to our peer."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        """As the SDK's, to that host."""
        return await super().request(method, url.replace("https://api.twilio.com", self._url), *rest, **more)


async def bare(url: str, texts: int, at_once: int = IN_FLIGHT) -> tuple[float, float]:
    """(texts a second, CPU seconds) of the SDK's asynchronous client alone: nothing is claimed, nothing is kept."""
    async with _Sdk(url) as http:
        client = Client(ACCOUNT, TOKEN, http_client=http)
        gate = asyncio.Semaphore(at_once)

        async def one(nth: int) -> None:
            async with gate:
                await client.messages.create_async(to=f"+999{nth:09d}", from_=SENDER, body=TEXT, validity_period=3600)

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*map(one, range(texts)))
        return texts / (time.perf_counter() - begun), time.process_time() - cpu


async def _ours(url: str, database: str) -> tuple[int, float, float]:
    """(texts, seconds, CPU seconds) from the first claim to the last durable outcome."""
    async with _office(url, database) as app:
        settle_in(app)
        receive(app.intake, warning())
        while (await app.stages["plan"]()).moved:
            pass
        begun, cpu = time.perf_counter(), time.process_time()
        due = _count(app, schema.callout, "to_call")
        while (await app.sender.run_once()).moved or app.sender.busy:
            pass
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        sent = _count(app, schema.attempt, "sent")
        if not 0 < sent <= due:
            raise RuntimeError(f"{sent} of {due} were sent")
        return sent, seconds, cpu


def _count(app: App, table: object, state: str) -> int:
    t = table
    statement = select(func.count()).where(t.c.state == state)  # type: ignore[attr-defined]
    return int(app.database.read(lambda db: db.execute(statement).scalar_one()))


@asynccontextmanager
async def _office(url: str, database: str) -> AsyncIterator[App]:
    ear, clock = Ear(), _Clock()
    config = twilio_sms.Config(account_sid=ACCOUNT, auth_token_env="X", senders=(SENDER,), per_sender=0.0, base_url=url)
    channel = twilio_sms.channel(Setup("bench", config, {"auth_token": TOKEN}, clock.now, ear))
    provider = Provider(channel, twilio_sms.CARRIES)
    app = build(
        Settings(database_url=database, slots=IN_FLIGHT), World(clock, SeededIds(SEED), (provider,), "demo", ear)
    )
    try:
        async with channel.run():
            yield app
    finally:
        app.close()


@contextmanager
def peer(latency: int) -> Iterator[str]:
    """A peer that takes everything, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, latency), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        here.send("end")
        process.join(10)


def _serve(parent: Connection, latency: int) -> None:
    asyncio.run(_answer(parent, latency))


async def _answer(parent: Connection, latency: int) -> None:
    taken = 0

    async def take(request: web.Request) -> web.Response:
        nonlocal taken
        taken += 1
        form = await request.post()
        if latency:
            await asyncio.sleep(latency / 1000)
        return web.json_response(
            {"sid": f"SM{taken:032d}", "to": form["To"], "status": "queued", "num_segments": "2"}, status=201
        )

    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    parent.send(runner.addresses[0][1])
    while not parent.poll():
        await asyncio.sleep(0.1)
    await runner.cleanup()


def table(rates: list[Rate]) -> Table:
    """As Markdown."""
    lines = [
        [
            r.database,
            f"{r.latency} ms",
            str(r.texts),
            _spread(r.bare),
            _spread(r.ours),
            f"{median(r.ours) / median(r.bare):.0%}",
            f"{r.cpu[0]:.2f} s",
            f"{r.cpu[1]:.2f} s",
        ]
        for r in rates
    ]
    note = (
        f"{IN_FLIGHT} in flight. Ours: claim, commit, render, submit by the SDK, record, all durable, audit entries "
        "included; CPU of the database server is not in it. The bare client keeps nothing. The peer runs in another "
        "process on the same machine."
    )
    head = ["database", "peer answers after", "texts", "bare SDK, texts/s", "callout, texts/s", "share"]
    head += ["CPU per 1,000, bare", "callout"]
    return Table("Hand-over of texts", head, lines, note)


def _spread(found: tuple[float, ...]) -> str:
    return f"{median(found):.0f}" + f" [{min(found):.0f}–{max(found):.0f}]"
