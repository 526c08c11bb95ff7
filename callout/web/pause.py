"""A pause before a provider hears that its call was not kept: a repetition at once would fall into the same outage."""

from asyncio import sleep as wait
from dataclasses import dataclass

SECONDS = 2.0
"""Twilio comes six times within 15 seconds: they spread over some twelve."""
MOST = 200
"""Calls that wait at once; more would hold sockets that a recovering house needs."""


@dataclass(slots=True)
class Pause:
    """Belongs to one event loop."""

    waiting: int = 0

    async def __call__(self) -> None:
        """Wait, unless too many do already."""
        if self.waiting >= MOST:
            return
        self.waiting += 1
        try:
            await wait(SECONDS)
        finally:
            self.waiting -= 1
