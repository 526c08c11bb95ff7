"""Keeps what channels hear: whoever tells something is thanked after the commit, and many are kept in one."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callout.ports import Inbound

TOGETHER = 0.005
"""Seconds that the first of several calls waits for the others."""

Keep = Callable[[list[Inbound]], int]


@dataclass(slots=True)
class Ear:
    """Channels are made before the store is: until `keep` is set nobody can have called."""

    keep: Keep | None = None
    _waiting: list[tuple[list[Inbound], "asyncio.Future[None]"]] = field(default_factory=list)

    async def __call__(self, events: Sequence[Inbound]) -> None:
        """Keep the events; they are durable when this returns. Raises what the database raised."""
        if not events:
            return
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        self._waiting.append((list(events), kept))
        if len(self._waiting) == 1:
            loop.call_later(TOGETHER, self._keep)
        await kept

    def _keep(self) -> None:
        together, self._waiting = self._waiting, []
        try:
            self._write([event for events, _ in together for event in events])
        except Exception:
            # One of them may be at fault: each by itself, so that it takes no other down.
            for events, kept in together:
                self._one(events, kept)
            return
        for _, kept in together:
            _end(kept)

    def _one(self, events: list[Inbound], kept: "asyncio.Future[None]") -> None:
        try:
            self._write(events)
        except Exception as error:
            if not kept.done():
                kept.set_exception(error)
        else:
            _end(kept)

    def _write(self, events: list[Inbound]) -> None:
        if self.keep is None:
            raise RuntimeError("the engine is not built yet")
        self.keep(events)


def _end(kept: "asyncio.Future[None]") -> None:
    """Whoever called may have gone meanwhile; the events are kept all the same."""
    if not kept.done():
        kept.set_result(None)
