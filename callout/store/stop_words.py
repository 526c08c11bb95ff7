"""What objects of a 熔断 answer to the order: said by them, shown to whoever waits for the word from the site."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, select

from callout.domain.answer import MINIMUM_AGE, PHONE
from callout.domain.attempt import AttemptState
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.meaning import NoticeKind
from callout.domain.stop_reply import StopWord, read_stop_reply
from callout.domain.stop_work import IN_FORCE
from callout.ports import InboundKind, InboundRow
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.inbox import MEMORY
from callout.store.planning import open_human_calls
from callout.store.prepared import fetch_plain
from callout.store.transaction import Event, Ledger, Note

_W, _T, _O, _S, _D, _K = (
    schema.stop_word,
    schema.attempt,
    schema.notice,
    schema.stop_work,
    schema.duty,
    schema.county,
)
_MAY_HAVE_LEFT = (AttemptState.SUBMITTING, AttemptState.SENT, AttemptState.UNKNOWN)


class StopWordRows:
    """Writes of these words inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def hear(self, rows: Sequence[InboundRow]) -> tuple[list[tuple[InboundRow, str]], Sequence[InboundRow]]:
        """Takes 已停 and 未停 to an order that stands. 收到 is noted, and goes on to the warnings."""
        taken: list[tuple[InboundRow, str]] = []
        rest: list[InboundRow] = []
        told = self._told({row.number for row in rows if row.kind == InboundKind.REPLY and row.number})
        for row in rows:
            word = read_stop_reply(row.text) if row.kind == InboundKind.REPLY and row.number in told else None
            meant = self._meant(row) if word else []
            if word and meant:
                self._keep(word, meant, row)
            if word and meant and word is not StopWord.READ:
                taken.append((row, word.value))
            else:
                rest.append(row)
        return taken, rest

    def _told(self, numbers: Collection[int]) -> set[int]:
        """Those of the numbers that were told of an order lately: hardly any, so that most replies end here."""
        if not numbers:
            return set()
        asked = packed((number,) for number in sorted(numbers)) | {"since": self._ledger.at - MEMORY}
        return {number for (number,) in fetch_plain(self._db, _select_told(self._ledger.dialect), asked)}

    def _meant(self, row: InboundRow) -> list[Any]:
        """What stands of the order that this number was told last."""
        told = (
            select(_T.c.county, _T.c.id, _O.c.id.label("notice"), _O.c.post)
            .join(_O, and_(_O.c.county == _T.c.county, _O.c.id == _T.c.notice))
            .where(_T.c.number == row.number, _T.c.claimed_at > self._ledger.at - MEMORY)
            .where(_T.c.state.in_(_MAY_HAVE_LEFT), _T.c.submitted_at <= row.came_at - MINIMUM_AGE)
            .where(_O.c.kind == NoticeKind.STOP_ORDERED)
            .order_by(_T.c.submitted_at.desc(), _T.c.id)
            .limit(1)
        )
        last = self._db.execute(told).first()
        if last is None:
            return []
        ordering = int(last.notice.split(":")[1])
        here = and_(_S.c.county == _D.c.county, _S.c.area == _D.c.area, _S.c.role == _D.c.role)
        standing = (
            select(_S, _D.c.post, _T.c.id.label("attempt"))
            .select_from(_S)
            .join(_D, here)
            .join(_K, and_(_K.c.county == _D.c.county, _K.c.roster == _D.c.roster))
            .join(_T, and_(_T.c.county == _S.c.county, _T.c.id == last.id))
            .where(_S.c.county == last.county, _S.c.ordering == ordering, _D.c.post == last.post)
            .where(_S.c.state.in_([state.value for state in IN_FORCE]))
        )
        return list(self._db.execute(standing))

    def _keep(self, word: StopWord, meant: Sequence[Any], row: InboundRow) -> None:
        rows = [
            {
                **{name: getattr(one, name) for name in ("county", "alert", "area", "code", "role", "post")},
                "ordering": one.ordering,
                "ref": row.event,
                "word": word,
                "at": row.came_at,
                "attempt": one.attempt,
            }
            for one in meant
        ]
        note = Note(detail=f"{word} {row.event} attempt={meant[0].attempt}", commitment=row.proof)
        keys = {tuple(one[column.name] for column in _W.primary_key.columns): note for one in rows}
        self._ledger.record_rows(_W, rows, Event("said", PHONE), keys)
        if word is StopWord.NOT_STOPPED:
            items = [NewHumanCall(o.county, o.alert, o.post, HumanCallKind.ASKED, row.event, row.event) for o in meant]
            open_human_calls(self._ledger, items[:1], meant[0].lane)


@cache
def _select_told(dialect: str) -> Select[Any]:
    """Those of the numbers to which an order may have gone since a time."""
    v = row_source(dialect, _T.c.number)
    mine = and_(_T.c.number == v.c.number, _T.c.claimed_at > bindparam("since", type_=BigInteger), _T.c.notice != "")
    order = and_(_O.c.county == _T.c.county, _O.c.id == _T.c.notice, _O.c.kind == NoticeKind.STOP_ORDERED.value)
    return select(_T.c.number).distinct().select_from(v).join(_T, mine).join(_O, order)
