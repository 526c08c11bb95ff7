"""A duty officer (值班员) for demonstrations: decides what to do with the list; the driver does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from random import Random
from types import MappingProxyType

from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.instant import BEIJING, HOUR, MINUTE, Instant, Millis, instant, later, moment
from callout.domain.ladder import is_night, patience
from callout.ports import Item
from callout.simulation.habits import Points, draw

ItemKey = tuple[str, int, int, str, str]
Span = tuple[Millis, Millis]

ARRIVAL: Span = (1 * MINUTE, 2 * MINUTE)
"""From the ring of the desk until the officer sits at it."""
WORK: Span = (2 * MINUTE, 4 * MINUTE)
"""How long one item takes."""

REACHED = "reached_by_phone"
"""The one outcome with which the person confirmed."""
BY_PHONE: Mapping[str, int] = MappingProxyType({REACHED: 70, "door_knock_ordered": 20, "replacement_sent": 10})
"""Per cent of the items about a person whom the officer dials."""

_FIXED: Mapping[HumanCallKind, str] = MappingProxyType(
    {
        HumanCallKind.CANNOT_COME: "replacement_sent",
        HumanCallKind.NO_NUMBER: "door_knock_ordered",
        HumanCallKind.VACANT: "roster_gap_noted",
        HumanCallKind.NO_PLAN: "plan_missing_noted",
        HumanCallKind.NO_RULE: "rule_missing_noted",
        HumanCallKind.UNDECIDED: "alert_read",
        HumanCallKind.LATE_ALERT: "alert_read",
        HumanCallKind.CONFLICT: "alert_read",
        HumanCallKind.CANCELLED: "people_informed",
        HumanCallKind.STOP_UNDECIDED: "decision_asked",
        HumanCallKind.STOP_UNCONFIRMED: "site_asked",
        HumanCallKind.STOP_UNTOLD: "door_knock_ordered",
        HumanCallKind.FEEDBACK: "feedback_asked",
        HumanCallKind.CLOCK: "alert_read",
        HumanCallKind.REFUSED_DOCUMENT: "sender_asked",
        HumanCallKind.SOURCE_SILENT: "source_checked",
        HumanCallKind.FAULT: "maintainer_told",
        HumanCallKind.UNCONFIRMED: "alert_read",
        HumanCallKind.GAUGE: "gauge_checked",
        HumanCallKind.CANARY: "maintainer_told",
        HumanCallKind.NOT_MOVED: "door_knock_ordered",
        HumanCallKind.MOVED_UNCLEAR: "keeper_asked",
        HumanCallKind.SHELTER_FULL: "other_shelter_opened",
    }
)
"""Outcomes where there is nobody to dial or nothing to ask."""


class ActionKind(StrEnum):
    """What the officer does with an item."""

    CLAIM = "claim"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Action:
    """One move for the driver to make; `outcome` and `confirmed` belong to CLOSE."""

    kind: ActionKind
    key: ItemKey
    outcome: str = ""
    confirmed: bool = False
    """The person confirmed to the officer by phone."""


@dataclass(frozen=True)
class Working:
    """How the officers of a run work, as explicit distributions."""

    officers: int = 1
    arrival: Points = ARRIVAL
    work: Points = WORK
    by_phone: Mapping[str, int] = field(default_factory=lambda: BY_PHONE)
    absent_at_night: frozenset[int] = frozenset()
    """Numbers of those (from 0) who are not there from 22:00 to 06:00."""


ALONE = Working()


def _nobody(_: Item) -> bool:
    return False


class Officer:
    """Humans at one desk, each with one item at a time, the most urgent first.

    They come to the desk 1–2 minutes after the patience of an item has ended, which is when the desk rings,
    and stay until nothing waits.
    """

    def __init__(self, seed: int, working: Working = ALONE, beyond: Callable[[Item], bool] = _nobody) -> None:
        """`beyond`: whether the person that an item is about cannot be reached by any phone now."""
        self._seed = seed
        self._working = working
        self._beyond = beyond
        self._comes: dict[ItemKey, Instant] = {}
        self._at_desk = False
        self._work: dict[int, tuple[Item, Instant]] = {}
        self._now = Instant(0)

    @property
    def anybody(self) -> bool:
        """Whether there is an officer at all."""
        return self._working.officers > 0

    def next_at(self) -> Instant | None:
        """When somebody acts next as far as the last `step` knows; None while nothing waits."""
        known = [until for _, until in self._work.values()]
        if self._comes and len(self._work) < self._working.officers:
            first = min(self._comes.values())
            known.append(first if self._free(max(first, self._now)) else _morning(max(first, self._now)))
        return min(known, default=None)

    def step(self, items: Mapping[ItemKey, Item], now: Instant) -> list[Action]:
        """What they do now. `items`: all not closed, by key. Call it whenever they may have changed."""
        self._now = now
        closed = self._finish(items, now)
        own = {item.key for item, _ in self._work.values()} | {action.key for action in closed}
        waiting = {key: i for key, i in items.items() if i.state is HumanCallState.OPEN and key not in own}
        self._comes = {key: self._comes.get(key) or self._arrival(i, now) for key, i in waiting.items()}
        return [*closed, *self._take(waiting, now)]

    def _finish(self, items: Mapping[ItemKey, Item], now: Instant) -> list[Action]:
        there = {at for at, (item, _) in self._work.items() if _is_open(items.get(item.key))}
        over = [at for at, (_, until) in sorted(self._work.items()) if at not in there or now >= until]
        return [self._close(item) for at in over for item, _ in [self._work.pop(at)] if at in there]

    def _take(self, waiting: Mapping[ItemKey, Item], now: Instant) -> list[Action]:
        free = self._free(now)
        if self._work and not free:
            return []
        self._at_desk = bool(waiting and free) and (self._at_desk or min(self._comes.values()) <= now)
        if not self._at_desk:
            return []
        first = nsmallest(len(free), waiting, key=lambda key: (waiting[key].lane, self._comes[key], key))
        for at, key in zip(free, first, strict=False):
            del self._comes[key]
            self._work[at] = waiting[key], later(now, draw(self._chance(waiting[key], "work"), self._working.work))
        return [Action(ActionKind.CLAIM, key) for key in first]

    def _free(self, now: Instant) -> list[int]:
        away = self._working.absent_at_night if is_night(now) else frozenset()
        return [at for at in range(self._working.officers) if at not in self._work and at not in away]

    def _close(self, item: Item) -> Action:
        usual = self._working.by_phone
        outcome = _FIXED.get(item.kind, self._chance(item, "outcome").choices(list(usual), list(usual.values()))[0])
        if outcome == REACHED and self._beyond(item):
            outcome = "door_knock_ordered"
        return Action(ActionKind.CLOSE, item.key, outcome, confirmed=outcome == REACHED)

    def _arrival(self, item: Item, now: Instant) -> Instant:
        return later(now, patience(item.level) + draw(self._chance(item, "arrival"), self._working.arrival))

    def _chance(self, item: Item, about: str) -> Random:
        return Random(f"{self._seed}:{item.key}:{about}")  # noqa: S311 - repeatable on purpose


def _is_open(item: Item | None) -> bool:
    return item is not None and item.state is not HumanCallState.CLOSED


def _morning(at: Instant) -> Instant:
    """The next 06:00, Beijing time."""
    here = moment(at).astimezone(BEIJING)
    six = instant(here.replace(hour=6, minute=0, second=0, microsecond=0))
    return six if six > at else later(six, 24 * HOUR)
