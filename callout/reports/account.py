"""The account: who had to be called about each alert, who was, who answered, and who is lost.

`due` is recomputed from the rules and the roster of that minute. It is never counted from callout rows, so a row that
is missing shows.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from callout.domain.answer import Grade
from callout.domain.callout import CalloutState
from callout.domain.feedback import FeedbackKind
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import SECOND, Millis
from callout.domain.ladder import is_night
from callout.domain.level import Level
from callout.ports import Rulebooks
from callout.reports.duties import FeedbackTally, feedback
from callout.reports.gathering import Scope, alert_lines, due_pairs, human_calls, stop_work
from callout.reports.pairs import AlertLine, Pair, PairKey, Reason, lost_pairs, reason

K = TypeVar("K")

LOST_SHOWN = 20
"""How many lost pairs an account names; `lost` in the tally counts them all."""
MEDIAN, P95 = 50, 95


def account(
    db: Connection, rulebooks: Rulebooks, county: str | None = None, alerts: Collection[int] | None = None
) -> "Account":
    """The account of one database, or of one county, or of some alerts.

    Raises RuleError where the rulebook version that an alert was matched by is not on record.
    """
    # Read in this order: what a stage writes between two of these reads can then only hide a loss that was mended.
    scope = Scope(db, county)
    lines = alert_lines(scope)
    pairs = due_pairs(scope, lines, rulebooks)
    chosen = [line for line in lines if alerts is None or line.alert in alerts]
    work = Work(human_calls(scope, alerts), stop_work(scope, alerts), feedback(scope, alerts))
    return summarise(pairs, chosen, work)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over some pairs. due = answered + superseded + open + unreachable; times in whole seconds."""

    due: int
    called: int
    reached: int
    answered: int
    answered_in_person: int
    answered_by_another: int
    late: int
    """Answered after exhaustion or expiry; they count as answered too."""
    escalated: int
    superseded: int
    expired_unanswered: int
    exhausted: int
    open: int
    unreachable: int
    lost: int
    median_s: int | None
    p95_s: int | None


def tally(pairs: Sequence[Pair], lost: Collection[PairKey]) -> Tally:
    """Count pairs; `lost` holds the keys of those that are lost."""
    states = Counter(pair.state for pair in pairs)
    grades = Counter(pair.grade for pair in pairs)
    times = sorted(pair.took for pair in pairs if pair.took is not None)
    return Tally(
        due=len(pairs),
        called=sum(pair.tries.sent for pair in pairs),
        reached=sum(pair.reached for pair in pairs),
        answered=states[CalloutState.ANSWERED],
        answered_in_person=grades[Grade.ACKNOWLEDGED] + grades[Grade.CONFIRMED_BY_HUMAN],
        answered_by_another=grades[Grade.PROXY],
        late=sum(pair.answered and pair.course is not None and pair.course.late for pair in pairs),
        escalated=sum(pair.tries.escalated for pair in pairs),
        superseded=states[CalloutState.SUPERSEDED],
        expired_unanswered=states[CalloutState.EXPIRED_UNANSWERED],
        exhausted=states[CalloutState.EXHAUSTED],
        open=sum(pair.open for pair in pairs),
        unreachable=sum(pair.unreachable for pair in pairs),
        lost=sum(pair.key in lost for pair in pairs) if lost else 0,
        median_s=nearest_rank(times, MEDIAN),
        p95_s=nearest_rank(times, P95),
    )


def nearest_rank(times: Sequence[Millis], percent: int) -> int | None:
    """The percentile of sorted times by nearest rank, in whole seconds; None for no times."""
    if not times:
        return None
    return (times[-(-len(times) * percent // 100) - 1] + SECOND // 2) // SECOND


@dataclass(frozen=True, slots=True)
class Work:
    """What stands beside the pairs."""

    human_calls: Mapping[HumanCallKind, int]
    """Open or claimed, by kind, those about whole alerts included."""
    stop_work: Mapping[str, tuple[int, int]]
    """熔断 by code: (proposals, objects); an object that several alerts name counts once."""
    feedback: Mapping[FeedbackKind, FeedbackTally] = field(default_factory=dict)
    """What posts owe after they have answered, by kind."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of everybody who had to be called."""

    total: Tally
    unknown_attempts: int
    possibly_repeated: int
    reasons: Mapping[Reason, int]
    """Why pairs are unreachable; the counts add up to `total.unreachable`."""
    lost: tuple[PairKey, ...]
    """The first 20."""
    work: Work
    by_level: Mapping[Level, Tally]
    by_time: Mapping[str, Tally]
    """`day` and `night` (22:00 to 06:00 Beijing time), by when the callout was opened."""
    per_alert: tuple[tuple[AlertLine, Tally], ...]
    """Every alert of the counties asked for, those that call nobody included."""
    per_area: Mapping[tuple[str, str], Tally]
    """By county and area key."""


def summarise(pairs: Sequence[Pair], lines: Sequence[AlertLine], work: Work) -> Account:
    """The account of the alerts in `lines`; `pairs` may hold more, for what superseded whom."""
    lost = {pair.key for pair in lost_pairs(pairs)}
    chosen = {(line.county, line.alert) for line in lines}
    ours = [pair for pair in pairs if pair.key[:2] in chosen]
    reasons = Counter(reason(pair) for pair in ours if pair.unreachable)
    by_alert = _tallies(ours, lost, lambda p: p.key[:2])
    by_level = _tallies(ours, lost, lambda p: p.line.level)
    by_time = _tallies(ours, lost, lambda p: "night" if is_night(p.at) else "day")
    return Account(
        total=tally(ours, lost),
        unknown_attempts=sum(line.unknown for line in lines),
        possibly_repeated=sum(line.repeated for line in lines),
        reasons={why: reasons[why] for why in Reason},
        lost=tuple(sorted(key for key in lost if key[:2] in chosen)[:LOST_SHOWN]),
        work=work,
        by_level={level: by_level.get(level, NOBODY) for level in Level},
        by_time={time: by_time.get(time, NOBODY) for time in ("day", "night")},
        per_alert=tuple((line, by_alert.get((line.county, line.alert), NOBODY)) for line in lines),
        per_area=dict(sorted(_tallies(ours, lost, lambda p: (p.line.county, p.area)).items())),
    )


def _tallies(pairs: Iterable[Pair], lost: Collection[PairKey], by: Callable[[Pair], K]) -> dict[K, Tally]:
    groups: defaultdict[K, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[by(pair)].append(pair)
    return {key: tally(group, lost) for key, group in groups.items()}


NOBODY = tally((), ())


def as_json(it: Account) -> dict[str, Any]:
    """The account as plain data: numbers are whole or None, the order of keys never changes."""
    return {
        **asdict(it.total),
        "unknown": it.unknown_attempts,
        "possibly_repeated": it.possibly_repeated,
        "human_calls_open": sum(it.work.human_calls.values()),
        "human_calls": {kind.value: it.work.human_calls[kind] for kind in HumanCallKind if kind in it.work.human_calls},
        "reasons": {why.value: count for why, count in it.reasons.items()},
        "stop_work": {code: {"proposals": p, "objects": o} for code, (p, o) in sorted(it.work.stop_work.items())},
        "feedback": {kind.value: asdict(counts) for kind, counts in it.work.feedback.items()},
        "lost_pairs": [{"county": county, "alert": alert, "post": post} for county, alert, post in it.lost],
        "by_level": {level.value: asdict(counts) for level, counts in it.by_level.items()},
        "by_time": {time: asdict(counts) for time, counts in it.by_time.items()},
        "per_alert": [_alert_json(line, counts) for line, counts in it.per_alert],
        "per_township": [
            {"county": county, "area": area, **asdict(counts)} for (county, area), counts in it.per_area.items()
        ],
    }


def _alert_json(line: AlertLine, counts: Tally) -> dict[str, Any]:
    return {
        "county": line.county,
        "alert": line.alert,
        "identifier": line.identifier,
        "hazard": line.hazard or "",
        "level": line.level or "",
        "sent": line.sent,
        "run": line.run,
        "state": line.state.value,
        **asdict(counts),
        "unknown": line.unknown,
        "possibly_repeated": line.repeated,
    }
