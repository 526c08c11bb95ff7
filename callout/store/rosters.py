"""Taking a roster and a rulebook into use: kept by version, numbers and names in the erasable table only."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import insert, select

from callout.domain.audit import commitment
from callout.domain.duty import compile_duty
from callout.domain.ladder import Ladder
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.ports import Ids
from callout.store import schema
from callout.store.planner import count_roster
from callout.store.schema.columns import real
from callout.store.transaction import ENGINE, Event, Ledger, Note, changed

PIECE = 10_000
"""Rows of a roster that one statement puts in."""


class RosterRows:
    """Reads and writes of rosters and rulebooks inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def use_rulebook(self, rulebook: Rulebook, files: Mapping[str, str], actor: str = ENGINE, detail: str = "") -> None:
        """Make this rulebook the one in force for its county; older versions stay on record.

        `detail` goes into the record beside the version: where it came from and what it changed.
        """
        code, k, r = rulebook.county.code, schema.county, schema.rulebook_version
        desk = rulebook.ladders[rulebook.desk_ladder]
        self._freeze(desk)
        self._ledger.record_rows(
            r,
            [
                {
                    "county": code,
                    "version": rulebook.version,
                    "loaded_at": self._ledger.at,
                    "files": json.dumps(dict(files), ensure_ascii=False),
                }
            ],
            Event("loaded", actor),
            {(code, rulebook.version): Note(detail=detail)},
        )
        row = {
            "county": code,
            "name": rulebook.county.name,
            "rulebook": rulebook.version,
            "desk_role": rulebook.desk_role,
            "desk_ladder": desk.id,
        }
        if not self._ledger.record_rows(k, [row], Event("opened")):
            changing = changed(k, **row).where(k.c.county == code, k.c.rulebook != rulebook.version)
            self._ledger.record_set(changing, Event("rulebook_in_force", actor))

    def _freeze(self, ladder: Ladder) -> None:
        known = select(schema.ladder.c.id).where(schema.ladder.c.id == ladder.id)
        if self._db.execute(known).first() is None:
            self._ledger.record_rows(schema.ladder, [{"id": ladder.id, "steps": ladder.to_json()}], Event("frozen"))

    def use_roster(self, roster: Roster, run: str, actor: str, detail: str = "") -> None:
        """Make this roster the one in force for its county; older versions stay on record.

        `detail` goes into the record beside the version: where it came from and what it changed, without personal data.
        """
        version = {
            "county": roster.county,
            "version": roster.version,
            "loaded_at": self._ledger.at,
            "loaded_by": actor,
            "run": run,
        }
        notes = {(roster.county, roster.version): Note(detail=detail)}
        if self._ledger.record_rows(schema.roster_version, [version], Event("loaded", actor), notes):
            self._load(roster)
        k = schema.county
        changing = changed(k, roster=roster.version).where(k.c.county == roster.county)
        self._ledger.record_set(changing, Event("roster_in_force", actor))

    def _load(self, roster: Roster) -> None:
        where = {"county": roster.county, "roster": roster.version}
        names = self._keep("name", (p.name for p in roster.responders))
        self._many(schema.responder, ({**where, "id": p.id, "name": names[p.name]} for p in roster.responders))
        self._contacts(roster, where)
        self._many(
            schema.shift,
            (
                {**where, "post": s.post, "begins": s.begins, "ends": s.ends, "responder": s.responder}
                for s in roster.shifts
            ),
        )
        self._duties(roster, where, names)
        count_roster(self._db)

    def _duties(self, roster: Roster, where: dict[str, Any], names: Mapping[str, str]) -> None:
        person = {p.id: names[p.name] for p in roster.responders}
        self._many(
            schema.duty,
            (
                {
                    **where,
                    "post": d.post,
                    "area": d.area,
                    "role": d.role,
                    "title": d.title,
                    "holder": d.holder,
                    "deputy": d.deputy,
                    "superior": d.superior,
                    "unusable": d.why_unusable,
                    "holder_name": person.get(d.holder, "") if d.holder is not None else "",
                }
                for d in compile_duty(roster)
            ),
        )

    def _contacts(self, roster: Roster, where: dict[str, Any]) -> None:
        proofs = self._keep("number", (c.e164 for p in roster.responders for c in p.contacts))
        n = schema.number
        known = {r.commitment: r.id for r in self._db.execute(select(n.c.id, n.c.commitment))}
        self._many(n, ({"commitment": proof} for proof in proofs.values() if proof not in known))
        ids = {r.commitment: r.id for r in self._db.execute(select(n.c.id, n.c.commitment))}
        owners = Counter(e164 for p in roster.responders for e164 in {c.e164 for c in p.contacts})
        self._many(
            schema.contact,
            (
                {
                    **where,
                    "responder": p.id,
                    "ord": at,
                    "number": ids[proofs[c.e164]],
                    "kind": c.kind,
                    "shared": int(owners[c.e164] > 1),
                }
                for p in roster.responders
                for at, c in enumerate(p.contacts, 1)
            ),
        )

    def _keep(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """Commitments of personal values; a value that is on record keeps the commitment it has."""
        x = schema.personal
        wanted = dict.fromkeys(values)
        known = {
            str(r.value): r.commitment
            for r in self._db.execute(select(x.c.value, x.c.commitment).where(x.c.kind == kind))
            if r.value in wanted
        }
        fresh = {v: (salt := self._ids.salt(), commitment(salt, v)) for v in wanted if v not in known}
        self._many(
            x, ({"commitment": proof, "kind": kind, "salt": salt, "value": v} for v, (salt, proof) in fresh.items())
        )
        return known | {v: proof for v, (_, proof) in fresh.items()}

    def _many(self, table: Any, rows: Iterable[dict[str, Any]]) -> None:
        """In pieces: a server that hears nothing while the rows of a city are made takes the connection away."""
        some = iter(rows)
        while piece := list(islice(some, PIECE)):
            self._db.execute(insert(table), piece)

    def rulebook_files(self, county: str, version: str) -> dict[str, str]:
        """The texts of the files that a rulebook version was read from; empty where it is not on record."""
        r = schema.rulebook_version
        found = self._db.execute(select(r.c.files).where(r.c.county == county, r.c.version == version)).scalar()
        return dict(json.loads(found)) if found else {}

    def counties(self) -> list[Any]:
        """The counties served, with the versions in force; drills are none."""
        k = schema.county
        return list(self._db.execute(select(k).where(real(k.c.county)).order_by(k.c.county)))
