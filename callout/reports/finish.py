"""When calling will be through, by the rates that the providers take."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callout.domain.instant import MINUTE, SECOND, Instant, Millis, beijing, later
from callout.domain.ladder import ChannelKind
from callout.domain.pace import takes
from callout.reports.outlook import Forecast
from callout.reports.words import CHANNELS

Rates = Mapping[ChannelKind, float]
"""Attempts a second; 0 or missing = no limit is known."""
NO_RATES: Rates = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finish:
    """When everybody will have been tried once, and when the last ladder ends if nobody answers."""

    first: Mapping[ChannelKind, int]
    """First tries by kind of channel."""
    first_at: Instant
    last_at: Instant
    """When the last step of all begins."""
    paced: bool
    """A rate is known; otherwise first tries are taken to go at once."""
    since: Instant


def finish(seen: Forecast, rates: Rates, now: Instant) -> Finish | None:
    """The times of a forecast; None where nobody would be called."""
    first = Counter(one.rungs[0].channel for one in seen.called if one.rungs)
    if not first:
        return None
    queue = spent(first, rates)
    last = max(rung.at for one in seen.called for rung in one.rungs)
    paced = any(rates.get(kind, 0.0) > 0 for kind in first)
    return Finish(dict(first), later(now, queue), later(last, queue), paced, now)


def spent(many: Mapping[ChannelKind, int], rates: Rates) -> Millis:
    """How long so many tries take; the kinds go side by side."""
    return max((takes(count, rates.get(kind, 0.0)) for kind, count in many.items()), default=0)


def finish_lines(one: Finish | None) -> Iterator[str]:
    """In words."""
    if one is None:
        return
    ways = "、".join(f"{CHANNELS[kind]} {many}" for kind, many in one.first.items())
    until = beijing(one.last_at, "%H:%M")
    if not one.paced:
        yield f"预计：首叫 {ways} 立即发出（通道没有写明速率）；一直无人应答，{until} 走到最后一步"
        return
    span = words(one.first_at - one.since)
    yield f"预计：首叫 {ways}，{span}内、{beijing(one.first_at)[11:]} 前叫完；一直无人应答，{until} 走到最后一步"


def words(span: Millis) -> str:
    """3分20秒, rounded up."""
    minutes, seconds = divmod(-(-span // SECOND), MINUTE // SECOND)
    return (f"{minutes}分" if minutes else "") + (f"{seconds}秒" if seconds or not minutes else "")
