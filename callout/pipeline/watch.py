"""watch: what hangs is moved on: alerts past their validity, and work for a human that nobody takes."""

from dataclasses import dataclass

from callout.domain.instant import later
from callout.domain.intake import AlertEvent
from callout.domain.ladder import patience
from callout.ports import Summary, Watcher, Writer


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watch stage stands on."""

    store: Writer[Watcher]


def run_once(watch: Watch) -> Summary:
    """Expire what is over and ring the desk for what lies unclaimed."""
    return Summary("watch", watch.store.write(lambda work: _expire(work) + _ring(work)))


def _expire(work: Watcher) -> int:
    over = work.alerts.ending(work.at)
    for job in over:
        work.humans.expire(job.county, job.episode)
        work.alerts.move(job, AlertEvent.ENDED, {})
    return len(over)


def _ring(work: Watcher) -> int:
    waiting = work.humans.unclaimed(work.at)
    for item in waiting:
        work.humans.ring_desk(item, later(work.at, patience(item.level)))
    return len(waiting)
