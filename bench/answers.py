"""Answers a second through the signed webhook: durable before the thanks, beside the same page that keeps nothing."""

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from sqlalchemy import func, select

from bench.callbacks import CHANNELS, PUBLIC, TOKEN, Calls, Reply, call_back
from bench.servers import Server
from bench.tables import Table
from callout.app import SystemClock, World, build, channels_plan
from callout.channels.building import Surroundings, assemble
from callout.cli.web import bound, config_of, site_of
from callout.ports import Inbound
from callout.settings import Settings
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.database import Database
from callout.store.ear import Ear

AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Thanked:
    """One run."""

    database: str
    durable: bool
    answers: int
    seconds: float
    each: tuple[float, ...]
    kept: int


def run(server: Server, answers: int) -> list[Thanked]:
    """Without the database first, then durable."""
    with server.filled(_fill) as copies, copies() as url:
        return [_measure(server.name, url, answers, durable=durable) for durable in (False, True)]


def _fill(url: str) -> None:
    database = Database(url)
    build(Settings(database_url=url), World(SystemClock(), SeededIds(1), (), "demo"), database).close()


def _measure(name: str, url: str, answers: int, *, durable: bool) -> Thanked:
    replies = [Reply(f"SM{durable:d}{n:031}", f"+99900{n:011}", "1") for n in range(answers)]
    calls = Calls()
    with _pages(url, durable=durable) as address:
        seconds = asyncio.run(_timed(address, replies, calls))
    i = schema.inbound
    database = Database(url)
    kept = int(database.read(lambda db: db.execute(select(func.count()).select_from(i)).scalar_one()))
    database.close()
    if durable and kept != answers:
        raise RuntimeError(f"{kept} of {answers} thanked answers are kept")
    return Thanked(name, durable, answers, seconds, tuple(sorted(calls.seconds)), kept)


async def _timed(address: str, replies: Sequence[Reply], calls: Calls) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await call_back(address, replies, AT_ONCE, calls)
    return loop.time() - begun


@contextmanager
def _pages(url: str, *, durable: bool) -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, url, durable), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


def _serve(parent: Connection, url: str, durable: bool) -> None:
    """The pages of one process, with the webhook of a Twilio account."""
    with TemporaryDirectory(prefix="callout-answers-") as folder:
        file = Path(folder) / "channels.yaml"
        file.write_text(CHANNELS, encoding="utf-8")
        settings, clock, ear = Settings(database_url=url, channels=file, public_url=PUBLIC), SystemClock(), Ear()
        around = Surroundings(False, {"SIMULATED": TOKEN}, clock.now, ear, PUBLIC)
        app = build(settings, World(clock, SeededIds(1), assemble(channels_plan(settings), around), "demo", ear))
        site = site_of(app) if durable else replace(site_of(app), hear=_forget)
        listening = bound("127.0.0.1", 0)
        parent.send(listening.getsockname()[1])
        asyncio.run(uvicorn.Server(config_of(site)).serve(sockets=[listening]))


async def _forget(_: Sequence[Inbound]) -> None:
    """Thanks for nothing: the ceiling."""


def table(found: list[Thanked]) -> Table:
    """As Markdown."""
    lines = []
    for bare, ours in zip(found[::2], found[1::2], strict=True):
        rates = [one.answers / one.seconds for one in (bare, ours)]
        p99 = ours.each[len(ours.each) * 99 // 100] * 1000
        cells = [
            ours.database,
            str(ours.answers),
            f"{rates[0]:.0f}/s",
            f"{rates[1]:.0f}/s",
            f"{rates[1] / rates[0]:.2f}",
        ]
        lines.append([*cells, f"{ours.each[len(ours.each) // 2] * 1000:.0f} ms", f"{p99:.0f} ms"])
    head = ["database", "answers", "keeping nothing", "durable", "ratio", "thanks p50", "p99"]
    note = (
        f"{AT_ONCE} connections, signature checked on both sides, one process of pages; the caller runs on the same "
        "machine. Targets: ratio 0.6, p99 100 ms."
    )
    return Table("Answers through the webhook", head, lines, note)
