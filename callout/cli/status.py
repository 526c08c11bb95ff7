"""status: the account of what is in force, and whether the engine beats."""

from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import Connection, and_, case, func, or_, select

from callout.cli.db import reading
from callout.cli.pulse import Standing, beats_here, engine_standing
from callout.cli.roster import deskless
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.domain.answer import Grade
from callout.domain.attempt import FAILED, AttemptState
from callout.domain.human_call import HumanCallState
from callout.domain.instant import HOUR, Instant, beijing
from callout.domain.intake import lag, late
from callout.domain.length import roughly
from callout.domain.meaning import NoticeKind
from callout.domain.notice import AGAIN
from callout.domain.stop_work import OPEN, StopWorkState
from callout.domain.user import Scope, ScopeKind
from callout.ports import InboundKind
from callout.reports import account as report
from callout.reports.in_force import in_force
from callout.reports.pairs import AlertLine
from callout.reports.without_texts import WithoutTexts, strangers_without_texts, without_texts
from callout.reports.words import ALERT_STATES, ATTEMPT_STATES, HUMAN_CALL_KINDS, NOTICE_KINDS, RUNS, warning_name
from callout.settings import Settings
from callout.store import schema
from callout.store.schema.columns import real
from callout.store.sealing import oldest_unsealed

NO_BEAT = 3
"""Exit code where the engine was started, was not stopped, and does not beat."""
_RECENT = 24 * HOUR
UNDELIVERED = "undelivered"
_FEW = 8
"""Names that are shown before the rest is counted."""

_STANDS = {
    StopWorkState.PROPOSED: "待决定",
    StopWorkState.ORDERED: "已决定、现场未确认、未解除",
    StopWorkState.CONFIRMED: "现场已确认、未解除",
    StopWorkState.LIFT_PROPOSED: "已建议解除、未解除",
    StopWorkState.INSPECTED: "恢复前检查已过、未解除",
}


def status(
    as_json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="连同已经结束的预警")] = False,
    here: Annotated[
        bool, typer.Option("--here", help="只看本机的引擎有没有心跳，没有时退出码为 3；供健康检查用")
    ] = False,
) -> None:
    """当前生效预警的叫应情况，以及引擎是否在运行。引擎已启动却没有心跳时退出码为 3"""
    settings = Settings()
    if here:
        _beats_here(settings)
        return
    with reading(settings) as (store, rulebooks):
        now = store.read(lambda work: work.at)
        alerts = None if everything else store.database.read(lambda db: in_force(db, now))
        counted = store.database.read(lambda db: report.account(db, rulebooks, alerts=alerts))
        rest = store.database.read(lambda db: _rest(db, now) | {"without_desk": deskless(db)})
        engine = engine_standing(settings, store.database, now)
    if as_json:
        show_json({"now": now, "engine": engine, **report.as_json(counted), **rest})
    else:
        _show(now, engine, counted, rest)
    if engine["state"] == "silent":
        raise typer.Exit(NO_BEAT)


def _beats_here(settings: Settings) -> None:
    """One small read: a health check runs often and must not count a storm."""
    with reading(settings) as (store, _):
        beats = beats_here(settings, store.database, store.read(lambda work: work.at))
    (say if beats else fail)("本机的引擎在运行" if beats else "本机没有引擎的心跳")
    if not beats:
        raise typer.Exit(NO_BEAT)


def _rest(db: Connection, now: Instant) -> Standing:
    h = schema.human_call
    each = select(h.c.kind, func.count().label("many")).where(h.c.state != HumanCallState.CLOSED, real(h.c.county))
    kinds: dict[str, int] = {row.kind: row.many for row in db.execute(each.group_by(h.c.kind))}
    oldest = oldest_unsealed(db)
    return {
        "stop_work_open": _stops(db),
        "human_calls_open": sum(kinds.values()),
        "human_calls": kinds,
        "notices": _notices(db, now),
        "unmatched_replies": _unmatched(db, now),
        "without_texts": [asdict(one) for one in without_texts(db, Scope(ScopeKind.CITY))],
        "strangers_without_texts": strangers_without_texts(db),
        "oldest_unsealed_ms": None if oldest is None else now - oldest,
    }


def _stops(db: Connection) -> dict[str, dict[str, int]]:
    """Open 熔断 of all alerts, those that are over included: state → code → how many."""
    s = schema.stop_work
    open_ones = s.c.state.in_([x.value for x in OPEN]), real(s.c.county)
    each = select(s.c.state, s.c.code, func.count().label("many")).where(*open_ones)
    found: dict[str, dict[str, int]] = {}
    for row in db.execute(each.group_by(s.c.state, s.c.code).order_by(s.c.state, s.c.code)):
        found.setdefault(row.state, {})[row.code] = row.many
    return found


def _notices(db: Connection, now: Instant) -> dict[str, dict[str, int]]:
    """Renewals and all-clears of the last 24 hours: kind → state of the attempt → how many. Waiting ones have none.

    What was handed over and provably did not arrive stands as `undelivered`; what was said once more counts as that.
    """
    o, t = schema.notice, schema.attempt
    told, again = and_(t.c.county == o.c.county, t.c.notice == o.c.id), o.alias("again")
    lost = t.c.receipt.in_([kind.value for kind in FAILED])
    state = case((lost, UNDELIVERED), else_=func.coalesce(t.c.state, AttemptState.CLAIMED.value)).label("state")
    repeated = select(again.c.id).where(again.c.county == o.c.county, again.c.id == o.c.id + AGAIN).exists()
    kinds = [NoticeKind.ALL_CLEAR.value, NoticeKind.RENEWED.value]
    rows = db.execute(
        select(o.c.kind, state, func.count().label("many"))
        .select_from(o.outerjoin(t, told))
        .where(o.c.kind.in_(kinds), o.c.next_at > now - _RECENT, ~repeated, real(o.c.county))
        .group_by(o.c.kind, state)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.kind, {})[row.state] = row.many
    return found


def _unmatched(db: Connection, now: Instant) -> int:
    """Texts of the last 24 hours that belong to no callout, or that nobody has read yet."""
    i, g = schema.inbound, schema.answer
    about_nothing = and_(i.c.outcome == Grade.CONTACT, i.c.event.not_in(select(g.c.ref)))
    return db.execute(
        select(func.count())
        .select_from(i)
        .where(i.c.kind == InboundKind.REPLY, i.c.came_at > now - _RECENT, or_(about_nothing, schema.inbound_pending))
    ).scalar_one()


def _show(now: Instant, engine: Standing, counted: report.Account, rest: Standing) -> None:
    say(f"叫应状态  {beijing(now)}", bold=True)
    look = warn if engine["silent"] else say
    {"running": look, "silent": fail, "stopped": warn}[engine["state"]](_engine_line(engine, now))
    if not counted.per_alert:
        say("没有生效的预警")
    for line, tally in counted.per_alert:
        _show_alert(line)
        others = {"前已应答只告知": tally.informed, "转由新预警叫": tally.superseded, "解除时未应": tally.lifted}
        handed_on = "".join(f"  {word} {many}" for word, many in others.items() if many)
        say(
            f"    应叫 {tally.due}  已叫 {tally.called}  已应 {tally.answered}  还在叫 {tally.open}  "
            f"未叫应 {tally.unreachable}{handed_on}"
        )
    if counted.total.lost:
        fail(f"有 {counted.total.lost} 个岗位应叫而没有记录，请立即人工叫应并报告维护人员：{_lost(counted)}")
    _show_duties(counted, rest)
    _show_rest(rest)


def _show_alert(line: AlertLine) -> None:
    say(
        f"预警 {line.alert}  {warning_name(line.hazard, line.level)}  {beijing(line.sent, '%m-%d %H:%M')} 发布  "
        f"{_lag(line)}{ALERT_STATES[line.state]}  〔{RUNS.get(line.run, line.run)}〕",
        bold=True,
    )


def _lag(line: AlertLine) -> str:
    """How long the warning was under way, where that matters."""
    came = line.received_at
    return f"（{lag(line.sent, came)}后收到）  " if came is not None and late(line.sent, came) else ""


def _lost(counted: report.Account) -> str:
    return "、".join(f"预警 {alert} 岗位 {post}" for _, alert, post in counted.lost)


def _show_duties(counted: report.Account, rest: Standing) -> None:
    for kind, t in counted.work.feedback.items():
        moved = f"，共 {t.households} 户 {t.people} 人" if t.people or t.households else ""
        (warn if t.overdue else say)(f"反馈 {kind}：应报 {t.due}  已报 {t.given}  逾期 {t.overdue}{moved}")
    for state in OPEN:
        codes = rest["stop_work_open"].get(state)
        if codes:
            each = "、".join(f"{code} {many} 处" for code, many in codes.items())
            warn(f"熔断{_STANDS[state]}：{each}（callout stop-work list 查看）")


def _show_rest(rest: Standing) -> None:
    for warning in rest["without_desk"]:
        fail(warning)
    kinds = {HUMAN_CALL_KINDS[kind]: many for kind, many in rest["human_calls"].items()}
    if kinds:
        each = "；".join(f"{kind} {many}" for kind, many in kinds.items())
        warn(f"待人工 {sum(kinds.values())} 项：{each}（callout human-calls list 查看）")
    else:
        say("待人工 0 项")
    for kind, states in sorted(rest["notices"].items()):
        words = {**ATTEMPT_STATES, UNDELIVERED: "没有送达"}
        each = "、".join(f"{words[state]} {many}" for state, many in sorted(states.items()))
        show = warn if {AttemptState.UNKNOWN, AttemptState.REFUSED, UNDELIVERED} & set(states) else say
        show(f"近 24 小时{NOTICE_KINDS[kind]} {sum(states.values())} 条：{each}")
    if rest["unmatched_replies"]:
        warn(f"近 24 小时有 {rest['unmatched_replies']} 条短信回复对不上叫应")
    _show_without_texts([WithoutTexts(**one) for one in rest["without_texts"]], rest["strangers_without_texts"])
    late = rest["oldest_unsealed_ms"]
    if late is not None:
        say(f"记录：最早一条未封存的已等 {roughly(late)}")


def _show_without_texts(people: list[WithoutTexts], strangers: int) -> None:
    if people:
        shown = "、".join(f"{one.title}{one.name}" for one in people[:_FEW]) + ("……" if len(people) > _FEW else "")
        warn(f"退订了短信、只打电话叫应的 {len(people)} 个岗位：{shown}；本人回“恢复”后再发短信")
    if strangers:
        say(f"另有 {strangers} 个不在名册里的号码退订了短信，进名册后同样不发")


def _engine_line(engine: Standing, now: Instant) -> str:
    if engine["state"] == "stopped":
        return "引擎没有运行：不会叫任何人，请启动 callout serve"
    ago = roughly(now - engine["beat_at"])
    others = f"；另有引擎没有心跳：{'、'.join(engine['silent'])}" if engine["silent"] else ""
    if engine["state"] == "silent":
        return f"引擎没有心跳，上次是 {ago}前：请立即检查 callout serve 并转人工叫应"
    many = f"（{engine['engines']} 台）" if engine["engines"] > 1 else ""
    return f"引擎在运行{many}，{ago}前有心跳；{engine['channels']}{others}"
