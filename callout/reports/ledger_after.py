"""The tables of a ledger about what people did: feedback, human calls, 熔断, who was on duty, and what was changed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from callout.domain.answer import PHONE
from callout.domain.instant import Instant
from callout.reports import words
from callout.reports.ledger_office import office_tables
from callout.reports.ledger_rows import PostOf, PostRow
from callout.reports.ledger_scope import Asked, at
from callout.reports.process import ends
from callout.reports.tables import Cell, Table
from callout.store import schema
from callout.store.transaction import ENGINE

_IN_FORCE = ("county.roster_in_force", "county.rulebook_in_force", "county.loaded", "roster_version.loaded")
"""Entries about plan and roster: whether anything was changed after the fact."""
_STATES: Mapping[str, Mapping[str, str]] = {
    "callout": words.CALLOUT_STATES, "attempt": words.ATTEMPT_STATES, "human_call": words.HUMAN_CALL_STATES,
    "stop_work": words.STOP_WORK_STATES, "feedback": words.FEEDBACK_STATES, "alert_county": words.ALERT_STATES,
}  # fmt: skip
_THINGS = {
    "callout": "叫应", "attempt": "呼叫", "human_call": "人工叫应", "stop_work": "熔断", "feedback": "反馈",
    "alert_county": "预警", "alert": "预警", "answer": "应答", "stop_decision": "熔断决定", "county": "方案和名册",
    "roster_version": "名册", "number": "号码", "ledger": "台账", "roster": "名册",
}  # fmt: skip


def after_tables(db: Connection, asked: Asked, posts: Mapping[PostOf, PostRow]) -> list[Table]:
    """All seven."""
    titles = {post: row.title for (_, post), row in posts.items()}
    return [
        _feedback(db, asked, titles),
        _humans(db, asked, titles),
        _stops(db, asked),
        *office_tables(db, asked, titles),
        _on_duty(db, asked, titles),
        _changes(db, asked, titles),
    ]


def _feedback(db: Connection, asked: Asked, titles: Mapping[int, str]) -> Table:
    f, p = schema.feedback, schema.personal
    heads = (
        "预警",
        "岗位号",
        "岗位",
        "类别",
        "规则",
        "状态",
        "开始",
        "时限",
        "反馈时间",
        "转移户数",
        "转移人数",
        "报送人",
    )
    query = (
        select(f, p.c.value)
        .outerjoin(p, p.c.commitment == f.c.given_by)
        .where(f.c.county == asked.county, f.c.alert.in_(asked.alerts))
        .order_by(f.c.alert, f.c.post, f.c.kind)
    )
    found: list[tuple[Cell, ...]] = [
        (asked.identifiers[r.alert], r.post, titles.get(r.post, ""), r.kind, r.rule,
         words.FEEDBACK_STATES.get(r.state, r.state), at(r.opened_at), at(r.due_at), at(r.given_at),
         _number(r.households), _number(r.people),
         asked.shown.name(r.value) if r.given_by else "本岗位手机" if r.given_at else "")
        for r in db.execute(query)
    ]  # fmt: skip
    return Table("反馈", heads, found)


def _humans(db: Connection, asked: Asked, titles: Mapping[int, str]) -> Table:
    h = schema.human_call
    heads = ("预警", "岗位号", "岗位", "类型", "说明", "状态", "开启时间", "认领人", "办结人", "办结时间", "结果")
    query = select(h).where(h.c.county == asked.county, h.c.alert.in_(asked.alerts)).order_by(h.c.opened_at, h.c.post)
    found: list[tuple[Cell, ...]] = [
        (asked.identifiers[r.alert], r.post or None, titles.get(r.post, ""),
         words.HUMAN_CALL_KINDS.get(r.kind, r.kind), r.note, words.HUMAN_CALL_STATES.get(r.state, r.state),
         at(r.opened_at), r.claimed_by, r.closed_by, at(r.closed_at), r.outcome)
        for r in db.execute(query)
    ]  # fmt: skip
    return Table("人工叫应", heads, found)


def _stops(db: Connection, asked: Asked) -> Table:
    s, d = schema.stop_work, schema.stop_decision
    heads = (
        "预警",
        "区划",
        "类别",
        "岗位类型",
        "对象数",
        "措施",
        "规则",
        "状态",
        "建议时间",
        "决定",
        "现场确认",
        "解除或不执行",
    )
    made = {
        r.id: f"{at(r.at)} {r.title} 依据：{r.basis}（记录人 {r.officer}）"
        for r in db.execute(select(d).where(d.c.county == asked.county))
    }
    query = select(s).where(s.c.county == asked.county, s.c.alert.in_(asked.alerts)).order_by(s.c.alert, s.c.area)
    found: list[tuple[Cell, ...]] = [
        (asked.identifiers[r.alert], asked.names.get(r.area, r.area), r.code, r.role, r.objects, r.measure, r.rule,
         words.STOP_WORK_STATES.get(r.state, r.state), at(r.proposed_at), made.get(r.ordering, ""),
         made.get(r.confirming, ""), made.get(r.ending, ""))
        for r in db.execute(query)
    ]  # fmt: skip
    return Table("熔断", heads, found)


def _on_duty(db: Connection, asked: Asked, titles: Mapping[int, str]) -> Table:
    """The desk's shifts that meet the warnings, and everybody who acted by name."""
    heads = ("谁", "岗位", "从", "到", "怎样知道", "记录条数")
    return Table("值班", heads, [*_shifts(db, asked, titles), *_acted(db, asked)])


def _shifts(db: Connection, asked: Asked, titles: Mapping[int, str]) -> list[tuple[Cell, ...]]:
    k, s, d, r, p = schema.county, schema.shift, schema.duty, schema.responder, schema.personal
    begins, end = min(line.sent for line in asked.lines), max(ends(line) for line in asked.lines)
    start = (
        s.join(d, and_(d.c.county == s.c.county, d.c.roster == s.c.roster, d.c.post == s.c.post))
        .join(k, and_(k.c.county == s.c.county, k.c.desk_role == d.c.role))
        .outerjoin(r, and_(r.c.county == s.c.county, r.c.roster == s.c.roster, r.c.id == s.c.responder))
        .outerjoin(p, p.c.commitment == r.c.name)
    )
    query = (
        select(s.c.post, s.c.begins, s.c.ends, p.c.value)
        .distinct()
        .select_from(start)
        .where(s.c.county == asked.county, s.c.roster.in_(sorted({line.roster for line in asked.lines})),
               s.c.begins < end, s.c.ends > begins)
        .order_by(s.c.begins, s.c.post)
    )  # fmt: skip
    return [
        (asked.shown.name(r.value), titles.get(r.post, ""), at(r.begins), at(r.ends), "值班表", None)
        for r in db.execute(query)
    ]


def _acted(db: Connection, asked: Asked) -> list[tuple[Cell, ...]]:
    a = schema.audit
    query = (
        select(a.c.actor, func.min(a.c.at).label("first"), func.max(a.c.at).label("last"), func.count().label("many"))
        .where(a.c.county == asked.county, a.c.alert.in_(asked.alerts), a.c.actor.not_in((ENGINE, PHONE)))
        .group_by(a.c.actor)
        .order_by(func.min(a.c.at), a.c.actor)
    )
    return [(r.actor, "", at(r.first), at(r.last), "记录里的操作", r.many) for r in db.execute(query)]


def _changes(db: Connection, asked: Asked, titles: Mapping[int, str]) -> Table:
    """What named people did about these warnings, and every change of plan or roster since the first was issued."""
    a = schema.audit
    heads = ("时间", "预警", "岗位号", "岗位", "事项", "前", "后", "操作人", "审计条目")
    begins: Instant = min(line.sent for line in asked.lines)
    by_hand = and_(a.c.alert.in_(asked.alerts), a.c.actor.not_in((ENGINE, PHONE)))
    later = and_(a.c.event.in_(_IN_FORCE), a.c.at >= begins)
    query = select(a).where(a.c.county == asked.county, or_(by_hand, later)).order_by(a.c.xid, a.c.id)
    found = [_change(row, asked, titles) for row in db.execute(query)]
    return Table("修改历史", heads, found)


def _change(row: Any, asked: Asked, titles: Mapping[int, str]) -> tuple[Cell, ...]:
    thing, _, what = row.event.partition(".")
    states = _STATES.get(thing, {})
    return (
        at(row.at), asked.identifiers.get(row.alert, ""), row.post or None, titles.get(row.post, ""),
        f"{_THINGS.get(thing, thing)} {what}", states.get(row.before, row.before), states.get(row.after, row.after),
        row.actor, row.id,
    )  # fmt: skip


def _number(many: int) -> int | None:
    return many if many >= 0 else None
