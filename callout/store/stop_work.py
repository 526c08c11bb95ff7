"""熔断 on record: what is proposed, what named humans decided about it, and the officer's items in between."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, func, or_, select

from callout.domain.callout import lane_of, level_of
from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant, later
from callout.domain.machine import follow
from callout.domain.rule import Proposal, StopWorkCode
from callout.domain.stop_work import (
    IN_FORCE,
    OPEN,
    START,
    TABLE,
    Decision,
    StopWork,
    StopWorkEvent,
    StopWorkKey,
    StopWorkState,
    Wish,
)
from callout.ports import Ids, PlanJob
from callout.store import schema
from callout.store.batch import Values, packed
from callout.store.items import ItemKey, settle_items
from callout.store.personal import keep_name
from callout.store.photos import PhotoKey, attach_photo, fingerprint
from callout.store.prepared import fetch
from callout.store.stop_telling import tell
from callout.store.stop_work_sql import (
    KEY,
    SELECT_OVERDUE,
    SELECT_UNDECIDED,
    SUPERSEDE,
    select_found,
    select_objects,
)
from callout.store.transaction import Change, Event, Ledger, Note

_S = schema.stop_work
_KEPT_AS: Mapping[StopWorkEvent, str] = MappingProxyType(
    {
        StopWorkEvent.PROPOSED: "proposal",
        StopWorkEvent.ORDERED: "ordering",
        StopWorkEvent.CONFIRMED: "confirming",
        StopWorkEvent.DECLINED: "ending",
        StopWorkEvent.LIFT_PROPOSED: "lifting",
        StopWorkEvent.INSPECTED: "inspection",
        StopWorkEvent.LIFT_REFUSED: "inspection",
        StopWorkEvent.LIFTED: "ending",
    }
)
"""Which column of the row names the decision."""


class StopWorkRows:
    """Reads and writes of 熔断 inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def propose(self, job: PlanJob, roster: str, proposals: Sequence[Proposal]) -> list[NewHumanCall]:
        """Keep what the rules propose where there are objects; one item per code for what a human must decide.

        An older proposal for the same objects that nobody decided is superseded, and so is this one where the same
        stands ordered already.
        """
        objects = self._objects(job.county, roster, {(p.area, p.role) for p in proposals})
        rows: list[Values] = [
            self._row(StopWorkKey(job.county, job.alert, p.area, p.code, p.role), job.run, lane_of(job.level))
            | {"rule": p.rule_id, "measure": p.measure, "objects": objects[p.area, p.role]}
            for p in proposals
            if objects[p.area, p.role]
        ]
        if not rows:
            return []
        self._ledger.record_rows(_S, rows, Event("proposed"))
        self._supersede(job)
        left = fetch(self._db, SELECT_UNDECIDED, {"of_county": job.county, "of_alert": job.alert})
        return [_undecided(job.county, job.alert, r.code, f"{r.code} {r.many} 处") for r in left]

    def _objects(self, county: str, roster: str, places: Collection[tuple[str, str]]) -> Counter[tuple[str, str]]:
        """How many posts of that (area, role) there are."""
        if not places:
            return Counter()
        values = packed(places) | {"of_county": county, "of_roster": roster}
        rows = fetch(self._db, select_objects(self._ledger.dialect), values)
        return Counter({(r.area, r.role): r.many for r in rows})

    def _row(self, key: StopWorkKey, run: str, lane: int) -> Values:
        return {
            **dict(zip(KEY, key, strict=True)),
            "state": START,
            "proposed_at": self._ledger.at,
            "run": run,
            "lane": lane,
        }

    def _supersede(self, job: PlanJob) -> None:
        values = {"of_county": job.county, "of_episode": job.episode}
        gone = self._ledger.record_set(SUPERSEDE, Event(StopWorkEvent.SUPERSEDED), values=values)
        self._settle(self.find([StopWorkKey(r.county, r.alert, r.area, r.code, r.role) for r in gone]))

    def find(self, keys: Sequence[StopWorkKey]) -> list[StopWork]:
        """These, in the order of their keys; unknown ones are missing."""
        return _all(fetch(self._db, select_found(self._ledger.dialect), packed(keys))) if keys else []

    def same(self, county: str, wish: Wish, area: str, run: str) -> StopWork | None:
        """An open one of this run about the same objects, whatever alert it is about."""
        place = and_(_S.c.county == county, _S.c.area == area, _S.c.code == wish.code, _S.c.role == wish.role)
        here = select(_S).where(place, _S.c.run == run, _S.c.state.in_(OPEN))
        return next(iter(_all(self._db.execute(here))), None)

    def wish(self, wish: Wish, decision: Decision, run: str) -> list[StopWork]:
        """Keep what a human proposes; one that had ended is proposed again. An item asks for the decision."""
        number, name = self._keep(wish.county, StopWorkEvent.PROPOSED, decision)
        keys = [StopWorkKey(wish.county, wish.alert, area, wish.code, wish.role) for area in wish.areas]
        objects = self._objects(wish.county, self._roster(wish.county), [(area, wish.role) for area in wish.areas])
        event, note = Event(StopWorkEvent.PROPOSED, decision.officer), _note(number, run, name)
        again = self.find(keys)
        changes = [
            Change(s.key, s.rev, s.state, self._again(s, number) | {"measure": wish.measure}, note) for s in again
        ]
        self._ledger.record(_S, changes, event)
        known = {s.key for s in again}
        lane = self._lane(wish)
        rows = [
            self._row(k, run, lane)
            | {
                "rule": "",
                "measure": wish.measure,
                "objects": objects[k.area, k.role] or 1,
                "proposal": number,
            }
            for k in keys
            if k not in known
        ]
        self._ledger.record_rows(_S, rows, event, {tuple(k): note for k in keys})
        return self.find(keys)

    def _again(self, one: StopWork, number: int) -> Values:
        return {
            "state": follow(TABLE, one.state, StopWorkEvent.PROPOSED),
            "proposed_at": self._ledger.at,
            "next_at": None,
            "proposal": number,
            "ordering": 0,
            "confirming": 0,
            "ending": 0,
            "lifting": 0,
            "inspection": 0,
        }

    def _roster(self, county: str) -> str:
        k = schema.county
        return str(self._db.execute(select(k.c.roster).where(k.c.county == county)).scalar() or "")

    def _lane(self, wish: Wish) -> int:
        ac = schema.alert_county
        here = select(ac.c.lane).where(ac.c.county == wish.county, ac.c.alert == wish.alert)
        lane = self._db.execute(here).scalar()
        return lane_of(None) if lane is None else int(lane)

    def decide(self, chosen: Sequence[StopWork], event: StopWorkEvent, decision: Decision) -> list[NewHumanCall]:
        """Keep the decision once and move all of these by it; the items that waited for it are closed.

        An order and a lift are told to the objects; returned is the work for a human where that cannot be.
        """
        county = chosen[0].key.county
        number, name = self._keep(county, event, decision)
        effect = decision.effective_at or self._ledger.at
        timer = later(max(effect, self._ledger.at), decision.confirm_within)
        next_at = timer if event is StopWorkEvent.ORDERED else None
        changes = [
            Change(
                s.key,
                s.rev,
                s.state,
                {"state": follow(TABLE, s.state, event), "next_at": next_at, _KEPT_AS[event]: number},
                _note(number, s.run, name),
            )
            for s in chosen
        ]
        if len(self._ledger.record(_S, changes, Event(event, decision.officer))) != len(changes):
            raise RuntimeError("a 熔断 changed between reading and deciding it; nothing was written")
        self._settle(chosen)
        if event not in (StopWorkEvent.ORDERED, StopWorkEvent.LIFTED):
            return []
        return tell(self._ledger, chosen, event, (number, decision))

    def _keep(self, county: str, event: StopWorkEvent, decision: Decision) -> tuple[int, str]:
        """The decision with its number in the county, and the commitment of who made it."""
        t = schema.stop_decision
        number = 1 + (self._db.execute(select(func.max(t.c.id)).where(t.c.county == county)).scalar() or 0)
        name = keep_name(self._db, self._ids, decision.by)
        row = {
            "county": county,
            "id": number,
            "event": event,
            "name": name,
            "title": decision.title,
            "basis": decision.basis,
            "effective_at": decision.effective_at,
            "exceptions": decision.exceptions,
            "checks": decision.check,
            "evidence": decision.evidence,
            "officer": decision.officer,
            "at": self._ledger.at,
        }
        photo = fingerprint(decision.photo)
        note = Note(commitment=name, detail=f"photo={photo}" if photo else "")
        if not self._ledger.record_rows(t, [row], Event(event, decision.officer), {(county, number): note}):
            raise RuntimeError("another writer took the number of this decision; nothing was written")
        attach_photo(self._ledger, PhotoKey(county, number), decision.photo, decision.officer)
        return number, name

    def overdue(self, now: Instant) -> list[StopWork]:
        """Orders without word from the site in time, by key."""
        return _all(fetch(self._db, SELECT_OVERDUE, {"now": now}))

    def unanswered(self, late: Sequence[StopWork]) -> None:
        """Note that the time of these orders is over; they stand."""
        event = StopWorkEvent.OVERDUE
        changes = [
            Change(s.key, s.rev, s.state, {"state": follow(TABLE, s.state, event), "next_at": None}) for s in late
        ]
        self._ledger.record(_S, changes, Event(event))

    def _settle(self, touched: Iterable[StopWork]) -> None:
        """Close the officer's items about these for which nothing waits any more."""
        undecided = {(*s.key[:2], s.undecided): (s.key, s.proposal) for s in touched}
        done: list[ItemKey] = []
        for (county, alert, about), (key, proposal) in undecided.items():
            if not self._left(key, _S.c.proposal == proposal, _S.c.state == StopWorkState.PROPOSED):
                done.append((county, alert, 0, HumanCallKind.STOP_UNDECIDED, about))
        unconfirmed = {(*s.key[:2], s.unconfirmed): (s.key, s.ordering) for s in touched if s.ordering}
        for (county, alert, about), (key, ordering) in unconfirmed.items():
            if not self._left(key, _S.c.ordering == ordering, _S.c.state == StopWorkState.ORDERED):
                done.append((county, alert, 0, HumanCallKind.STOP_UNCONFIRMED, about))
        settle_items(self._ledger, done, "decided")
        settle_items(self._ledger, self._moot(touched), "decided")

    def _moot(self, touched: Iterable[StopWork]) -> list[ItemKey]:
        """Nobody need be told of an order of which nothing stands any more."""
        h, found = schema.human_call, list[ItemKey]()
        over = {
            (*one.key[:2], one.unconfirmed)
            for one in touched
            if one.ordering and not self._left(one.key, _S.c.ordering == one.ordering, _S.c.state.in_(IN_FORCE))
        }
        for county, alert, order in sorted(over):
            of_order = or_(h.c.about == order, h.c.about.startswith(f"{order}:", autoescape=True))
            same = and_(h.c.county == county, h.c.alert == alert, h.c.kind == HumanCallKind.STOP_UNTOLD, of_order)
            rows = self._db.execute(select(h).where(same, h.c.state != HumanCallState.CLOSED))
            found += [(r.county, r.alert, r.post, r.kind, r.about) for r in rows]
        return found

    def _left(self, key: StopWorkKey, *same: Any) -> bool:
        here = select(_S.c.role).where(_S.c.county == key.county, _S.c.alert == key.alert, _S.c.code == key.code, *same)
        return self._db.execute(here.limit(1)).first() is not None


def _undecided(county: str, alert: int, about: str, note: str) -> NewHumanCall:
    return NewHumanCall(county, alert, 0, HumanCallKind.STOP_UNDECIDED, about, note)


def _note(number: int, run: str, name: str) -> Note:
    return Note(commitment=name, detail=f"decision={number} run={run}")


def _all(rows: Iterable[Any]) -> list[StopWork]:
    return [
        StopWork(
            StopWorkKey(r.county, r.alert, r.area, StopWorkCode(r.code), r.role),
            r.run,
            StopWorkState(r.state),
            r.objects,
            r.proposal,
            r.ordering,
            level_of(r.lane),
            r.rev,
        )
        for r in rows
    ]
