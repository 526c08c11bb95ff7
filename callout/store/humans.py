"""The officer's list, and the desk that is rung when nobody takes an item."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from callout.domain.callout import UNANSWERED, CalloutEvent, CalloutState
from callout.domain.human_call import TABLE, HumanCallEvent, HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant, later
from callout.domain.ladder import patience
from callout.domain.machine import follow
from callout.ports import Item
from callout.store import schema
from callout.store.planning import open_human_calls, settle_human_calls
from callout.store.transaction import Change, Event, Keys, Ledger, Note, changed


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
        h, k = schema.human_call, schema.county
        counties = self._db.execute(select(k.c.county).where(k.c.ring_after <= now)).scalars().all()
        found = (
            self._db.execute(
                select(h)
                .where(schema.human_call_open, h.c.next_at <= now, h.c.county == county)
                .order_by(h.c.lane, h.c.next_at, h.c.post)
                .limit(1)
            ).first()
            for county in counties
        )
        return [_item(row) for row in found if row]

    def waits(self, counties: Collection[str], now: Instant) -> set[str]:
        """Those of the counties in which an open item lies that nobody took in time."""
        h = schema.human_call
        overdue = schema.human_call_open & (h.c.next_at <= now) & h.c.county.in_(counties)
        return set(self._db.execute(select(h.c.county).distinct().where(overdue)).scalars())

    def find(self, key: tuple[str, int, int, str, str]) -> Item | None:
        """One item by its key."""
        h = schema.human_call
        same = and_(*[column == value for column, value in zip(h.primary_key.columns, key, strict=True)])
        row = self._db.execute(select(h).where(same)).first()
        return _item(row) if row else None

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
        """Open a callout to the desk of the item's county unless one is running; not again before `again`."""
        c, k = schema.callout, schema.county
        row = self._db.execute(select(k).where(k.c.county == about.county).with_for_update()).one()
        change = Change((about.county,), row.rev, "", {"ring_after": again})
        self._ledger.record(k, [change], Event("desk_rung"))
        ringing = select(c.c.post).where(
            c.c.county == about.county, c.c.round > 0, c.c.state.in_([CalloutState.TO_CALL, CalloutState.WAITING])
        )
        if self._db.execute(ringing).first():
            return
        rounds = select(func.max(c.c.round)).where(c.c.county == about.county, c.c.alert == about.alert)
        newest = self._db.execute(rounds).scalar() or 0
        rows = [
            {
                "county": about.county,
                "alert": about.alert,
                "post": post,
                "round": newest + 1,
                "episode": 0,
                "state": CalloutState.TO_CALL,
                "step": 0,
                "next_at": self._ledger.at,
                "lane": about.lane,
                "ladder": row.desk_ladder,
                "rules": "desk",
                "expires_at": None,
                "opened_at": self._ledger.at,
            }
            for post in self._desk_posts(row)
        ]
        self._ledger.record_rows(c, rows, Event("opened"))

    def _desk_posts(self, county: Any) -> Sequence[int]:
        d = schema.duty
        desk = select(d.c.post).where(
            d.c.county == county.county, d.c.roster == county.roster, d.c.role == county.desk_role
        )
        return self._db.execute(desk).scalars().all()


def _item(row: Any) -> Item:
    return Item(
        row.county,
        row.alert,
        row.post,
        HumanCallKind(row.kind),
        row.about,
        HumanCallState(row.state),
        row.lane,
        row.rev,
    )
