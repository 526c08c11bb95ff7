"""The board: what is in force, and for each alert who had to be called, was, and has answered, by township and level.

应叫 comes from the independent count (`due`), never from callout rows, and is kept until what it depends on changes;
the rest is counted in the database.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from callout.domain.callout import LIVE, CalloutState, level_of
from callout.domain.due import NO_SPANS, due
from callout.domain.instant import MINUTE, Instant
from callout.domain.intake import AlertState
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.level import Level
from callout.domain.roster import Post, Roster
from callout.domain.user import Scope
from callout.ports import Rulebooks
from callout.reports.board_sql import select_tallies, select_timers
from callout.reports.gathering import Scope as Reading
from callout.reports.gathering import alert_lines
from callout.reports.in_force import in_force
from callout.reports.pairs import AlertLine
from callout.reports.spans import spans
from callout.store import schema
from callout.store.roster_reading import count_posts

_DONE = (CalloutState.INFORMED, CalloutState.SUPERSEDED, CalloutState.LIFTED)
_RUNNING = (*LIVE, CalloutState.CONTINUED)
_NOT_REACHED = (CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)


@dataclass(frozen=True, slots=True)
class Count:
    """How many posts. due = answered + open + unreached + settled + missing."""

    due: int = 0
    called: int = 0
    answered: int = 0
    open: int = 0
    """The ladder runs."""
    unreached: int = 0
    """Nothing more happens by itself, and nobody answered."""
    settled: int = 0
    """Nobody is asked: told by a notice, taken over by a newer alert, or lifted."""

    @property
    def missing(self) -> int:
        """Due without any row: being opened, or lost."""
        return max(0, self.due - self.answered - self.open - self.unreached - self.settled)

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.due + other.due,
            self.called + other.called,
            self.answered + other.answered,
            self.open + other.open,
            self.unreached + other.unreached,
            self.settled + other.settled,
        )


NOBODY = Count()


@dataclass(frozen=True, slots=True)
class AlertStand:
    """How one alert stands in one county."""

    line: AlertLine
    headline: str
    total: Count
    by_area: Mapping[str, Count]
    by_level: Mapping[Level, Count]
    next_at: Instant | None
    """When the next silence ends and the next step is taken."""
    next_many: int
    """How many people's silence is being waited out."""
    done_at: Instant | None
    """When the last ladder will have run out if nobody answers any more; None = none runs."""
    to_call: Mapping[ChannelKind, int] = field(default_factory=dict, hash=False)
    """Tries that are due and have not left yet, by kind of channel."""
    overtaken: bool = False
    """A later message of the same event covers all of it: nobody is called about this one any more."""


@dataclass(frozen=True, slots=True)
class BoardStand:
    """Everything below one place."""

    alerts: tuple[AlertStand, ...]
    """Highest level first, then newest; those overtaken at the end."""

    @property
    def total(self) -> Count:
        """All that is not overtaken; somebody called about two alerts counts twice."""
        return sum((one.total for one in self.alerts if not one.overtaken), NOBODY)

    @property
    def by_area(self) -> Mapping[tuple[str, str], tuple[Level | None, Count]]:
        """(county, area) → the highest level in force there, and the counts of all alerts."""
        found: dict[tuple[str, str], tuple[Level | None, Count]] = {}
        for one in (one for one in self.alerts if not one.overtaken and one.line.state is not AlertState.AWAITING):
            for area in one.line.areas:
                before, count = found.get((one.line.county, area), (None, NOBODY))
                here = one.line.levels.get(area, one.line.level)
                level = max((x for x in (before, here) if x), key=lambda x: x.rank, default=None)
                found[one.line.county, area] = level, count + one.by_area.get(area, NOBODY)
        return found

    @property
    def by_county(self) -> Mapping[str, tuple[Level | None, Count]]:
        """County → the highest level in force somewhere in it, and the counts of all its alerts."""
        found: dict[str, tuple[Level | None, Count]] = {}
        for one in (one for one in self.alerts if not one.overtaken):
            before, count = found.get(one.line.county, (None, NOBODY))
            levels = (before, one.line.level, *one.line.levels.values())
            level = max((x for x in levels if x), key=lambda x: x.rank, default=None)
            found[one.line.county] = level, count + one.total
        return found


@dataclass(frozen=True, slots=True)
class _Timer:
    """The ladders of one alert that run."""

    next_at: Instant
    many: int
    done_at: Instant
    to_call: Mapping[ChannelKind, int]


@dataclass(slots=True)
class DueCounts:
    """应叫 by (area, role), recomputed only where rules, roster, area or, for clock rules, the minute have changed."""

    rulebooks: Rulebooks
    _posts: dict[tuple[str, str], Mapping[tuple[str, str], int]] = field(default_factory=dict)
    _counts: dict[tuple[str, int], tuple[object, Mapping[tuple[str, str], int]]] = field(default_factory=dict)

    def of(self, db: Connection, line: AlertLine, lines: Sequence[AlertLine], now: Instant) -> Mapping[Any, int]:
        """How many posts of each role in each area must be called about this alert."""
        if not line.rulebook:
            return {}
        book = self.rulebooks.get(line.county, line.rulebook)
        timed = any(rule.at is not None for rule in book.rules)
        seen = (
            line.rulebook,
            line.roster,
            line.areas,
            tuple(sorted(line.levels.items())),
            now // MINUTE if timed else 0,
        )
        kept = self._counts.get((line.county, line.alert))
        if kept and kept[0] == seen:
            return kept[1]
        many = self._many(db, line.county, line.roster)
        known = spans(line, lines, now) if timed else NO_SPANS
        # Rules know posts by area and role alone, so one post of each stands for all.
        places = list(many)
        each = tuple(Post(nth, *place, "", None) for nth, place in enumerate(places))
        wanted = due(book, Roster(line.roster, line.county, each, ()), line.facts, line.coverage, known)
        counts = {places[nth]: many[places[nth]] for nth in wanted}
        self._counts[line.county, line.alert] = seen, counts
        return counts

    def _many(self, db: Connection, county: str, version: str) -> Mapping[tuple[str, str], int]:
        key = (county, version)
        if key not in self._posts:
            self._posts[key] = count_posts(db, county, version)
        return self._posts[key]


def board(db: Connection, counts: DueCounts, scope: Scope, now: Instant) -> BoardStand:
    """How everything in force stands below this place."""
    alive = in_force(db, now)
    lines = alert_lines(Reading(db, scope.county or None), alive)
    chosen = [line for line in lines if line.alert in alive]
    if not chosen:
        return BoardStand(())
    tallies, timers = _tallies(db, scope, alive), _timers(db, scope, alive, now)
    a = schema.alert
    words = {r.id: r.headline for r in db.execute(select(a.c.id, a.c.headline).where(a.c.id.in_(alive)))}
    stands = []
    for line in chosen:
        wanted = {place: n for place, n in counts.of(db, line, lines, now).items() if scope.holds(line.county, *place)}
        stands.append(_stand(line, words[line.alert], wanted, tallies[line.county, line.alert], timers))
    newest = [replace(one, overtaken=_overtaken(one.line, chosen)) for one in stands]
    return BoardStand(tuple(sorted(newest, key=_urgency)))


def _urgency(one: AlertStand) -> tuple[bool, int, int]:
    level = one.line.level
    return one.overtaken, -(level.rank if level else len(Level) + 1), -one.line.sent


def _overtaken(line: AlertLine, lines: Sequence[AlertLine]) -> bool:
    """A HELD message takes nothing over: nobody was called about it."""
    return any(
        (one.county, one.episode) == (line.county, line.episode)
        and (one.sent, one.alert) > (line.sent, line.alert)
        and one.state in (AlertState.PLANNING, AlertState.PLANNED)
        and one.areas >= line.areas
        for one in lines
    )


_Tallies = Mapping[tuple[str, int], Mapping[tuple[str, Level], Count]]


def _stand(
    line: AlertLine,
    headline: str,
    wanted: Mapping[tuple[str, str], int],
    tally: Mapping[tuple[str, Level], Count],
    timers: Mapping[tuple[str, int], _Timer],
) -> AlertStand:
    by_area: dict[str, Count] = defaultdict(Count)
    by_level: dict[Level, Count] = defaultdict(Count)
    for (area, level), count in tally.items():
        by_area[area] += count
        by_level[level] += count
    for (area, _), many in wanted.items():
        by_area[area] += Count(due=many)
        level_here = line.levels.get(area, line.level)
        if level_here:
            by_level[level_here] += Count(due=many)
    timer = timers.get((line.county, line.alert))
    running = (timer.next_at, timer.many, timer.done_at, timer.to_call) if timer else (None, 0, None, {})
    total = sum(by_area.values(), NOBODY)
    ranked = {level: by_level[level] for level in sorted(by_level, key=lambda one: -one.rank)}
    return AlertStand(line, headline, total, dict(by_area), ranked, *running)


def _tallies(db: Connection, scope: Scope, alive: set[int]) -> _Tallies:
    found: dict[tuple[str, int], dict[tuple[str, Level], Count]] = defaultdict(lambda: defaultdict(Count))
    for row in db.execute(select_tallies(scope, alive)):
        found[row.county, row.alert][row.area, level_of(row.lane)] += _count(row)
    return found


def _count(row: Any) -> Count:
    state, many = CalloutState(row.state), int(row.many)
    return Count(
        called=many if row.called else 0,
        answered=many if state is CalloutState.ANSWERED else 0,
        open=many if state in _RUNNING else 0,
        unreached=many if state in _NOT_REACHED else 0,
        settled=many if state in _DONE else 0,
    )


def _timers(db: Connection, scope: Scope, alive: set[int], now: Instant) -> Mapping[tuple[str, int], _Timer]:
    """(county, alert) → its ladders that run."""
    rows = list(db.execute(select_timers(scope, alive)))
    texts = select(schema.ladder).where(schema.ladder.c.id.in_({row.ladder for row in rows}))
    ladders = {row.id: Ladder.from_json(row.steps) for row in db.execute(texts)} if rows else {}
    found: dict[tuple[str, int], _Timer] = {}
    for row in rows:
        steps = ladders[row.ladder].steps
        last = Instant(row.last + sum(step.wait for step in steps[row.step + 1 :]))
        due = Counter({steps[row.step].channel(now): row.many} if row.state == CalloutState.TO_CALL else {})
        before = found.get((row.county, row.alert), _Timer(row.first, 0, Instant(0), Counter()))
        found[row.county, row.alert] = _Timer(
            min(before.next_at, row.first),
            before.many + row.many,
            max(before.done_at, last),
            Counter(before.to_call) + due,
        )
    return found
