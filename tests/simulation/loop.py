"""One seeded scheduler for everything: an event loop on virtual time whose processes can be stopped and killed.

A process is a set of tasks that share a `Process` in their context. It may be held at every await (a pause of the
machine) and, through `stop`, in the midst of its synchronous code (a commit that takes long): the others go on.
A killed process never runs another instruction, as after kill -9.
"""

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from greenlet import greenlet

T = TypeVar("T")


@dataclass(eq=False)
class Process:
    """What the loop knows of one process of the world."""

    name: str
    dead: bool = False
    stops: int = 0
    """Reasons not to run now: a pause of the machine, a call that has not returned."""
    held: list[Any] = field(default_factory=list)
    """What would have run meanwhile, in order."""


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class Stuck(AssertionError):
    """Nothing can happen any more, and somebody still waits."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Jumps from timer to timer; what is ready at one instant runs in an order that the seed decides."""

    def __init__(self, chance: Random, at_await: Callable[[Process], None]) -> None:
        super().__init__()
        self._now = 0.0
        self._chance = chance
        self._at_await = at_await
        self.works: list[Coroutine[Any, Any, Any]] = []
        self.tasks: list[asyncio.Task[Any]] = []
        """Kept to the end: what a dead process has begun would else be collected at some time or other."""
        self.set_exception_handler(lambda _loop, _context: None)  # a killed process leaves its tasks unfinished

    def time(self) -> float:
        """Seconds since the world began."""
        return self._now

    def _process_events(self, _events: object) -> None:
        """There are none: no socket is ever opened."""

    def _write_to_self(self) -> None:
        """Nobody calls from another thread."""

    def _run_once(self) -> None:
        state: Any = self  # what asyncio keeps in its base class
        while state._scheduled and state._scheduled[0]._cancelled:
            self._take_timer()
        if not state._ready:
            if not state._scheduled:
                raise Stuck("no timer left")
            self._now = max(self._now, state._scheduled[0]._when)
        while state._scheduled and state._scheduled[0]._when <= self._now:
            state._ready.append(self._take_timer())
        batch = list(state._ready)
        state._ready.clear()
        for handle in self._shuffled(batch):
            self._run(handle)

    def _take_timer(self) -> Any:
        state: Any = self
        handle = heapq.heappop(state._scheduled)
        handle._scheduled = False
        if handle._cancelled:
            state._timer_cancelled_count -= 1
        return handle

    def _shuffled(self, batch: list[Any]) -> list[Any]:
        """What belongs to one process keeps its order; which process comes first is chance."""
        queues: dict[Process | None, list[Any]] = {}
        for handle in batch:
            queues.setdefault(_owner(handle), []).append(handle)
        groups = list(queues.values())
        self._chance.shuffle(groups)
        return [handle for group in groups for handle in group]

    def _run(self, handle: Any) -> None:
        process = _owner(handle)
        if handle._cancelled:
            return
        if process and (process.dead or process.stops):
            process.held.append(handle)
            return
        if process:
            self._at_await(process)
            if process.dead or process.stops:
                process.held.append(handle)
                return
        handle._run()

    def abandon(self) -> None:
        """The world is over: whatever is under way ends where it stands."""
        for task in {*asyncio.all_tasks(self), *self.tasks}:
            state: Any = task
            state._log_destroy_pending = False
            with suppress(RuntimeError):
                state.get_coro().close()
        for work in self.works:
            with suppress(RuntimeError):
                work.close()  # one that never began
        self.close()

    def pause(self, process: Process, seconds: float) -> None:
        """The whole process stands still for so long."""
        process.stops += 1
        self.call_later(seconds, self._go_on, process, context=Context())

    def _go_on(self, process: Process) -> None:
        process.stops -= 1
        if not process.stops and not process.dead:
            state: Any = self
            state._ready.extendleft(reversed(process.held))
            process.held.clear()

    def resume(self, process: Process, waiting: "asyncio.Future[None]") -> None:
        """Its synchronous code goes on where it was stopped, before anything else in the process runs."""
        if process.dead or waiting.done():
            return
        if process.stops > 1:  # the machine is paused as well
            self.call_later(0.1, self.resume, process, waiting, context=Context())
            return
        process.stops -= 1
        waiting.set_result(None)
        state: Any = self
        state._ready.pop()._run()
        if not process.stops:
            self.call_soon(self._release, process, context=Context())

    def _release(self, process: Process) -> None:
        process.stops += 1
        self._go_on(process)


def _owner(handle: Any) -> Process | None:
    found: Process | None = handle._context.get(PROCESS)
    return found


def stop(seconds: float) -> None:
    """Called in the midst of the synchronous code of a process: time passes, others run, it does not."""
    here = greenlet.getcurrent()
    if isinstance(here, _Stretch):
        here.parent.switch(seconds)


class _Stretch(greenlet):  # type: ignore[misc]
    """Code between two awaits of a process."""


class Stoppable:
    """Awaits a coroutine whose synchronous code may `stop`."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[..., Any] = self._work.send
        given: Any = None
        while True:
            try:
                out = yield from _stretch(step, given)
            except _Ended as end:
                return end.args[0]
            try:
                step, given = self._work.send, (yield out)
            except GeneratorExit:
                self._work.close()
                raise
            except BaseException as error:
                step, given = self._work.throw, error


def _stretch(step: Callable[..., Any], given: Any) -> Generator[Any, Any, Any]:
    """Run to the next await; returns what is awaited there. Raises _Ended at the end of the work."""
    running = _Stretch(step)
    running.gr_context = greenlet.getcurrent().gr_context
    out = _switch(running, given)
    try:
        while not running.dead:
            loop: Any = asyncio.get_running_loop()
            process, waiting = PROCESS.get(), loop.create_future()
            assert process is not None
            process.stops += 1
            loop.call_later(out, loop.resume, process, waiting, context=Context())
            yield from waiting
            out = _switch(running)
    finally:
        if not running.dead:
            running.throw()  # its database transaction is rolled back, as a server does for a client that is gone
    if isinstance(out, _End):
        raise _Ended(out.value)
    return out


@dataclass
class _End:
    value: Any


class _Ended(Exception):
    """A StopIteration that may leave a generator."""


def _switch(running: greenlet, *given: Any) -> Any:
    try:
        return running.switch(*given)
    except StopIteration as end:
        return _End(end.value)


def in_process(process: Process, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task of the process."""
    context = copy_context()
    context.run(PROCESS.set, process)
    loop: Any = asyncio.get_running_loop()
    loop.works.append(work)
    task: asyncio.Task[T] = loop.create_task(_whole(work), context=context)
    loop.tasks.append(task)
    return task


async def _whole(work: Coroutine[Any, Any, T]) -> T:
    result: T = await Stoppable(work)
    return result


def in_world(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task that no process owns."""
    return asyncio.get_running_loop().create_task(work, context=Context())
