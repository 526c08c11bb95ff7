"""watch: what hangs is moved on: alerts past their validity, a 熔断 without word from the site, work nobody takes."""

from dataclasses import dataclass

from callout.domain.callout import lane_of
from callout.domain.faults import one_by_one
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import later
from callout.domain.intake import AlertEvent
from callout.domain.ladder import patience
from callout.ports import Summary, Watcher, Writer


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watch stage stands on."""

    store: Writer[Watcher]


def run_once(watch: Watch) -> Summary:
    """Expire what is over, ask for the word from the site, and ring the desk for what lies unclaimed."""
    parts = (_expire, _unconfirmed, _ring)
    return Summary("watch", one_by_one(parts, watch.store.write, lambda _part, _error: None))


def _expire(work: Watcher) -> int:
    over = work.alerts.ending(work.at)
    for job in over:
        work.humans.expire(job.county, job.episode)
        work.alerts.move(job, AlertEvent.ENDED, {})
    return len(over)


def _unconfirmed(work: Watcher) -> int:
    """An order that nobody saw carried out in time waits for a human; it stands all the same."""
    late = work.stops.overdue(work.at)
    for one in late:
        item = NewHumanCall(*one.key[:2], 0, HumanCallKind.STOP_UNCONFIRMED, one.unconfirmed)
        work.humans.open([item], lane_of(one.level))
    work.stops.unanswered(late)
    return len(late)


def _ring(work: Watcher) -> int:
    waiting = work.humans.unclaimed(work.at)
    for item in waiting:
        work.humans.ring_desk(item, later(work.at, patience(item.level)))
    return len(waiting)
