"""When calling will be through, by the rates that the providers take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callout.domain.instant import Instant, Millis, beijing, later
from callout.domain.ladder import ChannelKind
from callout.domain.length import expected
from callout.domain.pace import UNREACHED, PerPart, takes
from callout.reports.outlook import Forecast
from callout.reports.words import CHANNELS

Rates = Mapping[ChannelKind, float]
"""Attempts a second, or parts of texts (PerPart); 0 or missing = no limit is known, UNREACHED = nobody goes there."""
USUAL_PARTS = 3
"""Of a text about a warning, signature and measures included."""
NO_RATES: Rates = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Round:
    """First tries by one kind of channel."""

    many: int
    takes: Millis
    until: Instant
    paced: bool
    """The rate is known; otherwise they are taken to go at once."""
    unreached: bool = False
    """No provider has a road to numbers of the home country."""


@dataclass(frozen=True, slots=True)
class Finish:
    """When everybody will have been tried once, and when the last ladder ends if nobody answers."""

    first: Mapping[ChannelKind, Round]
    last_at: Instant
    """When the last step of all begins."""


def finish(seen: Forecast, rates: Rates, now: Instant) -> Finish | None:
    """The times of a forecast; None where nobody would be called."""
    firsts = [one.rungs[0] for one in seen.called if one.rungs]
    if not firsts:
        return None
    rounds = {}
    for kind in dict.fromkeys(rung.channel for rung in firsts):
        rate, its = rates.get(kind, 0.0), [rung for rung in firsts if rung.channel is kind]
        counted = sum(max(1, rung.sms_parts) for rung in its) if isinstance(rate, PerPart) else len(its)
        span = takes(counted, rate)
        rounds[kind] = Round(len(its), span, later(now, span), rate > 0, rate == UNREACHED)
    last = max(rung.at for one in seen.called for rung in one.rungs)
    return Finish(rounds, later(last, max(one.takes for one in rounds.values())))


def spent(many: Mapping[ChannelKind, int], rates: Rates) -> Millis:
    """How long so many tries take; the kinds go side by side. Their words are not known: a text has its usual parts."""
    return max((_spent(count, rates.get(kind, 0.0)) for kind, count in many.items()), default=0)


def _spent(count: int, rate: float) -> Millis:
    return takes(count * USUAL_PARTS if isinstance(rate, PerPart) else count, rate)


def finish_lines(one: Finish | None) -> Iterator[str]:
    """In words."""
    if one is None:
        return
    until = beijing(one.last_at, "%H:%M")
    first = "，".join(f"{CHANNELS[kind]} {each.many} {_when(each)}" for kind, each in one.first.items())
    yield f"预计首叫：{first}；一直无人应答，{until} 走到最后一步"


def _when(one: Round) -> str:
    if one.unreached:
        return "没有通道到得了 +86 的号码（用 callout doctor 查看）"
    if not one.paced:
        return "立即发出（通道没有写明速率）"
    return f"在{expected(one.takes)}内、{beijing(one.until)[11:]} 前叫完"
