"""What a message that nobody has kept yet would do in its episode: worked out from the rows, and nothing written."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from callout.domain.alert import Alert, MsgType
from callout.domain.area import Coverage
from callout.domain.callout import LIVE, CalloutState
from callout.domain.episode import Move, Said, Turn, in_order, moves, reception
from callout.domain.headline import lifted_levels
from callout.domain.instant import Instant
from callout.domain.intake import drops
from callout.store import schema
from callout.store.alerts import AlertRows
from callout.store.episodes import county_key, said_in
from callout.store.transaction import Ledger

NOT_KEPT = 0
"""Stands for the id that the message would get."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The message among those of its episode."""

    known: bool
    """Whether earlier messages of its episode are on record."""
    moves: Mapping[str, Move]
    """Area key → what it does there."""
    older: Mapping[int, CalloutState]
    """Post → the state of its newest ladder under messages sent before."""
    newer: frozenset[int]
    """Posts that a message sent later has a callout for."""

    def begins(self, post: int, area: str) -> CalloutState:
        """The state in which the callout of this due post would be opened."""
        turn = self.moves[area].turn if area in self.moves else Turn.FIRST
        return reception(turn, self.older.get(post), post in self.newer)

    @property
    def running(self) -> int:
        """Ladders under messages sent before that still run."""
        return sum(state in LIVE for state in self.older.values())


def foresee(db: Connection, alert: Alert, coverage: Coverage, now: Instant, until: Instant | None) -> Foreseen:
    """What the message would do if it came in at `now`, as the plan stage would decide it."""
    episode = AlertRows(Ledger(db, now)).episode_of(coverage, alert)
    before = said_in(db, coverage.county, episode) if episode else []
    own = _said(alert, coverage, until)
    order = [one.alert for one in in_order([*before, own])]
    at = order.index(NOT_KEPT)
    older, newer = _ladders(db, coverage.county, order[:at]), _ladders(db, coverage.county, order[at + 1 :])
    moved = moves([*before, own], NOT_KEPT, county_key(coverage.county))
    return Foreseen(episode is not None, moved, older, frozenset(newer))


def _said(alert: Alert, coverage: Coverage, until: Instant | None) -> Said:
    info, lifts = alert.info, alert.msg_type is MsgType.CANCEL
    levels = {area: None if lifts else coverage.levels.get(area, info.level) for area in coverage.areas}
    named = lifted_levels(info.headline, info.description) or frozenset({info.level} if info.level else ())
    names = named if lifts else frozenset()
    return Said(NOT_KEPT, alert.identifier, alert.sent, levels, until, lifts, names, drops(alert, coverage))


def _ladders(db: Connection, county: str, alerts: list[int]) -> dict[int, CalloutState]:
    """Post → state of its newest ladder of its own under these alerts, which are in order of issue."""
    c = schema.callout
    mine = c.c.county == county, c.c.alert.in_(alerts), c.c.round == 0, c.c.carried_by == 0
    rows = db.execute(select(c.c.post, c.c.state, c.c.alert).where(*mine)).all()
    return {r.post: CalloutState(r.state) for r in sorted(rows, key=lambda r: alerts.index(r.alert))}
