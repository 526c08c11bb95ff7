"""One process of the engine: the production App with its own clock, on the shared database, until somebody kills it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from callout.app import App, World, build
from callout.domain.instant import SECOND, Instant, later
from callout.ports import Document, Inbound, Settlement
from callout.store.database import Database
from tests.simulation.far_end import gateways
from tests.simulation.loop import Process, in_process, stop
from tests.simulation.storm import Fault

if TYPE_CHECKING:
    from tests.simulation.world import World as Simulated

T = TypeVar("T")


OVERLAP = 0.1
"""How often a transaction stays open while others run, where the database allows it."""


class Killed(BaseException):
    """The process died in the midst of its synchronous code."""


def gone() -> OperationalError:
    """What SQLAlchemy raises when the server has closed the connection."""
    cause = ConnectionError("simulated: server closed the connection")
    return OperationalError("simulated", None, cause, connection_invalidated=True)


@dataclass
class SkewedClock:
    """The clock of one machine."""

    world: "Simulated"
    off: float = 0.0

    def now(self) -> Instant:
        return later(self.world.clock.now(), int(self.off * SECOND))


class ShakyDatabase(Database):
    """The shared database as one process reaches it: every transaction and every commit may go wrong."""

    def __init__(self, shared: Database, host: "Host") -> None:
        self.url, self.engine, self.reading = shared.url, shared.engine, shared.reading
        self._shared = copy(shared)  # its connections; but one process does not wait for the writer of another
        self._shared._writer = threading.Lock()
        self._host = host
        self.running = False
        """Faults begin once the process has started."""

    def write(self, work: Callable[[Connection], T]) -> T:
        host, world = self._host, self._host.world
        if not self.running:
            world.refuse_if_down()
            return self._shared.write(work)
        host.between(world.chance.choice((0, 0, 0, 0.001, 0.02)))
        world.refuse_if_down()

        def shaken(connection: Connection) -> T:
            result = work(connection)
            if world.overlapping and world.chance.random() < OVERLAP:
                host.between(world.chance.uniform(0, 0.5))
            fault = world.fault_of((Fault.CRASH_BEFORE_COMMIT, Fault.COMMIT_LOST))
            if fault is Fault.CRASH_BEFORE_COMMIT:
                host.die()
            if fault is Fault.COMMIT_LOST:
                raise gone()
            return result

        result = self._shared.write(shaken)
        world.committed(host)
        self._after_commit()
        return result

    def _after_commit(self) -> None:
        host, world = self._host, self._host.world
        match world.fault_of((Fault.CRASH_AFTER_COMMIT, Fault.REPLY_LOST, Fault.REPLY_LATE, Fault.PAUSE)):
            case Fault.CRASH_AFTER_COMMIT:
                host.die()
            case Fault.REPLY_LOST:
                raise gone()
            case Fault.REPLY_LATE:
                host.between(world.chance.uniform(0.5, 20))
            case Fault.PAUSE:
                host.between(world.chance.uniform(20, 400))
            case _:
                host.between(world.chance.choice((0, 0, 0, 0.001, 0.02)))

    def read(self, work: Callable[[Connection], T]) -> T:
        self._host.world.refuse_if_down()
        return self._shared.read(work)

    def close(self) -> None:
        """The others still use it."""


@dataclass
class Folder:
    """The documents that wait on one machine; it outlives the process."""

    waiting: list[Document] = field(default_factory=list)

    def poll(self) -> Iterator[Document]:
        yield from list(self.waiting)

    def settle(self, document: Document, _outcome: Settlement, _note: str) -> None:
        self.waiting.remove(document)


@dataclass(eq=False)
class Host:
    """One machine: its folder and clock stay, its process comes and goes."""

    world: "Simulated"
    name: str
    folder: Folder = field(default_factory=Folder)
    clock: SkewedClock = field(init=False)
    process: Process = field(init=False)
    app: App = field(init=False)
    changed: asyncio.Event = field(init=False)
    """Somebody committed."""
    arrived: asyncio.Event = field(init=False)
    """A document lies in the folder."""

    def __post_init__(self) -> None:
        self.clock = SkewedClock(self.world)
        self.process = Process(self.name, dead=True)

    def start(self) -> None:
        """A new process: nothing is left of the one before."""
        self.process = Process(self.name)
        self.changed, self.arrived = asyncio.Event(), asyncio.Event()
        outside = World(self.clock, self.world.ids, gateways(self, self.world.far_end), "actual")
        database = ShakyDatabase(self.world.database, self)
        self.app = build(self.world.settings, outside, database)
        database.running = True
        self.app.sources.append(self.folder)
        self.app.rulebooks._parsed = self.world.parsed
        sender: Any = self.app.sender
        sender.sending = replace(sender.sending, renderer=self.world.templates)
        for job in (self._beat, self._intake, self._seal):
            in_process(self.process, job())

    def die(self) -> None:
        """kill -9, from inside: the code that runs does not come back."""
        self.world.kill(self)
        raise Killed

    def between(self, seconds: float) -> None:
        """Time passes in the midst of synchronous code; the process may be dead when it is over."""
        if seconds:
            stop(seconds)
        if self.process.dead:
            raise Killed

    async def hook(self, event: Inbound) -> bool:
        """A callback comes in over HTTP; whether it was thanked for."""
        if self.process.dead:
            return False
        process = self.process
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def handle() -> None:
            try:
                self.app.store.accept([event])
            except Exception:
                answered.set_result(False)
            else:
                answered.set_result(True)
            self.changed.set()

        in_process(process, handle())
        for _ in range(3):
            await asyncio.wait([answered], timeout=5)
            if answered.done() or process.dead:
                break
        return answered.done() and answered.result()

    async def _beat(self) -> None:
        while True:
            try:
                await self.app.settle()
                due = self.app.agenda().next_at()
            except Exception as error:
                self.world.failed(self, error)
                due = Instant(self.clock.now() + SECOND)
            self.changed.clear()
            wait = 600.0 if due is None else max((due - self.clock.now()) / SECOND, 0.05)
            try:
                async with asyncio.timeout(wait):
                    await self.changed.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(self.world.chance.uniform(0, 0.25))

    async def _intake(self) -> None:
        while True:
            if not self.folder.waiting:
                self.arrived.clear()
                await self.arrived.wait()
            await asyncio.sleep(self.world.chance.uniform(0.01, 0.3))
            try:
                await self.app.stages["receive"]()
            except Exception as error:
                self.world.failed(self, error)
                await asyncio.sleep(1)

    async def _seal(self) -> None:
        while True:
            await asyncio.sleep(self.world.chance.uniform(30, 200))
            try:
                made = self.app.store.seal()
            except Exception as error:
                self.world.failed(self, error)
            else:
                if made:
                    self.world.judge.sealed(made)
