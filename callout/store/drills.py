"""Drills on record: their terms and lists, and the county that each one is in all other rows."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, func, select

from callout.domain.callout import UNANSWERED, Callout, CalloutEvent, CalloutKey, CalloutState
from callout.domain.drill import (
    DRILL,
    TABLE,
    Drill,
    DrillEvent,
    DrillState,
    GivesWay,
    Terms,
    base_of,
    drill_code,
    is_drill,
)
from callout.domain.drill_list import LeftOut, cut_down, left_out
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallEvent, HumanCallState
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.level import Hazard, Level
from callout.domain.machine import follow
from callout.domain.moves import Try
from callout.domain.roster import Roster
from callout.store import schema
from callout.store.batch import packed
from callout.store.drill_notices import announced, called_off, told, untold
from callout.store.drills_sql import OVERTAKEN, select_busy, select_going
from callout.store.hearing_sql import select_numbers
from callout.store.people import resolve_posts
from callout.store.prepared import fetch
from callout.store.roster_reading import read_roster
from callout.store.rosters import RosterRows
from callout.store.transaction import Change, Event, Ledger, Note, changed

_D, _L, _B = schema.drill, schema.drill_listed, schema.drill_beyond
_N, _X = schema.number, schema.personal


class DrillRows:
    """Reads and writes of drills inside one transaction."""

    def __init__(self, ledger: Ledger, rosters: RosterRows) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._rosters = rosters

    def plan(
        self, base: str, drill: Drill, listed: Mapping[int, int], officer: str, told_at: Instant | None = None
    ) -> str:
        """Put a drill and its list (number → responder) on record; returns the county that it is in the rows.

        `told_at`: when its people are told that it is coming; None, or a blind drill (双盲): they are not.
        """
        held = self._db.execute(select(func.count()).select_from(_D).where(_D.c.base == base)).scalar_one()
        code = drill_code(base, held + 1)
        row = {
            "county": code,
            "base": base,
            "name": drill.name,
            "ordered_by": drill.ordered_by,
            "begins": drill.begins,
            "ends": drill.ends,
            "announced": int(drill.announced),
            "channels": ",".join(sorted(drill.channels)),
            "gives_way": drill.gives_way,
            "hazard": drill.hazard,
            "level": drill.level,
            "areas": json.dumps(drill.areas),
            "state": drill.state,
        }
        note = Note(detail=f"{drill.name} listed={len(listed)}")
        self._ledger.record_rows(_D, [row], Event("planned", officer), {(code,): note})
        rows = [{"county": code, "number": number, "responder": who} for number, who in listed.items()]
        self._ledger.record_rows(_L, rows, Event("listed", officer))
        if told_at is not None and drill.announced:
            self._open_county(replace(drill, county=code))
            announced(self._ledger, replace(drill, county=code), listed, told_at)
        return code

    def numbers(self, dialled: Mapping[str, int]) -> dict[int, int]:
        """The same list by the ids of its numbers; one that was never on a roster is missing."""
        keys = packed((e164,) for e164 in dialled)
        known = fetch(self._db, select_numbers(self._ledger.dialect), keys) if dialled else ()
        return {r.id: dialled[str(r.value)] for r in known}

    def find(self, county: str) -> Drill | None:
        """The drill that is this county in the rows."""
        row = self._db.execute(select(_D).where(_D.c.county == county)).first()
        return _drill(row) if row else None

    def bases(self) -> list[str]:
        """The counties in which drills were ever planned."""
        return sorted(self._db.execute(select(_D.c.base).distinct()).scalars())

    def held_in(self, base: str) -> list[Drill]:
        """Every drill of a county, the newest first."""
        rows = self._db.execute(select(_D).where(_D.c.base == base))
        return sorted(map(_drill, rows), key=lambda one: int(one.county.rpartition("D")[2]), reverse=True)

    def listed(self, county: str) -> dict[str, int]:
        """The list of a drill as it is dialled, each with the id of the number; erased ones are gone."""
        rows = self._db.execute(_dialled().where(_L.c.county == county))
        return {str(r.value): r.number for r in rows}

    def people(self, county: str) -> set[int]:
        """Whoever is reached by a number on the list of a drill."""
        return set(self._db.execute(select(_L.c.responder).where(_L.c.county == county)).scalars())

    def running(self) -> dict[str, str]:
        """The county that each running drill is in the rows, by the county in which it is held."""
        rows = self._db.execute(select(_D.c.base, _D.c.county).where(_D.c.state == DrillState.RUNNING))
        return {r.base: r.county for r in rows}

    def counts(self, county: str) -> dict[str, int]:
        """How many callouts the drill has opened, how many are answered, and what was left out."""
        c, many = schema.callout, func.count()
        of = select(many).where(c.c.county == county, c.c.round == 0)
        return {
            "due": self._db.execute(of).scalar_one(),
            "answered": self._db.execute(of.where(c.c.state == CalloutState.ANSWERED)).scalar_one(),
            "told": len(told(self._db, county)),
            "beyond": self._db.execute(select(many).select_from(_B).where(_B.c.county == county)).scalar_one(),
        }

    def _open_county(self, drill: Drill) -> None:
        """The drill as a county: the plan, the desk and the name of the real one, and nobody on its roster yet.

        Where it was there already, so that its people could be told beforehand, it gets the plan of now.
        """
        k = schema.county
        names = ("name", "rulebook", "desk_role", "desk_ladder")
        held = self._db.execute(select(*[k.c[name] for name in names]).where(k.c.county == drill.base)).one()
        again = changed(k, **held._asdict()).where(k.c.county == drill.county)
        if not self._ledger.record_set(again, Event("opened")):
            self._ledger.record_rows(k, [{"county": drill.county, **held._asdict()}], Event("opened"))

    def start(self, drill: Drill, actor: str, *, live: bool, roster: Roster | None = None) -> None:
        """From now on its phones may ring: those of the roster, or else of its county's who are listed.

        Raises CalloutError where somebody was first.
        """
        values = {"started_at": self._ledger.at, "live": int(live)}
        if not self._move(drill, DrillEvent.STARTED, actor, values):
            raise CalloutError("这次演练刚被别人启动或取消，请用 callout drill status 查看")
        untold(self._ledger, drill.county)
        self._open_county(drill)
        self._rosters.use_roster(roster or self._cut_down(drill), DRILL, actor)

    def _cut_down(self, drill: Drill) -> Roster:
        k = schema.county
        version = self._db.execute(select(k.c.roster).where(k.c.county == drill.base)).scalar_one()
        return cut_down(read_roster(self._db, drill.base, version), self.listed(drill.county), drill.county)

    def going(self, base: str) -> bool:
        """Whether a real warning of the county still has to be answered."""
        return self._db.execute(select_going(base)).first() is not None

    def move(self, drill: Drill, event: DrillEvent, actor: str, why: str) -> bool:
        """Note how the drill ended; False when somebody was first."""
        return self._move(drill, event, actor, {"ended_at": self._ledger.at, "why": why})

    def _move(self, drill: Drill, event: DrillEvent, actor: str, values: Mapping[str, object]) -> bool:
        after = follow(TABLE, drill.state, event)
        change = Change((drill.county,), drill.rev, drill.state, {"state": after, **values}, Note(detail=drill.name))
        return bool(self._ledger.record(_D, [change], Event(event, actor)))

    def terms(self, counties: Collection[str]) -> dict[str, Terms]:
        """The terms of the drills among these counties, as they are now."""
        found = (self.find(county) for county in sorted(set(counties)) if is_drill(county))
        return {one.county: self._terms(one) for one in found if one}

    def _terms(self, drill: Drill) -> Terms:
        listed = self.listed(drill.county)
        busy = set(self._db.execute(select_busy(drill.county)).scalars())
        dialled = frozenset(e164 for e164, number in listed.items() if number in busy)
        return Terms(drill.state is DrillState.RUNNING, frozenset(listed), drill.channels, dialled)

    def left_out(self, due: Sequence[Callout], tries: Mapping[CalloutKey, Try | None]) -> None:
        """Note whom the steps of drills among these would have called, had they been listed."""
        drilled = [c for c in due if is_drill(c.key.county) and c.key.round == 0]
        if not drilled:
            return
        posts = {(base_of(c.key.county), c.key.post) for c in drilled}
        views = resolve_posts(self._db, posts, self._ledger.at)
        ladders = self._ladders(drilled)
        found: list[tuple[CalloutKey, LeftOut]] = []
        for c in drilled:
            view = views.get((base_of(c.key.county), c.key.post))
            taken = tries[c.key]
            steps = left_out(c, ladders[c.ladder], view, taken, self._ledger.at) if view else ()
            found += [(c.key, one) for one in steps]
        rows = [
            {**dict(zip(("county", "alert", "post"), key, strict=False)), **one._asdict(), "at": self._ledger.at}
            for key, one in found
        ]
        self._ledger.record_rows(_B, rows, Event("not_listed"))

    def _ladders(self, some: Sequence[Callout]) -> dict[str, Ladder]:
        t = schema.ladder
        rows = self._db.execute(select(t).where(t.c.id.in_({c.ladder for c in some})))
        return {r.id: Ladder.from_json(r.steps) for r in rows}

    def to_end(self, now: Instant) -> list[tuple[Drill, DrillEvent]]:
        """Running drills that end now: a real warning has come to which they give way, or their time is over."""
        overtaken = set(self._db.execute(OVERTAKEN).scalars())
        running = map(_drill, self._db.execute(select(_D).where(_D.c.state == DrillState.RUNNING)))
        return [
            (one, DrillEvent.OVERTAKEN if one.county in overtaken else DrillEvent.TIMED_OUT)
            for one in running
            if one.county in overtaken or one.ends <= now
        ]

    def close(self, county: str) -> None:
        """Nobody of this drill is called any more, its calls are ended, and no item of it waits for anybody."""
        untold(self._ledger, county)
        drill = self.find(county)
        if drill is not None and drill.started_at is None:
            called_off(self._ledger, drill)
        c, h, t, at = schema.callout, schema.human_call, schema.attempt, self._ledger.at
        ending = changed(c, state=CalloutState.LIFTED, next_at=None)
        open_ones = c.c.state.in_([state.value for state in UNANSWERED])
        self._ledger.record_set(ending.where(c.c.county == county, open_ones), Event(CalloutEvent.LIFTED))
        k = schema.county
        empty = changed(k, roster="").where(k.c.county == county)  # what is over keeps nobody's number
        self._ledger.record_set(empty, Event("roster_in_force"))
        settled = changed(h, state=HumanCallState.CLOSED, outcome="drill_over", closed_at=at, next_at=None)
        left = h.c.state != HumanCallState.CLOSED
        self._ledger.record_set(settled.where(h.c.county == county, left), Event(HumanCallEvent.SETTLED))
        ringing = and_(t.c.county == county, t.c.channel == ChannelKind.VOICE, t.c.receipt == "", t.c.hang_up == 0)
        given = t.c.state.in_(["submitting", "sent", "unknown"])
        self._ledger.record_set(changed(t, hang_up=1).where(ringing, given), Event("to_hang_up"))


def _dialled() -> Any:
    n = and_(_N.c.id == _L.c.number)
    known = and_(_X.c.commitment == _N.c.commitment, _X.c.value.is_not(None))
    return select(_L.c.number, _X.c.value).join(_N, n).join(_X, known)


def _drill(row: Any) -> Drill:
    return Drill(
        row.county,
        row.name,
        row.ordered_by,
        row.begins,
        row.ends,
        bool(row.announced),
        frozenset(ChannelKind(one) for one in row.channels.split(",")),
        GivesWay(row.gives_way),
        Hazard(row.hazard),
        Level(row.level),
        tuple(json.loads(row.areas)),
        DrillState(row.state),
        bool(row.live),
        row.started_at,
        row.ended_at,
        row.why,
        row.rev,
    )
