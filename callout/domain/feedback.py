"""反馈: 应 is not done. What a post must report after it has answered, by when, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from callout.domain.instant import Instant, Millis
from callout.domain.level import Level


class FeedbackKind(StrEnum):
    """What is to be reported."""

    ON_POST = "到岗"
    MEASURES = "措施"
    """The measures of the plan are carried out."""
    MOVED = "转移"
    """Households and people moved to safety, in numbers."""


class FeedbackState(StrEnum):
    """Where one feedback duty stands. Neither Cancel nor expiry of the alert ends it: people are still out there."""

    OPEN = "open"
    """The post has answered; at `next_at` it is reminded."""
    REMINDED = "reminded"
    """The one reminder is on its way; at `next_at` the time is over."""
    OVERDUE = "overdue"
    """The time is over without word; an item is on the officer's list."""
    GIVEN = "given"
    """The word has come; a later one with other numbers replaces them."""
    SUPERSEDED = "superseded"
    """The post owes the same for a newer alert of the episode."""


class FeedbackEvent(StrEnum):
    """What can happen to a feedback duty."""

    REMINDED = "reminded"
    """Before the time is over the person is reminded once by text."""
    NOBODY_TO_REMIND = "nobody_to_remind"
    """The post has no number that takes texts: it goes to a human when the time is over."""
    RAN_OUT = "ran_out"
    """The time is over."""
    GIVEN = "given"
    """The person reported by text, or a named officer entered what the person said."""
    SUPERSEDED = "superseded"
    """A newer alert of the episode opened the same duty."""


S, E = FeedbackState, FeedbackEvent

TABLE: Mapping[tuple[FeedbackState, FeedbackEvent], FeedbackState] = {
    (S.OPEN, E.REMINDED): S.REMINDED,
    (S.OPEN, E.NOBODY_TO_REMIND): S.OPEN,
    (S.OPEN, E.RAN_OUT): S.OVERDUE,
    (S.OPEN, E.GIVEN): S.GIVEN,
    (S.OPEN, E.SUPERSEDED): S.SUPERSEDED,
    (S.REMINDED, E.RAN_OUT): S.OVERDUE,
    (S.REMINDED, E.GIVEN): S.GIVEN,
    (S.REMINDED, E.SUPERSEDED): S.SUPERSEDED,
    (S.OVERDUE, E.GIVEN): S.GIVEN,
    (S.OVERDUE, E.SUPERSEDED): S.SUPERSEDED,
    (S.GIVEN, E.GIVEN): S.GIVEN,
}

START = S.OPEN
WAITING = (S.OPEN, S.REMINDED)
"""States in which the clock runs."""
OWED = (*WAITING, S.OVERDUE)


class FeedbackKey(NamedTuple):
    """One feedback that one post owes about one alert."""

    county: str
    alert: int
    post: int
    kind: FeedbackKind


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback duty as it stands."""

    key: FeedbackKey
    state: FeedbackState
    due_at: Instant
    given_at: Instant | None
    level: Level
    rev: int


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reported. -1 = no number was said."""

    kind: FeedbackKind
    people: int = -1
    households: int = -1


def remind_after(within: Millis) -> Millis:
    """When the person is reminded, from the answer on: with a third of the time left."""
    return within * 2 // 3
