"""A process with simulated phones works in no database that real people are called from.

It would take their calls, and what its simulated people answer would end their ladders. One machine of several whose
settings lack CALLOUT_LIVE is all it takes.
"""

import asyncio
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, select

from callout.app import App
from callout.cli.pulse import STALE
from callout.cli.screen import fail
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant
from callout.ports import ACTUAL, SIMULATED, Channel
from callout.store import schema
from callout.store.beats import beats

REAL, SIMULATION = "真实通道", "模拟通道：不会拨打任何电话；收到的预警都按演示处理"
"""How the phones of an engine are called where it shows itself."""
_MEND = "请照其他机器设 CALLOUT_LIVE=1 和 CALLOUT_CHANNELS；要试用，请把 CALLOUT_DATABASE_URL 换成另一个库"


def phones(channels: Iterable[Channel], run: str) -> str:
    """Which phones ring, in one line."""
    names = "、".join(one.name for one in channels)
    return f"{REAL}：{names}" if run == ACTUAL else f"本机通道：{names}；收到的预警都按演示处理"


def conflict(app: App) -> str:
    """Why this process must not work in its database, in one sentence; empty where it may."""
    if app.world.run != SIMULATED:
        return ""
    now = app.world.clock.now()
    return app.database.read(lambda db: _found(db, now))


def stopped_by_conflict(app: App, stop: Callable[[], None]) -> bool:
    """Whether there is a conflict: then it is said, and the process is told to stop."""
    return _stopped(conflict(app), stop)


async def apart(app: App, stop: Callable[[], None]) -> None:
    """The same from a loop that serves others meanwhile.

    Pages that were opened first would go on taking warnings in as a demo's when the first real engine comes.
    """
    _stopped(await asyncio.to_thread(conflict, app), stop)


def _stopped(why: str, stop: Callable[[], None]) -> bool:
    if why:
        fail(why)
        stop()
    return bool(why)


def keep_apart(app: App) -> None:
    """Raise CalloutError where there is a conflict: at the start, and before a command writes what its run decides."""
    if why := conflict(app):
        raise CalloutError(why)


def _found(db: Connection, now: Instant) -> str:
    a = schema.alert
    if db.execute(select(a.c.id).where(a.c.run == ACTUAL).limit(1)).first():
        return f"库里有真实预警，本进程却不接真实通道，会把真人的叫应当成演示。{_MEND}"
    if any(now - one.beat_at <= STALE and one.channels.startswith(REAL) for one in beats(db)):
        return f"这个库有接真实通道的引擎在运行，本进程却不接，收到的预警会谁也叫不到。{_MEND}"
    return ""
