"""Hearing at once that another process has written what calls for work: PostgreSQL's LISTEN."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from callout.ports.ending import ended
from callout.store.transaction import BELL

_AGAIN = 5.0


@asynccontextmanager
async def hearing(engine: Engine, ring: Callable[[], None], again: float = _AGAIN) -> AsyncIterator[None]:
    """Call `ring` whenever somebody stirs, as long as the block lasts. Only a server can tell; SQLite has one process.

    `again`: seconds until a connection that was lost is tried again. The next beat finds everything as well.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    listening = asyncio.create_task(_listen(engine, ring, again))
    try:
        yield
    finally:
        await ended([listening])


async def _listen(engine: Engine, ring: Callable[[], None], again: float) -> None:
    import psycopg  # noqa: PLC0415 - an office with SQLite never needs it

    while True:
        try:
            await _hear(engine, ring)
        except psycopg.Error as error:
            logging.getLogger(__name__).warning("数据库的唤醒通知断了，按节拍继续 错误=%s", type(error).__name__)
        await asyncio.sleep(again)


async def _hear(engine: Engine, ring: Callable[[], None]) -> None:
    import psycopg  # noqa: PLC0415

    _, options = engine.dialect.create_connect_args(engine.url)
    async with await psycopg.AsyncConnection.connect(**options, autocommit=True) as connection:
        await connection.execute(f"LISTEN {BELL}")
        ring()  # for what was written while nobody listened
        async for _ in connection.notifies():
            ring()
