"""What runs beside the rest ends when it is told to, also when its first cancellation is lost."""

import asyncio

from callout.ports.ending import ended


async def _deaf(losing: int) -> None:
    """Loses so many cancellations, as `asyncio.wait_for` of Python 3.11 does when what it waits for is done."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            losing -= 1
            if losing < 0:
                raise


async def _broken() -> None:
    raise ValueError("示例")


async def test_a_lost_cancellation_is_repeated_and_every_end_is_taken() -> None:
    tasks = [asyncio.create_task(work) for work in (_deaf(0), _deaf(1), _broken())]
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await ended(tasks)
    assert [task.cancelled() for task in tasks] == [True, True, False]
    await ended(tasks)
