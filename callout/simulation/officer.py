"""A duty officer (值班员) for demonstrations: decides what to do with the list; the driver does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType

from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.instant import MINUTE, Instant, Millis, later
from callout.domain.ladder import patience
from callout.ports import Item

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


class Officer:
    """One human who works on one item at a time, the most urgent first.

    The officer comes to the desk 1–2 minutes after the patience of an item has ended, which is when the desk rings,
    and stays until nothing waits.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._comes: dict[ItemKey, Instant] = {}
        self._at_desk = False
        self._work: tuple[Item, Instant] | None = None

    def next_at(self) -> Instant | None:
        """When the officer acts next as far as the last `step` knows; None while nothing waits."""
        return self._work[1] if self._work else min(self._comes.values(), default=None)

    def step(self, items: Sequence[Item], now: Instant) -> list[Action]:
        """What the officer does now. `items`: all not closed. Call it whenever they may have changed."""
        closed = self._finish({i.key for i in items if i.state is not HumanCallState.CLOSED}, now)
        own = {self._work[0].key} if self._work else set()
        waiting = [i for i in items if i.state is HumanCallState.OPEN and i.key not in own]
        self._comes = {i.key: self._comes.get(i.key) or self._arrival(i, now) for i in waiting}
        return [*closed, *self._take(waiting, now)]

    def _finish(self, there: set[ItemKey], now: Instant) -> list[Action]:
        if self._work is None:
            return []
        item, until = self._work
        if item.key in there and now < until:
            return []
        self._work = None
        return [self._close(item)] if item.key in there else []

    def _take(self, waiting: Sequence[Item], now: Instant) -> list[Action]:
        if self._work:
            return []
        self._at_desk = bool(waiting) and (self._at_desk or min(self._comes.values()) <= now)
        if not self._at_desk:
            return []
        item = min(waiting, key=lambda i: (i.lane, self._comes[i.key], i.key))
        del self._comes[item.key]
        self._work = item, later(now, self._chance(item, "work").randint(*WORK))
        return [Action(ActionKind.CLAIM, item.key)]

    def _close(self, item: Item) -> Action:
        by_chance = self._chance(item, "outcome").choices(list(BY_PHONE), list(BY_PHONE.values()))
        outcome = _FIXED.get(item.kind, by_chance[0])
        return Action(ActionKind.CLOSE, item.key, outcome, confirmed=outcome == REACHED)

    def _arrival(self, item: Item, now: Instant) -> Instant:
        return later(now, patience(item.level) + self._chance(item, "arrival").randint(*ARRIVAL))

    def _chance(self, item: Item, about: str) -> Random:
        return Random(f"{self._seed}:{item.key}:{about}")  # noqa: S311 - repeatable on purpose
