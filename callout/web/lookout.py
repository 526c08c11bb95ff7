"""One look at the record for all browsers of a process, and each kind of board drawn once for all who see the same."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, cast

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

M = TypeVar("M")
"""What changes whenever a board may look different."""
D = TypeVar("D")
"""A board as it was drawn."""

LOOK = 0.1
"""Seconds between two looks while nothing changes."""
REST = 0.5
"""Seconds that a change lets pass before the next look: a storm changes something all the time."""
TICK = 5.0
"""Seconds after which a browser hears that all is well, changed or not."""


class Lookout(Generic[M, D]):
    """Belongs to the event loop in which it is asked."""

    def __init__(self, mark: Callable[[], M]) -> None:
        """`mark` reads the newest one; it is called in a thread."""
        self._mark = mark
        self._seen: M | None = None
        self._looking: asyncio.Task[None] | None = None
        self._drawn_at: M | None = None
        self._drawn: dict[Hashable, asyncio.Future[D]] = {}

    async def after(self, known: M | None) -> M:
        """The newest mark as soon as it is another than `known`; after `TICK` also the same."""
        if known is None or self._seen is None:
            self._seen = await run_in_threadpool(self._mark)
        elif known == self._seen:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(self._seen))
            looking = self._looking
            await asyncio.wait({looking}, timeout=TICK)
            if looking.done():
                looking.result()
        return self._seen

    async def _look(self, before: M) -> None:
        await asyncio.sleep(REST)
        while self._seen == before:
            self._seen = await run_in_threadpool(self._mark)
            await asyncio.sleep(LOOK * (self._seen == before))

    async def drawn(self, mark: M, kind: Hashable, draw: Callable[[], D]) -> D:
        """What `draw` makes of a board of this kind at this mark; it is asked once, in a thread."""
        if mark != self._drawn_at:
            self._drawn_at, self._drawn = mark, {}
        if kind not in self._drawn:
            self._drawn[kind] = asyncio.ensure_future(run_in_threadpool(draw))
        return await asyncio.shield(self._drawn[kind])


def lookout(request: Request) -> Lookout[Any, Any]:
    """That of this site; a FastAPI dependency."""
    return cast(Lookout[Any, Any], request.app.state.lookout)
