"""转移 on record: whom each event asks to move, and what became of them; the officer's items in between."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, select

from callout.domain.callout import lane_of, level_of
from callout.domain.feedback import FeedbackKind
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant, later
from callout.domain.machine import follow
from callout.domain.relocation import (
    NOT_AWAY,
    START,
    TABLE,
    TROUBLE,
    Relocation,
    RelocationEvent,
    RelocationKey,
    RelocationState,
    Word,
    apportion,
    moved,
)
from callout.domain.relocation_plan import NOBODY, Site
from callout.ports import Given, Ids, PlanJob
from callout.store import schema
from callout.store.batch import Values
from callout.store.items import settle_items
from callout.store.personal import keep_name
from callout.store.prepared import fetch
from callout.store.relocation_plans import RelocationPlanRows
from callout.store.transaction import Change, Event, Keys, Ledger, Note

_R = schema.relocation
_E = RelocationEvent
Told = tuple[Relocation, RelocationEvent, int]
"""One of them, what happened, and how many of its people are away (-1 = not said)."""
_TOGETHER = 400
"""Keys of one read."""


class RelocationRows:
    """Reads and writes of 转移 inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids
        self.plans = RelocationPlanRows(ledger, ids)

    def demand(self, job: PlanJob) -> list[NewHumanCall]:
        """Open what the list says about this alert, or ask again; returns items for those nobody can move.

        Where the county has no list, one small read is all that happens.
        """
        version = self.plans.version(job.county)
        if job.lifts or not version:
            return []
        due = list(self.plans.plan(job.county, version).due(job.facts, job.coverage))
        levels = {s.id: lane_of(job.coverage.levels.get(s.area, job.level)) for s in due}
        return self.begin(job.county, (job.episode, job.alert), job.run, [(s, levels[s.id]) for s in due])

    def begin(
        self, county: str, about: tuple[int, int], run: str, due: Sequence[tuple[Site, int]], actor: str = "engine"
    ) -> list[NewHumanCall]:
        """Ask for these sites, each with its lane, in this (episode, alert); what stands open is asked for anew."""
        episode, alert = about
        keys = {site.id: RelocationKey(county, episode, site.id) for site, _ in due}
        known = {one.key.site: one for one in self.find(list(keys.values()))}
        event = Event(_E.DEMANDED, actor)
        again = [(known[s.id], s) for s, _ in due if s.id in known and (known[s.id].state, _E.DEMANDED) in TABLE]
        self._settle([one for one, _ in again])
        changes = [
            Change(
                one.key, one.rev, one.state,
                {"state": follow(TABLE, one.state, _E.DEMANDED), "alert": alert, "item": "",
                 "next_at": later(self._ledger.at, site.within), "changed_at": self._ledger.at},
            )
            for one, site in again
        ]  # fmt: skip
        self._ledger.record(_R, changes, event)
        version = self.plans.version(county)
        new = [(site, lane) for site, lane in due if site.id not in known]
        rows = [
            self._row(site) | {"county": county, "episode": episode, "alert": alert, "run": run,
                               "version": version, "lane": lane}
            for site, lane in new
        ]  # fmt: skip
        self._ledger.record_rows(_R, rows, event)
        return [item for site, _ in new for item in _helpless(county, alert, site)]

    def _row(self, site: Site) -> Values:
        at = self._ledger.at
        return {
            "site": site.id,
            "state": START,
            "post": site.keeper,
            "people": site.people,
            "households": site.households,
            "within": site.within,
            "shelter": site.shelter,
            "opened_at": at,
            "changed_at": at,
            "next_at": later(at, site.within),
        }

    def episode(self, county: str, alert: int) -> int | None:
        """The event of an alert; 0 for alert 0, None where the county has no such alert."""
        ac = schema.alert_county
        found = self._db.execute(select(ac.c.episode).where(ac.c.county == county, ac.c.alert == alert)).scalar()
        return 0 if not alert else None if found is None else int(found)

    def find(self, keys: Sequence[RelocationKey]) -> list[Relocation]:
        """These, by key; unknown ones are missing. Nobody else moves them until this is committed."""
        sites: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for county, episode, site in dict.fromkeys(keys):
            sites[county, episode].append(site)
        found: list[Relocation] = []
        for (county, episode), names in sorted(sites.items()):
            for first in range(0, len(names), _TOGETHER):
                some = _R.c.site.in_(names[first : first + _TOGETHER])
                found += self._chosen(_R.c.county == county, _R.c.episode == episode, some)
        return sorted(found, key=lambda one: one.key)

    def _chosen(self, *where: Any) -> list[Relocation]:
        return _all(self._db.execute(_select(*where)))

    def reported(self, given: Sequence[Given], actor: str = "phone") -> list[NewHumanCall]:
        """What responsible persons reported in numbers; returns items where a number cannot be apportioned."""
        doubts: list[NewHumanCall] = []
        for one in (each for each in given if each.report.kind is FeedbackKind.MOVED):
            shares = apportion(one.report, self._owed(one))
            told = [(each, moved(each, people), people) for each, people in shares.moved]
            self._write(told, Word(actor), one.by, one.ref)
            if shares.doubt:
                about = (one.county, one.alert, one.post, HumanCallKind.MOVED_UNCLEAR, one.ref)
                doubts.append(NewHumanCall(*about, shares.doubt))
        return doubts

    def _owed(self, given: Given) -> list[Relocation]:
        ac = schema.alert_county
        episode = select(ac.c.episode).where(ac.c.county == given.county, ac.c.alert == given.alert).scalar_subquery()
        mine = and_(_R.c.county == given.county, _R.c.episode == episode, _R.c.post == given.post)
        return self._chosen(mine, _R.c.state.in_([state.value for state in NOT_AWAY])) if given.post else []

    def tell(self, chosen: Sequence[Relocation], event: RelocationEvent, word: Word) -> list[NewHumanCall]:
        """Move these by what a named officer heard or decided; returns the items that it raises."""
        name = keep_name(self._db, self._ids, word.by) if word.by else ""
        told = [(one, moved(one, word.people) if event is _E.MOVED else event, word.people) for one in chosen]
        written = self._write(told, word, name, "")
        if len(written) != len(told):
            raise RuntimeError("a 转移 changed between reading and telling it; nothing was written")
        return [] if event not in TROUBLE else self._raise([one.key for one in chosen], event)

    def _write(self, told: Sequence[Told], word: Word, name: str, ref: str) -> Keys:
        written: Keys = set()
        for event in dict.fromkeys(event for _, event, _ in told):
            some = [(one, people) for one, happened, people in told if happened is event]
            changes = [self._change(one, event, (people, word), (name, ref)) for one, people in some]
            written |= self._ledger.record(_R, changes, Event(event, word.officer))
        self._settle([one for one, event, _ in told if event is not _E.PARTLY and tuple(one.key) in written])
        return written

    def _change(
        self, one: Relocation, event: RelocationEvent, said: tuple[int, Word], source: tuple[str, str]
    ) -> Change:
        people, word = said
        state = follow(TABLE, one.state, event)
        away = {_E.MOVED: one.people if people < 0 else people, _E.PARTLY: people, _E.RETURNED: 0}
        values: Values = {
            "state": state,
            "changed_at": self._ledger.at,
            "moved_people": away.get(event, one.moved_people),
            "shelter": word.shelter or one.shelter,
            "word": word.reason,
            "by": source[0],
            "officer": word.officer,
            "ref": source[1],
        }
        partly = {"next_at": one.next_at, "item": one.item}
        if one.state is RelocationState.MOVED:
            partly = {"next_at": later(self._ledger.at, one.within), "item": ""}
        values |= partly if event is _E.PARTLY else {"next_at": None, "item": ""}
        detail = f"people={people} run={one.run} {source[1]}".rstrip()
        return Change(one.key, one.rev, one.state, values, Note(commitment=source[0], detail=detail))

    def overdue(self, now: Instant) -> list[NewHumanCall]:
        """Note those whose time is over without word; returns the items that this raises."""
        late = _all(fetch(self._db, _SELECT_LATE, {"now": now}))
        values = {"state": RelocationState.TO_MOVE, "next_at": None}
        self._ledger.record(_R, [Change(o.key, o.rev, o.state, values) for o in late], Event(_E.OVERDUE))
        return self._raise([one.key for one in late], _E.OVERDUE)

    def _raise(self, keys: Sequence[RelocationKey], event: RelocationEvent) -> list[NewHumanCall]:
        """An item for each of these, kept beside it so that the next word closes exactly this one."""
        rows = self.find(keys)
        about = {one.key: f"{one.key.site}:{event}:{one.rev}" for one in rows}
        named = [Change(one.key, one.rev, one.state, {"item": about[one.key]}) for one in rows]
        self._ledger.record(_R, named, Event("item_opened"))
        return [
            NewHumanCall(
                one.key.county, one.alert, one.post, HumanCallKind.NOT_MOVED, about[one.key],
                f"{one.key.site} {one.people} 人：{TROUBLE[event]}",
            )
            for one in rows
        ]  # fmt: skip

    def _settle(self, over: Iterable[Relocation]) -> None:
        kind, items = HumanCallKind.NOT_MOVED.value, []
        for one in over:
            items += [(one.key.county, one.alert, 0, kind, one.key.site)]
            items += [(one.key.county, one.alert, one.post, kind, one.item)] if one.item else []
        settle_items(self._ledger, items, "moved")

    def filled(self, county: str) -> Mapping[str, int]:
        """How many people are in each shelter now, over all events that are not over."""
        away = select(_R.c.shelter, _R.c.moved_people).where(
            _R.c.county == county, _R.c.state != RelocationState.RELEASED.value, _R.c.moved_people > 0
        )
        there: defaultdict[str, int] = defaultdict(int)
        for row in self._db.execute(away):
            there[row.shelter] += row.moved_people
        return there

    def overfull(self, county: str, alert: int) -> list[NewHumanCall]:
        """An item for each shelter that holds more people than it takes."""
        shelters = self.plans.plan(county).shelters
        there = self.filled(county)
        return [
            NewHumanCall(county, alert, 0, HumanCallKind.SHELTER_FULL, one.id,
                         f"安置点 {one.id} 已有 {there[one.id]} 人，容量 {one.capacity} 人")
            for one in shelters if there[one.id] > one.capacity
        ]  # fmt: skip


def _helpless(county: str, alert: int, site: Site) -> Iterable[NewHumanCall]:
    """Nobody is called for it, or there is nowhere to go: a human knows from the first moment."""
    missing = [
        word for word, known in (("没有对接责任人", site.keeper != NOBODY), ("没有安置点", site.shelter)) if not known
    ]
    if missing:
        note = f"{site.id} {site.people} 人（不能行走 {site.immobile} 人）要转移：{'，'.join(missing)}"
        yield NewHumanCall(county, alert, 0, HumanCallKind.NOT_MOVED, site.id, note)


def _select(*where: Any) -> Select[Any]:
    return select(_R).where(*where).order_by(_R.c.county, _R.c.episode, _R.c.site).with_for_update(of=_R)


_SELECT_LATE = _select(schema.relocation_waiting, _R.c.next_at <= bindparam("now", type_=BigInteger))


def _all(rows: Iterable[Any]) -> list[Relocation]:
    return [
        Relocation(
            RelocationKey(r.county, r.episode, r.site), r.alert, r.run, RelocationState(r.state), r.post,
            r.people, r.households, r.moved_people, r.shelter, r.item, level_of(r.lane), r.within, r.next_at, r.rev,
        )
        for r in rows
    ]  # fmt: skip
