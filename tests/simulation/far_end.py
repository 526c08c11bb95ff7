"""The far end: a carrier with people behind the phones, a network that fails, and callbacks that come as they like."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from callout.domain.abilities import Abilities
from callout.domain.instant import SECOND, Instant, later
from callout.domain.ladder import ChannelKind
from callout.ports import Inbound, Message, Outcome, Provider, Submission, everywhere
from callout.simulation.carrier import ABILITIES, Carrier
from callout.simulation.people import Person
from callout.simulation.phones import Phones
from tests.simulation.loop import in_world
from tests.simulation.storm import TEMPERAMENTS, Fault

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.world import World

NEVER = 3600.0
GONE = 900.0
"""Seconds from the beginning for which one gateway may be away."""
RETRIES = 8


@dataclass(frozen=True)
class TrueClock:
    """Time as it is, whatever the clocks of the processes say."""

    begins: Instant
    seconds: Callable[[], float]

    def now(self) -> Instant:
        return later(self.begins, int(self.seconds() * SECOND))


class Harder(Phones):
    """People of whom more are silent than in a real county."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.seed = seed

    def person(self, e164: str) -> Person:
        return Person(self.seed, e164, Random(f"{self.seed}:{e164}").choice(TEMPERAMENTS))


class People(Carrier):
    """The production carrier, with harder people."""

    def __init__(self, clock: TrueClock, seed: int) -> None:
        super().__init__(clock, seed)
        self._phones = Harder(seed)


@dataclass
class FarEnd:
    """Provider and network, shared by all processes."""

    world: "World"
    people: People
    chance: Random
    taken: set[str] = field(default_factory=set)
    """Attempts that truly reached the carrier."""
    down_until: float = 0.0
    more: asyncio.Event = field(default_factory=asyncio.Event)
    """The people have something new to do."""
    under_way: int = 0
    """Callbacks that are on their way."""

    async def submit(self, host: "Host", message: Message) -> Submission:
        """What the process sees of one submit."""
        fault = self.world.fault_of((Fault.ACCEPT_TIMEOUT, Fault.ANSWER_5XX, Fault.REFUSED, Fault.CUT, Fault.SLOW))
        away = message.channel is self.world.storm.gone and self.world.now() < GONE
        if away or self.world.now() < self.down_until:
            await asyncio.sleep(self.chance.uniform(0, 2))
            raise ConnectionError("simulated")
        if fault is Fault.CUT:
            raise ConnectionError("simulated")
        end: asyncio.Future[Submission] = asyncio.get_running_loop().create_future()
        in_world(self._take(host, message, fault, end))
        return await end

    async def _take(
        self, host: "Host", message: Message, fault: Fault | None, end: "asyncio.Future[Submission]"
    ) -> None:
        await asyncio.sleep(self.chance.uniform(0.01, 0.2))
        if host.process.dead and self.chance.random() < 0.5:
            return  # the bytes had not left the machine
        answer = Submission(Outcome.ACCEPTED, ref=f"sim:{message.attempt}")
        if fault is Fault.REFUSED:
            answer = Submission(Outcome.REFUSED, reason="simulated")
        elif fault is Fault.ANSWER_5XX:
            answer = Submission(Outcome.UNKNOWN, reason="simulated")
        if fault is not Fault.REFUSED and (fault is not Fault.ANSWER_5XX or self.chance.random() < 0.5):
            self.world.judge.took(message)
            self.taken.add(message.attempt)
            await self.people.submit(message)
            self.more.set()
        back = self.chance.uniform(5, 14) if fault is Fault.SLOW else self.chance.uniform(0.01, 0.3)
        await asyncio.sleep(NEVER if fault is Fault.ACCEPT_TIMEOUT else back)
        if not end.done():
            end.set_result(answer)

    async def hang_up(self, attempt: str) -> None:
        """The call of this attempt ends."""
        await asyncio.sleep(self.chance.uniform(0.01, 0.3))
        await self.people.hang_up(attempt)
        self.more.set()

    async def call_back(self) -> None:
        """For ever: everything that people and network do comes back to some process, or does not."""
        while True:
            at, now = self.people.next_at(), self.world.clock.now()
            if at is None or at > now:
                await self._wait(None if at is None else (at - now) / SECOND + 0.001)
            for event in self.people.due(self.world.clock.now()):
                self._send_back(event)

    async def _wait(self, seconds: float | None) -> None:
        self.more.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.more.wait()

    def _send_back(self, event: Inbound) -> None:
        for delay in self._deliveries():
            self.under_way += 1
            in_world(self._deliver(event, delay))

    def _deliveries(self) -> list[float]:
        fault = self.world.fault_of((Fault.TWICE, Fault.LOST, Fault.REORDERED))
        if fault is Fault.LOST:
            return []
        once = self.chance.uniform(0, 30) if fault is Fault.REORDERED else self.chance.uniform(0.01, 0.5)
        return [once, self.chance.uniform(0.01, 60)] if fault is Fault.TWICE else [once]

    async def _deliver(self, event: Inbound, delay: float) -> None:
        """As providers do: again after a failure, for a while."""
        await asyncio.sleep(delay)
        for nth in range(RETRIES):
            host = self.world.some_host()
            if host and await host.hook(replace(event, at=host.clock.now())):
                self.world.judge.thanked(event)
                break
            await asyncio.sleep(2.0**nth)
        self.under_way -= 1


@dataclass(frozen=True)
class Line:
    """The channel of one process."""

    host: "Host"
    far_end: FarEnd
    name: str = "sim"

    async def submit(self, message: Message) -> Submission:
        self.far_end.world.judge.submits(self.host, message)
        return await self.far_end.submit(self.host, message)

    def abilities(self, _: str) -> Abilities:
        return ABILITIES

    async def hang_up(self, attempt: str, _: str) -> None:
        await self.far_end.hang_up(attempt)


def gateways(host: "Host", far_end: FarEnd) -> tuple[Provider, ...]:
    """By which a process reaches the phones: one for everything, or one for each channel where one of them is away."""
    if far_end.world.storm.gone is None:
        return everywhere(Line(host, far_end))
    return tuple(Provider(Line(host, far_end, f"sim-{kind}"), frozenset({kind})) for kind in ChannelKind)
