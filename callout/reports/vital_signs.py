"""What a watch outside must see: counts and ages in the field's terms, without a name, a number or a text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, func, select

from callout.domain.attempt import AttemptEvent
from callout.domain.audit import Entry
from callout.domain.callout import DRILL_LANES, LIVE, CalloutState, level_of
from callout.domain.drill import is_drill
from callout.domain.human_call import HumanCallState
from callout.domain.instant import SECOND, Instant, Millis
from callout.reports.in_force import in_force
from callout.store import schema
from callout.store.agenda import agenda
from callout.store.schema.columns import real
from callout.store.sealing import oldest_unsealed, tail

OUTCOMES = {
    f"attempt.{AttemptEvent.ACCEPTED}": "sent",
    f"attempt.{AttemptEvent.REFUSED}": "refused",
    f"attempt.{AttemptEvent.DOUBTFUL}": "unknown",
    f"attempt.{AttemptEvent.PASSED_ON}": "passed_on",
}
"""Entries of the record that say how a hand-over to a provider ended."""
_SETTLED = 10 * SECOND
"""Entries are counted when they are so old: by then every transaction that began before has ended."""
_BATCH, _AT_MOST = 5_000, 100


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """How everything stands at one moment."""

    alerts: int
    """Warnings in force."""
    open: Mapping[tuple[str, str], int]
    """Callouts that go on, by level and state."""
    oldest_unsent: Mapping[str, Millis]
    """By level: how long the longest-waiting callout has been due and not handed over."""
    late: Mapping[str, Millis]
    """By stage: how far it is behind its earliest work; 0 = on time."""
    human_calls: Mapping[tuple[str, str], int]
    """Items of the officer's list by kind and state."""
    unknown: int
    """Attempts of which nobody knows what became, since the beginning of the record's open warnings."""
    seal_lag: Millis


def vital_signs(db: Connection, now: Instant) -> VitalSigns:
    """Read them; every part is answered by an index over what is open."""
    c, h, t = schema.callout, schema.human_call, schema.attempt
    live = select(c.c.lane, c.c.state, func.count()).where(c.c.state.in_(LIVE), c.c.lane < DRILL_LANES)
    live = live.group_by(c.c.lane, c.c.state)
    first, waits = func.min(c.c.next_at), and_(c.c.state == CalloutState.TO_CALL, c.c.next_at <= now)
    due = select(c.c.lane, first).where(waits, c.c.lane < DRILL_LANES).group_by(c.c.lane)
    items = select(h.c.kind, h.c.state, func.count()).where(h.c.state != HumanCallState.CLOSED, real(h.c.county))
    oldest = oldest_unsealed(db)
    return VitalSigns(
        len(in_force(db, now)),
        {(level_of(lane).value, state): many for lane, state, many in db.execute(live)},
        {level_of(lane).value: now - at for lane, at in db.execute(due)},
        {stage: max(0, now - at) for stage, at in agenda(db).due.items() if at},
        {(kind, state): many for kind, state, many in db.execute(items.group_by(h.c.kind, h.c.state))},
        db.execute(select(func.count()).select_from(t).where(schema.attempt_unknown, real(t.c.county))).scalar_one(),
        0 if oldest is None else max(0, now - oldest),
    )


@dataclass(slots=True)
class Tape:
    """Counts what the record tells from a moment on, as counters that only grow."""

    after: int
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(provider, how it ended) of hand-overs."""
    answers: int = 0

    def read_on(self, db: Connection, now: Instant) -> None:
        """Count what has been written since, as far as it is old enough to be complete."""
        for _ in range(_AT_MOST):
            entries = [one for one in tail(db, self.after, _BATCH) if one.at <= now - _SETTLED]
            self._count(entries)
            if len(entries) < _BATCH:
                return

    def _count(self, entries: Sequence[Entry]) -> None:
        for one in entries:
            self.after = max(self.after, one.id)
            if is_drill(one.county):
                continue
            if outcome := OUTCOMES.get(one.event):
                self.outcomes[_provider(one.detail), outcome] += 1
            self.answers += one.event == "callout.answered"


def begin_tape(db: Connection) -> Tape:
    """A tape that counts from now on."""
    return Tape(db.execute(select(func.max(schema.audit.c.id))).scalar() or 0)


def _provider(detail: str) -> str:
    """The first of the words that an outcome is noted with."""
    return detail.removeprefix('["').partition('"')[0] if detail.startswith('["') else ""
