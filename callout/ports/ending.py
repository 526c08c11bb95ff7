"""How what runs beside the rest is brought to its end."""

import asyncio
from collections.abc import Collection
from typing import Any

_AGAIN = 0.5
"""Seconds."""


async def ended(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel until every one has ended, whatever it ends with.

    Once is not enough: the `asyncio.wait_for` of Python 3.11, by which libraries wait, loses a cancellation that comes
    in the moment at which what it waits for is done (python/cpython issue 86296).
    """
    while going := {task for task in tasks if not task.done()}:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
