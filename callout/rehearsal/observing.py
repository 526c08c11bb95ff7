"""What became of everybody in one rehearsal, read from its record by the reports of the production system."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from callout.domain.area import Coverage
from callout.domain.callout import CalloutState
from callout.domain.conditions import Facts as AlertFacts
from callout.domain.due import Spans, due
from callout.domain.instant import MINUTE, Instant
from callout.domain.level import Level
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.ports import Rulebooks
from callout.rehearsal.setting import Setting
from callout.reports.effect import answer_times, share_of
from callout.reports.gathering import Scope, alert_lines, due_pairs
from callout.reports.pairs import AlertLine, Pair, lost_pairs, reason
from callout.simulation.gateways import Network
from callout.store import schema
from callout.store.roster_reading import bare_roster

SHARES = (50, 90, 99)
"""Per cent of those due whose answers are timed."""
HIGH = (Level.ORANGE, Level.RED)
IN_TIME = 30 * MINUTE
"""Who has not answered an orange or red warning by then counts as not reached in time."""
Facts = Mapping[str, Any]
"""One rehearsal as plain data."""


class DueOnce:
    """`due`, worked out once for each warning of a storm: rules, roster and warnings are the same for every seed."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[int]] = {}
        self._rosters: dict[tuple[str, str], Roster] = {}

    def __call__(
        self, rulebook: Rulebook, roster: Roster, facts: AlertFacts, coverage: Coverage, spans: Spans
    ) -> frozenset[int]:
        """As `due`."""
        asked = repr((rulebook.version, roster.version, facts, coverage, dict(spans)))
        if asked not in self._known:
            self._known[asked] = due(rulebook, roster, facts, coverage, spans)
        return self._known[asked]

    def roster(self, db: Connection, county: str, version: str) -> Roster:
        """As `bare_roster`: a version says the same in every seed."""
        key = county, version
        if key not in self._rosters:
            self._rosters[key] = bare_roster(db, county, version)
        return self._rosters[key]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is looked at besides the record."""

    rulebooks: Rulebooks
    setting: Setting
    seed: int
    network: Network
    taken: Sequence[tuple[Instant, tuple[str, int, int, str, str]]]
    """Items in the order in which officers took them."""
    once: DueOnce


def observe(db: Connection, seen: Seen) -> Facts:
    """All figures of one rehearsal."""
    scope = Scope(db, seen.setting.rulebook.county.code)
    lines = alert_lines(scope)
    pairs = due_pairs(scope, lines, seen.rulebooks, seen.once, seen.once.roster)
    return {
        "seed": seen.seed,
        "total": _counts(pairs),
        "lost": len(lost_pairs(pairs)),
        "high": _counts([p for p in pairs if p.level in HIGH]),
        "alerts": [_alert(line, [p for p in pairs if p.line is line]) for line in lines],
        "townships": {area: _counts(group) for area, group in _by(pairs, lambda p: p.area).items()},
        "never": {str(post): why for post, why in sorted(_never(pairs))},
        "late": sorted({p.post for p in pairs if _is_late(p)}),
        "load": {name: {str(at): n for at, n in by.items()} for name, by in seen.network.load().items()},
        "busiest": dict(seen.network.busiest(seen.setting.beat)),
        "fen": dict(seen.network.fen()),
        "human": _human(db, seen),
    }


def _counts(pairs: Sequence[Pair]) -> dict[str, Any]:
    asked = [pair for pair in pairs if pair.state is not CalloutState.INFORMED]
    times = answer_times(asked)
    return {
        "due": len(pairs),
        "asked": len(asked),
        "called": sum(p.tries.sent for p in pairs),
        "answered": sum(p.answered for p in asked),
        "escalated": sum(p.tries.escalated for p in pairs),
        "unreached": sum(p.unreachable for p in pairs),
        "late": sum(map(_is_late, pairs)),
        **{f"t{share}": share_of(times, len(asked), share) for share in SHARES},
    }


def _is_late(pair: Pair) -> bool:
    """An orange or red warning that nobody on the post had answered when it mattered."""
    if pair.level not in HIGH or pair.state in (CalloutState.INFORMED, CalloutState.LIFTED):
        return False
    if pair.state is CalloutState.SUPERSEDED:
        return False
    return pair.took is None or pair.took > IN_TIME


def _alert(line: AlertLine, pairs: Sequence[Pair]) -> dict[str, Any]:
    named = {"hazard": line.hazard or "", "level": line.level or "", "sent": line.sent, "identifier": line.identifier}
    return {**named, **_counts(pairs)}


def _by(pairs: Iterable[Pair], key: Callable[[Pair], str]) -> dict[str, list[Pair]]:
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[key(pair)].append(pair)
    return dict(sorted(groups.items()))


def _never(pairs: Sequence[Pair]) -> set[tuple[int, str]]:
    """Posts that answered none of the warnings of the whole storm that asked them, and why not the last."""
    told = {p.post for p in pairs if p.answered or p.state in (CalloutState.INFORMED, CalloutState.LIFTED)}
    last = {p.post: p for p in sorted(pairs, key=lambda p: p.line.sent) if p.unreachable}
    return {(post, reason(pair).value) for post, pair in last.items() if post not in told}


def _human(db: Connection, seen: Seen) -> dict[str, Any]:
    h = schema.human_call
    rows = db.execute(select(h.c.alert, h.c.post, h.c.kind, h.c.about, h.c.opened_at, h.c.closed_at)).all()
    taken = {key[1:]: at for at, key in reversed(seen.taken)}
    waits = [taken[key] - r.opened_at for r in rows if (key := (r.alert, r.post, r.kind, r.about)) in taken]
    return {
        "opened": len(rows),
        "taken": len(waits),
        "kinds": dict(sorted(Counter(r.kind for r in rows).items())),
        "by_minute": {str(at): n for at, n in sorted(Counter(r.opened_at // MINUTE for r in rows).items())},
        "most_open": _most_open([(r.opened_at, r.closed_at) for r in rows]),
        "waits_s": sorted(wait // 1000 for wait in waits),
    }


def _most_open(spans: Iterable[tuple[int, int | None]]) -> int:
    turns = sorted(turn for begins, ends in spans for turn in ((begins, 1), *(((ends, -1),) if ends else ())))
    most = now = 0
    for _, step in turns:
        now += step
        most = max(most, now)
    return most
