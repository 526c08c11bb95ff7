"""推演: an engine on a virtual clock, driven from event to event, against simulated phones only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callout.app import App
from callout.domain.instant import HOUR, SECOND, Instant, Millis
from callout.pipeline.receive import Received, receive
from callout.ports import Inbound
from callout.rehearsal.storm import Incoming
from callout.simulation.clock import VirtualClock
from callout.store.agenda import Agenda

QUIET = HOUR
"""With nothing due for this long after the last document, the rehearsal is over."""


class FarEnd(Protocol):
    """The simulated world behind the channels: what comes back from it, and when."""

    def due(self, now: Instant) -> list[Inbound]:
        """Take what has come back up to and including `now`, in order."""

    def next_at(self) -> Instant | None:
        """When the next event happens; None while nothing is under way."""


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
    carrier: FarEnd
    beat: Millis = SECOND
    """Moments fall on multiples of this: a coarser beat answers and escalates up to so much later, and runs faster."""
    _ahead: Agenda = field(default_factory=lambda: Agenda({}))
    """When the engine has work next, as it said when it last settled."""

    async def settle(self, incoming: Sequence[Incoming]) -> Moment:
        """Take in these documents and what the phones gave back, and run the stages until nothing is due."""
        received = tuple(receive(self.app.intake, one.document) for one in incoming)
        came = self.app.take_in(self.carrier.due(self.clock.now()))
        return Moment(self.clock.now(), received, came + await self.run_engine())

    async def run_engine(self) -> int:
        """Run the stages until none has work at this instant; returns how many rows moved."""
        settled = await self.app.settle()
        self._ahead = settled.ahead
        return settled.moved

    def next_event(self) -> Instant | None:
        """When anything happens next: a phone, a timer of the engine."""
        known = [at for at in (self._ahead.next_at(), self.carrier.next_at()) if at is not None]
        return self.on_beat(min(known)) if known else None

    def on_beat(self, at: Instant) -> Instant:
        """The beat at which what happens at `at` is dealt with."""
        return Instant(-(-at // self.beat) * self.beat)


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
