"""The objects of a 熔断 are told what was decided about them, on the send path of all notices."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import and_, or_, select

from callout.domain.callout import lane_of
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.meaning import NoticeKind, StopWords
from callout.domain.moves import VACANT
from callout.domain.stop_work import Decision, StopWork, StopWorkEvent, StopWorkKey
from callout.domain.telling import ways_to
from callout.store import schema
from callout.store.people import resolve_posts
from callout.store.transaction import Event, Ledger

_KINDS = {StopWorkEvent.ORDERED: NoticeKind.STOP_ORDERED, StopWorkEvent.LIFTED: NoticeKind.STOP_LIFTED}
_WORDS = {StopWorkEvent.ORDERED: "执行", StopWorkEvent.LIFTED: "解除"}


def tell(
    ledger: Ledger, chosen: Sequence[StopWork], event: StopWorkEvent, made: tuple[int, Decision]
) -> list[NewHumanCall]:
    """Queue one notice to each object; what nobody can be told is work for a human. `made` = the decision, numbered."""
    county = chosen[0].key.county
    measures = _measures(ledger, chosen)
    objects = _objects(ledger, chosen)
    views = resolve_posts(ledger.connection, [(county, row.post) for row in objects], ledger.at)
    known = {(one.key.area, one.key.role): one for one in chosen}
    notices: list[dict[str, Any]] = []
    untold = [one for one in chosen if (one.key.area, one.key.role) not in {(r.area, r.role) for r in objects}]
    items = [_item(one, event, made[0], 0, f"“{one.key.role}”不在名册") for one in untold]
    for row in objects:
        one = known[row.area, row.role]
        ways = ways_to(views.get((county, row.post), VACANT), ledger.at)
        detail = _detail(one, row.title, measures[one.key], made[1])
        for person, number, channel in ways:
            notices.append(
                {
                    "county": county,
                    "id": f"{_KINDS[event]}:{made[0]}:{row.post}:{channel}",
                    "alert": one.key.alert,
                    "kind": _KINDS[event],
                    "number": number.id,
                    "responder": person.id,
                    "detail": detail,
                    "state": "to_send",
                    "next_at": ledger.at,
                    "post": row.post,
                    "channel": channel,
                }
            )
        if not ways:
            items.append(_item(one, event, made[0], row.post, f"{row.title}没有可用号码"))
    ledger.record_rows(schema.notice, notices, Event("queued"))
    return items


def _item(one: StopWork, event: StopWorkEvent, number: int, post: int, why: str) -> NewHumanCall:
    note = f"{one.key.code}已决定{_WORDS[event]}，{why}，请电话或派人告知"
    about = f"{one.key.code}:{number}" if post else f"{one.key.code}:{number}:{one.key.area}:{one.key.role}"
    return NewHumanCall(one.key.county, one.key.alert, post, HumanCallKind.STOP_UNTOLD, about, note)


def _detail(one: StopWork, title: str, measure: str, decision: Decision) -> str:
    words = StopWords(
        code=one.key.code.value,
        measure=decision.words or measure.partition("。例外：")[0],
        decided=decision.title,
        starts_at=decision.effective_at,
        exceptions=decision.exceptions,
    )
    told = {"lane": lane_of(one.level), "titles": [title], "stop": asdict(words)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _objects(ledger: Ledger, chosen: Sequence[StopWork]) -> Sequence[Any]:
    """The posts that these speak of, by the roster in force."""
    d, k = schema.duty, schema.county
    meant = or_(*[and_(d.c.area == one.key.area, d.c.role == one.key.role) for one in chosen])
    return ledger.connection.execute(
        select(d.c.post, d.c.area, d.c.role, d.c.title)
        .join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
        .where(d.c.county == chosen[0].key.county, meant)
        .order_by(d.c.post)
    ).all()


def _measures(ledger: Ledger, chosen: Sequence[StopWork]) -> Mapping[StopWorkKey, str]:
    s = schema.stop_work
    rows = ledger.connection.execute(
        select(s.c.alert, s.c.area, s.c.code, s.c.role, s.c.measure).where(
            s.c.county == chosen[0].key.county, s.c.alert.in_({one.key.alert for one in chosen})
        )
    )
    found = {(r.alert, r.area, r.code, r.role): r.measure for r in rows}
    return {one.key: found[one.key.alert, one.key.area, one.key.code.value, one.key.role] for one in chosen}
