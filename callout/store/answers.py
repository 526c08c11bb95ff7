"""What programs were answered under which Idempotency-Key: the same question has one effect and one answer."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from callout.domain.instant import DAY, Millis, later
from callout.store import schema
from callout.store.transaction import Event, Ledger, Note

KEPT: Millis = 30 * DAY
"""How long the same key gets the same answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on record."""

    asked: str
    """Hash of the question: method, path and body."""
    status: int
    body: str


class AnswerRows:
    """Reads and writes of answers inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def find(self, caller: str, once: str) -> Answered | None:
        """What this caller was answered under this key."""
        a = schema.api_answer
        row = self._ledger.connection.execute(select(a).where(a.c.caller == caller, a.c.once == once)).first()
        return Answered(row.asked, row.status, row.body) if row else None

    def forget(self) -> int:
        """Answers older than `KEPT` go, with one entry; asked again after that, a key is a new one."""
        a, old = schema.api_answer, schema.api_answer.c.at < later(self._ledger.at, -KEPT)
        many = self._ledger.connection.execute(select(func.count()).select_from(a).where(old)).scalar_one()
        if many:
            self._ledger.connection.execute(delete(a).where(old))
            self._ledger.note(Event("api_answer.forgotten"), detail=f"{many}")
        return many

    def keep(self, caller: str, once: str, answer: Answered, actor: str) -> bool:
        """Keep an answer in the transaction of its effect; False where another request was first."""
        values = {"asked": answer.asked, "status": answer.status, "body": answer.body, "at": self._ledger.at}
        row = {"caller": caller, "once": once, **values}
        note = {(caller, once): Note(detail=f"{answer.status} {answer.asked[:16]}")}
        return bool(self._ledger.record_rows(schema.api_answer, [row], Event("given", actor), note))
