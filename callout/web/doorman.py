"""Whether those who watch are still signed in: asked at once for all browsers of a process."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

GATHER = 0.1
"""Seconds in which browsers come together for one question."""


class Doorman:
    """Belongs to the event loop in which it is asked."""

    def __init__(self, recognised: Callable[[Sequence[Request]], Sequence[bool]]) -> None:
        """`recognised` tells of each request whether it still comes from somebody known; it is called in a thread."""
        self._recognised = recognised
        self._asked: list[Request] = []
        self._asking: asyncio.Task[Sequence[bool]] | None = None

    async def knows(self, request: Request) -> bool:
        """Whether whoever watches by this request is still signed in."""
        place = len(self._asked)
        self._asked.append(request)
        if self._asking is None or not place:
            self._asking = asyncio.create_task(self._ask(self._asked))
        return (await asyncio.shield(self._asking))[place]

    async def _ask(self, asked: Sequence[Request]) -> Sequence[bool]:
        await asyncio.sleep(GATHER)
        self._asked = []
        return await run_in_threadpool(self._recognised, asked)


def doorman(request: Request) -> Doorman:
    """That of this site."""
    return cast(Doorman, request.app.state.doorman)
