"""What an account reads: the due pairs by the independent count, joined to the rows about them, in few queries."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, distinct, func, or_, select, true

from callout.domain.answer import Grade
from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.callout import CalloutState
from callout.domain.due import NO_SPANS, Wanted, due
from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.ladder import Target
from callout.domain.level import Hazard, Level
from callout.domain.roster import Roster
from callout.domain.surroundings import read_around
from callout.ports import Rulebooks
from callout.reports.pairs import AlertLine, Course, Pair, PairKey, Reason, Tries, carrier, course_of
from callout.reports.spans import spans
from callout.store import schema
from callout.store.episodes import read_areas
from callout.store.roster_reading import bare_roster
from callout.store.schema.columns import real

Rosters = Callable[[Connection, str, str], Roster]
"""What reads the version of a county's roster."""
_MAY_HAVE_LEFT = (AttemptState.SENT, AttemptState.UNKNOWN)
_UNANSWERED = (CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)
_NO_TRIES = Tries()
_NOTHING_SAID: frozenset[Grade] = frozenset()
_NO_WORK: frozenset[HumanCallKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an account reads."""

    db: Connection
    county: str | None
    """None = all counties; a drill is one of its own."""

    def within(self, table: Table) -> ColumnElement[bool]:
        """Rows of the county; of all counties those that belong to no drill."""
        return real(table.c.county) if self.county is None else table.c.county == self.county


def alert_lines(scope: Scope, about: Collection[int] | None = None) -> list[AlertLine]:
    """Every alert of every county in scope, by county and time of issue.

    `about`: only the episodes of these, and without their doubtful attempts; costs nothing for what is long over.
    """
    a, ac = schema.alert, schema.alert_county
    same = select(ac.c.episode).where(ac.c.alert.in_(about or ()))
    rows = scope.db.execute(
        select(ac, a.c.identifier, a.c.hazard, a.c.level, a.c.sent, a.c.run, a.c.received_at, a.c.headline)
        .join(a, a.c.id == ac.c.alert)
        .where(scope.within(ac), true() if about is None else ac.c.episode.in_(same))
        .order_by(ac.c.county, a.c.sent, ac.c.alert)
    ).all()
    counts = _doubtful_attempts(scope) if about is None else {}
    return [_line(row, *counts.get((row.county, row.alert), (0, 0))) for row in rows]


def _line(row: Any, unknown: int, repeated: int) -> AlertLine:
    areas = read_areas(row.areas, row.level)
    return AlertLine(
        row.county,
        row.alert,
        row.identifier,
        Hazard(row.hazard) if row.hazard else None,
        Level(row.level) if row.level else None,
        row.sent,
        row.run,
        AlertState(row.state),
        row.episode,
        row.cursor,
        frozenset(areas),
        row.rulebook,
        row.roster,
        unknown,
        repeated,
        row.expires_at,
        {area: level for area, level in areas.items() if level},
        row.received_at,
        row.headline,
        read_around(row.around),
    )


def _doubtful_attempts(scope: Scope) -> dict[tuple[str, int], tuple[int, int]]:
    """(UNKNOWN, possibly repeated) attempts for due posts by alert; one that speaks for several posts counts once."""
    t = schema.attempt
    unknown = case((t.c.state == AttemptState.UNKNOWN, t.c.id))
    repeated = case((and_(t.c.repeated == 1, t.c.state.in_(_MAY_HAVE_LEFT)), t.c.id))
    counts = func.count(distinct(unknown)).label("unknown"), func.count(distinct(repeated)).label("repeated")
    rows = scope.db.execute(
        select(t.c.county, t.c.alert, *counts)
        .select_from(_attempts_of_posts())
        .where(_of_posts(scope), or_(unknown.is_not(None), repeated.is_not(None)))
        .group_by(t.c.county, t.c.alert)
    )
    return {(r.county, r.alert): (r.unknown, r.repeated) for r in rows}


def _attempts_of_posts() -> Any:
    t, link = schema.attempt, schema.attempt_callout
    return link.join(t, and_(t.c.county == link.c.county, t.c.id == link.c.attempt))


def _of_posts(scope: Scope) -> ColumnElement[bool]:
    """Rings of the desk have a round of their own and are nobody's due call."""
    link = schema.attempt_callout
    return and_(scope.within(link), link.c.round == 0)


def due_pairs(
    scope: Scope, lines: Sequence[AlertLine], rulebooks: Rulebooks, wanted: Wanted = due, rosters: Rosters = bare_roster
) -> list[Pair]:
    """Every due pair of these alerts with what is on record about it; an alert not yet matched has none.

    `wanted`: `due`, or what knows its answers already; `rosters`: what reads them, or knows them already.
    """
    # Callouts before HumanCalls: a ladder that ends between both reads has left its HumanCall when it is looked for.
    courses, tries = _courses(scope), _tries(scope)
    said, work, unusable = _said(scope), _work(scope), _unusable(scope)

    def pair(line: AlertLine, post: int, area: str) -> Pair:
        own = (line.county, line.alert, post)
        key = carrier(courses, own)
        return Pair(
            line,
            post,
            area,
            course_of(courses, own, key),
            tries.get(key, _NO_TRIES),
            said.get(key, _NOTHING_SAID),
            work.get(own, _NO_WORK) | work.get(key, _NO_WORK),
            unusable.get((line.county, line.roster, post)),
        )

    return [pair(line, post, area) for line, post, area in _due(scope, lines, rulebooks, wanted, rosters)]


def _due(
    scope: Scope, lines: Sequence[AlertLine], rulebooks: Rulebooks, wanted: Wanted, rosters: Rosters
) -> Iterator[tuple[AlertLine, int, str]]:
    @cache
    def roster(county: str, version: str) -> Roster:
        return rosters(scope.db, county, version)

    @cache
    def areas(county: str, version: str) -> dict[int, str]:
        return {post.id: post.area for post in roster(county, version).posts}

    reached: int = scope.db.execute(select(func.max(schema.audit.c.at))).scalar() or 0
    for line in lines:
        if line.rulebook:
            book, posts = rulebooks.get(line.county, line.rulebook), roster(line.county, line.roster)
            area = areas(line.county, line.roster)
            timed = any(rule.at is not None for rule in book.rules)
            known = spans(line, lines, Instant(reached)) if timed else NO_SPANS
            found = wanted(book, posts, line.facts, line.coverage, known)
            yield from ((line, post, area[post]) for post in sorted(found))


def _courses(scope: Scope) -> dict[PairKey, Course]:
    c = schema.callout
    rows = scope.db.execute(
        select(
            *(c.c.county, c.c.alert, c.c.post, c.c.state, c.c.opened_at, c.c.next_at),
            *(c.c.answered_at, c.c.grade, c.c.late, c.c.carried_by),
        ).where(scope.within(c), c.c.round == 0)
    )
    return {
        (r.county, r.alert, r.post): Course(
            CalloutState(r.state),
            r.opened_at,
            r.next_at,
            r.answered_at,
            Grade(r.grade) if r.grade else None,
            bool(r.late),
            r.carried_by,
        )
        for r in rows
    }


def _tries(scope: Scope) -> dict[PairKey, Tries]:
    t, link = schema.attempt, schema.attempt_callout
    key = (link.c.county, link.c.alert, link.c.post)
    left = t.c.state.in_(_MAY_HAVE_LEFT)
    rows = scope.db.execute(
        select(
            *key,
            _any(t.c.state == AttemptState.SENT).label("sent"),
            _any(t.c.state == AttemptState.UNKNOWN).label("unknown"),
            _any(and_(left, t.c.target != Target.HOLDER)).label("escalated"),
        )
        .select_from(_attempts_of_posts())
        .where(_of_posts(scope), left)
        .group_by(*key)
    )
    last = _last_receipts(scope)
    return {
        (r.county, r.alert, r.post): Tries(
            bool(r.sent), bool(r.unknown), bool(r.escalated), last.get((r.county, r.alert, r.post))
        )
        for r in rows
    }


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _last_receipts(scope: Scope) -> dict[PairKey, ReceiptKind]:
    """The last receipt from the person on each post whose ladder ended without an answer."""
    t, link, c = schema.attempt, schema.attempt_callout, schema.callout
    same = and_(*[c.c[name] == link.c[name] for name in ("county", "alert", "post", "round")])
    rows = scope.db.execute(
        select(link.c.county, link.c.alert, link.c.post, t.c.receipt)
        .select_from(_attempts_of_posts().join(c, same))
        .where(_of_posts(scope), c.c.state.in_(_UNANSWERED), t.c.target == Target.HOLDER, t.c.receipt != "")
        .order_by(t.c.claimed_at, t.c.id)
    )
    return {(r.county, r.alert, r.post): ReceiptKind(r.receipt) for r in rows}


def _said(scope: Scope) -> Mapping[PairKey, frozenset[Grade]]:
    g = schema.answer
    rows = scope.db.execute(
        select(g.c.county, g.c.alert, g.c.post, g.c.grade).distinct().where(scope.within(g), g.c.round == 0)
    )
    found: defaultdict[PairKey, frozenset[Grade]] = defaultdict(frozenset)
    for r in rows:
        found[r.county, r.alert, r.post] |= {Grade(r.grade)}
    return found


def _work(scope: Scope) -> Mapping[PairKey, frozenset[HumanCallKind]]:
    h = schema.human_call
    rows = scope.db.execute(select(h.c.county, h.c.alert, h.c.post, h.c.kind).distinct().where(scope.within(h)))
    found: defaultdict[PairKey, frozenset[HumanCallKind]] = defaultdict(frozenset)
    for r in rows:
        found[r.county, r.alert, r.post] |= {HumanCallKind(r.kind)}
    return found


def _unusable(scope: Scope) -> dict[tuple[str, str, int], Reason]:
    """Posts (county, roster, post) none of whose holder's numbers can be used now: dead, or all opted out."""
    d, c, n = schema.duty, schema.contact, schema.number
    holder = and_(c.c.county == d.c.county, c.c.roster == d.c.roster, c.c.responder == d.c.holder)
    key = (d.c.county, d.c.roster, d.c.post)
    rows = scope.db.execute(
        select(*key, func.max(n.c.dead).label("dead"))
        .join(c, holder)
        .join(n, n.c.id == c.c.number)
        .where(scope.within(d))
        .group_by(*key)
        .having(func.min(n.c.dead + n.c.opted_out) > 0)
    )
    return {(r.county, r.roster, r.post): Reason.DEAD_NUMBER if r.dead else Reason.NO_NUMBER for r in rows}


def human_calls(scope: Scope, alerts: Collection[int] | None) -> dict[HumanCallKind, int]:
    """Open and claimed HumanCalls by kind, of some alerts (None = all)."""
    h = schema.human_call
    rows = scope.db.execute(
        select(h.c.alert, h.c.kind, func.count().label("many"))
        .where(scope.within(h), h.c.state != HumanCallState.CLOSED)
        .group_by(h.c.alert, h.c.kind)
    )
    counts: Counter[HumanCallKind] = Counter()
    for r in rows:
        counts[HumanCallKind(r.kind)] += r.many if alerts is None or r.alert in alerts else 0
    return {kind: count for kind, count in counts.items() if count}


def stop_work(scope: Scope, alerts: Collection[int] | None) -> dict[str, tuple[int, int]]:
    """熔断 by code: (proposals, objects), of some alerts (None = all)."""
    s = schema.stop_work
    rows = scope.db.execute(
        select(s.c.county, s.c.alert, s.c.area, s.c.code, s.c.role, s.c.objects).where(scope.within(s))
    ).all()
    objects: dict[tuple[str, str, str, str], int] = {}
    proposals: Counter[str] = Counter()
    for r in rows:
        if alerts is None or r.alert in alerts:
            place = (r.code, r.county, r.area, r.role)
            objects[place] = max(r.objects, objects.get(place, 0))
            proposals[r.code] += 1
    return {
        code: (count, sum(o for place, o in objects.items() if place[0] == code)) for code, count in proposals.items()
    }
