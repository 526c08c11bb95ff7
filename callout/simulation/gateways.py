"""The gateways (通道) of a rehearsal: what each can take, what it costs, when it is lost. None of them has a socket."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.call_facts import TIMES
from callout.domain.instant import MINUTE, Instant
from callout.domain.ladder import ChannelKind
from callout.ports import Clock, Inbound, Message, Provider
from callout.simulation.carrier import Carrier, Fault
from callout.simulation.phones import Phones

Span = tuple[Instant, Instant]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway as a rehearsal assumes it."""

    name: str
    kinds: frozenset[ChannelKind]
    per_second: float = 0.0
    """Attempts that it takes each second; 0 = no limit."""
    fen: float = 0.0
    """Price in 分 of one part of a text, or of one minute of a call begun."""
    lost: Span | None = None
    """While this lasts it cannot be reached at all."""

    def is_lost(self, at: Instant) -> bool:
        """Whether it is gone at this time."""
        return self.lost is not None and self.lost[0] <= at < self.lost[1]


ASSUMED_GATEWAYS = (
    Gateway("短信网关", frozenset({ChannelKind.SMS}), 20.0, 5.0),
    Gateway("语音网关", frozenset({ChannelKind.VOICE}), 5.0, 12.0),
)
"""Where nothing else is known: one gateway for texts, one for calls. Rates and prices are assumptions."""


class Network:
    """All gateways over one world of phones."""

    def __init__(self, clock: Clock, phones: Phones, gateways: Sequence[Gateway]) -> None:
        self._gateways = {one.name: one for one in gateways}
        self._carriers = {one.name: _carrier(one, clock, phones) for one in gateways}

    def providers(self) -> tuple[Provider, ...]:
        """The gateways as the sender takes them: none is real, so none can carry what is meant for people."""
        return tuple(Provider(self._carriers[one.name], one.kinds) for one in self._gateways.values())

    def due(self, now: Instant) -> list[Inbound]:
        """What has come back up to and including `now`, in order."""
        came = [event for carrier in self._carriers.values() for event in carrier.due(now)]
        return sorted(came, key=lambda event: (event.at, event.event))

    def next_at(self) -> Instant | None:
        """When the next event happens; None while nothing is under way."""
        known = [at for carrier in self._carriers.values() if (at := carrier.next_at()) is not None]
        return min(known, default=None)

    def load(self) -> Mapping[str, Mapping[int, int]]:
        """By gateway: messages taken in each minute (minutes since 1970)."""
        return {
            name: dict(sorted(Counter(one.at // MINUTE for one in carrier.journal).items()))
            for name, carrier in self._carriers.items()
        }

    def busiest(self) -> Mapping[str, int]:
        """By gateway: the most messages taken in one second."""
        return {
            name: max(Counter(one.at // 1000 for one in carrier.journal).values(), default=0)
            for name, carrier in self._carriers.items()
        }

    def told(self, kind: ChannelKind, until: Instant) -> frozenset[str]:
        """Numbers that got a message of this kind no later than `until`."""
        journals = [one for carrier in self._carriers.values() for one in carrier.journal]
        return frozenset(one.e164 for one in journals if one.channel is kind and one.at <= until)

    def fen(self) -> Mapping[str, int]:
        """By gateway: what was spent, in 分."""
        return {name: round(carrier.units() * self._gateways[name].fen) for name, carrier in self._carriers.items()}


def _carrier(gateway: Gateway, clock: Clock, phones: Phones) -> Carrier:
    def fault(_: Message) -> Fault | None:
        return "down" if gateway.is_lost(clock.now()) else None

    answers = {ChannelKind.SMS: Answering.REPLY, ChannelKind.VOICE: Answering.KEY}
    able = Abilities(
        frozenset(answers[kind] for kind in gateway.kinds),
        Receipts.PUSH,
        hangs_up=ChannelKind.VOICE in gateway.kinds,
        internet=False,
        per_second=gateway.per_second,
        cost_fen=round(gateway.fen),
        tells=TIMES if ChannelKind.VOICE in gateway.kinds else frozenset(),
    )
    return Carrier(clock, 0, fault, phones=phones, as_gateway=(gateway.name, able))


def lose(gateways: Sequence[Gateway], name: str, span: Span) -> tuple[Gateway, ...]:
    """The same gateways, one of them lost for a while. Raises KeyError where there is none of that name."""
    if name not in {one.name for one in gateways}:
        raise KeyError(name)
    return tuple(replace(one, lost=span) if one.name == name else one for one in gateways)
