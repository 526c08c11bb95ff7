"""转移: a facility or household that must be moved in one event, until a named human lets it return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from callout.domain.feedback import Report
from callout.domain.instant import Instant, Millis
from callout.domain.level import Level


class RelocationState(StrEnum):
    """Where one facility or household stands. Neither Cancel, downgrade nor expiry of an alert changes it."""

    TO_MOVE = "to_move"
    """The warning says that it is to be moved; at `next_at` the time for it is over."""
    MOVED = "moved"
    """Everybody is away, and counted."""
    REFUSED = "refused"
    """They will not go: a human speaks to them."""
    UNREACHABLE = "unreachable"
    """Nobody can reach them: a human goes there."""
    RETURNED = "returned"
    """They went back before a named human allowed it."""
    RELEASED = "released"
    """A named human let them return, or said that they need not be moved any more."""


class RelocationEvent(StrEnum):
    """What can happen to one of them."""

    DEMANDED = "demanded"
    """A later warning of the event, or a human, asks for it again."""
    OVERDUE = "overdue"
    """The time for it is over without word: a human asks."""
    PARTLY = "partly"
    """Some of the people are away, counted; the others are not, whatever was said before."""
    MOVED = "moved"
    """Word came that all are away."""
    REFUSED = "refused"
    """Word came that they will not go."""
    UNREACHABLE = "unreachable"
    """Word came that they cannot be reached."""
    RETURNED = "returned"
    """Somebody saw that they went back too early."""
    RELEASED = "released"
    """A named human ended it by a decision of its own."""


S, E = RelocationState, RelocationEvent

TABLE: Mapping[tuple[RelocationState, RelocationEvent], RelocationState] = {
    (S.TO_MOVE, E.DEMANDED): S.TO_MOVE,
    (S.TO_MOVE, E.OVERDUE): S.TO_MOVE,
    (S.TO_MOVE, E.PARTLY): S.TO_MOVE,
    (S.TO_MOVE, E.MOVED): S.MOVED,
    (S.TO_MOVE, E.REFUSED): S.REFUSED,
    (S.TO_MOVE, E.UNREACHABLE): S.UNREACHABLE,
    (S.TO_MOVE, E.RELEASED): S.RELEASED,
    (S.REFUSED, E.DEMANDED): S.TO_MOVE,
    (S.REFUSED, E.PARTLY): S.REFUSED,
    (S.REFUSED, E.MOVED): S.MOVED,
    (S.REFUSED, E.UNREACHABLE): S.UNREACHABLE,
    (S.REFUSED, E.RELEASED): S.RELEASED,
    (S.UNREACHABLE, E.DEMANDED): S.TO_MOVE,
    (S.UNREACHABLE, E.PARTLY): S.UNREACHABLE,
    (S.UNREACHABLE, E.MOVED): S.MOVED,
    (S.UNREACHABLE, E.REFUSED): S.REFUSED,
    (S.UNREACHABLE, E.RELEASED): S.RELEASED,
    (S.MOVED, E.MOVED): S.MOVED,
    (S.MOVED, E.PARTLY): S.TO_MOVE,
    (S.MOVED, E.RETURNED): S.RETURNED,
    (S.MOVED, E.RELEASED): S.RELEASED,
    (S.RETURNED, E.DEMANDED): S.TO_MOVE,
    (S.RETURNED, E.PARTLY): S.RETURNED,
    (S.RETURNED, E.MOVED): S.MOVED,
    (S.RETURNED, E.REFUSED): S.REFUSED,
    (S.RETURNED, E.RELEASED): S.RELEASED,
    (S.RELEASED, E.DEMANDED): S.TO_MOVE,
}

START = S.TO_MOVE
OPEN = (S.TO_MOVE, S.MOVED, S.REFUSED, S.UNREACHABLE, S.RETURNED)
"""While one stands so, the event is not over for the people there, and no all-clear may say that it is."""
NOT_AWAY = (S.TO_MOVE, S.REFUSED, S.UNREACHABLE, S.RETURNED)
"""People are, or may be, in danger."""
TROUBLE: Mapping[RelocationEvent, str] = {
    E.OVERDUE: "限时已到，没有转移的消息", E.REFUSED: "拒绝转移", E.UNREACHABLE: "联系不上", E.RETURNED: "擅自返回",
}  # fmt: skip
"""Events that a human must act on, in words."""


class RelocationKey(NamedTuple):
    """One facility or household in one event; episode 0 = a human asked for it about no warning."""

    county: str
    episode: int
    site: str


@dataclass(frozen=True, slots=True)
class Relocation:
    """One of them as it stands."""

    key: RelocationKey
    alert: int
    """The newest alert that asks for it."""
    run: str
    state: RelocationState
    post: int
    """The responsible person (对接责任人); 0 = nobody."""
    people: int
    """How many are to be moved."""
    households: int
    moved_people: int
    """How many are away by the last word; -1 = no word."""
    shelter: str
    item: str
    """What the officer's open item about it is about; empty = there is none."""
    level: Level
    within: Millis
    """How long the moving may take."""
    next_at: Instant | None
    rev: int


@dataclass(frozen=True, slots=True)
class Word:
    """What a named officer heard about one or many of them, or decided."""

    officer: str
    """Who entered it."""
    by: str = ""
    """Who reported or decided it."""
    title: str = ""
    """职务 of who decided (release)."""
    reason: str = ""
    """Why, or what was seen; for a release what was checked."""
    people: int = -1
    """How many are away; -1 = all."""
    shelter: str = ""
    """Where they are; empty = where the plan says."""


def moved(one: Relocation, people: int) -> RelocationEvent:
    """What it means that so many of its people (-1 = all) are away."""
    return E.MOVED if people < 0 or people >= one.people else E.PARTLY


@dataclass(frozen=True, slots=True)
class Apportioned:
    """What one report of a responsible person means for those whom the person must move."""

    moved: Sequence[tuple[Relocation, int]] = ()
    """Each with the number of people who are away."""
    doubt: str = ""
    """Why nobody can tell, in words for the officer; empty = it is clear."""


def apportion(said: Report, owed: Sequence[Relocation]) -> Apportioned:
    """A report says only a number: for one it is its number, for several it must be the number of all of them.

    The last number stands for the whole, as in a feedback; nobody adds numbers up by himself.
    """
    if not owed:
        return Apportioned()
    if len(owed) == 1:
        return Apportioned(((owed[0], said.people),))
    together = sum(one.people for one in owed)
    if said.people < 0 or said.people >= together:
        return Apportioned(tuple((one, one.people) for one in owed))
    if said.people == 0:
        return Apportioned(tuple((one, 0) for one in owed))
    words = f"报已转移 {said.people} 人，名下 {len(owed)} 处共 {together} 人，请核实是哪几处"
    return Apportioned(doubt=words)
