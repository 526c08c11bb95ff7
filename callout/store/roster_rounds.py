"""Rounds of the roster: asked by notices that go out after all calls, answered by texts that are no warning's."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, func, select

from callout.domain.drill import base_of
from callout.domain.hearing import Heard
from callout.domain.instant import MINUTE, SECOND, Instant, Millis, later
from callout.domain.intake import GOING_OUT
from callout.domain.ladder import ChannelKind
from callout.domain.machine import follow
from callout.domain.meaning import NoticeKind
from callout.domain.roster import NumberKind
from callout.domain.roster_round import (
    START,
    TABLE,
    WITHIN,
    Asked,
    ConfirmEvent,
    ConfirmState,
    Line,
    hear,
    put_off,
    step_of,
)
from callout.ports import InboundKind, InboundRow
from callout.store import schema
from callout.store.batch import Values, packed, row_source
from callout.store.hearing import HearingRows
from callout.store.prepared import fetch
from callout.store.transaction import Change, Event, Ledger, Note

_F, _C, _N, _O = schema.confirmation, schema.contact, schema.number, schema.notice
Question = tuple[int, int, Instant, Sequence[str]]
"""Who is asked on which number, when, about which posts."""
DRILL_WAITS: Millis = 5 * MINUTE
"""After so long it is looked again whether a drill may be told of."""
_ANSWERED = (ConfirmState.CONFIRMED, ConfirmState.DENIED)


class ConfirmingRows:
    """Reads and writes of rounds inside one transaction."""

    def __init__(self, ledger: Ledger, hears: HearingRows) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._hears = hears

    def lines(self, county: str, roster: str) -> list[Line]:
        """Every number of a roster with what is known of it, in the order of trial."""
        rows = self._db.execute(
            select(_C.c.responder, _C.c.number, _C.c.kind, _C.c.shared, _N.c.dead, _N.c.opted_out, _N.c.textless)
            .join(_N, _N.c.id == _C.c.number)
            .where(_C.c.county == county, _C.c.roster == roster)
            .order_by(_C.c.responder, _C.c.ord)
        )
        return [
            Line(
                r.responder,
                r.number,
                NumberKind(r.kind),
                bool(r.shared),
                bool(r.dead),
                bool(r.opted_out),
                bool(r.textless),
            )
            for r in rows
        ]

    def start(
        self,
        county: str,
        asked: Sequence[tuple[int, int, Instant, Sequence[str]]],
        officer: str,
        *,
        tested: bool = False,
    ) -> int:
        """Ask these (responder, number, when, titles) in a new round; returns its name, the time at which it began.

        `tested`: a silent test of some numbers, no round of the whole roster.
        """
        round_, step = self._ledger.at, step_of([at for _, _, at, _ in asked])
        rows = [
            {
                "county": county,
                "round": round_,
                "responder": person,
                "number": number,
                "state": START,
                "asked_at": at,
                "tested": int(tested),
            }
            for person, number, at, _ in asked
        ]
        self._ledger.record_rows(_F, rows, Event("asked", officer))
        told = {"step": step, "tested": tested}
        notices = [_question(county, round_, one, told) for one in asked]
        self._ledger.record_rows(schema.notice, notices, Event("queued", officer))
        return round_

    def waiting(self, county: str) -> int:
        """How many questions have not gone out yet."""
        mine = (_O.c.county == county, _O.c.kind == NoticeKind.CONFIRM, schema.notice_to_send)
        return int(self._db.execute(select(func.count()).where(*mine)).scalar_one())

    def warned(self, county: str) -> bool:
        """Whether a warning is running there, so that nobody is asked now."""
        return bool(_warned(self._db, {county}))

    def rounds(self, county: str, *, tested: bool = False) -> list[int]:
        """The rounds of a county, or its silent tests, the newest first."""
        mine = _F.c.county == county, _F.c.tested == int(tested)
        rows = self._db.execute(select(_F.c.round).distinct().where(*mine).order_by(_F.c.round.desc()))
        return [int(r.round) for r in rows]

    def last_asked(self, county: str) -> Mapping[int, Instant]:
        """When each person was asked last, in a round or in a test."""
        last = select(_F.c.responder, func.max(_F.c.asked_at).label("at")).where(_F.c.county == county)
        return {r.responder: Instant(r.at) for r in self._db.execute(last.group_by(_F.c.responder))}

    def asked(self, county: str, round_: int) -> list[Asked]:
        """Everybody of one round."""
        rows = self._db.execute(select(_F).where(_F.c.county == county, _F.c.round == round_).order_by(_F.c.responder))
        return [Asked(r.responder, ConfirmState(r.state), r.asked_at, r.answered_at) for r in rows]

    def newest(self, county: str) -> Mapping[int, Asked]:
        """What each person said last, of all rounds."""
        last = (
            select(_F.c.responder, func.max(_F.c.answered_at).label("at"))
            .where(_F.c.county == county, _F.c.state.in_(_ANSWERED))
            .group_by(_F.c.responder)
            .subquery()
        )
        same = and_(_F.c.responder == last.c.responder, _F.c.answered_at == last.c.at)
        rows = self._db.execute(select(_F).join(last, same).where(_F.c.county == county))
        return {r.responder: Asked(r.responder, ConfirmState(r.state), r.asked_at, r.answered_at) for r in rows}

    def hear(self, rows: Sequence[InboundRow]) -> tuple[list[tuple[InboundRow, str]], Sequence[InboundRow]]:
        """Takes those of these events that answer a round, each with what it was taken for; the rest is a warning's."""
        waiting = self._waiting([row.number for row in rows if row.kind == InboundKind.REPLY])
        if not waiting:
            return [], rows
        told = self._hears.spoken_to(sorted(waiting), self._ledger.at)
        taken: list[tuple[InboundRow, str]] = []
        rest: list[InboundRow] = []
        for row in rows:
            one = waiting.get(row.number) if row.kind == InboundKind.REPLY else None
            event = self._meant(one, row, told.get(row.number, [])) if one else None
            if event and self._note(one, event, row):
                taken.append((row, event.value))
                del waiting[row.number]  # of several texts in one run the first one counts
            else:
                rest.append(row)
        return taken, rest

    def _meant(self, one: Any, row: InboundRow, told: Sequence[Heard]) -> ConfirmEvent | None:
        if one.asked_at > row.came_at:
            return None
        return hear(row.text, Instant(one.asked_at), told, answered=one.state in _ANSWERED)

    def _waiting(self, numbers: Sequence[int]) -> dict[int, Any]:
        """By number: the newest question that an answer may still be for."""
        if not numbers:
            return {}
        asked = packed((number,) for number in sorted(set(numbers))) | {"since": self._ledger.at - WITHIN}
        return {r.number: r for r in fetch(self._db, _select_asked(self._ledger.dialect), asked)}

    def _note(self, one: Any, event: ConfirmEvent, row: InboundRow) -> bool:
        state = ConfirmState(one.state)
        if (state, event) not in TABLE:
            return False
        values = {"state": follow(TABLE, state, event), "answered_at": row.came_at}
        key = (one.county, one.round, one.responder)
        note = Note(detail=f"{event} {row.event}", commitment=row.proof)
        return bool(self._ledger.record(_F, [Change(key, one.rev, state, values, note)], Event(event)))


def not_now(ledger: Ledger, rows: Sequence[Any]) -> list[Any]:
    """Those of these due notices that may go out: while a warning runs, nobody of its county is asked for a round,
    and nobody is told of a drill.

    What has to wait goes to the end of its queue, at the round's own pace, so that nothing bursts out afterwards.
    """
    rows = _without_drills(ledger, rows)
    counties = {row.county for row in rows if row.kind == NoticeKind.CONFIRM}
    warned = _warned(ledger.connection, counties) if counties else set()
    late = [row for row in rows if row.kind == NoticeKind.CONFIRM and row.county in warned]
    for county in sorted(warned):
        _requeue(ledger, county, [row for row in late if row.county == county])
    return [row for row in rows if row not in late]


def _without_drills(ledger: Ledger, rows: Sequence[Any]) -> list[Any]:
    """What tells of a drill is looked at again a little later, while a warning runs in its county."""
    bases = {base_of(row.county) for row in rows if row.kind == NoticeKind.DRILL}
    warned = _warned(ledger.connection, bases) if bases else set()
    late = [row for row in rows if row.kind == NoticeKind.DRILL and base_of(row.county) in warned]
    wait = {"next_at": later(ledger.at, DRILL_WAITS)}
    ledger.record(_O, [Change((r.county, r.id), r.rev, r.state, wait) for r in late], Event("put_off"))
    return [row for row in rows if row not in late]


def _warned(db: Connection, counties: Collection[str]) -> set[str]:
    ac = schema.alert_county
    running = select(ac.c.county).distinct().where(ac.c.county.in_(sorted(counties)), ac.c.state.in_(GOING_OUT))
    return set(db.execute(running).scalars())


def _requeue(ledger: Ledger, county: str, late: Sequence[Any]) -> None:
    last = ledger.connection.execute(
        select(func.max(_O.c.next_at)).where(
            _O.c.county == county, _O.c.kind == NoticeKind.CONFIRM, schema.notice_to_send
        )
    ).scalar_one()
    step = int(json.loads(late[0].detail).get("step", SECOND))
    when = dict(zip((row.id for row in late), put_off(ledger.at, Instant(last), len(late), step), strict=True))
    changes = [
        Change((county, r.id), r.rev, r.state, {"next_at": when[r.id], "expires_at": later(when[r.id], WITHIN)})
        for r in late
    ]
    ledger.record(_O, changes, Event("put_off"))
    asked = select(_F).where(_F.c.county == county, _F.c.responder.in_([row.responder for row in late]))
    rows = [(row, f"{NoticeKind.CONFIRM}:{row.round}:{row.responder}") for row in ledger.connection.execute(asked)]
    moved = [
        Change((county, row.round, row.responder), row.rev, row.state, {"asked_at": when[name]})
        for row, name in rows
        if name in when
    ]
    ledger.record(_F, moved, Event("put_off"))


def _question(county: str, round_: int, one: Question, told: Mapping[str, object]) -> Values:
    """The notice that asks one person."""
    person, number, at, titles = one
    return {
        "county": county,
        "id": f"{NoticeKind.CONFIRM}:{round_}:{person}",
        "alert": 0,
        "kind": NoticeKind.CONFIRM,
        "number": number,
        "responder": person,
        "detail": json.dumps({"titles": list(titles), **told}, ensure_ascii=False),
        "state": "to_send",
        "next_at": at,
        "channel": ChannelKind.SMS,
        "expires_at": later(at, WITHIN),
    }


@cache
def _select_asked(dialect: str) -> Select[Any]:
    """What these numbers were asked since a time, oldest first."""
    v = row_source(dialect, _F.c.number)
    mine = and_(_F.c.number == v.c.number, _F.c.asked_at > bindparam("since", type_=BigInteger))
    return select(_F).select_from(v).join(_F, mine).order_by(_F.c.asked_at)
