"""The composition root: Settings become a running engine. The only place that names concrete adapters."""

import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from callout.channels import TYPES, load
from callout.channels.building import Surroundings, assemble
from callout.domain.area import County
from callout.domain.drill import base_of
from callout.domain.errors import RuleError
from callout.domain.instant import SECOND, Instant, later
from callout.domain.pace import Portions
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.pipeline import acknowledge, drill, escalate, measure, plan, receive, remind, trigger, watch
from callout.pipeline.send import Sender, Sending
from callout.pipeline.send.claiming import CALLS, NOTICES
from callout.ports import ChannelsPlan, Clock, Ids, Inbound, Provider, Renderer, Source, Summary
from callout.render.messages import Templates
from callout.reports.checkpoints import SealsHeld, read_key
from callout.rulebook.providers import read_channels
from callout.rulebook.reading import parse, read_files
from callout.settings import Settings
from callout.sources.reading import DocumentReader
from callout.store.agenda import IN_PARTS, Agenda
from callout.store.database import Database, sqlite_path
from callout.store.ear import Ear
from callout.store.epochs import begin_epoch
from callout.store.migrate import upgrade
from callout.store.sealing import AT_ONCE
from callout.store.store import Store

Stage = Callable[..., Awaitable[Summary]]
"""Runs what is due; one that is IN_PARTS takes the names of those that have work."""

WAKES: Mapping[str, Mapping[str, set[str]]] = {
    "plan": {"send": {CALLS, NOTICES}},
    "acknowledge": {"escalate": set(), "send": {CALLS, NOTICES}},
    "trigger": {"send": {CALLS}},
    "remind": {"send": {NOTICES}},
    "escalate": {"send": {CALLS}},
}
"""Stages (and parts of them) that surely have work once another has done some; the agenda finds what this does not."""
_Ready = dict[str, frozenset[str]]
BEAT_AT_MOST = 2 * SECOND
"""How long one beat may go on while there is work."""


class SystemClock:
    """The real time."""

    def now(self) -> Instant:
        """Now, by the machine's clock."""
        return Instant(time.time_ns() // 1_000_000)


class RandomIds:
    """Identifiers and salts from the operating system's randomness."""

    def attempt(self) -> str:
        """128 random bits."""
        return secrets.token_hex(16)

    def salt(self) -> bytes:
        """16 random bytes."""
        return secrets.token_bytes(16)


class MachineChance:
    """Chance from the operating system's randomness."""

    def fraction(self) -> float:
        """At least 0 and below 1."""
        return secrets.SystemRandom().random()


class StoredRulebooks:
    """Rulebooks by version, parsed once from the texts on record."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parsed: dict[tuple[str, str], Rulebook] = {}

    def get(self, county: str, version: str) -> Rulebook:
        """The rulebook of that version; raises RuleError where it is not on record. A drill has its county's."""
        county = base_of(county)
        key = (county, version)
        if key not in self._parsed:
            files = self._store.read(lambda work: work.rosters.rulebook_files(county, version))
            if not files:
                raise RuleError(f"区县 {county} 没有规则版本 {version[:12]}，请先载入规则")
            self._parsed[key] = parse(files, county)
        return self._parsed[key]

    def counties(self) -> list[County]:
        """The counties that this installation serves, by the rules in force."""
        rows = self._store.read(lambda work: work.rosters.counties())
        return [self.get(row.county, row.rulebook).county for row in rows]


@dataclass(frozen=True, slots=True)
class World:
    """What differs between real and simulated runs."""

    clock: Clock
    ids: Ids
    providers: Sequence[Provider]
    """In order of preference."""
    run: str
    """actual, demo, drill or rehearsal: written into every alert that is taken in."""
    ear: Ear = field(default_factory=Ear)
    """Keeps what the channels hear."""
    portions: Portions = field(default_factory=Portions)
    """How much goes at once."""
    templates: Callable[[Path], Renderer] = Templates
    """What makes words by the templates of a folder."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of running the stages at one instant: how many rows moved, and what is due later."""

    moved: int
    ahead: Agenda
    broke_off: bool = False
    """There is more to do at once."""


@dataclass(slots=True)
class App:
    """One engine on one database."""

    settings: Settings
    world: World
    database: Database
    store: Store
    rulebooks: StoredRulebooks
    intake: receive.Intake
    sender: Sender
    acknowledging: acknowledge.Acknowledging
    sources: list[Source] = field(default_factory=list)
    held: SealsHeld = field(default_factory=SealsHeld)
    """Takes a copy of every seal."""

    @property
    def stages(self) -> Mapping[str, Stage]:
        """What runs, in this order: answers first, so that nobody is called who has just answered."""
        planning, triggering = plan.Planning(self.store, self.rulebooks), trigger.Triggering(self.store, self.rulebooks)
        escalation, reminding = escalate.Escalation(self.store), remind.Reminding(self.store)
        return {
            "receive": _stage(lambda: receive.run_once(self.intake, self.sources)),
            "drill": _stage(lambda: drill.run_once(self.drilling)),
            "measure": _stage(lambda: measure.run_once(measure.Measuring(self.store, self.rulebooks))),
            "acknowledge": _stage(lambda: acknowledge.run_once(self.acknowledging)),
            "watch": _stage(partial(watch.run_once, watch.Watch(self.store))),
            "remind": _stage(lambda: remind.run_once(reminding)),
            "plan": _stage(lambda: plan.run_once(planning, further=not self.sender.pressed)),
            "trigger": _stage(lambda: trigger.run_once(triggering)),
            "escalate": _stage(lambda: escalate.run_once(escalation)),
            "send": self.sender.run_once,
        }

    @property
    def drilling(self) -> drill.Drilling:
        """What drills begin and end by."""
        issue = partial(receive.issue, self.intake)
        return drill.Drilling(self.store, self.rulebooks.counties, lambda a, d: issue(receive.Issued(a, d, {})))

    def take_in(self, events: Sequence[Inbound]) -> int:
        """Keep what came back from phones and providers; durable when this returns. Returns how many were new."""
        if events:
            self.sender.wake()
        return acknowledge.take_in(self.acknowledging, events)

    def agenda(self) -> Agenda:
        """When each stage next has work."""
        return self.store.agenda().not_before("send", self.sender.fleet.rests_until)

    async def settle(self) -> Settled:
        """Run the stages until none has work at this instant.

        A stage that fails stops none of the others; its error is raised when they have nothing left to do. A backlog
        that is paced would keep it for as long as it lasts: after a moment it ends, and the next beat goes on.
        """
        moved, now = 0, self.world.clock.now
        until, failed = later(now(), BEAT_AT_MOST), dict[str, Exception]()
        while True:
            due, at = self.agenda(), now()
            ready = {name: due.ready_parts(name, at) for name in due.ready(at) if name not in failed}
            if self.sender.is_due and "send" not in failed:
                ready.setdefault("send", frozenset())
            if not ready or at > until:
                break
            self.sender.pressed &= "send" in ready  # or nothing would end it
            moved += await self._pass(ready, failed)
        if failed:
            raise next(iter(failed.values()))
        return Settled(moved, due, broke_off=bool(ready))

    async def _pass(self, ready: _Ready, failed: dict[str, Exception]) -> int:
        """Run the ready stages once, in order, and those that they wake."""
        moved = 0
        for name, stage in self.stages.items():
            if name in ready and name not in failed:
                try:
                    done = (await (stage(ready[name]) if name in IN_PARTS else stage())).moved
                except Exception as error:
                    failed[name] = error
                    continue
                moved += done
                for woken, parts in WAKES.get(name, {}).items() if done else ():
                    ready[woken] = ready.get(woken, frozenset()) | parts
        return moved

    def seal(self, most: int = AT_ONCE) -> int:
        """Chain up to `most` audit entries, and copy the seal outside the database; returns how many it closed."""
        made = self.store.seal(most)
        self.held.take(made)
        return made.count if made else 0

    def use_rules(self) -> Rulebook:
        """Put the rule files in force; raises RuleError and changes nothing where one is wrong."""
        files = read_files(self.settings.rules)
        rulebook = parse(files, self.settings.county)
        self.store.write(lambda work: work.rosters.use_rulebook(rulebook, files))
        return rulebook

    def use_roster(self, roster: Roster, actor: str) -> None:
        """Put a roster in force."""
        self.store.write(lambda work: work.rosters.use_roster(roster, self.world.run, actor))

    def close(self) -> None:
        """Give the database back."""
        self.database.close()


def checkpoint_file(settings: Settings) -> Path | None:
    """The file outside the database that takes a copy of every seal; None where none is named and none is beside."""
    file = sqlite_path(settings.database_url)
    beside = file.with_name(file.name + ".checkpoints") if file else None
    return settings.checkpoints or beside


def build(settings: Settings, world: World, database: Database | None = None) -> App:
    """An engine on the settings' database, migrated to the newest schema."""
    database = database or Database(settings.database_url)
    upgrade(database)
    database.write(lambda db: begin_epoch(db, world.clock.now()))
    store = Store(database, world.clock, world.ids)
    world.ear.keep = store.accept
    rulebooks = StoredRulebooks(store)
    sending = Sending(
        store,
        world.providers,
        world.templates(settings.templates),
        world.clock,
        world.ids,
        owner=world.ids.attempt(),
        counties=lambda: [county.code for county in rulebooks.counties()],
        slots=settings.slots,
        timeout=settings.submit_timeout_seconds,
        link=settings.link_to,
        portions=world.portions,
    )
    return App(
        settings=settings,
        world=world,
        database=database,
        store=store,
        rulebooks=rulebooks,
        intake=receive.Intake(store, DocumentReader(), rulebooks.counties, world.run),
        sender=Sender(sending),
        acknowledging=acknowledge.Acknowledging(store),
        held=SealsHeld(checkpoint_file(settings), read_key(key) if (key := settings.checkpoint_key) else None),
    )


def channels_plan(settings: Settings) -> ChannelsPlan:
    """The channels file; an empty plan where none is named. Raises RuleError for the first thing that is wrong."""
    return read_channels(file, TYPES, lambda kind: load(kind).Config) if (file := settings.channels) else ChannelsPlan()


def providers(settings: Settings, plan: ChannelsPlan, clock: Clock, ear: Ear) -> tuple[Provider, ...]:
    """The channels of the plan. Raises CalloutError for a real one without CALLOUT_LIVE=1, and for a missing secret."""
    return assemble(
        plan, Surroundings(settings.live, os.environ, clock.now, ear, settings.public_url or "", settings.drill_live)
    )


def _stage(run: Callable[..., Summary]) -> Stage:
    async def once(*only: frozenset[str]) -> Summary:
        return run(*only)

    return once
