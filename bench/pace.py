"""Engines on the real clock: a day that begins at ten in the morning, red warnings, phones in this process."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.county import OPENS, warning
from callout.app import App, World, build
from callout.domain.abilities import Abilities
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.ports import Document, Message, Outcome, Submission, everywhere
from callout.settings import Settings
from callout.simulation.carrier import ABILITIES
from callout.store.database import Database


class BenchDay:
    """The real pace; processes that were given the same start agree."""

    def __init__(self, begun: float | None = None) -> None:
        self.begun = time.time() if begun is None else begun

    def now(self) -> Instant:
        """The present instant."""
        return Instant(OPENS + round((time.time() - self.begun) * 1000))


@dataclass
class Phones:
    """A provider that takes everything after a while, and notes when each red call left."""

    latency: float
    reds: list[float] = field(default_factory=list)
    taken: int = 0
    name: str = "bench"

    def abilities(self, _: str) -> Abilities:
        """Whatever is asked."""
        return ABILITIES

    async def submit(self, message: Message) -> Submission:
        """Taken."""
        self.taken += 1
        if message.meaning.level is Level.RED:
            self.reds.append(time.perf_counter())
        if self.latency:
            await asyncio.sleep(self.latency)
        return Submission(Outcome.ACCEPTED, ref=f"bench:{message.attempt}")


class Salts:
    """Identifiers of one process of several."""

    def __init__(self, process: int) -> None:
        self._process, self._given = process, 0

    def attempt(self) -> str:
        """Never the same twice."""
        self._given += 1
        return f"{self._process:04x}{self._given:028x}"

    def salt(self) -> bytes:
        """As good as any other here."""
        return self.attempt().encode()[:16]


@contextmanager
def engine(url: str, day: BenchDay, phones: Phones, process: int = 0, slots: int = 200) -> Iterator[App]:
    """An engine of one process."""
    world = World(day, Salts(process), everywhere(phones), "rehearsal")
    app = build(Settings(database_url=url, slots=slots), world, Database(url))
    try:
        yield app
    finally:
        app.close()


def red(serial: int, *townships: str) -> Document:
    """A red warning of another hazard for these townships, each a message of its own."""
    text, codes = warning().raw.decode(), "</geocode><geocode>".join(f"{each}000" for each in townships)
    for before, after in (
        ("20260802100000</identifier>", f"2026080211{serial:04d}</identifier>"),
        ("11B03", "11A07"),
        ("<severity>Orange<", "<severity>Red<"),
        ("<geocode>500156000000<", f"<geocode>{codes}<"),
        ("暴雨橙色预警[II级/较重]", "地质灾害气象风险红色预警[I级/特别严重]"),
    ):
        assert before in text
        text = text.replace(before, after)
    return Document(f"red-{serial}.xml", "bench", text.encode())
