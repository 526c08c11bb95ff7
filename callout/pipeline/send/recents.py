"""What numbers have had lately: limits of a provider to one number count it."""

from collections import defaultdict
from collections.abc import Sequence

from callout.domain.drill import base_of, is_drill
from callout.domain.instant import later
from callout.domain.ladder import ChannelKind
from callout.pipeline.send.fleet import Fleet, Recent
from callout.ports import SendWork

Recents = defaultdict[tuple[int, ChannelKind], list[Recent]]


def recents(work: SendWork, fleet: Fleet, numbers: Sequence[tuple[int, ChannelKind]]) -> Recents:
    """Earlier attempts to these numbers, as far back as any provider's limit reaches."""
    found: Recents = defaultdict(list)
    span = fleet.span
    if span and numbers:
        for number, kind, provider, at, drilled in work.sends.recent([n for n, _ in numbers], later(work.at, -span)):
            found[number, kind].append((provider, at, drilled))
    return found


def amid(work: SendWork, county: str) -> bool:
    """Whether it is a drill, and a real warning of its county has to be answered."""
    return is_drill(county) and work.drills.going(base_of(county))
