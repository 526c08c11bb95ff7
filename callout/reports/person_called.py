"""What the page behind a link says to the person called: the warning, and what has come back from there so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from callout.domain.attempt import county_of
from callout.domain.callout import CalloutState
from callout.domain.hearing import Heard
from callout.domain.instant import Instant
from callout.domain.link import Choice, ends, place_of, whose
from callout.domain.meaning import Meaning
from callout.ports import InboundKind
from callout.store import schema
from callout.store.schema import CALLOUT_KEY
from callout.store.store import Work


@dataclass(frozen=True, slots=True)
class Said:
    """One press of a button that is on record."""

    at: Instant
    choice: Choice
    people: str
    """Moved so far; empty where it says nothing of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked by one text, as the page behind its link shows it."""

    attempt: str
    meaning: Meaning
    ends_at: Instant
    """When the link opens nothing any more."""
    states: frozenset[CalloutState]
    """Of the callouts that the text spoke of."""
    said: tuple[Said, ...]
    """What was pressed here before, oldest first."""
    waiting: int
    """Presses that are kept and not yet understood."""

    @property
    def lifted(self) -> bool:
        """Whether all that the text spoke of has ended."""
        return self.states == {CalloutState.LIFTED}

    @property
    def overtaken(self) -> bool:
        """Whether a newer warning has taken over all of it."""
        return self.states == {CalloutState.SUPERSEDED}

    @property
    def answered(self) -> bool:
        """Whether all of it is answered, by whomever."""
        return self.states <= {CalloutState.ANSWERED, CalloutState.INFORMED}


def asked(work: Work, key: bytes, text: str) -> Asked | None:
    """Whom the link with this end belongs to; None for a link that nobody was sent."""
    place, db = place_of(text), work.ledger.connection
    if not key or place is None:
        return None
    t = schema.attempt
    begins = and_(t.c.county == place.county, t.c.id >= place.start, t.c.id < place.start + "g")
    attempt = whose(key, text, [row.id for row in db.execute(select(t.c.id).where(begins))])
    if attempt is None:
        return None
    heard = work.hears.spoken_in([attempt]).get(attempt, [])
    return _asked(work, attempt, heard) if heard else None


def _asked(work: Work, attempt: str, heard: Sequence[Heard]) -> Asked:
    db = work.ledger.connection
    [one] = work.sends.outgoing([(county_of(attempt), attempt)])
    since = heard[0].submitted_at or one.attempt.claimed_at
    states = frozenset(h.callout.state for h in heard)
    return Asked(attempt, one.meaning, ends(since), states, tuple(_said(db, attempt)), _waiting(db, attempt))


def _said(db: Connection, attempt: str) -> list[Said]:
    k, a, i = schema.attempt_callout, schema.answer, schema.inbound
    mine = and_(*[a.c[n] == k.c[n] for n in CALLOUT_KEY], a.c.attempt == k.c.attempt)
    found = (
        select(i.c.event, i.c.came_at, i.c.body)
        .distinct()
        .select_from(k)
        .join(a, mine)
        .join(i, i.c.event == a.c.ref)
        .where(k.c.county == county_of(attempt), k.c.attempt == attempt, i.c.kind == InboundKind.LINK)
        .order_by(i.c.came_at, i.c.event)
    )
    parts = [(row.came_at, *row.body.partition(":")[::2]) for row in db.execute(found)]
    return [Said(at, Choice(choice), people) for at, choice, people in parts]


def _waiting(db: Connection, attempt: str) -> int:
    i = schema.inbound
    mine = select(func.count()).where(schema.inbound_pending, i.c.attempt == attempt, i.c.kind == InboundKind.LINK)
    return int(db.execute(mine).scalar_one())
