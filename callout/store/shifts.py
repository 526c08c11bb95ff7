"""Shifts as they are changed: each change is a new version of the roster; a handover keeps its note."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, select

from callout.domain.audit import commitment
from callout.domain.instant import Instant
from callout.domain.roster import Roster, Shift
from callout.ports import Ids
from callout.store import schema
from callout.store.rosters import RosterRows
from callout.store.transaction import Event, Ledger, Note

_H, _X = schema.handover, schema.personal


@dataclass(frozen=True, slots=True)
class Handover:
    """One shift given to somebody else while it ran."""

    post: int
    at: Instant
    giver: int
    taker: int
    note: str
    """What is to be known; empty where it was erased."""


@dataclass(frozen=True, slots=True)
class Change:
    """The shifts of a roster from now on."""

    version: str
    shifts: tuple[Shift, ...]
    run: str
    officer: str
    detail: str


class ShiftRows:
    """Writes of shifts inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids, rosters: RosterRows) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids
        self._rosters = rosters

    def use(self, roster: Roster, change: Change) -> None:
        """The same posts and people with other shifts, as a version of its own."""
        after = replace(roster, version=change.version, shifts=change.shifts)
        self._rosters.use_roster(after, change.run, change.officer, change.detail)

    def hand_over(self, county: str, one: Handover, officer: str) -> None:
        """Keep who gave what to whom, and the note: its words can be erased, its commitment stays."""
        salt = self._ids.salt()
        proof = commitment(salt, one.note)
        row = {"county": county, "post": one.post, "at": one.at, "giver": one.giver, "taker": one.taker, "note": proof}
        self._db.execute(insert(_X), [{"commitment": proof, "kind": "note", "salt": salt, "value": one.note}])
        notes = {(county, one.post, one.at): Note(commitment=proof, detail=f"{one.giver} {one.taker}")}
        self._ledger.record_rows(_H, [row], Event("handed_over", officer), notes)

    def handovers(self, county: str, most: int) -> Sequence[Handover]:
        """The newest ones of a county."""
        rows = self._db.execute(
            select(_H, _X.c.value)
            .outerjoin(_X, _X.c.commitment == _H.c.note)
            .where(_H.c.county == county)
            .order_by(_H.c.at.desc())
            .limit(most)
        )
        return [Handover(r.post, Instant(r.at), r.giver, r.taker, r.value or "") for r in rows]
