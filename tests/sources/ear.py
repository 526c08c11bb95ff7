"""One source on the network, a server that answers it, and the clock it listens by."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from callout.domain.instant import MINUTE, Instant, later
from callout.domain.listening import Endpoint, EndpointKind
from callout.ports import Document, Settlement
from callout.simulation.clock import VirtualClock
from callout.sources.feed import source_of
from callout.sources.http import Web
from tests.sources.server import Office, Reply

ALERT = (Path(__file__).parent / "documents" / "cap-cma.xml").read_bytes()
START = Instant(1_785_600_000_000)
PATIENCE = 60
"""Seconds for one answer."""


class Halfway:
    """Chance that is always the middle."""

    def fraction(self) -> float:
        return 0.5


@dataclass
class Ear:
    """One source and the clock it listens by."""

    office: Office
    kind: EndpointKind = EndpointKind.FEED
    key: str = ""
    county: str = ""
    scheme: str = "http"
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))
    patience: int = PATIENCE

    def __post_init__(self) -> None:
        url = f"{self.office.url}/feed?key=secret".replace("http", self.scheme, 1)
        endpoint = Endpoint("示例源", self.kind, url, county=self.county, header="X-Key")
        self.source = source_of(endpoint, self.key, self.clock, Halfway())

    def listen(self, times: int = 1) -> list[Document]:
        """Ask, and see what waits."""

        async def ask() -> None:
            async with Web(self.patience) as web:
                for _ in range(times):
                    await self.source.listen(web)

        asyncio.run(ask())
        return sorted(self.source.poll(), key=lambda one: one.name)

    def wait(self, millis: int = 2 * MINUTE) -> None:
        self.clock.advance(later(self.clock.now(), millis))

    def settle(self, outcome: Settlement = Settlement.KEPT) -> list[Document]:
        waiting = list(self.source.poll())
        for document in waiting:
            self.source.settle(document, outcome, "")
        return waiting

    @property
    def why(self) -> str:
        """What is said once the silence has lasted long enough."""
        self.wait(20 * MINUTE)
        hearing = self.source.pulse.hearing()
        assert hearing is not None
        assert hearing.silent
        return hearing.why


def rss(*links: str, stamp: str = "1") -> bytes:
    lines = "".join(f"<item><link>{link}</link><pubDate>{stamp}</pubDate></item>" for link in links)
    return f'<rss version="2.0"><channel><title>x</title>{lines}</channel></rss>'.encode()


def serve(office: Office, index: Reply, document: Reply | None = None) -> None:
    office.script = lambda path, _: index if path.startswith("/feed") else document or Reply(ALERT)
