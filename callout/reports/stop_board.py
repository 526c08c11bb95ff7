"""The board of 熔断: what waits for a decision, for word from the site, and what stands though its warning is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select

from callout.domain.callout import level_of
from callout.domain.instant import HOUR, Instant
from callout.domain.intake import AlertState
from callout.domain.level import Level
from callout.domain.rule import Rule, StopWorkCode
from callout.domain.stop_work import IN_FORCE, OPEN, StopWorkKey, StopWorkState
from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.reports.stop_photos import CONFIRMED_BY, PHOTO_COLUMNS, Photo, photo_in
from callout.reports.stop_told import Object, PostsTold, objects_of, posts_told
from callout.store import schema

LATELY = 24 * HOUR
"""How long what has ended is still shown."""
LEADS: Mapping[StopWorkCode, str] = {
    StopWorkCode.SCHOOL: "教育",
    StopWorkCode.SITE: "住建（水利、交通工地各归主管）",
    StopWorkCode.BUSINESS: "商务",
    StopWorkCode.TRANSPORT: "交通运输、公安",
    StopWorkCode.TOURISM: "文旅",
    StopWorkCode.FERRY: "海事、交通运输",
    StopWorkCode.CUT: "公安、交通运输",
    StopWorkCode.BAN: "公安、属地乡镇",
    StopWorkCode.STOP: "行业主管部门",
    StopWorkCode.WITHDRAW: "属地乡镇",
    StopWorkCode.DIVERT: "公安、属地乡镇",
}
"""Which department usually leads; local rules may say otherwise."""


def lead_of(rules: Sequence[Rule], line: "StopLine") -> str:
    """Which department leads: by the rule that proposed it, else by any for the same objects, else as usual."""
    named = [
        (rule.id != line.rule, proposal.lead)
        for rule in rules
        for proposal in rule.proposals
        if proposal.lead and (proposal.code, proposal.role) == (line.key.code, line.key.role)
    ]
    return min(named)[1] if named else LEADS[line.key.code]


class Said(NamedTuple):
    """One decision about a 熔断, or one word from the site."""

    by: str
    title: str
    basis: str
    at: Instant
    effective_at: Instant | None
    exceptions: str
    checks: str
    evidence: str
    officer: str


@dataclass(frozen=True, slots=True)
class StopLine:
    """One 熔断."""

    key: StopWorkKey
    rev: int
    state: StopWorkState
    run: str
    measure: str
    level: Level
    headline: str
    """Of the warning that it is about; empty where a human proposed it about none."""
    hazard: str
    rule: str
    proposed_at: Instant
    overdue: bool
    """Ordered, and no word came from the site in time."""
    due_at: Instant | None
    """Until when the word from the site is waited for."""
    warning_over: bool
    """Its warning has ended; it has not."""
    proposal: Said | None
    ordering: Said | None
    confirming: Said | None
    lifting: Said | None
    inspection: Said | None
    ending: Said | None
    objects: tuple[Object, ...]
    photo: Photo | None = None

    @property
    def handle(self) -> str:
        """Names it and the revision in which it was seen, in a form."""
        return "|".join(map(str, (self.key.alert, self.key.area, self.key.code, self.key.role, self.rev)))

    @property
    def claim(self) -> int:
        """Objects that say of themselves that they have stopped."""
        return sum(1 for one in self.objects if one.stopped)

    @property
    def running(self) -> int:
        """Objects that say that they have not."""
        return sum(1 for one in self.objects if one.stopped is False)

    @property
    def untold(self) -> int:
        """Objects that no message has reached."""
        return sum(1 for one in self.objects if not one.reached)


class StopCounts(NamedTuple):
    """How many there are of what must always be seen."""

    proposed: int
    in_force: int
    overdue: int
    outlived: int
    """In force though their warning has ended."""


def counted(db: Connection, scope: Scope, now: Instant) -> StopCounts:
    """The counts below this place; no object is looked at, for every change of the board asks for them."""
    lines = [_line(row, {}, now) for row in db.execute(_select(scope, now))]
    return StopCounts(
        sum(1 for one in lines if one.state is StopWorkState.PROPOSED),
        sum(1 for one in lines if one.state in IN_FORCE),
        sum(1 for one in lines if one.overdue),
        sum(1 for one in lines if one.warning_over),
    )


_DECISIONS = ("proposal", "ordering", "confirming", "lifting", "inspection", "ending")
"""The columns that name decisions, the one by which it ended last."""


def stop_lines(db: Connection, scope: Scope, now: Instant) -> list[StopLine]:
    """All that is open below this place, and what ended lately; most urgent first."""
    rows = db.execute(_select(scope, now)).all()
    objects = posts_told(db, {row.county for row in rows})
    return [_line(row, objects, now) for row in rows]


def _select(scope: Scope, now: Instant) -> Any:
    s, a, ac = schema.stop_work, schema.alert, schema.alert_county
    columns: list[Any] = [*PHOTO_COLUMNS]
    ended: Any = None
    source: Any = (
        s.outerjoin(a, a.c.id == s.c.alert)
        .outerjoin(schema.stop_photo, CONFIRMED_BY)
        .outerjoin(ac, and_(ac.c.county == s.c.county, ac.c.alert == s.c.alert))
    )
    for role in _DECISIONS:
        d, x = schema.stop_decision.alias(role), schema.personal.alias(f"{role}_name")
        source = source.outerjoin(d, and_(d.c.county == s.c.county, d.c.id == s.c[role]))
        source = source.outerjoin(x, x.c.commitment == d.c.name)
        columns += [x.c.value.label(f"{role}_by"), *(d.c[n].label(f"{role}_{n}") for n in Said._fields if n != "by")]
        ended = d.c.at
    open_ = s.c.state.in_([state.value for state in OPEN])
    return (
        select(s, a.c.headline, a.c.hazard, ac.c.expires_at, ac.c.state.label("alert_state"), *columns)
        .select_from(source)
        .where(or_(open_, ended > now - LATELY), within(scope, s.c.county, s.c.area, s.c.role))
        .order_by(s.c.lane, s.c.alert.desc(), s.c.code, s.c.area, s.c.role)
    )


def _line(row: Any, objects: PostsTold, now: Instant) -> StopLine:
    state = StopWorkState(row.state)
    over = row.alert_state in (AlertState.OVER, AlertState.LIFTED) or (
        row.expires_at is not None and row.expires_at <= now
    )
    decisions = {role: _said(row, role) for role in _DECISIONS}
    return StopLine(
        key=StopWorkKey(row.county, row.alert, row.area, StopWorkCode(row.code), row.role),
        rev=row.rev,
        state=state,
        run=row.run,
        measure=row.measure,
        level=level_of(row.lane),
        headline=row.headline or "",
        hazard=row.hazard or "",
        rule=row.rule,
        proposed_at=Instant(row.proposed_at),
        overdue=state is StopWorkState.ORDERED and row.next_at is None,
        due_at=row.next_at,
        warning_over=over and state in IN_FORCE,
        **decisions,
        objects=objects_of(row, objects),
        photo=photo_in(row),
    )


def _said(row: Any, role: str) -> Said | None:
    of = row._mapping
    if not of[role]:
        return None
    values = {name: of[f"{role}_{name}"] for name in Said._fields}
    return Said(**values | {"by": values["by"] or "（姓名已删除）"})


def order_answered(db: Connection, ref: str) -> str:
    """Which order this event answered, code and measure in one sentence; empty where it answered none."""
    w, s = schema.stop_word, schema.stop_work
    same = and_(*[w.c[name] == s.c[name] for name in ("county", "alert", "area", "code", "role")])
    row = db.execute(select(s.c.code, s.c.measure).join(w, same).where(w.c.ref == ref)).first() if ref else None
    return f"{row.code}：{row.measure.partition('。例外：')[0].rstrip('。')}" if row else ""
