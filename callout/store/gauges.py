"""Readings, alarms and incidents on record."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from callout.domain.callout import lane_of
from callout.domain.gauge import Ill, Measured
from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.level import Hazard, Level
from callout.domain.threshold import Alarm, Standing, document
from callout.ports import AlarmRow, Kept
from callout.store import schema
from callout.store.items import settle_items
from callout.store.planning import open_human_calls
from callout.store.schema.columns import real
from callout.store.transaction import Change, Event, Ledger

_A, _G, _I = schema.gauge_alarm, schema.reading, schema.incident


class GaugeRows:
    """Reads and writes of what gauges say inside one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._db = ledger.connection

    def counties(self) -> Sequence[tuple[str, str]]:
        """The counties served, each with its rulebook in force."""
        k = schema.county
        rows = self._db.execute(select(k.c.county, k.c.rulebook).where(real(k.c.county)))
        return [(r.county, r.rulebook) for r in rows]

    def keep(self, county: str, readings: Sequence[Measured], origin: str) -> int:
        """Keep readings; those that are there already stay as they are. Returns how many were new."""
        rows = [
            {"county": county, "gauge": one.gauge, "at": one.at, "milli": one.milli, "came_at": self._ledger.at,
             "origin": origin[:80]}
            for one in {(each.gauge, each.at): each for each in readings}.values()
        ]  # fmt: skip
        return len(self._ledger.record_rows(_G, rows, Event("came", origin[:80])))

    def readings(self, county: str, since: Instant) -> Mapping[str, Sequence[Measured]]:
        """Per gauge what it has read since then, in order of time; of one that has been silent since, its last word."""
        found: defaultdict[str, list[Measured]] = defaultdict(list)
        newest = select(func.max(_G.c.at)).where(_G.c.county == county).group_by(_G.c.gauge)
        before = select(_G).where(_G.c.county == county, _G.c.at <= since, _G.c.at.in_(newest))
        for row in self._db.execute(before.order_by(_G.c.at)):
            found[row.gauge] = [Measured(row.gauge, row.at, row.milli)]
        for row in self._db.execute(select(_G).where(_G.c.county == county, _G.c.at > since).order_by(_G.c.at)):
            found[row.gauge].append(Measured(row.gauge, row.at, row.milli))
        return found

    def standing(self, county: str) -> Mapping[tuple[str, str], AlarmRow]:
        """(area, threshold) → the alarm that is held."""
        rows = self._db.execute(select(_A).where(_A.c.county == county, _A.c.held != "").order_by(_A.c.at))
        return {
            (r.area, r.threshold): AlarmRow(
                Standing(r.identifier, r.first or r.identifier, Level(r.held), r.expires_at), r.at, r.rev
            )
            for r in rows
        }

    def in_force(self, county: str, now: Instant) -> Mapping[tuple[str, str], tuple[Level, str]]:
        """(area, threshold) → the highest level people were told and that still holds, and its first alarm."""
        told = _A.c.state.in_(["to_issue", "issued"])
        found: dict[tuple[str, str], tuple[Level, str]] = {}
        for r in self._db.execute(select(_A).where(_A.c.county == county, _A.c.expires_at > now, told)):
            key, level = (r.area, r.threshold), Level(r.level)
            if key not in found or level.rank > found[key][0].rank:
                found[key] = (level, r.first or r.identifier)
        return found

    def raise_alarm(self, county: str, alarm: Alarm, record: Kept, before: AlarmRow | None) -> None:
        """Keep an alarm; it takes over from the one before."""
        of = alarm.threshold
        if before:
            self.hold(county, (of.area, of.id), before, None)
        row = {
            "county": county, "area": of.area, "threshold": of.id, "at": alarm.at,
            "identifier": alarm.identifier(county), "first": alarm.first, "level": alarm.level.value,
            "held": alarm.level.value, "gauge": alarm.seen.gauge, "quantity": of.quantity.value,
            "milli": alarm.seen.milli, "limit_milli": of.limits[alarm.level], "rulebook": record.rulebook,
            "expires_at": alarm.expires_at, "changed_at": self._ledger.at,
            "state": "to_issue" if record.speaks else "noted",
            "document": document(alarm, county),
        }  # fmt: skip
        self._ledger.record_rows(_A, [row], Event("raised"))
        if record.speaks:
            self._ledger.stir()

    def hold(self, county: str, key: tuple[str, str], row: AlarmRow, level: Level | None) -> None:
        """Another level is held from now on; None: nothing is any more."""
        values = {"held": level.value if level else "", "changed_at": self._ledger.at}
        before = row.standing.held.value
        self._ledger.record(_A, [Change((county, *key, row.at), row.rev, before, values)], Event("held"))

    def ills(self, county: str, ill: Sequence[Ill]) -> None:
        """Put sick gauges on the officer's list, and take off those that are well again.

        An illness that comes back after the item was closed is a new item.
        """
        h = schema.human_call
        kind = HumanCallKind.GAUGE
        there = self._db.execute(
            select(h.c.about).where(h.c.county == county, h.c.kind == kind, h.c.state != HumanCallState.CLOSED)
        ).scalars()
        known = {about.rpartition("@")[0]: about for about in there}
        sick = {f"{one.gauge.id}:{one.ailment.name.lower()}": one for one in ill}
        well = [(county, 0, 0, kind.value, about) for name, about in known.items() if name not in sick]
        settle_items(self._ledger, well, "well_again")
        new = [
            NewHumanCall(county, 0, 0, kind, f"{name}@{self._ledger.at}", one.note)
            for name, one in sick.items()
            if name not in known
        ]
        open_human_calls(self._ledger, new, lane_of(Level.YELLOW))

    def to_issue(self) -> list[tuple[str, str]]:
        """(identifier, document) of alarms on their way into the intake, oldest first."""
        rows = self._db.execute(select(_A.c.identifier, _A.c.document).where(schema.alarm_to_issue).order_by(_A.c.at))
        return [(r.identifier, r.document) for r in rows]

    def issued(self, identifier: str, outcome: str) -> None:
        """The intake has it, or has refused it (then a human was rung)."""
        rows = self._db.execute(select(_A).where(_A.c.identifier == identifier, schema.alarm_to_issue)).all()
        keys = list(_A.primary_key.columns)
        changes = [Change(tuple(r._mapping[c.name] for c in keys), r.rev, r.state, {"state": outcome}) for r in rows]
        self._ledger.record(_A, changes, Event(outcome))

    def add_incident(self, county: str, ident: str, said: Mapping[str, Any]) -> None:
        """Keep what really happened: the truth by which thresholds are judged."""
        row = {"county": county, "id": ident, "entered_at": self._ledger.at, **said}
        self._ledger.record_rows(_I, [row], Event("entered", str(said["officer"])))

    def incidents(self, county: str, since: Instant, until: Instant) -> list[tuple[str, Hazard, Instant, str]]:
        """(area, hazard, when, what) in order of time."""
        chosen = select(_I).where(and_(_I.c.county == county, _I.c.at >= since, _I.c.at < until)).order_by(_I.c.at)
        return [(r.area, Hazard(r.hazard), Instant(r.at), r.what) for r in self._db.execute(chosen)]
