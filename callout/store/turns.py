"""What a message does to what earlier messages of its episode opened: set-wise, chunk by chunk of posts."""

from collections.abc import Mapping

from callout.domain.callout import CalloutEvent
from callout.domain.episode import RENEWS, Move, Turn
from callout.domain.meaning import NoticeKind
from callout.ports import PlanJob
from callout.store.batch import Values
from callout.store.episodes import packed_lifts
from callout.store.transaction import Event, Ledger
from callout.store.turns_sql import (
    carry,
    end_calls_lifted,
    lift,
    renew,
    tell_all_clear,
    tell_renewed,
    told,
    void_notices,
)


class TurnRows:
    """Writes about older and newer callouts of the episode, for the posts of one chunk."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._dialect = ledger.dialect

    def renew(self, job: PlanJob, moves: Mapping[str, Move], values: Values) -> None:
        """Ladders that run go on with the new words; whoever has answered gets one notice."""
        turns = {move.turn for move in moves.values()}
        if turns.intersection(RENEWS):
            self._ledger.record_set(renew(self._dialect), Event(CalloutEvent.RENEWED), values=values)
            if not job.lifts:
                self._tell(NoticeKind.RENEWED, values)
        if Turn.LATE_RED in turns:
            self._ledger.record_set(carry(self._dialect), Event(CalloutEvent.CARRIED), values=values)

    def lift(self, moves: Mapping[str, Move], values: Values) -> None:
        """Ladders end, calls that ring are ended where the channel can, and everybody who was called is told."""
        if not any(move.reign for move in moves.values()):
            return
        values = values | packed_lifts(moves)
        self._ledger.record_set(lift(self._dialect), Event(CalloutEvent.LIFTED), values=values)
        self._ledger.record_set(end_calls_lifted(self._dialect), Event("to_hang_up"), values=values)
        self._ledger.record_set(void_notices(self._dialect), Event("overtaken"), values=values)
        self._tell(NoticeKind.ALL_CLEAR, values)

    def _tell(self, kind: NoticeKind, values: Values) -> None:
        queue = tell_renewed if kind is NoticeKind.RENEWED else tell_all_clear
        self._ledger.record_opened(queue(self._dialect), told(kind), Event("queued"), values)
