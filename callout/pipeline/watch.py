"""watch: what hangs is moved on: alerts past their validity, and work for a human that nobody takes."""

from dataclasses import dataclass

from callout.pipeline.summary import Summary
from callout.ports import Watcher, Writer


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watch stage stands on."""

    store: Writer[Watcher]


def run_once(watch: Watch) -> Summary:
    """Expire what is over and ring the desk for what lies unclaimed."""
    return Summary("watch", watch.store.write(lambda work: _expire(work) + _ring(work)))


def _expire(work: Watcher) -> int:
    return sum(work.humans.expire(county, alert) for county, alert in work.alerts.ending(work.at))


def _ring(work: Watcher) -> int:
    waiting = work.humans.unclaimed(work.at)
    for county in sorted({item.county for item in waiting}):
        first = next(item for item in waiting if item.county == county)
        work.humans.ring_desk(county, first)
    work.humans.reminded(waiting)
    return len(waiting)
