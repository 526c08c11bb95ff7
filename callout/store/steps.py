"""Ladders that go on or end: callouts whose time has come, whom their next step calls, and how they move."""

from collections.abc import Mapping, Sequence
from itertools import chain, compress
from typing import Any

from sqlalchemy import select

from callout.domain.callout import TABLE as CALLOUTS
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState, lane_of
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.ladder import Ladder
from callout.domain.level import Level
from callout.domain.machine import follow
from callout.domain.made_often import words
from callout.domain.moves import VACANT, PostView, Try, calls_holder, holder_steps, next_try
from callout.ports.rows import Keys, PostKey
from callout.store import schema
from callout.store.batch import packed
from callout.store.people import holders_of, resolve_posts
from callout.store.planning import open_human_calls
from callout.store.prepared import fetch, fetch_plain
from callout.store.sending_sql import (
    SELECT_DUE,
    SELECT_LANES_DUE,
    SELECT_TO_CALL,
    select_above,
    select_ladders_of,
    select_under,
)
from callout.store.transaction import Change, Event, Ledger

_RED = lane_of(Level.RED)
_STATES = words(CalloutState)


def callouts(rows: Any) -> list[Callout]:
    """Callout objects from rows of the callout table."""
    return [
        Callout(
            CalloutKey(r.county, r.alert, r.post, r.round),
            _STATES[r.state],
            r.step,
            r.next_at,
            r.lane,
            r.ladder,
            r.expires_at,
            r.attempt,
            bool(r.repeated),
            r.rev,
            r.says,
            r.due_at,
            r.ahead,
            r.ahead_at,
        )
        for r in rows
    ]


class StepRows:
    """Reads and writes of ladders inside one transaction."""

    def __init__(self, ledger: Ledger, shelf: dict[str, Ladder]) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._shelf = shelf

    def due(self, state: CalloutState, now: Instant, limit: int, red: int | None = None) -> list[Callout]:
        """Callouts in `state` whose time has come, red lanes of all counties first, first calls before repeats.

        `red`: so many of those to call in the red lane; where that is fewer than `limit`, they come alone."""
        if state is CalloutState.TO_CALL:
            return self._to_call(now, limit, limit if red is None else red)
        return callouts(fetch(self._db, SELECT_DUE, {"state": state, "now": now, "limit": limit}))

    def _to_call(self, now: Instant, limit: int, red: int) -> list[Callout]:
        found: list[Callout] = []
        [due] = fetch_plain(self._db, SELECT_LANES_DUE, {"now": now})
        for lane, statement in chain.from_iterable(compress(SELECT_TO_CALL, due)):
            left = (red if lane == _RED else limit) - len(found)
            alone = found and red < limit and lane != _RED
            if left > 0 and not alone:
                found += callouts(fetch(self._db, statement, {"now": now, "limit": left}))
        return found

    def with_superior(self, some: Sequence[CalloutKey], state: CalloutState, until: Instant) -> list[Callout]:
        """Callouts of the same episodes in `state`, due until `until`, of all posts under the superiors of these.

        A township's head may have thousands below: those whose next call surely goes to their own phone stay out, but
        not where the other channel has gone ahead of it."""
        if not some:
            return []
        dialect = self._ledger.dialect
        above = fetch_plain(self._db, select_above(dialect), packed({(k.county, k.alert, k.post) for k in some}))
        if not above:
            return []
        posts = packed(above)
        ladders = {row[0] for row in fetch_plain(self._db, select_ladders_of(dialect), posts)}
        self._read_ladders(ladders)
        own = [(name, *step) for name in ladders for step in holder_steps(self._shelf[name])]
        values = posts | packed(own, "own") | {"ahead": int(state is CalloutState.WAITING)}
        values |= {"state": state, "until": until, "now": self._ledger.at}
        return callouts(fetch(self._db, select_under(dialect), values))

    def ladders(self, wanted: Sequence[Callout]) -> Mapping[str, Ladder]:
        """The frozen ladders of these callouts."""
        self._read_ladders({c.ladder for c in wanted})
        return self._shelf

    def _read_ladders(self, wanted: set[str]) -> None:
        if missing := wanted - self._shelf.keys():
            t = schema.ladder
            rows = self._db.execute(select(t).where(t.c.id.in_(missing)))
            self._shelf.update({r.id: Ladder.from_json(r.steps) for r in rows})

    def advance(self, moved: Sequence[tuple[Callout, Callout]], event: CalloutEvent) -> Keys:
        """Write (before, after) pairs of callouts that go on; the state after comes from the table."""
        changes = [
            Change(
                tuple(b.key),
                b.rev,
                b.state,
                {
                    "state": follow(CALLOUTS, b.state, event),
                    "step": a.step,
                    "next_at": a.next_at,
                    "attempt": a.attempt,
                    "repeated": int(a.repeated),
                    "due_at": a.due_at,
                    "ahead": a.ahead,
                    "ahead_at": a.ahead_at,
                },
            )
            for b, a in moved
        ]
        return self._ledger.record(schema.callout, changes, Event(event))

    def run_out(self, ended: Sequence[Callout]) -> Keys:
        """Close ladders that have no step left; for each warning among them a human goes on."""
        event = CalloutEvent.RAN_OUT
        changes = [
            Change(tuple(c.key), c.rev, c.state, {"state": follow(CALLOUTS, c.state, event), "next_at": None})
            for c in ended
        ]
        written = self._ledger.record(schema.callout, changes, Event(event))
        for c in ended:
            if c.key.round == 0 and tuple(c.key) in written:
                item = NewHumanCall(c.key.county, c.key.alert, c.key.post, HumanCallKind.EXHAUSTED)
                open_human_calls(self._ledger, [item], c.lane)
        return written

    def resolve(self, posts: Sequence[PostKey]) -> Mapping[PostKey, PostView]:
        """Who is on these posts now."""
        return resolve_posts(self._db, posts, self._ledger.at)

    def tries(self, some: Sequence[Callout]) -> Mapping[CalloutKey, Try | None]:
        """Whom the next step of each calls; None where the ladder has run out.

        Most steps call the person on the post: deputies and superiors are looked up only for the rest.
        """
        ladders = self.ladders(some)
        own = [c for c in some if calls_holder(c, ladders[c.ladder])]
        alone = self._tries(own, holders_of(self._db, _posts(own), self._ledger.at))
        others = [c for c in some if (one := alone.get(c.key)) is None or one.step != c.step]
        return alone | self._tries(others, self.resolve(_posts(others)))

    def _tries(self, some: Sequence[Callout], views: Mapping[PostKey, PostView]) -> dict[CalloutKey, Try | None]:
        now = self._ledger.at
        return {c.key: next_try(c, self._shelf[c.ladder], views.get(_post(c), VACANT), now) for c in some}


def _posts(some: Sequence[Callout]) -> list[PostKey]:
    return [_post(c) for c in some]


def _post(callout: Callout) -> PostKey:
    return callout.key.county, callout.key.post
