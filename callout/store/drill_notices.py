"""What is told of a drill before it begins: that it is coming, or that it is not."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import Connection, and_, select

from callout.domain.attempt import AttemptState
from callout.domain.drill import Drill
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import DrillWords, NoticeKind
from callout.store import schema
from callout.store.notices import rung
from callout.store.transaction import Event, Ledger, changed

_O, _T = schema.notice, schema.attempt
_MAY_HAVE_LEFT = (AttemptState.SENT.value, AttemptState.UNKNOWN.value)


def announced(ledger: Ledger, drill: Drill, listed: Mapping[int, int], at: Instant) -> None:
    """Everybody on the list (number → responder) is told at that time, on one number each."""
    people = {listed[number]: number for number in sorted(listed, reverse=True)}
    _queue(ledger, drill.county, people, DrillWords(drill.name, drill.begins, drill.ends), at)


def untold(ledger: Ledger, county: str) -> None:
    """Whoever has not been told by now that the drill is coming is not told any more."""
    waiting = changed(_O, state="withdrawn").where(_O.c.county == county, _O.c.kind == NoticeKind.DRILL)
    ledger.record_set(waiting.where(schema.notice_to_send), Event("withdrawn"))


def called_off(ledger: Ledger, drill: Drill) -> None:
    """A drill that never began: whoever was told that it is coming is told that it is not."""
    words = DrillWords(drill.name, drill.begins, drill.ends, off=True)
    _queue(ledger, drill.county, told(ledger.connection, drill.county), words, ledger.at)


def told(db: Connection, county: str) -> dict[int, int]:
    """Who was told of a drill, as far as a provider took it or may have taken it: responder → number."""
    said = and_(_T.c.county == _O.c.county, _T.c.notice == _O.c.id, _T.c.state.in_(_MAY_HAVE_LEFT))
    asked = select(_O.c.responder, _O.c.number).join(_T, said)
    mine = _O.c.county == county, _O.c.kind == NoticeKind.DRILL
    return {r.responder: r.number for r in db.execute(asked.where(*mine))}


def _queue(ledger: Ledger, county: str, people: Mapping[int, int], words: DrillWords, at: Instant) -> None:
    """Queue what is told of a drill to these (responder → number), to go out at that time, not after its end."""
    rings = rung(ledger, list(people.values()))
    detail = json.dumps({"drill": asdict(words)}, ensure_ascii=False)
    many = [
        {
            "county": county,
            "id": f"{NoticeKind.DRILL}:{'off' if words.off else 'on'}:{number}",
            "alert": 0,
            "kind": NoticeKind.DRILL,
            "number": number,
            "responder": person,
            "detail": detail,
            "state": "to_send",
            "next_at": at,
            "channel": ChannelKind.VOICE if number in rings else ChannelKind.SMS,
            "expires_at": words.ends,
        }
        for person, number in people.items()
    ]
    ledger.record_rows(_O, many, Event("queued"))
