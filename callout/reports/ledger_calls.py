"""The tables of a ledger about calling: every try on every number, what came back, who was called instead."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from callout.domain.answer import Grade
from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.call_facts import CallFact
from callout.domain.ladder import ChannelKind, Target
from callout.reports import words
from callout.reports.ledger_rows import PostOf, PostRow
from callout.reports.ledger_scope import NOT_KEPT, NOT_RECORDED, NOT_TOLD, Asked, at
from callout.reports.tables import Cell, Table
from callout.store import schema

_WHY_UP = {AttemptState.UNKNOWN: "结果不明", AttemptState.REFUSED: "通道拒收，未发出"}
Posts = Mapping[PostOf, PostRow]


def call_tables(db: Connection, asked: Asked, posts: Posts) -> list[Table]:
    """Calls, answers and escalations."""
    calls, answers = _calls(db, asked), _answers(db, asked)
    titles = _titles(asked, posts)
    return [
        _call_table(calls, asked, titles),
        _answer_table(answers, asked, titles),
        _ups(calls, answers, asked, titles),
    ]


def _titles(asked: Asked, posts: Posts) -> Mapping[tuple[int, int], str]:
    rosters = {line.alert: line.roster for line in asked.lines}
    return {
        (alert, post): posts[roster, post].title
        for alert, roster in rosters.items()
        for of, post in posts
        if of == roster
    }


def _calls(db: Connection, asked: Asked) -> list[Any]:
    """One row for each try and each post that it spoke for; notices stand by themselves."""
    t, link, n, p, r, q = (
        schema.attempt,
        schema.attempt_callout,
        schema.number,
        schema.personal.alias(),
        schema.responder,
        schema.personal.alias(),
    )
    ours = or_(link.c.alert.in_(asked.alerts), and_(link.c.alert.is_(None), t.c.alert.in_(asked.alerts)))
    start = (
        t.outerjoin(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id))
        .outerjoin(n, n.c.id == t.c.number)
        .outerjoin(p, p.c.commitment == n.c.commitment)
        .outerjoin(r, and_(r.c.county == t.c.county, r.c.roster == t.c.roster, r.c.id == t.c.responder))
        .outerjoin(q, q.c.commitment == r.c.name)
    )
    query = (
        select(t, link.c.alert.label("about"), link.c.post, link.c.round, p.c.value.label("digits"),
               q.c.value.label("person"), r.c.name.label("known"))
        .select_from(start)
        .where(t.c.county == asked.county, ours)
        .order_by(t.c.claimed_at, t.c.id, link.c.post)
    )  # fmt: skip
    return list(db.execute(query))


def _call_table(calls: Sequence[Any], asked: Asked, titles: Mapping[tuple[int, int], str]) -> Table:
    heads = ("预警", "岗位号", "岗位", "内容", "对象", "姓名", "渠道", "通道", "号码", "发起时间", "结果时间",
             "状态", "结果码", "回执", "回执时间", "接通时间", "挂断时间",
             "收听秒数", "录音", "可能重复", "代叫", "尝试编号")  # fmt: skip
    return Table("呼叫", heads, [tuple(_call(row, asked, titles)) for row in calls])


def _call(row: Any, asked: Asked, titles: Mapping[tuple[int, int], str]) -> Iterator[Cell]:
    alert = row.about or row.alert
    spoken = row.channel == ChannelKind.VOICE and row.state == AttemptState.SENT
    yield from (asked.identifiers.get(alert, ""), row.post, titles.get((alert, row.post or 0), ""))
    kind = row.notice.partition(":")[0]
    yield words.NOTICE_KINDS.get(kind, "反馈提醒") if kind else "叫应值班室" if row.round else "叫应"
    yield words.TARGETS.get(row.target, row.target)
    yield asked.shown.name(row.person) if row.known else ""
    yield from (words.CHANNELS.get(row.channel, row.channel), row.provider, asked.shown.number(row.digits))
    yield from (at(row.submitted_at), at(row.settled_at), words.ATTEMPT_STATES.get(row.state, row.state), row.reason)
    yield from (words.RECEIPTS.get(row.receipt, row.receipt), at(row.receipt_at))
    yield from _course(row, asked) if spoken else ("", "", "", "")
    yield from ("是" if row.repeated else "", words.spoken_for(row.instead), row.id)


def _course(row: Any, asked: Asked) -> tuple[Cell, ...]:
    """When it was picked up and ended, how long the line was open, its recording: as far as the provider tells."""
    if row.picked_up_at is None and row.receipt and ReceiptKind(row.receipt).failed:
        return "未接通", at(row.ended_at), "", ""
    return (
        at(row.picked_up_at) or _absent(row, CallFact.PICKED_UP),
        at(row.ended_at) or _absent(row, CallFact.ENDED),
        _absent(row, CallFact.HEARD) if row.heard_s < 0 else row.heard_s,
        asked.shown.recording(row.recording) if row.recording else _absent(row, CallFact.RECORDING),
    )


def _absent(row: Any, fact: CallFact) -> str:
    """Why it is not there: attempts from before it was kept do not say what their provider could have told."""
    if not row.tells or fact in row.tells.split(","):
        return NOT_KEPT
    return NOT_RECORDED if fact is CallFact.RECORDING else NOT_TOLD


def _answers(db: Connection, asked: Asked) -> list[Any]:
    g, p = schema.answer, schema.personal
    query = (
        select(g, p.c.value.label("text"), p.c.commitment.label("kept"))
        .outerjoin(p, p.c.commitment == g.c.body)
        .where(g.c.county == asked.county, g.c.alert.in_(asked.alerts))
        .order_by(g.c.at, g.c.post, g.c.ref)
    )
    return list(db.execute(query))


def _answer_table(answers: Sequence[Any], asked: Asked, titles: Mapping[tuple[int, int], str]) -> Table:
    heads = ("预警", "岗位号", "岗位", "时间", "方式", "原文", "迟答", "转移人数", "尝试编号", "记录人")
    found: list[tuple[Cell, ...]] = [
        (asked.identifiers.get(r.alert, ""), r.post, titles.get((r.alert, r.post), ""), at(r.at),
         words.GRADES.get(r.grade, r.grade), asked.shown.said(r.text) if r.kept else r.body,
         "是" if r.late else "", r.moved if r.moved >= 0 else None, r.attempt,
         "本人手机" if r.actor == "phone" else r.actor)
        for r in answers
    ]  # fmt: skip
    return Table("应答", heads, found)


def _ups(calls: Sequence[Any], answers: Sequence[Any], asked: Asked, titles: Mapping[tuple[int, int], str]) -> Table:
    """Who was called in whose place, when, and why: what the try before had come to.

    Where a text had gone beside a held call, that was the moment; the call itself, later, is no second one.
    """
    heads = ("预警", "岗位号", "岗位", "时间", "从", "到", "姓名", "原因")
    own: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in calls:
        if row.post is not None and not row.round and not row.notice:
            own[row.about, row.post].append(row)
    declined = {(r.alert, r.post): r.at for r in answers if r.grade == Grade.CANNOT_COME}
    found: list[tuple[int, tuple[Cell, ...]]] = []
    for key, tries in own.items():
        before, texted = None, set[tuple[str, int]]()
        for row in tries:
            who = (row.target, row.responder)
            fresh = row.target != Target.HOLDER and who not in texted
            if fresh and (before is None or before.target != row.target):
                said_no = declined.get(key, row.claimed_at + 1) <= row.claimed_at
                found.append((row.claimed_at, (
                    asked.identifiers.get(key[0], ""), key[1], titles.get(key, ""), at(row.claimed_at),
                    words.TARGETS.get(before.target if before else Target.HOLDER, ""), words.TARGETS[row.target],
                    asked.shown.name(row.person) if row.known else "", "无法到岗" if said_no else _why(before),
                )))  # fmt: skip
            before = row
            if row.instead:
                texted.add(who)
    return Table("升级", heads, [line for _, line in sorted(found, key=lambda each: each[0])])


def _why(before: Any) -> str:
    if before is None:
        return "本岗无人可叫"
    if before.receipt and ReceiptKind(before.receipt).failed:
        return words.RECEIPTS[before.receipt]
    return _WHY_UP.get(before.state, "限时内未应答")
