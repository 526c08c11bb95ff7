"""The metronome: runs a visible list of jobs again and again, and never lets one that fails stop the beat."""

import asyncio
import gc
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from callout.domain.instant import SECOND, Millis

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that runs every so often, never twice at once."""

    name: str
    every: Millis
    run: Callable[[], Awaitable[object]]


class Metronome:
    """Beats while the event loop runs. A job that raises is logged, without what its data said, and beats again."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        # A beat that takes longer than its interval is no fault; apscheduler would say so four times a second.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._jobs = tuple(jobs)
        self._failed = dict.fromkeys((job.name for job in jobs), 0)
        self._running: set[str] = set()
        self._again: set[str] = set()
        """Jobs that were woken while they ran."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to beat; needs a running event loop."""
        self._loop = asyncio.get_running_loop()
        for job in self._jobs:
            self._scheduler.add_job(self.beat, "interval", (job,), id=job.name, seconds=job.every / SECOND)
        self._scheduler.start()

    def wake(self, *names: str) -> None:
        """Let jobs run now; one that runs, once more as soon as it has ended. From any thread."""
        if self._loop and not self._loop.is_closed():
            for name in names:
                self._loop.call_soon_threadsafe(self._wake, name)

    def _wake(self, name: str) -> None:
        if name in self._running:
            self._again.add(name)
        elif self._loop:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    async def stop(self, patience: float) -> None:
        """Begin nothing new, wait up to `patience` seconds for what is under way, then end it."""
        self._loop = None
        self._scheduler.pause()
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._running:
                    await asyncio.sleep(0.01)
        self._scheduler.shutdown(wait=False)

    async def beat(self, job: Job) -> None:
        """Run the job, and once more for as long as somebody wakes it meanwhile. Never raises for what it does."""
        self._running.add(job.name)
        try:
            while True:
                self._again.discard(job.name)
                await self._once(job)
                if job.name not in self._again or self._loop is None:
                    break
        finally:
            self._running.discard(job.name)

    async def _once(self, job: Job) -> None:
        try:
            await job.run()
        except Exception as error:
            self._failed[job.name] += 1
            log_fault(job.name, error, self._failed[job.name])
        else:
            if self._failed[job.name]:
                _log.warning("恢复 任务=%s 此前连续失败=%d", job.name, self._failed[job.name])
            self._failed[job.name] = 0


def collect_rarely() -> None:
    """For a process that runs an engine: it makes much and leaves little in circles, so that looking for those less
    often spares a tenth of its time. What is there now is neither looked through again nor copied by a fork."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def log_fault(name: str, error: Exception, times: int = 1) -> None:
    """Log the 1st, 2nd, 4th, 8th … failure in a row: kind and place only, for messages may quote personal data."""
    if _tells(times):
        _log.error("故障 任务=%s 错误=%s 位置=%s 连续失败=%d", name, type(error).__name__, place(error), times)


def log_turned_away(provider: str, times: int) -> None:
    """Log the 1st, 2nd, 4th, 8th … call of a provider that was turned away: forged, or set up so that none comes in."""
    if _tells(times):
        why = "签名或钥匙不对；若是服务商发来的，回执和答复都进不来，请核对 CALLOUT_PUBLIC_URL、通道的密钥和代理"
        _log.warning("回调被拒 通道=%s 次数=%d：%s", provider, times, why)


def _tells(times: int) -> bool:
    """Whether this is the 1st, 2nd, 4th, 8th … time: what goes on for hours fills no log."""
    return times & (times - 1) == 0


def place(error: BaseException) -> str:
    """File and line of our own code in which the error arose."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(_PACKAGE)]
    return f"{Path(frames[-1].filename).relative_to(_PACKAGE)}:{frames[-1].lineno}" if frames else "?"
