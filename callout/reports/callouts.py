"""Callouts looked for by warning, person, post, township or time, below the place of whoever looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from callout.domain.answer import Grade
from callout.domain.callout import LIVE, CalloutKey, CalloutState, level_of
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.store import schema

_MOST_WORDS = 5
UNANSWERED = "unanswered"
"""Instead of one state: all those in which the post has not answered and still should."""
_STILL_SHOULD = (*LIVE, CalloutState.CONTINUED, CalloutState.EXHAUSTED, CalloutState.EXPIRED_UNANSWERED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty narrows nothing."""

    alert: int = 0
    post: int = 0
    area: str = ""
    """Key of a township."""
    words: str = ""
    """Parts of the post's title or role, of the person's name, or of the headline; all must fit."""
    state: str = ""
    """A state, or UNANSWERED."""
    since: Instant | None = None
    until: Instant | None = None
    """Opened from then on, and before then."""


@dataclass(frozen=True, slots=True)
class CalloutLine:
    """One callout as a list shows it. The post is as on the roster by which it was called."""

    key: CalloutKey
    hazard: str
    headline: str
    level: Level
    run: str
    sent: Instant
    area: str
    role: str
    title: str
    name: str
    """Empty for a vacancy, or where the name was erased."""
    state: CalloutState
    grade: Grade | None
    late: bool
    opened_at: Instant
    answered_at: Instant | None
    next_at: Instant | None
    rules: str
    rulebook: str
    roster: str


def look_for(db: Connection, scope: Scope, wanted: Wanted, page: tuple[int, int]) -> list[CalloutLine]:
    """Newest first, one row per post and warning; `page` = (how many to leave out, how many at most)."""
    c = schema.callout
    left_out, most = page
    chosen = _narrowed(_lines(), scope, wanted).order_by(c.c.opened_at.desc(), c.c.alert.desc(), c.c.county, c.c.post)
    return [_line(row) for row in db.execute(chosen.offset(left_out).limit(most))]


def count(db: Connection, scope: Scope, wanted: Wanted) -> Mapping[CalloutState, int]:
    """How many there are, by state."""
    c = schema.callout
    many = _narrowed(_lines(), scope, wanted).with_only_columns(c.c.state, func.count().label("many"))
    return {CalloutState(row.state): row.many for row in db.execute(many.group_by(c.c.state))}


def one_line(db: Connection, scope: Scope, key: CalloutKey) -> CalloutLine | None:
    """One callout, where it lies below this place."""
    c = schema.callout
    mine = _lines().where(c.c.county == key.county, c.c.alert == key.alert, c.c.post == key.post)
    row = db.execute(_narrowed(mine, scope, Wanted())).first()
    return _line(row) if row else None


def _lines() -> Select[Any]:
    c, a, ac, k, d = schema.callout, schema.alert, schema.alert_county, schema.county, schema.duty
    p, x = schema.responder, schema.personal
    roster = func.coalesce(func.nullif(ac.c.roster, ""), k.c.roster)
    return (
        select(
            *(c, a.c.hazard, a.c.headline, a.c.run, a.c.sent, d.c.area, d.c.role, d.c.title, x.c.value.label("name")),
            *(ac.c.rulebook, roster.label("roster")),
        )
        .select_from(c)
        .join(k, k.c.county == c.c.county)
        .join(a, a.c.id == c.c.alert)
        .join(ac, and_(ac.c.county == c.c.county, ac.c.alert == c.c.alert))
        .outerjoin(d, and_(d.c.county == c.c.county, d.c.roster == roster, d.c.post == c.c.post))
        .outerjoin(p, and_(p.c.county == c.c.county, p.c.roster == roster, p.c.id == d.c.holder))
        .outerjoin(x, x.c.commitment == p.c.name)
        .where(c.c.round == 0)
    )


def _narrowed(chosen: Select[Any], scope: Scope, wanted: Wanted) -> Select[Any]:
    c, d = schema.callout, schema.duty
    chosen = chosen.where(within(scope, c.c.county, func.coalesce(d.c.area, ""), func.coalesce(d.c.role, "")))
    same = ((c.c.alert, wanted.alert), (c.c.post, wanted.post), (d.c.area, wanted.area))
    chosen = chosen.where(*[column == value for column, value in same if value])
    if wanted.state:
        chosen = chosen.where(c.c.state.in_(_STILL_SHOULD if wanted.state == UNANSWERED else [wanted.state]))
    if wanted.since is not None:
        chosen = chosen.where(c.c.opened_at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(c.c.opened_at < wanted.until)
    named = (d.c.title, d.c.role, schema.alert.c.headline, schema.personal.c.value)
    for word in wanted.words.split()[:_MOST_WORDS]:
        chosen = chosen.where(or_(*[column.contains(word, autoescape=True) for column in named]))
    return chosen


def _line(row: Any) -> CalloutLine:
    return CalloutLine(
        CalloutKey(row.county, row.alert, row.post, row.round),
        row.hazard or "",
        row.headline,
        level_of(row.lane),
        row.run,
        row.sent,
        row.area or "",
        row.role or "",
        row.title or "",
        row.name or "",
        CalloutState(row.state),
        Grade(row.grade) if row.grade else None,
        bool(row.late),
        row.opened_at,
        row.answered_at,
        row.next_at,
        row.rules,
        row.rulebook,
        row.roster,
    )


def found_words(many: Mapping[CalloutState, int], words: Mapping[str, str]) -> Sequence[tuple[str, int]]:
    """(word, count) of each state there is, in the order of the states."""
    return [(words[state], many[state]) for state in CalloutState if state in many]
