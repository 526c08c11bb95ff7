"""The officer's list, and the desk that is rung when nobody takes an item."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, String, and_, bindparam, func, literal_column, or_, select

from callout.domain.callout import UNANSWERED, CalloutEvent, CalloutState
from callout.domain.human_call import (
    RESTS,
    TABLE,
    HumanCallEvent,
    HumanCallKind,
    HumanCallState,
    NewHumanCall,
    rests_until,
)
from callout.domain.instant import NEVER_YET, Instant, later
from callout.domain.ladder import Ladder, patience
from callout.domain.machine import follow
from callout.domain.made_often import words
from callout.ports import Item
from callout.store import schema
from callout.store.planning import open_human_calls, settle_human_calls
from callout.store.prepared import fetch, fetch_plain
from callout.store.schema.columns import one_of
from callout.store.stopped import stops
from callout.store.transaction import Change, Event, Keys, Ledger, Note, changed

_ladder = lru_cache(64)(Ladder.from_json)
_KINDS, _STATES = words(HumanCallKind), words(HumanCallState)
_H, _C, _K, _D = schema.human_call, schema.callout, schema.county, schema.duty
_KEY = tuple(column.name for column in _H.primary_key.columns)
_NOW, _COUNTY = bindparam("now", type_=BigInteger), bindparam("county", type_=String)
_SELECT_ITEM = select(_H).where(*[c == bindparam(c.name, type_=c.type) for c in _H.primary_key.columns])
_SELECT_NOT_CLOSED = select(_H).where(_H.c.state != HumanCallState.CLOSED.value).order_by(*_H.primary_key.columns)
_SELECT_TO_RING = select(_K.c.county).where(_K.c.ring_after <= _NOW)
_SELECT_UNCLAIMED = (
    select(_H)
    .join(_K, _K.c.county == _H.c.county)
    .where(schema.human_call_open, _H.c.next_at <= _NOW, _H.c.county == _COUNTY)
    .where(or_(_K.c.ring_rests <= _NOW, _H.c.next_at > _K.c.ring_known))
    .order_by(_H.c.lane, _H.c.next_at, _H.c.post)
    .limit(literal_column("1"))
)
_SELECT_DESK = select(_K).where(_K.c.county == _COUNTY).with_for_update()
_RINGS = (
    select(_C.c.post)
    .where(_C.c.county == _COUNTY, _C.c.round > 0, one_of(_C.c.state, CalloutState.TO_CALL, CalloutState.WAITING))
    .exists()
)
_ROUND = (
    select(func.max(_C.c.round))
    .where(_C.c.county == _COUNTY, _C.c.alert == bindparam("alert", type_=BigInteger))
    .scalar_subquery()
)
_SELECT_DESK_POSTS = select(_D.c.post, _ROUND).where(
    _D.c.county == _COUNTY,
    _D.c.roster == bindparam("roster", type_=String),
    _D.c.role == bindparam("role", type_=String),
    ~_RINGS,
)
"""The posts of a desk that nobody rings, each with the last round of the alert."""
_SELECT_TAKEN = (
    select(_C.c.post, _C.c.step, _C.c.opened_at, schema.ladder.c.steps)
    .join(_K, and_(_K.c.county == _C.c.county, _K.c.ring_alert == _C.c.alert, _K.c.ring_round == _C.c.round))
    .join(schema.ladder, schema.ladder.c.id == _C.c.ladder)
    .where(
        _C.c.county == _COUNTY,
        _C.c.round > 0,
        _C.c.state == CalloutState.ANSWERED.value,
        _C.c.opened_at >= bindparam("since", type_=BigInteger),
    )
)
"""Who answered the last ring of a desk, unless it came before `since`."""
_SELECT_WORKED = select(func.max(_H.c.closed_at)).where(_H.c.county == _COUNTY, _H.c.closed_by != "")
"""When somebody last closed an item of the county."""


class _Taken(NamedTuple):
    """A ring that somebody answered."""

    opened_at: Instant
    next_step: int
    """The step that calls the next person; 0 = all have been called."""


class HumanRows:
    """Reads and writes of the officer's list inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def open(self, new: Sequence[NewHumanCall], lane: int) -> Keys:
        """Put items on the list; returns the keys of those that are new, for which the desk is rung in time."""
        return open_human_calls(self._ledger, new, lane)

    def settle(self, posts: Sequence[tuple[str, int, int]], outcome: str, kinds: Sequence[HumanCallKind]) -> None:
        """Close items about these (county, alert, post) triples because the answer came."""
        settle_human_calls(self._ledger, posts, outcome, kinds)

    def unclaimed(self, now: Instant) -> list[Item]:
        """Per county whose desk may be rung now: the most urgent open item that nobody took in time."""
        counties = fetch_plain(self._db, _SELECT_TO_RING, {"now": now})
        found = (fetch(self._db, _SELECT_UNCLAIMED, {"now": now, "county": county}) for (county,) in counties)
        return [_item(rows[0]) for rows in found if rows]

    def waits(self, counties: Collection[str], now: Instant) -> set[str]:
        """Those of the counties in which an open item lies that nobody took in time."""
        h = schema.human_call
        overdue = schema.human_call_open & (h.c.next_at <= now) & h.c.county.in_(counties)
        return set(self._db.execute(select(h.c.county).distinct().where(overdue)).scalars())

    def find(self, key: tuple[str, int, int, str, str]) -> Item | None:
        """One item by its key."""
        rows = fetch(self._db, _SELECT_ITEM, dict(zip(_KEY, key, strict=True)))
        return _item(rows[0]) if rows else None

    def not_closed(self) -> list[Item]:
        """The whole list: everything that is not closed, in the order of its keys."""
        return [_item(row) for row in fetch(self._db, _SELECT_NOT_CLOSED)]

    def move(self, item: Item, event: HumanCallEvent, officer: str, outcome: str = "") -> bool:
        """An officer takes, gives back or closes an item; False when somebody else was first."""
        values: dict[str, Any] = {"state": follow(TABLE, item.state, event)}
        if event is HumanCallEvent.CLAIMED:
            values |= {"claimed_by": officer, "next_at": None}
        if event is HumanCallEvent.RELEASED:
            values |= {"claimed_by": "", "next_at": later(self._ledger.at, patience(item.level))}
        if event is HumanCallEvent.NOTED:
            values |= {"outcome": outcome}
        if event is HumanCallEvent.CLOSED:
            values |= {"closed_by": officer, "closed_at": self._ledger.at, "next_at": None, "outcome": outcome}
        change = Change(item.key, item.rev, item.state, values, Note(detail=outcome))
        return bool(self._ledger.record(schema.human_call, [change], Event(event, officer)))

    def expire(self, county: str, episode: int) -> int:
        """End what is unanswered in an episode and past its validity; a human is left with each of them.

        A ladder ends with the message whose words it speaks, which may not be the one that opened it.
        """
        c, ac = schema.callout, schema.alert_county
        of_episode = select(ac.c.alert).where(ac.c.county == county, ac.c.episode == episode)
        ending = changed(c, state=CalloutState.EXPIRED_UNANSWERED, next_at=None).where(
            c.c.county == county,
            c.c.alert.in_(of_episode),
            c.c.round == 0,
            c.c.state.in_([s.value for s in UNANSWERED]),
            c.c.expires_at <= self._ledger.at,
        )
        ended = self._ledger.record_set(ending, Event(CalloutEvent.EXPIRED))
        waiting = self._with_items({(r.alert, r.post) for r in ended}, county)
        lanes = {r.lane for r in ended}
        for lane in sorted(lanes):
            left = [r for r in ended if r.lane == lane and (r.alert, r.post) not in waiting]
            self.open([NewHumanCall(r.county, r.alert, r.post, HumanCallKind.EXPIRED) for r in left], lane)
        return len(ended)

    def heard_again(self, who: str, outcome: str, kind: HumanCallKind = HumanCallKind.SOURCE_SILENT) -> None:
        """Close what is open about the silence of a source or a provider; `outcome` says how it ended."""
        h = schema.human_call
        ending = changed(
            h, state=HumanCallState.CLOSED, outcome=outcome, closed_at=self._ledger.at, next_at=None
        ).where(
            h.c.alert == 0,
            h.c.kind == kind,
            h.c.about.startswith(f"{who}@", autoescape=True),
            h.c.state != HumanCallState.CLOSED,
        )
        self._ledger.record_set(ending, Event(HumanCallEvent.SETTLED))

    def claimed(self, county: str, officer: str) -> list[Item]:
        """What this officer has taken and not ended, in one county."""
        h = schema.human_call
        mine = and_(h.c.county == county, h.c.state == HumanCallState.CLAIMED, h.c.claimed_by == officer)
        return [_item(row) for row in self._db.execute(select(h).where(mine).order_by(*h.primary_key.columns))]

    def gone(self) -> dict[str, Instant]:
        """Providers of which an officer was told that they fail, and since when."""
        h = schema.human_call
        down = and_(h.c.alert == 0, h.c.kind == HumanCallKind.PROVIDER_DOWN, h.c.state != HumanCallState.CLOSED)
        rows = self._db.execute(
            select(h.c.about, func.min(h.c.opened_at).label("since")).where(down).group_by(h.c.about)
        )
        return {row.about.rpartition("@")[0]: Instant(row.since) for row in rows}

    def stopped(self) -> dict[str, Instant]:
        """Providers that said that our account is stopped, and since when an officer knows it."""
        return stops(self._db)

    def _with_items(self, posts: Collection[tuple[int, int]], county: str) -> set[tuple[int, int]]:
        """Those of the (alert, post) pairs about which an item is open already."""
        if not posts:
            return set()
        h = schema.human_call
        rows = self._db.execute(
            select(h.c.alert, h.c.post).where(
                h.c.county == county,
                h.c.state != HumanCallState.CLOSED,
                h.c.alert.in_({alert for alert, _ in posts}),
                h.c.post.in_([post for _, post in posts]),
            )
        )
        return {(r.alert, r.post) for r in rows}

    def ring_desk(self, about: Item, again: Instant) -> None:
        """Open a callout to the desk of the item's county unless one is running; not again before `again`.

        Whoever answered the last ring and left the item lying is followed by the next person of the desk's ladder.
        When all of them know, it rests for a while, and longer while the list is worked on: what is new rings all the
        same.
        """
        [row] = fetch(self._db, _SELECT_DESK, {"county": about.county})
        where = {"county": row.county, "roster": row.roster, "role": row.desk_role, "alert": about.alert}
        posts = fetch_plain(self._db, _SELECT_DESK_POSTS, where)
        taken = self._taken(about) if posts else {}
        rung_at = max((one.opened_at for one in taken.values()), default=NEVER_YET)
        if taken and not any(one.next_step for one in taken.values()):
            event, rests = self._rest(about, rung_at, told=row.ring_known >= rung_at)
            if rests > self._ledger.at:
                change = Change((about.county,), row.rev, "", {"ring_known": rung_at, "ring_rests": rests})
                self._ledger.record(schema.county, [change], event)
                return
        rows = [
            {
                "county": about.county,
                "alert": about.alert,
                "post": post,
                "round": (newest or 0) + 1,
                "episode": 0,
                "state": CalloutState.TO_CALL,
                "step": taken[post].next_step if post in taken else 0,
                "next_at": self._ledger.at,
                "lane": about.lane,
                "ladder": row.desk_ladder,
                "rules": "desk",
                "expires_at": None,
                "opened_at": self._ledger.at,
            }
            for post, newest in posts
        ]
        rung = {"ring_alert": about.alert, "ring_round": rows[0]["round"]} if rows else {}
        change = Change((about.county,), row.rev, "", {"ring_after": again} | rung)
        self._ledger.record(schema.county, [change], Event("desk_rung"))
        self._ledger.record_rows(schema.callout, rows, Event("opened"))

    def _rest(self, about: Item, rung: Instant, *, told: bool) -> tuple[Event, Instant]:
        """How long what all know of rests now; `told`: it has rested since the last ring already."""
        if not told:
            return Event("desk_knows"), later(self._ledger.at, RESTS * patience(about.level))
        [[worked]] = fetch_plain(self._db, _SELECT_WORKED, {"county": about.county})
        return Event("desk_at_work"), rests_until(rung, Instant(worked or 0), patience(about.level))

    def _taken(self, about: Item) -> dict[int, _Taken]:
        """By post of the desk: who answered its last ring, when this item lay there already."""
        taken = fetch(self._db, _SELECT_TAKEN, {"county": about.county, "since": about.next_at})
        return {row.post: _Taken(row.opened_at, _ladder(row.steps).after(row.step)) for row in taken}


def _item(row: Any) -> Item:
    return Item(
        row.county,
        row.alert,
        row.post,
        _KINDS[row.kind],
        row.about,
        _STATES[row.state],
        row.lane,
        row.rev,
        row.next_at,
    )
