"""推演: an engine on a virtual clock, driven from event to event, against simulated phones only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callout.app import App
from callout.domain.instant import HOUR, SECOND, Instant, Millis
from callout.pipeline.receive import Received, receive
from callout.ports import Document
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock

QUIET = HOUR
"""With nothing due for this long after the last document, the rehearsal is over."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document and the instant at which it comes in."""

    at: Instant
    document: Document


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened at one instant of the rehearsal."""

    now: Instant
    received: tuple[Received, ...]
    moved: int


@dataclass(slots=True)
class Driver:
    """Moves the clock to the next event, lets the engine settle there, and tells what happened."""

    app: App
    clock: VirtualClock
    carrier: Carrier
    beat: Millis = SECOND
    """Moments fall on multiples of this: a coarser beat answers and escalates up to so much later, and runs faster."""
    _next_at: Instant | None = None
    """When the engine has work next, as it said when it last settled."""

    async def settle(self, incoming: Sequence[Incoming]) -> Moment:
        """Take in these documents and what the phones gave back, and run the stages until nothing is due."""
        received = tuple(receive(self.app.intake, one.document) for one in incoming)
        came = self.app.take_in(self.carrier.due(self.clock.now()))
        return Moment(self.clock.now(), received, came + await self.run_engine())

    async def run_engine(self) -> int:
        """Run the stages until none has work at this instant; returns how many rows moved."""
        settled = await self.app.settle()
        self._next_at = settled.ahead.next_at()
        return settled.moved

    def next_event(self) -> Instant | None:
        """When anything happens next: a phone, a timer of the engine."""
        known = [at for at in (self._next_at, self.carrier.next_at()) if at is not None]
        return self.on_beat(min(known)) if known else None

    def on_beat(self, at: Instant) -> Instant:
        """The beat at which what happens at `at` is dealt with."""
        return Instant(-(-at // self.beat) * self.beat)


def load_storm(folder: Path, app: App) -> list[Incoming]:
    """The messages of a storm, each at the instant at which it was sent."""
    found = []
    for path in sorted(folder.glob("*.xml")):
        document = Document(path.name, f"storm:{folder.name}", path.read_bytes())
        sent = min(part.alert.sent for part in app.intake.reader.read(document.raw).parts)
        found.append(Incoming(sent, document))
    return sorted(found, key=lambda one: one.at)


def timeline(driver: Driver, storm: Sequence[Incoming], until: Instant) -> Iterator[tuple[Instant, list[Incoming]]]:
    """The instants at which something happens, with the documents that come in then; ends at `until`."""
    waiting = list(storm)
    while True:
        following = driver.next_event()
        coming = driver.on_beat(waiting[0].at) if waiting else None
        at = min((x for x in (following, coming) if x is not None), default=None)
        if at is None or at > until:
            return
        now = Instant(max(at, driver.clock.now()))
        due = [one for one in waiting if driver.on_beat(one.at) <= now]
        waiting = waiting[len(due) :]
        yield now, due
