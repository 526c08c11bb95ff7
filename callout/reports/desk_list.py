"""The officer's list as the desk reads it: most dangerous first, with who and where, and without any number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from callout.domain.callout import CalloutKey, level_of
from callout.domain.desk import ALERTS, DANGER
from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.link import in_words
from callout.domain.user import Scope, ScopeKind
from callout.ports import InboundKind
from callout.store import schema
from callout.store.schema.columns import real

Key = tuple[str, int, int, str, str]
"""(county, alert, post, kind, about)."""


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One item of the list."""

    key: Key
    kind: HumanCallKind
    state: HumanCallState
    level: Level
    opened_at: Instant
    claimed_by: str
    outcome: str
    """What the last call came to, or how it ended."""
    note: str
    said: str
    """What the person wrote or pressed, where that raised it."""
    hazard: str
    headline: str
    area: str
    """Key of the area of the post; of the item where it is about no post."""
    role: str
    title: str
    """Empty where it is about no post."""
    name: str
    run: str


def within(scope: Scope, county: ColumnElement[str], area: Any, role: Any) -> ColumnElement[bool]:
    """Rows below the place of a user, as `Scope.holds` says it."""
    if scope.kind is ScopeKind.CITY:
        return real(county)
    here = county == scope.county
    if scope.kind is ScopeKind.TOWNSHIP:
        return and_(here, area == scope.area)
    return and_(here, role.in_(scope.roles)) if scope.kind is ScopeKind.DEPARTMENT else here


def desk_lines(db: Connection, scope: Scope, limit: int = 200, words: str = "") -> list[DeskLine]:
    """What nobody has ended yet, below this place, most dangerous first; `words` narrows by post or headline."""
    rows = db.execute(_narrowed(_lines(), scope, words).order_by(*_danger()).limit(limit))
    return [_line(row) for row in rows]


def by_post(lines: Sequence[DeskLine]) -> list[tuple[DeskLine, tuple[DeskLine, ...]]]:
    """One entry per post: its most dangerous item, and the others about it."""
    found: dict[object, list[DeskLine]] = {}
    for line in lines:
        found.setdefault(line.key[::2][:2] if line.key[2] else line.key, []).append(line)
    return [(first, tuple(rest)) for first, *rest in found.values()]


def waiting(db: Connection, scope: Scope) -> Mapping[str, int]:
    """How many items there are by state, open and claimed."""
    h = schema.human_call
    chosen = _narrowed(_lines(), scope, "").with_only_columns(h.c.state, func.count().label("many")).group_by(h.c.state)
    return {row.state: row.many for row in db.execute(chosen)}


def last_said(db: Connection, scope: Scope) -> Instant:
    """When the newest open item came that a person raised by refusing or by words; 0 = there is none."""
    h = schema.human_call
    raised = h.c.kind.in_([HumanCallKind.CANNOT_COME.value, HumanCallKind.ASKED.value])
    newest = _narrowed(_lines(), scope, "").where(raised).with_only_columns(func.max(h.c.opened_at))
    return Instant(db.execute(newest).scalar() or 0)


def desk_line(db: Connection, key: Key) -> DeskLine | None:
    """One item, in any state."""
    h = schema.human_call
    same = and_(*[column == value for column, value in zip(h.primary_key.columns, key, strict=True)])
    row = db.execute(_lines().where(same)).first()
    return _line(row) if row else None


def _lines() -> Select[Any]:
    h, a, k, d, i = schema.human_call, schema.alert, schema.county, schema.duty, schema.inbound
    p, x, said = schema.responder, schema.personal.alias("who"), schema.personal.alias("said")
    on_roster = and_(d.c.county == h.c.county, d.c.roster == k.c.roster, d.c.post == h.c.post)
    holder = and_(p.c.county == d.c.county, p.c.roster == d.c.roster, p.c.id == d.c.holder)
    return (
        select(
            h,
            a.c.hazard,
            a.c.headline,
            a.c.run,
            d.c.area,
            d.c.role,
            d.c.title,
            x.c.value.label("name"),
            i.c.kind.label("came"),
            i.c.body.label("key"),
            said.c.value.label("words"),
        )
        .select_from(h)
        .join(k, k.c.county == h.c.county)
        .outerjoin(a, a.c.id == h.c.alert)
        .outerjoin(d, on_roster)
        .outerjoin(p, holder)
        .outerjoin(x, x.c.commitment == p.c.name)
        .outerjoin(i, i.c.event == h.c.note)
        .outerjoin(said, said.c.commitment == i.c.body)
    )


def _narrowed(chosen: Select[Any], scope: Scope, words: str) -> Select[Any]:
    h, d = schema.human_call, schema.duty
    chosen = chosen.where(
        h.c.state != HumanCallState.CLOSED,
        within(scope, h.c.county, func.coalesce(d.c.area, h.c.about), func.coalesce(d.c.role, "")),
    )
    for word in words.split():
        named = (d.c.title, d.c.role, schema.alert.c.headline)
        chosen = chosen.where(or_(*[column.contains(word, autoescape=True) for column in named]))
    return chosen


def _danger() -> Sequence[ColumnElement[Any]]:
    h = schema.human_call
    sooner = case(*[(h.c.kind == kind.value, rank) for kind, rank in DANGER.items()], else_=ALERTS)
    return h.c.lane, sooner, h.c.opened_at, h.c.alert, h.c.post


def _said(row: Any) -> str:
    """What the person pressed or wrote; empty where it is about nothing that came back."""
    if row.came == InboundKind.LINK:
        return f"网页上按了“{in_words(row.key)}”"
    return f"按键 {row.key}" if row.came == InboundKind.KEY else f"回复“{row.words}”" if row.words else ""


def _line(row: Any) -> DeskLine:
    key = (row.county, row.alert, row.post, row.kind, row.about)
    raised = row.came is not None
    return DeskLine(
        key,
        HumanCallKind(row.kind),
        HumanCallState(row.state),
        level_of(row.lane),
        row.opened_at,
        row.claimed_by,
        row.outcome,
        "" if raised else row.note,
        _said(row),
        row.hazard or "",
        row.headline or "",
        row.area or row.about,
        row.role or "",
        row.title or "",
        row.name or "",
        row.run or "",
    )


def same_person(db: Connection, county: str, post: int) -> list[DeskLine]:
    """What is open or claimed about whoever holds this post, in any of their posts, most dangerous first."""
    h, d, k = schema.human_call, schema.duty, schema.county
    here = select(d).join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster)).where(d.c.county == county)
    row = db.execute(here.where(d.c.post == post)).first()
    posts = [post]
    if row is not None and row.holder is not None:
        posts += [other.post for other in db.execute(here.where(d.c.holder == row.holder))]
    chosen = _lines().where(h.c.county == county, h.c.post.in_(posts), h.c.state != HumanCallState.CLOSED)
    return [_line(one) for one in db.execute(chosen.order_by(*_danger()))]


def place_of(db: Connection, county: str, post: int) -> tuple[str, str] | None:
    """Area and role of a post by the roster in force; None where it has no such post."""
    d, k = schema.duty, schema.county
    found = select(d.c.area, d.c.role).join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
    row = db.execute(found.where(d.c.county == county, d.c.post == post)).first()
    return (row.area, row.role) if row else None


def opened_at(db: Connection, key: CalloutKey) -> Instant:
    """When the callout of this post was opened."""
    c = schema.callout
    same = and_(*[column == value for column, value in zip(c.primary_key.columns, key, strict=True)])
    return Instant(db.execute(select(c.c.opened_at).where(same)).scalar_one())
