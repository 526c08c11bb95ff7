"""Notices as they are queued: a text, or a call where the number takes none; and once more where that is needed."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from callout.domain.attempt import ReceiptKind, county_of
from callout.domain.callout import level_of
from callout.domain.hearing import Heard
from callout.domain.instant import later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.meaning import NoticeKind
from callout.domain.notice import AGAIN, ON_AGAIN, Spoken, said_again
from callout.ports import Told
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.prepared import fetch
from callout.store.schema.columns import one_of
from callout.store.transaction import Event, Ledger

_O, _T, _A = schema.notice, schema.attempt, schema.alert
_N, _K, _C = schema.number, schema.contact, schema.county
_ONCE = (NoticeKind.CONFIRM.value, NoticeKind.LATER.value, NoticeKind.DRILL.value)
"""What is said once at most, whatever becomes of it."""
REPEATED = "repeated"
"""Key of a notice's detail: the first one may have arrived, so that this one says 可能重复."""


def queue(ledger: Ledger, kind: NoticeKind, rows: Sequence[tuple[Told, str, Mapping[str, object]]]) -> None:
    """One notice to each of these; what is told twice to one number by the same name is queued once."""
    rings = rung(ledger, [t.number for t, _, _ in rows])
    many = [
        {
            "county": t.county,
            "id": f"{kind}:{t.alert}:{t.number}:{ref}",
            "alert": t.alert,
            "kind": kind,
            "number": t.number,
            "responder": t.responder,
            "detail": json.dumps(detail, ensure_ascii=False),
            "state": "to_send",
            "next_at": ledger.at,
            "channel": ChannelKind.VOICE if t.number in rings else ChannelKind.SMS,
        }
        for t, ref, detail in rows
    ]
    ledger.record_rows(_O, many, Event("queued"))


def text_later(ledger: Ledger, off: Sequence[Heard]) -> None:
    """Queue the warning once more, as a text, to phones that were off; it goes if the post has not answered by then."""
    many = [
        {
            "county": h.callout.key.county,
            "id": f"{NoticeKind.LATER}:{h.callout.key.alert}:{h.number}:{h.callout.key.post}",
            "alert": h.callout.key.alert,
            "kind": NoticeKind.LATER,
            "number": h.number,
            "responder": 0,
            "post": h.callout.key.post,
            "detail": json.dumps({"lane": h.callout.lane}),
            "state": "to_send",
            "next_at": later(ledger.at, ON_AGAIN),
            "channel": ChannelKind.SMS,
            "expires_at": h.callout.expires_at,
        }
        for h in off
    ]
    ledger.record_rows(_O, many, Event("queued"))


def say_again(ledger: Ledger, attempts: Sequence[str], *, doubt: bool, texts: bool = True) -> None:
    """Queue the notices of these attempts once more; attempts of callouts are not touched.

    `texts`: False where the words were turned down, so that they must not go out as a text again.
    """
    if not attempts:
        return
    rows = fetch(
        ledger.connection, _select_said(ledger.dialect), packed((county_of(a), a) for a in dict.fromkeys(attempts))
    )
    rings = rung(ledger, [r.number for r in rows])
    many = []
    for r in rows:
        told = json.loads(r.detail or "{}")
        spoken = Spoken(ChannelKind(r.spoken), _may_be_texted(r, rings) and texts, _level(told, r.level), doubt)
        again = None if r.id.endswith(AGAIN) else said_again(spoken)
        if again is None:
            continue
        many.append(
            {
                "county": r.county,
                "id": r.id + AGAIN,
                "alert": r.alert,
                "kind": r.kind,
                "number": r.number,
                "responder": r.responder,
                "post": r.post,
                "detail": json.dumps(told | ({REPEATED: True} if doubt else {}), ensure_ascii=False),
                "state": "to_send",
                "next_at": later(ledger.at, again.wait),
                "channel": again.channel,
                "expires_at": r.expires_at,
            }
        )
    ledger.record_rows(_O, many, Event("queued_again"))


def _may_be_texted(row: Any, rung: set[int]) -> bool:
    return row.number not in rung and row.receipt != ReceiptKind.FILTERED


def may_repeat(detail: str) -> bool:
    """Whether the person may have had this notice already."""
    return bool(detail) and bool(json.loads(detail).get(REPEATED))


def _level(told: Mapping[str, Any], level: str | None) -> Level | None:
    if "lane" in told:
        return level_of(told["lane"])
    return Level(level) if level else None


def rung(ledger: Ledger, numbers: Sequence[int]) -> set[int]:
    """Those of the numbers that take no texts."""
    if not numbers:
        return set()
    return {r.id for r in fetch(ledger.connection, _select_rung(ledger.dialect), packed((n,) for n in set(numbers)))}


def takes_no_texts(number: ColumnElement[Any]) -> ColumnElement[bool]:
    """A landline on a roster in force, or a number that wants no texts or has proved to take none."""
    in_force = and_(_C.c.county == _K.c.county, _C.c.roster == _K.c.roster)
    landline = select(_K.c.number).join(_C, in_force).where(_K.c.number == number, schema.contact_landline).exists()
    own = _N.alias("own")  # a name of its own: `number` may be a column of the same table
    barred = select(own.c.id).where(own.c.id == number, or_(own.c.opted_out == 1, own.c.textless == 1)).exists()
    return or_(landline, barred)


@cache
def _select_rung(dialect: str) -> Select[Any]:
    v = row_source(dialect, _N.c.id)
    return select(v.c.id).where(takes_no_texts(v.c.id))


@cache
def _select_said(dialect: str) -> Select[Any]:
    v = row_source(dialect, _T.c.county, _T.c.id)
    return (
        select(_O, _T.c.channel.label("spoken"), _T.c.receipt, _A.c.level)
        .select_from(v)
        .join(_T, and_(_T.c.county == v.c.county, _T.c.id == v.c.id))
        .join(_O, and_(_O.c.county == _T.c.county, _O.c.id == _T.c.notice, ~one_of(_O.c.kind, *_ONCE)))
        .outerjoin(_A, _A.c.id == _O.c.alert)
    )
