"""The metronome: runs a visible list of jobs again and again, and never lets one that fails stop the beat."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
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
        self._under_way = 0
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to beat; needs a running event loop."""
        for job in self._jobs:
            self._scheduler.add_job(self.beat, "interval", (job,), id=job.name, seconds=job.every / SECOND)
        self._scheduler.start()

    async def stop(self, patience: float) -> None:
        """Begin nothing new, wait up to `patience` seconds for what is under way, then end it."""
        self._scheduler.pause()
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._under_way:
                    await asyncio.sleep(0.01)
        self._scheduler.shutdown(wait=False)

    async def beat(self, job: Job) -> None:
        """Run the job once. Never raises for what the job does."""
        self._under_way += 1
        try:
            await job.run()
        except Exception as error:
            self._failed[job.name] += 1
            log_fault(job.name, error, self._failed[job.name])
        else:
            if self._failed[job.name]:
                _log.warning("恢复 任务=%s 此前连续失败=%d", job.name, self._failed[job.name])
            self._failed[job.name] = 0
        finally:
            self._under_way -= 1


def log_fault(name: str, error: Exception, times: int = 1) -> None:
    """Log the 1st, 2nd, 4th, 8th … failure in a row: kind and place only, for messages may quote personal data."""
    if times & (times - 1) == 0:
        _log.error("故障 任务=%s 错误=%s 位置=%s 连续失败=%d", name, type(error).__name__, place(error), times)


def place(error: BaseException) -> str:
    """File and line of our own code in which the error arose."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(_PACKAGE)]
    return f"{Path(frames[-1].filename).relative_to(_PACKAGE)}:{frames[-1].lineno}" if frames else "?"
