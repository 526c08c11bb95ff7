"""What stop-work shows: every 熔断 that is open, by handles such as `3-停学-白马镇-学校安全责任人`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement, Connection, and_, select

from callout.app import StoredRulebooks
from callout.cli.screen import say, warn
from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.length import roughly
from callout.domain.level import Level
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import IN_FORCE, OPEN, StopWorkKey, StopWorkState
from callout.reports.stop_told import Object, PostsTold, objects_of
from callout.reports.words import RUNS, STOP_WORK_STATES, warning_name
from callout.store import schema

Handles = Annotated[
    list[str] | None, typer.Argument(help="编号，见 callout stop-work list；不写则按下面的条件选", metavar="[编号…]")
]
OfAlert = Annotated[int | None, typer.Option("--alert", help="只选这个预警的", metavar="预警号", min=0)]
Areas = Annotated[list[str] | None, typer.Option("--area", help="只选这个乡镇的，可写多次", metavar="乡镇")]
Code = Annotated[
    str, typer.Option("--code", help="只选这一类：停学 停工 停业 停运 停游 停航 断 禁 停 撤 疏", metavar="类别")
]

NO_ALERT = 0
"""The alert of what a human proposed about no warning."""
_KEY_PARTS = 4


@dataclass(frozen=True, slots=True)
class Filter:
    """Which 熔断 are meant; what is empty does not matter."""

    handles: Sequence[str] = ()
    alert: int | None = None
    areas: Sequence[str] = ()
    """Area keys."""
    code: str = ""
    states: Collection[StopWorkState] = tuple(StopWorkState)


class Places:
    """The areas of one county by the words that people use."""

    def __init__(self, county: County) -> None:
        self.county = county.code
        self._names = {county.key: county.name} | {t.key: t.name for t in county.townships}
        self._keys: dict[str, str] = {name: key for key, name in self._names.items()}
        for township in county.townships:
            self._keys |= dict.fromkeys(township.aliases, township.key)

    def key(self, word: str) -> str:
        """The key of an area; raises CalloutError for a word that names none."""
        if word in self._names:
            return word
        if word not in self._keys:
            like = [name for name in self._keys if word in name] or list(self._keys)
            raise CalloutError(f"没有“{word[:40]}”这个乡镇；请写全名，例如：{like[0]}")
        return self._keys[word]

    def name(self, key: str) -> str:
        """How people call it."""
        return self._names.get(key, key)

    def handle(self, row: Any) -> str:
        """How a 熔断 is named on the screen."""
        return "-".join((str(row.alert), row.code, self.name(row.area), row.role))

    def parse(self, text: str) -> StopWorkKey:
        """The key that a handle names; raises CalloutError where it is none."""
        parts = text.split("-", _KEY_PARTS - 1)
        codes = {code.value for code in StopWorkCode}
        wrong = len(parts) < _KEY_PARTS or not parts[0].isascii() or not parts[0].isdigit() or parts[1] not in codes
        if wrong or len(parts[0]) > 15:  # noqa: PLR2004 - fits every database's integers
            raise CalloutError(
                f"编号 {text[:60]} 不对；请照 callout stop-work list 显示的填写，例如 3-停学-白马镇-学校安全责任人"
            )
        return StopWorkKey(self.county, int(parts[0]), self.key(parts[2]), StopWorkCode(parts[1]), parts[3])


def places(rulebooks: StoredRulebooks, county: str) -> Places:
    """The areas of the county by its rules in force."""
    found = [one for one in rulebooks.counties() if one.code == county]
    if not found:
        raise CalloutError(f"区县 {county} 还没有载入规则，请先运行 callout serve")
    return Places(found[0])


def chosen(db: Connection, where: Places, wanted: Filter) -> list[Any]:
    """The 熔断 that are meant, with what was decided, most urgent first. Raises CalloutError for an unknown handle."""
    keys = [where.parse(handle) for handle in wanted.handles]
    rows = db.execute(_select().where(*_meant(where, wanted, keys))).all()
    known = {(r.alert, r.area, r.code, r.role) for r in rows}
    for key, handle in zip(keys, wanted.handles, strict=True):
        if key[1:] not in known:
            raise CalloutError(f"没有 {handle[:60]} 这个熔断，请用 callout stop-work list 核对编号")
    return list(rows)


def _select() -> Any:
    s, a, ac = schema.stop_work, schema.alert, schema.alert_county
    columns = []
    source: Any = s.outerjoin(a, a.c.id == s.c.alert).outerjoin(
        ac, and_(ac.c.county == s.c.county, ac.c.alert == s.c.alert)
    )
    for role in ("proposal", "ordering", "confirming", "ending"):
        d, x = schema.stop_decision.alias(role), schema.personal.alias(f"{role}_name")
        source = source.outerjoin(d, and_(d.c.county == s.c.county, d.c.id == s.c[role]))
        source = source.outerjoin(x, x.c.commitment == d.c.name)
        columns += [x.c.value.label(f"{role}_by"), *(c.label(f"{role}_{c.name}") for c in d.c if c.name in _SAID)]
    alert = (a.c.hazard, a.c.level, ac.c.expires_at, ac.c.state.label("alert_state"))
    return (
        select(s, *alert, *columns)
        .select_from(source)
        .order_by(s.c.lane, s.c.alert, s.c.code, s.c.measure, s.c.area, s.c.role)
    )


_SAID = ("title", "basis", "effective_at", "exceptions", "checks", "evidence", "officer", "at")


def _meant(where: Places, wanted: Filter, keys: Sequence[StopWorkKey]) -> list[ColumnElement[bool]]:
    s = schema.stop_work
    if keys:
        same = [and_(*[s.c[n] == v for n, v in zip(StopWorkKey._fields, key, strict=True)]) for key in keys]
        any_of: ColumnElement[bool] = same[0]
        for one in same[1:]:
            any_of = any_of | one
        return [any_of]
    found: list[ColumnElement[bool]] = [s.c.county == where.county, s.c.state.in_([x.value for x in wanted.states])]
    if wanted.alert is not None:
        found.append(s.c.alert == wanted.alert)
    if wanted.areas:
        found.append(s.c.area.in_(wanted.areas))
    return [*found, s.c.code == wanted.code] if wanted.code else found


def show(rows: Sequence[Any], told: PostsTold, where: Places, now: Instant) -> None:
    """Each on a line under what they have in common, with what was decided below it."""
    for common, some in groupby(rows, lambda row: f"{about(row, now)}：{row.code}，{row.measure}"):
        say(common)
        for row in some:
            late = row.state == StopWorkState.ORDERED and row.next_at is None
            state = STOP_WORK_STATES[row.state] + ("，现场逾期未回报" if late else "")
            run = f"〔{RUNS.get(row.run, row.run)}〕"
            say(f"  {where.handle(row)}  {row.objects} 个对象  {state}  {run}", bold=row.state in OPEN)
            for line in (*_decisions(row), *_objects(objects_of(row, told))):
                say(f"      {line}")


def about(row: Any, now: Instant) -> str:
    """The warning that it is about, and whether that is over: a 熔断 is not."""
    if row.alert == NO_ALERT:
        return f"由人建议，{roughly(now - row.proposed_at)}前"
    over = row.expires_at is not None and row.expires_at <= now
    left = "，预警已结束，熔断未解除" if over and row.state in IN_FORCE else "，预警已过有效期" if over else ""
    name = warning_name(row.hazard, Level(row.level) if row.level else None)
    return f"预警 {row.alert} {name}{left}，{roughly(now - row.proposed_at)}前建议"


def _decisions(row: Any) -> list[str]:
    lines = []
    if row.proposal:
        lines.append(f"建议：{_who(row, 'proposal')}，{row.proposal_basis}")
    if row.ordering:
        effect = row.ordering_effective_at or row.ordering_at
        but = f"；例外：{row.ordering_exceptions}" if row.ordering_exceptions else ""
        lines.append(f"决定：{_who(row, 'ordering')}，{_at(effect)}起生效，依据：{row.ordering_basis}{but}")
    if row.confirming:
        photo = f"；照片 {row.confirming_evidence}" if row.confirming_evidence else ""
        lines.append(f"现场：{_who(row, 'confirming')}，{row.confirming_basis}{photo}")
    if row.ending:
        checked = f"；恢复前检查：{row.ending_checks}" if row.ending_checks else ""
        lines.append(f"{STOP_WORK_STATES[row.state]}：{_who(row, 'ending')}，{row.ending_basis}{checked}")
    return lines


def _objects(every: Sequence[Object]) -> list[str]:
    """What the objects said of themselves, and how many were not told; nothing before there is an order."""
    lines = [f"对象：{one.title} 回复“{one.said}” {_at(one.said_at)}，不算现场确认" for one in every if one.said_at]
    untold = sum(1 for one in every if not one.reached)
    return [*lines, f"对象：{untold} 个还没有告知到"] if untold else lines


def _who(row: Any, what: str) -> str:
    of: Mapping[str, Any] = row._mapping
    by, title, at = of[f"{what}_by"] or "（姓名已删除）", of[f"{what}_title"], of[f"{what}_at"]
    return f"{title}{by} {_at(at)}（{of[f'{what}_officer']} 记录）"


def _at(at: Instant) -> str:
    return beijing(at, "%m-%d %H:%M")


def as_json(rows: Sequence[Any], told: PostsTold, where: Places) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"handle": where.handle(r), "area_name": where.name(r.area), **r._mapping, "told": _told(r, told)} for r in rows
    ]


def _told(row: Any, told: PostsTold) -> list[dict[str, Any]]:
    return [asdict(one) for one in objects_of(row, told)]


def warn_of_return(db: Connection, rows: Sequence[Any], now: Instant) -> None:
    """Before a lift: other warnings still in force that asked for the same, and the own ones that are not over."""
    s, a, ac = schema.stop_work, schema.alert, schema.alert_county
    mine = {(r.area, r.code, r.role) for r in rows}
    others = db.execute(
        select(s.c.area, s.c.code, s.c.role, s.c.alert, a.c.hazard, a.c.level)
        .join(a, a.c.id == s.c.alert)
        .join(ac, and_(ac.c.county == s.c.county, ac.c.alert == s.c.alert))
        .where(s.c.county == rows[0].county, (ac.c.expires_at.is_(None)) | (ac.c.expires_at > now))
        .order_by(s.c.alert)
    )
    asked = {r.alert: r for r in others if (r.area, r.code, r.role) in mine}
    for r in asked.values():
        level = Level(r.level).zh if r.level else ""
        warn(f"注意：预警 {r.alert}（{r.hazard}{level}）仍在有效期内，它建议了同样的熔断")
