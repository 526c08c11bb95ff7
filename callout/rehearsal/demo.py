"""演示: a made-up roster, a real night, simulated phones and one simulated officer. No phone can ring from here."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from callout.app import App, World, build
from callout.domain.alert import Alert
from callout.domain.audit import Entry
from callout.domain.instant import BEIJING, Instant, instant
from callout.domain.roster import Roster
from callout.ports import everywhere
from callout.rehearsal.counting import Counters, Counting
from callout.rehearsal.desk import OFFICER, act, waiting
from callout.rehearsal.driver import Driver, Moment, timeline
from callout.rehearsal.storm import Incoming, read_folder
from callout.rehearsal.telling import Names
from callout.reports.account import Account, account
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from callout.simulation.clock import VirtualClock
from callout.simulation.ids import SeededIds
from callout.simulation.officer import Officer
from callout.store.sealing import tail

RUN = "demo"
PEOPLE, SEED = 500, 1
STORM = Path(__file__).parent / "storms" / "wulong-2026-08"
OPENS = instant(datetime(2026, 8, 2, 20, tzinfo=BEIJING))
"""When rules and roster are loaded: shortly before the first warning."""
_PAGE = 10_000
"""Audit entries read at once."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What happened at one instant of the night, and where the night then stands."""

    now: Instant
    entries: tuple[Entry, ...]
    """New in the record, in order."""
    counters: Counters


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that will happen by itself if nothing comes before it."""

    at: Instant
    text: str


class Night(Driver):
    """A rehearsal with an officer at the desk, which reads in the record what there is to do."""

    def __init__(self, app: App, clock: VirtualClock, carrier: Carrier, officer: Officer) -> None:
        super().__init__(app, clock, carrier)
        self._officer = officer
        self._read_to = 0
        self._news: list[Entry] = []

    async def settle(self, incoming: Sequence[Incoming]) -> Moment:
        """Let the engine settle, then the officer act, until neither has anything to do."""
        moment = await super().settle(incoming)
        while self._listed() and self._work():
            await self.run_engine()
        return moment

    def next_event(self) -> Instant | None:
        """When anything happens next, the officer included."""
        known = [at for at in (super().next_event(), self._officer.next_at()) if at is not None]
        return min(known, default=None)

    def officer_at(self) -> Instant | None:
        """When the officer acts next."""
        return self._officer.next_at()

    def news(self) -> tuple[Entry, ...]:
        """The audit entries since the last call."""
        self._listed()
        news, self._news = self._news, []
        return tuple(news)

    def _listed(self) -> bool:
        """Read on in the record; whether the officer's list changed or the officer is due."""
        fresh: list[Entry] = []
        while page := self.app.database.read(lambda db: tail(db, self._read_to, _PAGE)):
            self._read_to = page[-1].id
            fresh += page
        self._news += fresh
        due = self._officer.next_at()
        return any(e.event.startswith("human_call.") for e in fresh) or (due is not None and due <= self.clock.now())

    def _work(self) -> bool:
        actions = self._officer.step(self.app.store.read(waiting), self.clock.now())
        for action in actions:
            self.app.store.write(partial(act, action=action))
        return bool(actions)


@dataclass(frozen=True, slots=True)
class Demo:
    """One night, ready to run once."""

    app: App
    night: Night
    roster: Roster
    names: Names
    storm: tuple[Incoming, ...]
    alerts: tuple[Alert, ...]
    """The warnings of the storm, in order of time."""

    @property
    def county(self) -> str:
        """The county's name."""
        return self.app.rulebooks.counties()[0].name

    @property
    def ends(self) -> Instant:
        """When the last warning has run out."""
        return max(alert.info.expires or alert.sent for alert in self.alerts)

    async def frames(self) -> AsyncIterator[Frame]:
        """Run the night; yields a frame for every instant at which something happened. Seals the record on the way."""
        counting = Counting()
        for at, incoming in timeline(self.night, self.storm, self.ends):
            self.night.clock.advance(at)
            if incoming:
                self.app.seal()
            await self.night.settle(incoming)
            entries = self.night.news()
            counting.see(entries)
            if any(entry.event == "alert_county.all_opened" for entry in entries):
                counting.due = self._due()
            yield Frame(at, entries, counting.counters())
        while self.app.seal():
            pass

    def _due(self) -> dict[int, int]:
        return {line.alert: counts.due for line, counts in self.account().per_alert}

    def ahead(self) -> list[Ahead]:
        """What the engine and the officer have before them, the nearest first."""
        now, due = self.night.clock.now(), self.app.agenda().due
        ends = {
            alert.info.expires: f"{self.names.warning(number)}到期"
            for number, alert in self.names.alerts.items()
            if alert.sent <= now
        }
        known: list[tuple[Instant | None, str]] = [
            (due.get("escalate"), "仍未应答的人走下一步：换渠道、换号码，再到副职、上级"),
            (self.night.officer_at(), "值班员来到值班台，或办完手上这件"),
            *ends.items(),
        ]
        if due.get("watch") not in ends:
            known.append((due.get("watch"), "人工叫应没人认领，叫值班室"))
        return sorted((Ahead(at, text) for at, text in known if at is not None and at > now), key=lambda one: one.at)

    def account(self) -> Account:
        """What became of everybody, recomputed from rules and roster."""
        return self.app.database.read(lambda db: account(db, self.app.rulebooks))


def prepare(settings: Settings, people: int = PEOPLE, seed: int = SEED) -> Demo:
    """Rules, a synthetic roster and the storm on the settings' database, at eight in the evening.

    Every channel is the one simulated carrier, whatever the settings say. Raises RuleError for rules without the
    storm's county, and RosterError for too few people.
    """
    clock = VirtualClock(OPENS)
    carrier = Carrier(clock, seed)
    app = build(settings, World(clock, SeededIds(seed), everywhere(carrier), RUN))
    try:
        roster = _load(app, people, seed)
        storm = read_folder(STORM, app.intake.reader)
    except BaseException:
        app.close()
        raise
    # The database is empty, so the n-th warning gets the id n.
    names = Names({post.id: post.title for post in roster.posts}, dict(enumerate(storm.alerts, 1)))
    return Demo(app, Night(app, clock, carrier, Officer(seed)), roster, names, storm.incoming, storm.alerts)


def _load(app: App, people: int, seed: int) -> Roster:
    rulebook = app.use_rules()
    roster = roster_sample(rulebook.county, people, seed, rulebook)
    app.use_roster(roster, OFFICER)
    return roster
