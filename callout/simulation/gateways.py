"""The gateways (通道) of a rehearsal: what each can take, what it costs, when it is lost. None of them has a socket."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.call_facts import TIMES
from callout.domain.form import Form
from callout.domain.instant import MINUTE, Instant, Millis
from callout.domain.ladder import ChannelKind
from callout.domain.length import whole
from callout.ports import Clock, Inbound, Message, Provider
from callout.simulation.carrier import Carrier, Fault, Submitted
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
    able: Abilities | None = None
    """What the office's own channel can do, with all its limits; None: everything, and only the rate counts."""
    forms: Mapping[str, Form] = field(default_factory=dict)
    """Its approved templates."""

    @property
    def hears(self) -> bool:
        """Whether an answer can come back on it."""
        return self.able is None or bool(self.able.answers)

    def faster(self, times: int) -> "Gateway":
        """The same with so many times the rate."""
        able = self.able
        if able is not None:
            able = replace(able, per_second=able.per_second * times, per_sender=able.per_sender * times)
        return replace(self, per_second=self.per_second * times, able=able)

    def is_lost(self, at: Instant) -> bool:
        """Whether it is gone at this time."""
        return self.lost is not None and self.lost[0] <= at < self.lost[1]


def as_gateway(provider: Provider, e164: str) -> Gateway:
    """A channel of the office as a gateway of a rehearsal: its limits and its price for numbers that begin so."""
    able = provider.channel.abilities(e164)
    rates = [rate for rate in (able.per_second, able.per_sender * len(able.senders)) if rate > 0]
    name, price = provider.channel.name, float(able.cost_fen)
    return Gateway(name, provider.kinds, min(rates, default=0.0), price, able=able, forms=provider.forms)


def limits(gateway: Gateway) -> list[str]:
    """What holds it back, one limit each: all of it, one sender, one number called."""
    able = gateway.able or Abilities(frozenset(), Receipts.NONE, per_second=gateway.per_second)
    found = [f"整条通道每秒 {able.per_second:g}"] if able.per_second else []
    found += (
        [f"每个主叫每秒 {able.per_sender:g}，{len(able.senders)} 个主叫"] if able.senders and able.per_sender else []
    )
    nights = {True: "夜间", False: ""}
    return found + [f"同一号码{nights[w.night_only]} {whole(w.span)} {w.count} 次" for w in able.windows]


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
        return tuple(Provider(self._carriers[one.name], one.kinds, forms=one.forms) for one in self._gateways.values())

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

    def busiest(self, beat: Millis) -> Mapping[str, int]:
        """By gateway: the most messages taken within one of the beats on which the rehearsal's moments fall."""
        return {
            name: max(Counter(one.at // beat for one in carrier.journal).values(), default=0)
            for name, carrier in self._carriers.items()
        }

    def journal(self, name: str) -> Sequence[Submitted]:
        """What this gateway took for phones, in order."""
        return self._carriers[name].journal

    def told(self, kind: ChannelKind, since: Instant, until: Instant) -> frozenset[str]:
        """Numbers that got a message of this kind from `since` to `until`."""
        journals = [one for carrier in self._carriers.values() for one in carrier.journal]
        return frozenset(one.e164 for one in journals if one.channel is kind and since <= one.at <= until)

    def fen(self) -> Mapping[str, int]:
        """By gateway: what was spent, in 分."""
        return {name: round(carrier.units() * self._gateways[name].fen) for name, carrier in self._carriers.items()}


def _carrier(gateway: Gateway, clock: Clock, phones: Phones) -> Carrier:
    def fault(_: Message) -> Fault | None:
        return "down" if gateway.is_lost(clock.now()) else None

    able = gateway.able or _everything(gateway)
    return Carrier(clock, 0, fault, phones=phones, as_gateway=(gateway.name, able))


def _everything(gateway: Gateway) -> Abilities:
    answers = {ChannelKind.SMS: Answering.REPLY, ChannelKind.VOICE: Answering.KEY}
    return Abilities(
        frozenset(answers[kind] for kind in gateway.kinds),
        Receipts.PUSH,
        hangs_up=ChannelKind.VOICE in gateway.kinds,
        internet=False,
        per_second=gateway.per_second,
        cost_fen=round(gateway.fen),
        tells=TIMES if ChannelKind.VOICE in gateway.kinds else frozenset(),
    )


def lose(gateways: Sequence[Gateway], name: str, span: Span) -> tuple[Gateway, ...]:
    """The same gateways, one of them lost for a while. Raises KeyError where there is none of that name."""
    if name not in {one.name for one in gateways}:
        raise KeyError(name)
    return tuple(replace(one, lost=span) if one.name == name else one for one in gateways)
