"""watch: what hangs is moved on: alerts unconfirmed or past their end, 熔断 and 转移 without word, unclaimed work."""

from collections.abc import Collection
from dataclasses import dataclass

from callout.domain.callout import lane_of
from callout.domain.faults import one_by_one
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import later
from callout.domain.intake import AlertEvent
from callout.domain.ladder import patience
from callout.domain.level import Level
from callout.ports import Summary, Watcher, Writer


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watch stage stands on."""

    store: Writer[Watcher]


def run_once(watch: Watch, only: Collection[str] | None = None) -> Summary:
    """Let out what nobody confirmed, expire what is over, ask for the word from the site, ring for the rest.

    `only`: the names of the PARTS that have work, where that is known.
    """
    parts = [part for name, part in PARTS.items() if only is None or name in only]
    try:
        moved = watch.store.write(lambda work: sum(part(work) for part in parts))
    except Exception:
        moved = one_by_one(parts, watch.store.write, lambda _part, _error: None)
    return Summary("watch", moved)


def _go_out(work: Watcher) -> int:
    """What waited for a word in vain goes out, and the record says that nobody confirmed it."""
    over = work.alerts.unconfirmed(work.at)
    for job in over:
        work.alerts.decide(job, AlertEvent.UNCONFIRMED, "", "到时限无人确认，自动叫应")
    return len(over)


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


def _not_moved(work: Watcher) -> int:
    """Whoever was to be moved and is not by the end of the time waits for a human, as urgent as red."""
    items = work.relocations.overdue(work.at)
    work.humans.open(items, lane_of(Level.RED))
    return len(items)


def _ring(work: Watcher) -> int:
    waiting = work.humans.unclaimed(work.at)
    for item in waiting:
        work.humans.ring_desk(item, later(work.at, patience(item.level)))
    return len(waiting)


PARTS = {"words": _go_out, "ends": _expire, "stops": _unconfirmed, "moves": _not_moved, "desk": _ring}
