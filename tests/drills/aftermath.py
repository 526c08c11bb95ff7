"""What a drill left behind, judged from outside: the database file, the journal of the phones, the folder."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from callout.app import StoredRulebooks
from callout.domain.attempt import LEASE, AttemptState
from callout.domain.callout import CalloutState, level_of
from callout.domain.ladder import ChannelKind
from callout.domain.moves import hurries
from callout.ports import InboundKind
from callout.reports.account import Account, account
from callout.reports.checkpoints import read_checkpoints
from callout.reports.verification import check_commitments, verify_record
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.store import schema
from callout.store.database import Database
from callout.store.store import Store
from tests.drills import county
from tests.drills.boundaries import read_journal
from tests.drills.engine_process import FILE, database_url

S = AttemptState
Key = tuple[Any, ...]
"""(county, alert, post, round) of a callout."""
Step = tuple[Any, ...]
"""What a person would take for the same message: post, alert, round, target, channel and number; or the notice."""


@dataclass(frozen=True, slots=True)
class Death:
    """The attempts that a killed process had open."""

    claimed: frozenset[str]
    submitting: frozenset[str]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run that nobody killed comes to."""

    due: int
    answered: frozenset[Key]
    """Keys of callouts; empty where the engine was down so long that an alert may have ended meanwhile."""
    alerts: int


def at_death(folder: Path, lives: int) -> Death:
    """Look at a copy: opening the file itself would do the recovery that the next process must do."""
    copy = folder / f"death-{lives}"
    copy.mkdir()
    for path in folder.glob(f"{FILE}*"):
        if not path.name.endswith("-shm"):
            shutil.copyfile(path, copy / path.name)
    database = Database(database_url(copy))
    t = schema.attempt
    rows = database.read(lambda db: db.execute(select(t.c.id, t.c.state)).all())
    database.close()
    return Death(*(frozenset(r.id for r in rows if r.state == state) for state in (S.CLAIMED, S.SUBMITTING)))


class Aftermath:
    """One finished drill; a context that holds its database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = read_journal(folder / "journal.jsonl")
        self.database = Database(database_url(folder))
        rulebooks = StoredRulebooks(Store(self.database, VirtualClock(county.START), SeededIds(0)))
        self.account: Account = self.database.read(lambda db: account(db, rulebooks))
        self.attempts = {r.id: r for r in self._rows(schema.attempt)}
        self.callouts = {tuple(r[:4]): r for r in self._rows(schema.callout)}
        self.answered = {key for key, c in self.callouts.items() if c.state == CalloutState.ANSWERED}
        self.inbound = {r.event: r for r in self._rows(schema.inbound)}
        self.answers = self._rows(schema.answer)
        self.audit = self._rows(schema.audit)
        self.behind: defaultdict[str, list[Key]] = defaultdict(list)
        for r in self._rows(schema.attempt_callout):
            self.behind[r.attempt].append((r.county, r.alert, r.post, r.round))
        self.doubled = self._doubled()

    def __enter__(self) -> "Aftermath":
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def _rows(self, table: Any) -> list[Row[Any]]:
        return self.database.read(lambda db: list(db.execute(select(table)).all()))

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.journal if line["kind"] == kind]

    @property
    def left(self) -> list[dict[str, Any]]:
        """Every message that truly left the house."""
        return self._lines("bytes")

    def expected(self) -> Expected:
        """Of an undisturbed run: what every other run must come to.

        A dead process holds its claims for a lease, and below orange a doubt waits for its step: an answer may be
        missing where the alert ends meanwhile.
        """
        given = ((key, self.callouts[key]) for key in self.answered)
        early = frozenset(
            key
            for key, c in given
            if c.expires_at and hurries(level_of(c.lane)) and c.answered_at + 2 * LEASE < c.expires_at
        )
        return Expected(self.account.total.due, early, len(self._rows(schema.alert)))

    def _doubled(self) -> Mapping[Step, list[str]]:
        """Steps that reached their phone more than once, with the attempts that did it."""
        seen: defaultdict[Step, list[str]] = defaultdict(list)
        for line in self.left:
            a = self.attempts[line["attempt"]]
            way = (a.target, a.channel, a.number)
            for step in [(*key, *way) for key in self.behind[a.id]] or [(a.county, a.notice)]:
                seen[step].append(a.id)
        return {step: ids for step, ids in seen.items() if len(ids) > 1}

    def marked(self, attempts: list[str]) -> bool:
        """Whether the record says that one of these may have been sent twice."""
        return any(self.attempts[i].state == S.UNKNOWN or self.attempts[i].repeated for i in attempts)

    def faults(self, expected: Expected, deaths: list[Death]) -> list[str]:
        """Every broken promise, one sentence each; none is what we want."""
        checks = (
            self._nobody_vanishes(expected),
            self._answers_count(),
            self._doubts_are_marked(deaths),
            self._nothing_after_the_end(),
            self._nothing_stuck(),
            self._documents_kept(expected),
            self._record_holds(),
        )
        return [fault for check in checks for fault in check]

    def _nobody_vanishes(self, expected: Expected) -> Iterator[str]:
        total = self.account.total
        if total.lost:
            yield f"lost: {self.account.lost}"
        if total.due != expected.due:
            yield f"due is {total.due}, not {expected.due}"
        if total.open:
            yield f"{total.open} callouts still open"
        if missing := expected.answered - self.answered:
            yield f"answered without a kill, not here: {sorted(missing)}"

    def _answers_count(self) -> Iterator[str]:
        """What the provider was thanked for is understood; who said yes has answered."""
        for event in (e for line in self._lines("thanked") for e in line["events"]):
            row = self.inbound.get(event)
            if row is None or row.state != "done":
                yield f"thanked for {event}, which is {row.state if row else 'gone'}"
        for line in self.left:
            said = county.reactions(county.serial(line["e164"]), ChannelKind(line["channel"]))
            for event, reaction in ((f"{line['attempt']}:{i}", r) for i, r in enumerate(said)):
                if event in self.inbound and reaction.body in county.YES and not self._counted(event, reaction.kind):
                    yield f"{event} said {reaction.body} and somebody it speaks for has not answered"

    def _counted(self, event: str, kind: InboundKind) -> bool:
        """A key answers all that the call spoke of; a text what it was taken for."""
        spoken = self.behind[event.rpartition(":")[0]]
        keys = spoken if kind is InboundKind.KEY else [tuple(a[:4]) for a in self.answers if a.ref == event]
        return bool(keys) and {*keys} <= self.answered

    def _doubts_are_marked(self, deaths: list[Death]) -> Iterator[str]:
        for step, attempts in self.doubled.items():
            if not self.marked(attempts):
                yield f"{step} came to the phone {len(attempts)} times and nothing says so"
        ids = [line["attempt"] for line in self.left]
        if len(ids) != len(set(ids)):
            yield "one attempt left the house twice"
        for attempt in sorted(i for death in deaths for i in death.submitting):
            a = self.attempts[attempt]
            if a.state != S.UNKNOWN and not (a.state == S.SENT and a.receipt):
                yield f"{attempt} was on its way when the process died, and is {a.state}"
        for line in self.left:
            if self.attempts[line["attempt"]].state not in (S.SENT, S.UNKNOWN):
                yield f"{line['attempt']} left the house, and is {self.attempts[line['attempt']].state}"

    def _nothing_after_the_end(self) -> Iterator[str]:
        """No submit after the commit of an answer by all whom it concerns, and none after the expiry."""
        answered: dict[Any, int] = {}
        for e in self.audit:
            if e.event == "callout.answered":
                answered.setdefault((e.county, e.alert, e.post, int(e.ref)), e.id)
        begun = {e.ref: e.id for e in self.audit if e.event == "attempt.submitting"}
        for line in self.left:
            keys = self.behind[line["attempt"]]
            if keys and all(answered.get(k, begun[line["attempt"]]) < begun[line["attempt"]] for k in keys):
                yield f"{line['attempt']} left after the answer"
            ends = [self.callouts[k].expires_at or line["now"] + 1 for k in keys if k in self.callouts]
            if ends and line["now"] >= max(ends):
                yield f"{line['attempt']} left after the expiry"

    def _nothing_stuck(self) -> Iterator[str]:
        for i, a in self.attempts.items():
            if a.state in (S.CLAIMED, S.SUBMITTING):
                yield f"{i} is {a.state} for ever"
        yield from (f"{e} is {r.state} for ever" for e, r in self.inbound.items() if r.state != "done")
        yield from (f"notice {n.id} is {n.state} for ever" for n in self._rows(schema.notice) if n.state != "handed")

    def _documents_kept(self, expected: Expected) -> Iterator[str]:
        waiting = [p.name for place in ("outgoing", "inbox") for p in (self.folder / place).glob("*.xml")]
        if waiting:
            yield f"documents not taken in: {waiting}"
        if (alerts := len(self._rows(schema.alert))) != expected.alerts:
            yield f"{alerts} alerts on record, not {expected.alerts}"

    def _record_holds(self) -> Iterator[str]:
        held = read_checkpoints(self.folder / f"{FILE}.checkpoints")
        verdict = self.database.read(lambda db: verify_record(db, held))
        if not verdict.ok:
            yield f"audit: {verdict.findings}"
        yield from (f"audit: {finding}" for finding in self.database.read(check_commitments))
        checked = self.database.read(lambda db: db.exec_driver_sql("PRAGMA integrity_check").scalar_one())
        if checked != "ok":
            yield f"database: {checked}"
        yield from (
            f"audit: time runs backward at entry {later.id}"
            for earlier, later in zip(self.audit, self.audit[1:], strict=False)
            if later.at < earlier.at
        )
