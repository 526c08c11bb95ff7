"""A thousand boards open at once: from an answer's arrival to each of them, and what that costs the pages."""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import aiohttp
import uvicorn

from bench.board import answer, sign_in, viewer
from bench.county import Bench, load, opened, warning
from bench.servers import Server
from bench.tables import Table, quantile
from callout.cli.web import bound, config_of, site_of
from callout.domain.user import Scope, ScopeKind
from callout.pipeline.receive import receive
from callout.web.passwords import fresh_token

ANSWERS, EVERY = 10, 1.0
PATIENCE = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Pushed:
    """One run."""

    server: str
    boards: int
    first: float
    """Seconds from an answer's arrival to the first board: the engine's work, the look at the record, the drawing; the
    median."""
    pushed: tuple[float, ...]
    """Seconds from the first board to each, sorted."""
    missed: int
    """Boards that had not heard of an answer when patience was over."""
    cpu: float
    """Share of one processor that the pages took."""
    memory: float
    """MiB that the pages held at most."""


def run(server: Server, people: int, boards: int) -> Pushed:
    """Everybody is called; so many boards listen, and some people answer, one by one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with server.filled(lambda url: _fill(url, people)) as copy, copy() as url, opened(url) as bench:
        receive(bench.app.intake, warning())
        asyncio.run(bench.app.settle())
        viewer(bench, Scope(ScopeKind.COUNTY, bench.app.settings.county))
        tokens = [fresh_token() for _ in range(boards)]
        bench.app.store.write(lambda work: [sign_in(work, token) for token in tokens])
        with _pages(url) as (address, process):
            heard, cpu = asyncio.run(_listen(bench, address, (tokens, process)))
            memory = _peak(process)
        pushed = [at - min(each) for each in heard for at in each]
        first, missed = [min(each) for each in heard], ANSWERS * boards - len(pushed)
        return Pushed(server.name, boards, median(first), tuple(sorted(pushed)), missed, cpu, memory)


def _fill(url: str, people: int) -> None:
    with opened(url) as bench:
        load(bench.app, people)


@contextmanager
def _pages(url: str) -> Iterator[tuple[str, int]]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, url), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}", process.pid or 0
    finally:
        process.kill()
        process.join()


def _serve(parent: Connection, url: str) -> None:
    """The pages alone, in a process of their own, by the clock of the bench."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with opened(url) as bench:
        listening = bound("127.0.0.1", 0)
        parent.send(listening.getsockname()[1])
        asyncio.run(uvicorn.Server(config_of(site_of(bench.app))).serve(sockets=[listening]))


class _Board:
    """One browser's ear: when it first heard of the newest change."""

    def __init__(self) -> None:
        self.heard, self.at = asyncio.Event(), 0.0

    async def listen(self, session: aiohttp.ClientSession, address: str, token: str) -> None:
        """Until cancelled."""
        async with session.get(f"{address}/events", cookies={"callout": token}) as stream:
            stream.raise_for_status()
            async for line in stream.content:
                if line.startswith(b"event: part") and not self.heard.is_set():
                    self.at = time.perf_counter()
                    self.heard.set()


async def _listen(bench: Bench, address: str, given: tuple[list[str], int]) -> tuple[list[list[float]], float]:
    """For each answer how long each board waited for it, and the CPU that the pages took meanwhile."""
    tokens, process = given
    unlimited = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=unlimited, read_bufsize=2**20,
                                     timeout=aiohttp.ClientTimeout(total=None)) as session:  # fmt: skip
        boards = [_Board() for _ in tokens]
        listening = [one.listen(session, address, token) for one, token in zip(boards, tokens, strict=True)]
        tasks = [asyncio.create_task(one) for one in listening]
        await _all(boards, PATIENCE)  # everything once
        await asyncio.sleep(2)
        heard, begun, cpu = list[list[float]](), time.perf_counter(), _cpu(process)
        for _ in range(ANSWERS):
            for one in boards:
                one.heard.clear()
            since = time.perf_counter()
            await asyncio.to_thread(answer, bench)
            heard.append([at - since for at in await _all(boards, PATIENCE)])
            await asyncio.sleep(max(0.0, since + EVERY - time.perf_counter()))
        share = (_cpu(process) - cpu) / (time.perf_counter() - begun)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return heard, share


async def _all(boards: list[_Board], patience: float) -> list[float]:
    """When each heard something, of those that did in time."""

    waiting = [asyncio.create_task(one.heard.wait()) for one in boards]
    _, left = await asyncio.wait(waiting, timeout=patience)
    for task in left:
        task.cancel()
    return [one.at for one in boards if one.heard.is_set()]


def _cpu(process: int) -> float:
    """Seconds of processor that it took so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def table(found: list[Pushed]) -> Table:
    """As Markdown."""
    lines = []
    for one in found:
        p50, p99 = (quantile(one.pushed, q) * 1000 for q in (50, 99))
        cells = [one.server, f"{one.boards:,}", f"{one.first * 1000:.0f} ms", f"{p50:.0f} ms", f"{p99:.0f} ms"]
        lines.append([*cells, str(one.missed), f"{one.cpu:.0%}", f"{one.memory:.0f} MiB"])
    head = ["database", "boards", "answer to first board", "from there to each: p50", "p99", "missed"]
    head += ["CPU of the pages", "memory of the pages"]
    note = (
        f"One process of pages, the browsers in another on the same machine, each signed in by itself; {ANSWERS} "
        f"answers, one every {EVERY:.0f} s. To the first board: from the answer's arrival at the engine, its work and "
        "commits, the next look of the pages (every 100 ms), reading and drawing the board. CPU is of one processor, "
        "while they come. Targets: p99 150 ms from the first board to "
        "each, CPU 10 % while every board changes once a second."
    )
    return Table("Many boards at once", head, lines, note)
