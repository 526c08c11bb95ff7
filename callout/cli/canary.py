"""线路自检 beside the engine: begins, watches and judges the test calls that the settings ask for."""

import logging
from dataclasses import dataclass

from callout.app import App
from callout.domain.callout import lane_of
from callout.domain.canary import FAILURES, NAME, PASSED, Trip, demanded, failures, ordered, roster_of, slot, verdict
from callout.domain.drill import Drill, DrillEvent, DrillState, drill_code
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.pipeline import drill as stage
from callout.store.canary import endings, phone_of, trip_of
from callout.store.store import Work
from callout.store.transaction import ENGINE

_LOOKS_BACK = 20
"""Tests that are looked at to find the first of a row of failures."""


@dataclass(frozen=True, slots=True)
class Canary:
    """The test calls of this engine's county. Where several engines run, whoever is first begins and judges."""

    app: App

    async def run_once(self) -> str:
        """Begin what is due, or judge what runs; returns how one ended."""
        app, base = self.app, self.app.settings.county
        held = app.store.read(lambda work: [one for one in work.drills.held_in(base) if one.name == NAME])
        running = next((one for one in held if one.state is DrillState.RUNNING), None)
        if running:
            return self._judge(running)
        now = app.world.clock.now()
        at = slot(now, app.settings.canary_at)
        if at is not None and all(one.begins != at for one in held):
            self._begin(at, now)
        return ""

    def _begin(self, at: Instant, now: Instant) -> None:
        app, base = self.app, self.app.settings.county
        if app.store.read(lambda work: work.drills.going(base) or base in work.drills.running()):
            return
        [version] = app.store.read(lambda work: [k.rulebook for k in work.rosters.counties() if k.county == base])
        rulebook = app.rulebooks.get(base, version)
        found = demanded(rulebook, now)
        if found is None:
            raise CalloutError("规则里没有一条会叫乡镇的岗位，线路自检无从开始")
        test = ordered(rulebook.county, found, at, now)

        def plan(work: Work) -> stage.Order | None:
            if base in work.drills.running() or any(one.begins == at for one in work.drills.held_in(base)):
                return None  # another engine was first
            code = drill_code(base, len(work.drills.held_in(base)) + 1)
            roster = roster_of(code, found[1], app.settings.canary_number or "")
            work.rosters.use_roster(roster, "drill", ENGINE)
            work.drills.plan(base, test, phone_of(work.ledger.connection, code), ENGINE)
            return stage.Order(code, NAME, ENGINE, app.settings.drill_live, roster)

        if order := app.store.write(plan):
            self._start(order)

    def _start(self, order: stage.Order) -> None:
        """What may not start now, because a warning or a drill was first in the meantime, is over at once."""
        app = self.app
        try:
            stage.start(app.drilling, order)
        except CalloutError as refused:
            planned = app.store.read(lambda work: work.drills.find(order.county))
            if planned and planned.state is DrillState.PLANNED:
                stage.end(app.drilling, planned, DrillEvent.ENDED, ENGINE, f"没有开始：{refused}")

    def _judge(self, test: Drill) -> str:
        app, now = self.app, self.app.world.clock.now()
        trip: Trip = app.database.read(lambda db: trip_of(db, test.county))
        why = verdict(trip, app.settings.canary_expects, test.started_at or now, now)
        if why and stage.end(app.drilling, test, DrillEvent.ENDED, ENGINE, why):
            app.store.write(lambda work: _tell(work, test.base))
            logging.getLogger(__name__).info("线路自检 %s", why)
        return why


def _tell(work: Work, base: str) -> None:
    """An item for the officer where it fails again and again; it is closed by the next that passes."""
    last = endings(work.ledger.connection, base, _LOOKS_BACK)
    if last[0][1].startswith(PASSED):
        work.humans.heard_again("canary", "线路自检已通过", HumanCallKind.CANARY)
        return
    failed = failures(last)
    if len(failed) >= FAILURES:
        note = (
            f"线路自检连续 {len(failed)} 次没有通过（{last[0][1]}）：真的预警可能也叫不到人，请查通道、网络和自检号码"
        )
        item = NewHumanCall(base, 0, 0, HumanCallKind.CANARY, f"canary@{failed[-1]}", note)
        work.humans.open([item], lane_of(Level.ORANGE))
