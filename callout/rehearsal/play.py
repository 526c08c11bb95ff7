"""One rehearsal: the production engine on a copy of a prepared database in memory, driven by the virtual clock."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from random import Random

from callout.app import App, World, build
from callout.domain.instant import SECOND, Instant
from callout.domain.meaning import Meaning
from callout.domain.pace import Portions
from callout.ports import Item
from callout.rehearsal.desk import OFFICER, OfficersList, act
from callout.rehearsal.driver import Driver, FarEnd, Moment, timeline
from callout.rehearsal.observing import DueOnce, Facts, Seen, observe
from callout.rehearsal.setting import RUN, Setting
from callout.rehearsal.storm import Incoming
from callout.render.messages import Templates
from callout.simulation.clock import VirtualClock
from callout.simulation.gateways import Network
from callout.simulation.ids import SeededIds
from callout.simulation.officer import ActionKind, Officer, Working
from callout.simulation.phones import Darkness, Phones
from callout.store.database import Database

MEMORY = "sqlite:///:memory:"
WORDINGS = 4096
"""Wordings that are remembered: one night of a county has some 1,200, and the next has nearly all of them again."""
WINDOW = 200
"""Claimed at once: while the virtual clock stands still no red comes in."""
FOREVER = Instant(1 << 52)


class Remembered(Templates):
    """Words each meaning once: seed after seed the same people are told the same."""

    def words(self, name: str, meaning: Meaning) -> str:
        """As the template has it."""
        return _words(self._folder, name, meaning)


@lru_cache(WORDINGS)
def _words(folder: Path, name: str, meaning: Meaning) -> str:
    return Templates(folder).words(name, meaning)


class Desked(Driver):
    """A driver with officers at the desk."""

    def __init__(self, app: App, clock: VirtualClock, far: FarEnd, officers: Officer) -> None:
        super().__init__(app, clock, far)
        self.taken: list[tuple[Instant, tuple[str, int, int, str, str]]] = []
        """Items in the order in which somebody took them."""
        self._officers = officers
        self._list = OfficersList(app.store)

    async def settle(self, incoming: Sequence[Incoming]) -> Moment:
        """Let the engine settle, then the officers act, until neither has anything to do."""
        moment = await super().settle(incoming)
        while self._listed() and self._work():
            await self.run_engine()
        return moment

    def next_event(self) -> Instant | None:
        """When anything happens next, the officers included."""
        known = [at for at in (super().next_event(), self._officers.next_at()) if at is not None]
        return self.on_beat(min(known)) if known else None

    def _listed(self) -> bool:
        """Whether the officers' list has changed or one of them is due; without officers nobody looks at it."""
        if not self._officers.anybody:
            return False
        due = self._officers.next_at()
        return self._list.has_news or (due is not None and due <= self.clock.now())

    def _work(self) -> bool:
        actions = self._officers.step(self._list.read(), self.clock.now())
        for action in actions:
            if action.kind is ActionKind.CLAIM:
                self.taken.append((self.clock.now(), action.key))
            self.app.store.write(partial(act, action=action))
        return bool(actions)


class Stage:
    """The prepared database of one setting: rules and roster are in force, and no warning has come."""

    def __init__(self, setting: Setting) -> None:
        """Raises RuleError or RosterError where rules or roster cannot be used."""
        self.setting = setting
        self._prepared, self._played = Database(MEMORY), Database(MEMORY)
        self._due = DueOnce()
        clock = VirtualClock(setting.storm.opens)
        app = build(setting.settings(MEMORY), World(clock, SeededIds(0), (), RUN), self._prepared)
        app.use_rules()
        app.use_roster(setting.roster, OFFICER)

    def close(self) -> None:
        """Forget it."""
        self._prepared.close()
        self._played.close()

    def play(self, seed: int, setting: Setting | None = None) -> Facts:
        """The whole storm with the people that this seed makes, and what became of everybody.

        `setting`: another one with the same rules, roster and storm.
        """
        setting = setting or self.setting
        with self.open(seed, setting) as (app, driver, network):
            asyncio.run(through(driver, setting))
            seen = Seen(app.rulebooks, setting, seed, network, driver.taken, self._due)
            return self._played.read(lambda db: observe(db, seen))

    @contextmanager
    def open(self, seed: int, setting: Setting | None = None) -> Iterator[tuple[App, Desked, Network]]:
        """The engine before the first warning, for as long as the block lasts; the next one takes its place."""
        # One database after the other in the same place: what a toolkit has compiled for it stays.
        self._prepared.copy_into(self._played)
        yield assemble(setting or self.setting, seed, self._played)


def assemble(setting: Setting, seed: int, database: Database) -> tuple[App, Desked, Network]:
    """The production engine on this database, on a virtual clock, with the phones and officers that the seed makes."""
    clock = VirtualClock(setting.storm.opens)
    phones = Phones(seed, habits=setting.habits)
    phones.dark = _darkness(setting)
    phones.absent = setting.numbers_of(_absent(setting, seed))
    network = Network(clock, phones, setting.gateways)
    # The running engine looks four times a second and sends as many in all.
    portions = Portions(setting.beat / SECOND, WINDOW)
    world = World(clock, SeededIds(seed), network.providers(), RUN, portions=portions, templates=Remembered)
    app = build(setting.settings(MEMORY), world, database)
    officers = Officer(seed, _working(setting, seed), _beyond(setting, phones, clock))
    driver = Desked(app, clock, network, officers)
    driver.beat = setting.beat
    return app, driver, network


async def through(driver: Desked, setting: Setting) -> None:
    """The whole storm, from event to event."""
    for at, incoming in timeline(driver, setting.storm.incoming, setting.storm.ends):
        driver.clock.advance(at)
        await driver.settle(incoming)


def _darkness(setting: Setting) -> tuple[Darkness, ...]:
    out = [Darkness(setting.numbers_in(one.areas), one.begins, one.ends) for one in setting.outages]
    off = setting.numbers_of(setting.off) | setting.mute
    return (*out, Darkness(off, Instant(0), FOREVER)) if off else tuple(out)


def _absent(setting: Setting, seed: int) -> list[int]:
    asked = setting.on_duty() if setting.absent else ()
    return [one for one in asked if _draw(seed, f"absent:{one}") < setting.absent]


def _working(setting: Setting, seed: int) -> Working:
    away = {at for at in range(setting.working.officers) if _draw(seed, f"officer:{at}") < setting.absent}
    return replace(setting.working, absent_at_night=setting.working.absent_at_night | away)


def _draw(seed: int, about: str) -> float:
    return Random(f"{seed}:{about}").random()  # noqa: S311 - repeatable on purpose


def _beyond(setting: Setting, phones: Phones, clock: VirtualClock) -> Callable[[Item], bool]:
    """Whether the holder of an item's post has no phone with a network just now."""
    people = {one.id: [c.e164 for c in one.contacts] for one in setting.roster.responders}
    numbers = {post.id: people.get(post.holder or 0, []) for post in setting.roster.posts}

    def beyond(item: Item) -> bool:
        own = numbers.get(item.post, [])
        return bool(own) and all(phones.dark_until(e164, clock.now()) is not None for e164 in own)

    return beyond
