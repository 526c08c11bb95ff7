"""The providers of this process and how each fares: who may carry the next message, and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b

from callout.domain.abilities import Abilities
from callout.domain.circuit import Circuit, CircuitState, country
from callout.domain.drill import DRILL
from callout.domain.instant import NEVER_YET, SECOND, Instant, Millis, later
from callout.domain.ladder import ChannelKind
from callout.domain.made_often import made_often
from callout.domain.pace import BURST, UNLIMITED, Bucket, For, fits, held_by_drill, speed, together, widest
from callout.ports import Outcome, Provider, Refusal, Submission

Recent = tuple[str, Instant, bool]
"""(provider, when, for a drill) of an earlier attempt to the number, by the same kind of channel."""

ELSEWHERE = frozenset({Refusal.ROUTE, Refusal.BUSY, Refusal.DOWN, Refusal.CONFIG})
"""Refusals that are about the provider, not about the message: another one may take it."""
THROTTLED_FOR: Millis = SECOND
"""Until a provider that says 'too much' and not how long is used again."""
LONGEST_SHUT: Millis = 10 * SECOND
BUSY_FOR: Millis = 60 * SECOND
"""How long a sender whose queue was full is left alone."""
MOMENT: Millis = 50
"""Between two looks at a backlog of which nothing can go."""


class Why(StrEnum):
    """Why nobody takes a message now."""

    PACE = "pace"
    """Everybody who could is used as fast as it may be."""
    OUTAGE = "outage"
    """Everybody who could is left alone, because it fails."""
    WINDOW = "window"
    """The number has been called as often as it may be."""
    DRILLED = "drilled"
    """The number may be called again in a moment, and a drill's call is why not now."""
    NOBODY = "nobody"
    """No provider reaches this number in this way."""


@made_often(frozen=True, slots=True)
class Way:
    """Who carries a message."""

    provider: Provider
    sender: str = ""
    country: str = ""
    """Of the number: a provider may fail in one and work in another."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """That nobody takes it now, and when to ask again (of no use for WINDOW and NOBODY)."""

    why: Why
    until: Instant


@made_often(frozen=True, slots=True)
class Asked:
    """One message that needs a way."""

    kind: ChannelKind
    e164: str
    lane: int
    run: str = ""
    recent: Sequence[Recent] = ()
    passed: frozenset[str] = frozenset()
    """Providers that have turned this very message down."""
    amid: bool = False
    """Of a drill: a real warning of its county has to be answered."""

    @property
    def what(self) -> For:
        """What it is for, as limits to a number see it."""
        return (For.DRILL_AMID if self.amid else For.DRILL) if self.run == DRILL else For.of(self.lane)


@dataclass(frozen=True, slots=True)
class Turn:
    """That a provider has gone for the numbers of a country, or is back."""

    provider: str
    country: str
    down: bool
    since: Instant
    reason: str = ""


@dataclass
class Fleet:
    """What is known of each provider in this process: circuits, buckets, queues. All of it may be lost in a crash."""

    providers: Sequence[Provider]
    burst: float = BURST
    """Seconds' worth of a provider's rate that may go at once."""
    circuits: dict[tuple[str, str], Circuit] = field(default_factory=dict)
    """By provider and country; country "" is what is known of all that have none of their own."""
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    """By provider and sender; sender "" is the provider as a whole."""
    turns: list[Turn] = field(default_factory=list)
    """What the officer has not been told yet."""
    ways: dict[str, Way] = field(default_factory=dict)
    """Chosen for attempts that have not been handed over yet."""
    passed: dict[str, frozenset[str]] = field(default_factory=dict)
    """By attempt: the providers that have turned it down."""
    rests_until: Instant = NEVER_YET
    """Nothing can go before; looking again would only cost."""
    _slots: dict[tuple[ChannelKind, int], Instant] = field(default_factory=dict)
    _stopped: dict[str, Instant] = field(default_factory=dict)
    """Since when a provider that has stopped our account is known."""

    def way(self, asked: Asked, now: Instant, *, at_any_rate: bool = False) -> Way | Blocked:
        """Who takes it now; a token is used up where somebody does. `at_any_rate`: also whoever fails just now."""
        blocked: list[Blocked] = []
        for provider in self._reaching(asked):
            found = self._standing(provider, asked, now, at_any_rate)
            if isinstance(found, Way):
                self._use(found, asked.e164, now)
                return found
            blocked.append(found)
        waits = [b for b in blocked if b.why is not Why.WINDOW]
        if waits:
            # Whoever is merely busy will take it; an outage counts only where nobody else is left.
            return min(waits, key=lambda b: (b.why is not Why.PACE, b.until))
        return blocked[0] if blocked else Blocked(Why.NOBODY, now)

    def _reaching(self, asked: Asked) -> Iterator[Provider]:
        for p in self.providers:
            reached = p.carries(asked.kind, asked.e164) and p.channel.abilities(asked.e164).reaches
            if reached and p.channel.name not in asked.passed and (not asked.run or p.takes(asked.run)):
                yield p

    def _standing(self, provider: Provider, asked: Asked, now: Instant, at_any_rate: bool) -> Way | Blocked:
        name, able = provider.channel.name, provider.channel.abilities(asked.e164)
        here = country(asked.e164)
        circuit = self.circuit(name, here)
        if not (circuit.admits(now) or at_any_rate):
            return Blocked(Why.OUTAGE, circuit.next_trial())
        mine = [(at, drilled) for carrier, at, drilled in asked.recent if carrier == name]
        if not fits(able.windows, [at for at, _ in mine], now, asked.what):
            again = held_by_drill(able.windows, mine, now, asked.what)
            return Blocked(Why.WINDOW, now) if again is None else Blocked(Why.DRILLED, again)
        whole = self._bucket(name, "", able.per_second)
        if not whole.room(now):
            return Blocked(Why.PACE, whole.next_at(now))
        if not able.senders:
            return Way(provider, country=here)
        ranked = [(s, self._bucket(name, s, able.per_sender)) for s in preferred(able.senders, asked.e164)]
        free = next((sender for sender, bucket in ranked if bucket.room(now)), None)
        return Blocked(Why.PACE, min(b.next_at(now) for _, b in ranked)) if free is None else Way(provider, free, here)

    def _use(self, way: Way, e164: str, now: Instant) -> None:
        name, able = way.provider.channel.name, way.provider.channel.abilities(e164)
        self.circuits[name, way.country] = self.circuit(name, way.country).handed(now)
        self.buckets[name, ""] = self._bucket(name, "", able.per_second).taken(now)
        if way.sender:
            self.buckets[name, way.sender] = self._bucket(name, way.sender, able.per_sender).taken(now)

    def circuit(self, name: str, where: str) -> Circuit:
        """How this provider fares with the numbers of a country."""
        return self.circuits.get((name, where)) or self.circuits.get((name, "")) or Circuit()

    def _known(self, name: str) -> Mapping[str, Circuit]:
        """By country, where this provider has been used; else what is known of it at all."""
        used = {where: one for (provider, where), one in self.circuits.items() if provider == name and where}
        return used or {"": self.circuit(name, "")}

    def shut(self, name: str) -> Mapping[str, Instant]:
        """The countries in which this provider is left alone or tried again, each since when."""
        return {w: one.since for w, one in self._known(name).items() if one.state is not CircuitState.CLOSED}

    def _bucket(self, name: str, sender: str, rate: float) -> Bucket:
        return self.buckets.get((name, sender)) or Bucket(rate, burst=self.burst)

    def slot(self, asked: Asked, blocked: Blocked) -> Instant:
        """When a held message should be due again: each has its place in the queue of its lane, so that a backlog is
        not looked at again and again."""
        rate = sum(speed(p.channel.abilities(asked.e164)) for p in self._reaching(asked))
        if blocked.why is not Why.PACE or rate <= 0:
            return blocked.until
        key = asked.kind, asked.lane
        place = max(blocked.until, later(self._slots.get(key, Instant(0)), round(SECOND / rate)))
        self._slots[key] = place
        return place

    def ended(self, way: Way, submission: Submission, now: Instant) -> None:
        """A hand-over has ended."""
        name = way.provider.channel.name
        if submission.kind is Refusal.BUSY and way.sender:
            busy = self.buckets.get((name, way.sender)) or Bucket(0.0)
            self.buckets[name, way.sender] = busy.shut(later(now, BUSY_FOR))
        if submission.parts > 1 and submission.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN):
            # How many parts the words came to is known only now; senders are always limited by parts.
            by_part = way.provider.channel.abilities(next(iter(way.provider.regions), "")).by_part
            for one in {way.sender} - {""} | ({""} if by_part else set()):
                self.buckets[name, one] = self._bucket(name, one, 0.0).taken(now, submission.parts - 1)
        if submission.outcome is Outcome.THROTTLED:
            asked = submission.retry_at or later(now, THROTTLED_FOR)
            until = min(max(asked, now), later(now, LONGEST_SHUT))
            self.buckets[name, ""] = (self.buckets.get((name, "")) or Bucket(0.0)).shut(until)
        before = self.circuit(name, way.country)
        fatal = submission.reason if submission.kind is Refusal.CONFIG else ""
        clear = submission.outcome is not Outcome.UNKNOWN and submission.kind is not Refusal.DOWN
        after = before.ended(now, clear=clear, fatal=fatal, reason=submission.reason)
        self.circuits[name, way.country] = after
        closed = (before.state is CircuitState.CLOSED, after.state is CircuitState.CLOSED)
        if closed == (True, False):
            self.turns.append(Turn(name, way.country, True, now, after.reason))
        elif closed == (False, True):
            self.turns.append(Turn(name, way.country, False, now))

    def lose(self, stopped: Mapping[str, Instant], now: Instant) -> None:
        """These have stopped our account, as receipts told since the last look: they are left alone for a while."""
        for name, since in stopped.items():
            if since > self._stopped.get(name, NEVER_YET):
                self._stopped[name] = since
                for where, one in {"": Circuit(), **self._known(name)}.items():
                    self.circuits[name, where] = one.ended(now, clear=False, fatal="账户已停用")

    def pass_over(self, attempt: str, way: Way, submission: Submission) -> None:
        """This provider has turned the attempt down; where only its sender was busy, another sender may take it."""
        known = self.passed.get(attempt, frozenset())
        only_sender = submission.kind is Refusal.BUSY and way.sender
        self.passed[attempt] = known if only_sender else known | {way.provider.channel.name}

    def other(self, asked: Asked, now: Instant) -> bool:
        """Whether somebody is left who works and has not turned this message down."""
        return any(self.circuit(p.channel.name, country(asked.e164)).admits(now) for p in self._reaching(asked))

    def out(self, e164: str, now: Instant) -> frozenset[ChannelKind]:
        """Ways on which no provider works now for such a number."""
        where = country(e164)
        works = [p for p in self.providers if self.circuit(p.channel.name, where).admits(now)]
        return frozenset(kind for kind in ChannelKind if not any(p.carries(kind, e164) for p in works))

    def trial_of(self, way: Way, otherwise: Instant) -> Instant:
        """When a provider that is left alone is tried again."""
        circuit = self.circuit(way.provider.channel.name, way.country)
        return otherwise if circuit.state is CircuitState.CLOSED else circuit.next_trial()

    def carried(self, kind: ChannelKind) -> bool:
        """Whether there is any provider of this kind at all."""
        return any(kind in p.kinds for p in self.providers)

    def room(self, kind: ChannelKind, now: Instant) -> int:
        """How many more messages of this kind may go now, whoever they are for."""
        return min(UNLIMITED, sum(self._room(p, now) for p in self.providers if kind in p.kinds))

    def _room(self, provider: Provider, now: Instant) -> int:
        name = provider.channel.name
        if not any(one.admits(now) for one in self._known(name).values()):
            return 0
        able = provider.channel.abilities(next(iter(provider.regions), ""))
        whole = self._bucket(name, "", able.per_second).room(now)
        if not able.senders:
            return whole
        return min(whole, sum(self._bucket(name, s, able.per_sender).room(now) for s in able.senders))

    def rest(self, now: Instant) -> None:
        """Look away for a moment."""
        self.rests_until = later(now, MOMENT)

    @cached_property
    def span(self) -> Millis:
        """How far back the attempts to a number must be known; 0 where no provider limits them."""
        return max((widest(able.windows) for able in self._able()), default=0)

    def _able(self) -> Iterable[Abilities]:
        """What each provider can do at home and abroad: limits to one called hold for the operators' own country."""
        for provider in self.providers:
            for prefix in (*provider.regions, "+86", "+999"):
                yield provider.channel.abilities(prefix)

    def rates(self, e164: str = "+86") -> Mapping[ChannelKind, float]:
        """Attempts a second for each kind of channel; 0 = no limit is known, UNREACHED = nobody has a road there."""
        able = {k: [p.channel.abilities(e164) for p in self.providers if p.carries(k, e164)] for k in ChannelKind}
        return {kind: together(each) for kind, each in able.items()}


def preferred(senders: Sequence[str], e164: str) -> list[str]:
    """The senders in this number's own order: the same one first each time, so that replies and opt-outs stay together.

    Every number has another order, so the load is spread."""
    return sorted(senders, key=lambda sender: blake2b(f"{sender} {e164}".encode(), digest_size=8).digest())
