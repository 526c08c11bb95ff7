"""The tables of the auditor's export: which columns, from which rows, in which words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, FromClause, Select, String, and_, case, cast, func, literal, null, select, union_all

from callout.domain.attempt import AttemptState
from callout.domain.instant import Instant, beijing
from callout.domain.intake import AlertState
from callout.reports import words
from callout.store import schema

_MISSING = "missing"
_MAY_HAVE_LEFT = (AttemptState.SENT, AttemptState.UNKNOWN)
_CALLOUT_STATES = {**words.CALLOUT_STATES, _MISSING: "缺失：应叫而没有记录"}

Form = Callable[[Any], object]
"""How a column's value is written."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    header: str
    source: Any
    """SQL expression."""
    form: Form


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file: its columns, and the query that gives their values in the same order."""

    name: str
    columns: Sequence[Column]
    query: Any


def sheets(county: str | None) -> list[Sheet]:
    """Every CSV file of the export."""
    return [
        _alerts(county),
        _callouts(county),
        _attempts(county),
        _answers(county),
        _human_calls(county),
        _stop_work(county),
    ]


def mask_name(name: str | None) -> str:
    """The first character only. None = erased, empty = nobody holds the post."""
    if name is None:
        return "已删除"
    return f"{name[0]}**" if name else "空缺"


def mask_number(number: str | None) -> str:
    """The last four digits only. None = erased."""
    return "已删除" if number is None else f"****{number[-4:]}"


def _same(value: object) -> object:
    return value


def _time(at: Instant | None) -> str:
    return "" if at is None else beijing(at)


def _yes(flag: int) -> str:
    return "是" if flag else "否"


def _word(table: Mapping[str, str]) -> Form:
    return lambda value: table.get(value, value)


def _count(number: int) -> object:
    return "" if number < 0 else number


def _sheet(name: str, columns: Sequence[Column], start: FromClause, *narrow: Any) -> Sheet:
    query = _select(columns).select_from(start).where(*[part for part in narrow if part is not None])
    return Sheet(name, columns, query)


def _select(columns: Sequence[Column]) -> Select[Any]:
    return select(*[column.source.label(f"c{at}") for at, column in enumerate(columns)])


def _in(table: Any, county: str | None) -> Any:
    return None if county is None else table.c.county == county


def _on(left: Any, right: Any, *names: str) -> Any:
    return and_(*[left.c[name] == right.c[name] for name in names])


def _alerts(county: str | None) -> Sheet:
    a, ac = schema.alert, schema.alert_county
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("区县", ac.c.county, _same),
        Column("事件编号", ac.c.episode, _same),
        Column("发布单位", a.c.sender, _same),
        Column("灾种", a.c.hazard, _same),
        Column("级别", a.c.level, _word(words.LEVELS)),
        Column("消息类型", a.c.msg_type, _same),
        Column("消息状态", a.c.status, _same),
        Column("发布时间", a.c.sent, _time),
        Column("收到时间", a.c.received_at, _time),
        Column("有效期至", ac.c.expires_at, _time),
        Column("状态", ac.c.state, _word(words.ALERT_STATES)),
        Column("覆盖区划", ac.c.areas, _same),
        Column("预案版本", ac.c.rulebook, _same),
        Column("名册版本", ac.c.roster, _same),
        Column("运行性质", a.c.run, _word(words.RUNS)),
        Column("标题", a.c.headline, _same),
        Column("原文SHA-256", a.c.raw, _same),
    ]
    sheet = _sheet("alerts.csv", columns, ac.join(a, a.c.id == ac.c.alert), _in(ac, county))
    return Sheet(sheet.name, columns, sheet.query.order_by(ac.c.county, a.c.sent, a.c.id))


def _callouts(county: str | None) -> Sheet:
    """Every due pair: the callouts on record, and after them the pairs that rules and roster name and no row has."""
    c, m = schema.callout, schema.rule_match
    found = _pair_columns(c.c.post, c.c.rules, c, _first_submit())
    lacking = _pair_columns(schema.duty.c.post, m.c.rules, None, cast(null(), BigInteger))
    query = union_all(_opened(_select(found), county), _unopened(_select(lacking), county))
    return Sheet("callouts.csv", found, query)


def _pair_columns(post: Any, rules: Any, callout: Any, first: Any) -> list[Column]:
    a, ac, d, p = schema.alert, schema.alert_county, schema.duty, schema.personal
    here = callout.c if callout is not None else None
    return [
        Column("预警", a.c.identifier, _same),
        Column("岗位", func.coalesce(d.c.title, cast(post, String)), _same),
        Column("区划", func.coalesce(d.c.area, ""), _same),
        Column("责任人", case((d.c.holder.is_(None), literal("")), else_=p.c.value), mask_name),
        Column("规则", rules, _same),
        Column("预案版本", ac.c.rulebook, _same),
        Column("名册版本", ac.c.roster, _same),
        Column("状态", here.state if here else literal(_MISSING), _word(_CALLOUT_STATES)),
        Column("首次发起", first, _time),
        Column("应答时间", here.answered_at if here else cast(null(), BigInteger), _time),
        Column("应答方式", here.grade if here else literal(""), _word(words.GRADES)),
        Column("是否迟答", here.late if here else literal(0), _yes),
    ]


def _first_submit() -> Any:
    """When bytes about this callout left the house first, as far as known."""
    c, t, link = schema.callout, schema.attempt, schema.attempt_callout
    return (
        select(func.min(t.c.submitted_at))
        .select_from(link.join(t, _link(t)))
        .where(_on(link, c, "county", "alert", "post", "round"), t.c.state.in_(_MAY_HAVE_LEFT))
        .correlate(c)
        .scalar_subquery()
    )


def _link(attempt: Any) -> Any:
    link = schema.attempt_callout
    return and_(attempt.c.county == link.c.county, attempt.c.id == link.c.attempt)


def _opened(chosen: Select[Any], county: str | None) -> Select[Any]:
    a, ac, c, d, p = schema.alert, schema.alert_county, schema.callout, schema.duty, schema.personal
    start = (
        c.outerjoin(a, a.c.id == c.c.alert)
        .outerjoin(ac, _on(ac, c, "county", "alert"))
        .outerjoin(d, and_(_on(d, c, "county", "post"), d.c.roster == ac.c.roster))
        .outerjoin(p, p.c.commitment == d.c.holder_name)
    )
    narrow = [] if county is None else [c.c.county == county]
    return chosen.select_from(start).where(c.c.round == 0, *narrow)


def _unopened(chosen: Select[Any], county: str | None) -> Select[Any]:
    a, ac, c, d, m, p = (
        schema.alert,
        schema.alert_county,
        schema.callout,
        schema.duty,
        schema.rule_match,
        schema.personal,
    )
    start = (
        ac.join(a, a.c.id == ac.c.alert)
        .join(m, _on(m, ac, "county", "alert"))
        .join(d, and_(_on(d, ac, "county", "roster"), _on(d, m, "area", "role")))
        .outerjoin(p, p.c.commitment == d.c.holder_name)
    )
    row = select(c.c.post).where(_on(c, ac, "county", "alert"), c.c.post == d.c.post, c.c.round == 0).exists()
    still_ahead = and_(ac.c.state == AlertState.PLANNING, d.c.post > ac.c.cursor)
    narrow = [] if county is None else [ac.c.county == county]
    return chosen.select_from(start).where(~row, ~still_ahead, *narrow)


def _attempts(county: str | None) -> Sheet:
    a, t, n, p, link = schema.alert, schema.attempt, schema.number, schema.personal, schema.attempt_callout
    posts = (
        select(func.aggregate_strings(cast(link.c.post, String), ";")).where(_link(t)).correlate(t).scalar_subquery()
    )
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("尝试编号", t.c.id, _same),
        Column("岗位编号", posts, _same),
        Column("渠道", t.c.channel, _word(words.CHANNELS)),
        Column("号码", p.c.value, mask_number),
        Column("对象", t.c.target, _word(words.TARGETS)),
        Column("状态", t.c.state, _word(words.ATTEMPT_STATES)),
        Column("回执", t.c.receipt, _word(words.RECEIPTS)),
        Column("提交时间", t.c.submitted_at, _time),
        Column("结果时间", t.c.settled_at, _time),
        Column("回执时间", t.c.receipt_at, _time),
        Column("接通时间", t.c.picked_up_at, _time),
        Column("挂断时间", t.c.ended_at, _time),
        Column("收听秒数", t.c.heard_s, _count),
        Column("可能重复", t.c.repeated, _yes),
        Column("代叫", t.c.instead, words.spoken_for),
        Column("名册版本", t.c.roster, _same),
        Column("通知", t.c.notice, _same),
    ]
    start = (
        t.outerjoin(a, a.c.id == t.c.alert)
        .outerjoin(n, n.c.id == t.c.number)
        .outerjoin(p, p.c.commitment == n.c.commitment)
    )
    return _sheet("attempts.csv", columns, start, _in(t, county))


def _answers(county: str | None) -> Sheet:
    """What came back. Reply texts are personal: the commitment stands for them, and a key for itself."""
    a, g = schema.alert, schema.answer
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("岗位编号", g.c.post, _same),
        Column("值班室轮次", g.c.round, _same),
        Column("来信编号", g.c.ref, _same),
        Column("尝试编号", g.c.attempt, _same),
        Column("应答方式", g.c.grade, _word(words.GRADES)),
        Column("时间", g.c.at, _time),
        Column("是否迟答", g.c.late, _yes),
        Column("转移人数", g.c.moved, _count),
        Column("按键或原文校验值", g.c.body, _same),
        Column("记录人", g.c.actor, _same),
    ]
    return _sheet("answers.csv", columns, g.outerjoin(a, a.c.id == g.c.alert), _in(g, county))


def _human_calls(county: str | None) -> Sheet:
    a, h = schema.alert, schema.human_call
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("岗位编号", h.c.post, _same),
        Column("类型", h.c.kind, _word(words.HUMAN_CALL_KINDS)),
        Column("事由", h.c.about, _same),
        Column("状态", h.c.state, _word(words.HUMAN_CALL_STATES)),
        Column("说明", h.c.note, _same),
        Column("开启时间", h.c.opened_at, _time),
        Column("认领人", h.c.claimed_by, _same),
        Column("办结人", h.c.closed_by, _same),
        Column("办结时间", h.c.closed_at, _time),
        Column("结果", h.c.outcome, _same),
    ]
    return _sheet("human_calls.csv", columns, h.outerjoin(a, a.c.id == h.c.alert), _in(h, county))


def _stop_work(county: str | None) -> Sheet:
    a, s = schema.alert, schema.stop_work
    columns = [
        Column("预警", a.c.identifier, _same),
        Column("区划", s.c.area, _same),
        Column("类别", s.c.code, _same),
        Column("岗位类型", s.c.role, _same),
        Column("规则", s.c.rule, _same),
        Column("措施", s.c.measure, _same),
        Column("对象数", s.c.objects, _same),
        Column("状态", s.c.state, _word(words.STOP_WORK_STATES)),
        Column("建议时间", s.c.proposed_at, _time),
        Column("运行", s.c.run, _word(words.RUNS)),
        Column("建议编号", s.c.proposal, _same),
        Column("决定编号", s.c.ordering, _same),
        Column("现场确认编号", s.c.confirming, _same),
        Column("解除或不执行编号", s.c.ending, _same),
    ]
    return _sheet("stop_work.csv", columns, s.outerjoin(a, a.c.id == s.c.alert), _in(s, county))
