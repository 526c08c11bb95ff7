"""The course of one callout, minute by minute: what was tried, what came back, how much each proves, who stepped in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from callout.domain.answer import PHONE, Grade
from callout.domain.attempt import AttemptState
from callout.domain.callout import CalloutKey
from callout.domain.instant import Instant
from callout.domain.link import in_words
from callout.ports import InboundKind
from callout.reports.stop_photos import CONFIRMED_BY, PHOTO_COLUMNS, Photo, photo_in
from callout.reports.words import (
    ATTEMPT_STATES,
    CHANNELS,
    FEEDBACK_STATES,
    GRADES,
    HUMAN_CALL_KINDS,
    HUMAN_CALL_STATES,
    RECEIPTS,
    TARGETS,
    spoken_for,
)
from callout.store import schema

_PROVES: Mapping[str, Grade] = {
    "delivered": Grade.DELIVERED,
    "read": Grade.READ,
    "heard_part": Grade.HEARD_PART,
    "heard_whole": Grade.HEARD_WHOLE,
}
"""What a receipt proves; any other proves nothing about the person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    at: Instant
    what: str
    who: str = ""
    """The person or the officer."""
    number: str = ""
    """The number in the clear; whoever shows it masks it, or records that it was seen."""
    grade: Grade | None = None
    """How much it proves, where it proves anything about the person."""
    photo: Photo | None = None
    """What was seen, where it came with a photo."""

    @property
    def proof(self) -> str:
        """The grade in words."""
        return GRADES[self.grade] if self.grade else ""


def course(db: Connection, key: CalloutKey, opened: Instant) -> list[Moment]:
    """Everything on record about one callout, in order of time."""
    every = [Moment(opened, "开始叫应"), *_attempts(db, key), *_answers(db, key), *_items(db, key)]
    every += [*_feedback(db, key), *_stopped(db, key)]
    return sorted(every, key=lambda one: one.at)


def _attempts(db: Connection, key: CalloutKey) -> Iterator[Moment]:
    t, link, n, p = schema.attempt, schema.attempt_callout, schema.number, schema.responder
    number, name = schema.personal.alias("dialled"), schema.personal.alias("who")
    asked = (
        select(t, number.c.value.label("e164"), name.c.value.label("name"))
        .select_from(link)
        .join(t, and_(t.c.county == link.c.county, t.c.id == link.c.attempt))
        .outerjoin(n, n.c.id == t.c.number)
        .outerjoin(number, number.c.commitment == n.c.commitment)
        .outerjoin(p, and_(p.c.county == t.c.county, p.c.roster == t.c.roster, p.c.id == t.c.responder))
        .outerjoin(name, name.c.commitment == p.c.name)
        .where(*_of(link, key))
        .order_by(t.c.claimed_at, t.c.id)
    )
    for row in db.execute(asked):
        yield from _attempt(row)


def _attempt(row: Any) -> Iterator[Moment]:
    """When it was handed over, and what the provider told later."""
    who = f"{TARGETS[row.target]} {row.name or ''}".strip()
    what = f"{CHANNELS[row.channel]}：{ATTEMPT_STATES[row.state]}"
    extra = "、".join(
        filter(None, (row.provider, row.reason, "可能重复" if row.repeated else "", spoken_for(row.instead)))
    )
    grade = Grade.SUBMITTED if row.state == AttemptState.SENT else None
    at = row.submitted_at if row.submitted_at is not None else row.claimed_at
    yield Moment(at, what + (f"（{extra}）" if extra else ""), who, row.e164 or "", grade)
    if row.picked_up_at is not None:
        heard = f"，线上 {row.heard_s} 秒" if row.heard_s >= 0 else ""
        yield Moment(row.picked_up_at, f"电话接通{heard}", who, row.e164 or "")
    if row.receipt:
        yield Moment(row.receipt_at, f"回执：{RECEIPTS[row.receipt]}", who, row.e164 or "", _PROVES.get(row.receipt))


def _answers(db: Connection, key: CalloutKey) -> Iterator[Moment]:
    a, i, x = schema.answer, schema.inbound, schema.personal
    asked = (
        select(a, i.c.kind.label("came"), x.c.value.label("words"))
        .outerjoin(i, i.c.event == a.c.ref)
        .outerjoin(x, x.c.commitment == a.c.body)
        .where(*_of(a, key))
    )
    for row in db.execute(asked):
        late = "，迟到" if row.late else ""
        people = f"，已转移 {row.moved} 人" if row.moved >= 0 else ""
        heard = row.actor if row.actor != PHONE else ""
        yield Moment(row.at, f"{_how(row)}{people}{late}", heard, "", Grade(row.grade))


def _how(row: Any) -> str:
    if row.came == InboundKind.KEY:
        return f"电话里按 {row.body}"
    if row.came == InboundKind.LINK:
        return f"网页上按了“{in_words(row.body)}”"
    if row.came == InboundKind.REPLY:
        return f"短信回复“{row.words}”" if row.words is not None else "短信回复（内容已删除）"
    return f"值班员记录：{row.body}"


def _items(db: Connection, key: CalloutKey) -> Iterator[Moment]:
    h = schema.human_call
    mine = select(h).where(h.c.county == key.county, h.c.alert == key.alert, h.c.post == key.post)
    for row in db.execute(mine):
        word = HUMAN_CALL_KINDS[row.kind]
        state = "" if row.closed_at is not None else f"，{HUMAN_CALL_STATES[row.state]}"
        yield Moment(row.opened_at, f"转人工：{word}{state}", row.claimed_by if row.closed_at is None else "")
        if row.closed_at is not None:
            outcome = f"，{row.outcome}" if row.outcome else ""
            yield Moment(row.closed_at, f"人工办结：{word}{outcome}", row.closed_by)


def _feedback(db: Connection, key: CalloutKey) -> Iterator[Moment]:
    f = schema.feedback
    mine = select(f).where(f.c.county == key.county, f.c.alert == key.alert, f.c.post == key.post)
    for row in db.execute(mine):
        yield Moment(row.opened_at, f"要反馈{row.kind}，{FEEDBACK_STATES[row.state]}")
        if row.given_at is not None:
            people = f" {row.people} 人" if row.people >= 0 else ""
            yield Moment(row.given_at, f"反馈{row.kind}{people}")


def _stopped(db: Connection, key: CalloutKey) -> Iterator[Moment]:
    """熔断 about this warning for the objects of this post that somebody saw closed."""
    s, u, k, d, x = schema.stop_work, schema.duty, schema.county, schema.stop_decision, schema.personal
    asked = (
        select(s.c.county, s.c.confirming, s.c.code, d.c.at, x.c.value, *PHOTO_COLUMNS)
        .join(d, and_(d.c.county == s.c.county, d.c.id == s.c.confirming))
        .join(k, k.c.county == s.c.county)
        .join(u, and_(u.c.county == k.c.county, u.c.roster == k.c.roster, u.c.area == s.c.area, u.c.role == s.c.role))
        .outerjoin(x, x.c.commitment == d.c.name)
        .outerjoin(schema.stop_photo, CONFIRMED_BY)
        .where(s.c.county == key.county, s.c.alert == key.alert, u.c.post == key.post)
    )
    for row in db.execute(asked):
        yield Moment(row.at, f"现场有人看到{row.code}已停下", row.value or "（姓名已删除）", photo=photo_in(row))


def _of(table: Any, key: CalloutKey) -> tuple[Any, ...]:
    return (
        table.c.county == key.county,
        table.c.alert == key.alert,
        table.c.post == key.post,
        table.c.round == key.round,
    )
