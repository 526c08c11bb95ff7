"""Who looks on: after every commit and at every submit the promises are checked, by other means than the engine's own.

States are folded from the audit entries, due pairs come from the slow recount, what left the house from the far end.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from callout.app import StoredRulebooks
from callout.domain.attempt import LEASE, AttemptState
from callout.domain.audit import Seal
from callout.domain.callout import LIVE, CalloutState
from callout.domain.due import due
from callout.domain.instant import HOUR, SECOND
from callout.ports import Inbound, Message
from callout.reports.gathering import Scope, alert_lines
from callout.store.roster_reading import bare_roster
from callout.store.store import Store
from tests.simulation.eyes import Eyes
from tests.simulation.storm import Fault
from tests.simulation.verdict import Verdict

if TYPE_CHECKING:
    from tests.simulation.host import Host
    from tests.simulation.world import World

S = CalloutState
Key = tuple[str, int, int, int]
"""(county, alert, post, round) of a callout."""
GRACE = 1.0
"""Seconds that may lie between the last look at the record and a submit."""
RECOUNT_EVERY = 120
"""Commits between two full accounts; what is cheap is checked at every one."""
GIVEN_UP = "进程中断"
"""What the record says of a hand-over whose process is taken for dead."""
APART = {"postgresql": 300, "sqlite": 0}
"""How far apart the ids of transactions that run at once may be; a later id may be committed earlier."""
STOPPED = (S.ANSWERED, S.SUPERSEDED, S.LIFTED, S.EXPIRED_UNANSWERED, S.CONTINUED, S.INFORMED)
"""States in which no warning attempt may start any more."""
HELD = (S.EXHAUSTED, S.EXPIRED_UNANSWERED)
"""States in which only a human goes on."""


@dataclass
class Judge:
    """Keeps what was seen, and every broken promise as a sentence."""

    world: "World"
    broken: list[str] = field(default_factory=list)
    callouts: dict[Key, str] = field(default_factory=dict)
    since: dict[Key, float] = field(default_factory=dict)
    """When the callout came to its present state, in true time."""
    struck: Counter[Key] = field(default_factory=Counter)
    attempts: dict[str, str] = field(default_factory=dict)
    items: dict[tuple[Any, ...], str] = field(default_factory=dict)
    due: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict)
    behind: dict[str, list[Key]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    steps: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Of each callout behind the attempt its step, and how often it had been asked anew."""
    came: list[Message] = field(default_factory=list)
    """What reached the carrier."""
    events: dict[str, Inbound] = field(default_factory=dict)
    """What the provider was thanked for."""
    leaving: dict[str, float] = field(default_factory=dict)
    """When it was committed that an attempt is about to leave."""
    seals: list[Seal] = field(default_factory=list)
    commits: int = 0
    newest: int = 0
    seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.eyes = Eyes(self.world.database)
        self.apart = APART[self.world.database.engine.dialect.name]
        self.store = Store(self.world.database, self.world.clock, self.world.ids)
        self.rulebooks = StoredRulebooks(self.store)
        self.rulebooks._parsed = self.world.parsed
        self.first = self.newest = self.eyes.ask("SELECT coalesce(max(id), 0) FROM audit")[0][0]

    def expect(self, holds: bool, text: str) -> bool:
        """A promise; a broken one ends the story."""
        if not holds:
            self.world.say(f"BROKEN {text}")
            self.broken.append(text)
        return holds

    # After every commit

    def look(self, host: "Host") -> bool:
        """What the transaction put on record; whether it was anything."""
        rows = self.eyes.ask(
            "SELECT id, county, event, alert, post, attempt, ref, before, after, detail FROM audit "
            f"WHERE id > {self.newest - self.apart} ORDER BY id"
        )
        rows = [row for row in rows if row[0] > self.first and row[0] not in self.seen]
        if not rows:
            return False
        self.commits += 1
        self.seen.update(row[0] for row in rows)
        self.newest = max(self.newest, rows[-1][0])
        told = Counter(row[2] for row in rows)
        self.world.say(f"{host.name} commit {dict(told)}")
        for row in rows:
            self._fold(row)
        if any(name.split(".")[0] in ("callout", "human_call", "alert_county") for name in told):
            self._nobody_vanishes()
        if self.commits % RECOUNT_EVERY == 0:
            self.recount()
        return True

    def _fold(self, row: tuple[Any, ...]) -> None:
        _, county, event, alert, post, _attempt, ref, before, after, detail = row
        table, _, name = event.partition(".")
        if table == "callout":
            key = (county, alert, post, int(ref))
            if before:
                self.expect(self.callouts.get(key) == before, f"{event} {key}: entry says {before} before")
            if self.callouts.get(key) != after:
                self.since[key] = self.world.now()
            self.callouts[key] = after
            self.struck[key] += name == "struck"
        elif table == "attempt":
            if before:
                self.expect(self.attempts.get(ref) == before, f"{event} {ref}: entry says {before} before")
            self.attempts[ref] = after
            if name == "submitting":
                self.leaving[ref] = self.world.now()
            self.expect(not (GIVEN_UP in detail and self._alive(ref)), f"{ref} was given up while it was under way")
        elif table == "human_call":
            kind, _, about = ref.partition(":")
            self.items[county, alert, post, kind, about] = after
        elif event == "alert_county.matched":
            self._demand(county, alert)

    def _alive(self, attempt: str) -> bool:
        """Whether no lease can have ended; where clocks jump nobody can say."""
        left = self.world.now() - self.leaving.get(attempt, 0.0)
        return left < (LEASE - SECOND) / SECOND and Fault.CLOCK not in self.world.storm.rates

    def _demand(self, county: str, alert: int) -> None:
        """Who must be called, worked out once more the slow way."""

        def work(db: Connection) -> frozenset[int]:
            line = next(one for one in alert_lines(Scope(db, county)) if one.alert == alert)
            if not line.rulebook:
                return frozenset()
            roster = bare_roster(db, county, line.roster)
            return due(self.rulebooks.get(county, line.rulebook), roster, line.facts, line.coverage)

        self.due[county, alert] = self.world.database.read(work)

    def _nobody_vanishes(self) -> None:
        """Every due post has a callout that goes on, has ended well, or lies with a human."""
        ask = self.eyes.ask
        rows = {r[:3]: r[3:] for r in ask("SELECT county, alert, post, state, next_at FROM callout WHERE round = 0")}
        work = set(ask("SELECT DISTINCT county, alert, post FROM human_call WHERE post > 0"))
        for county, alert, cursor, state in ask("SELECT county, alert, cursor, state FROM alert_county"):
            for post in self.due.get((county, alert), ()):
                if state == "planning" and post > cursor:
                    continue
                key = (county, alert, post)
                if self.expect(key in rows, f"lost: {key} is due and has no callout"):
                    self._looked_after(key, *rows[key], held=key in work)

    def _looked_after(self, key: tuple[Any, ...], state: str, next_at: int | None, *, held: bool) -> None:
        alive = state in LIVE and next_at is not None
        ended = state not in (*LIVE, *HELD)
        self.expect(alive or ended or held, f"lost: {key} is {state}, next_at {next_at}, and no human has it")

    # At every submit

    def submits(self, host: "Host", message: Message) -> None:
        """A process starts to hand over a message."""
        attempt = message.attempt
        self.world.say(f"{host.name} submits {attempt} {message.channel} to …{message.e164[-2:]}")
        self.expect(attempt not in self.begun, f"{attempt} is submitted twice")
        self.begun.add(attempt)
        state = self.attempts.get(attempt)
        known = (AttemptState.SUBMITTING, AttemptState.UNKNOWN)
        self.expect(state in known, f"{attempt} leaves, and is only {state} on record")
        rows = self.eyes.ask(
            "SELECT l.county, l.alert, l.post, l.round, c.expires_at, c.step FROM attempt_callout l JOIN callout c ON "
            "c.county = l.county AND c.alert = l.alert AND c.post = l.post AND c.round = l.round "
            f"WHERE l.attempt = '{attempt}'"
        )
        self.behind[attempt] = keys = [(r[0], r[1], r[2], r[3]) for r in rows]
        self.steps[attempt] = tuple((r[5], self.struck[r[:4]]) for r in rows)
        if not keys:
            return  # a notice
        late = [key for key in keys if self.callouts[key] in STOPPED and self.world.now() - self.since[key] > GRACE]
        self.expect(len(late) < len(keys), f"{attempt} leaves, and {late} are {[self.callouts[k] for k in late]}")
        ends = [r[4] for r in rows]
        over = all(end is not None and host.clock.now() >= end + GRACE * SECOND for end in ends)
        self.expect(not over, f"{attempt} leaves after the expiry {ends} by the clock of its own process")

    def took(self, message: Message) -> None:
        """It truly reached the carrier."""
        self.came.append(message)

    def thanked(self, event: Inbound) -> None:
        """The provider has our word that we have it."""
        self.events[event.event] = event

    def sealed(self, made: Seal) -> None:
        """A seal that was copied outside."""
        self.seals.append(made)

    # Now and then, and at the end

    def open_items(self) -> list[tuple[Any, ...]]:
        """The officer's list."""
        return self.eyes.ask(
            "SELECT county, alert, post, kind, about, state FROM human_call WHERE state <> 'closed' "
            "ORDER BY county, alert, post, kind, about"
        )

    def nothing_due(self) -> bool:
        """Whether nothing is left to do within an hour."""
        host = self.world.hosts[0]
        horizon = self.world.clock.now() + HOUR
        return all(at is None or at > horizon for name, at in host.app.agenda().due.items() if name != "remind")

    def recount(self) -> None:
        """The whole account against the record."""
        Verdict(self).recount()

    def at_the_end(self) -> None:
        """When all has come to rest."""
        Verdict(self).at_the_end()
