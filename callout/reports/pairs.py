"""The due pairs of an account: one alert and one post each, with what is on record about them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from callout.domain.answer import EFFECTS, Grade
from callout.domain.area import Coverage
from callout.domain.attempt import ReceiptKind
from callout.domain.callout import LIVE, CalloutState
from callout.domain.conditions import Around, Facts
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant, Millis
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level
from callout.domain.made_often import made_often

PairKey = tuple[str, int, int]
"""(county, alert, post)."""


class Reason(StrEnum):
    """Why a due pair was not reached, in the order in which reasons win."""

    NO_RECORD = "no_record"
    """No callout row exists: the pair is lost."""
    VACANT = "vacant"
    NO_NUMBER = "no_number"
    REFUSED = "refused"
    """无法到岗."""
    IN_DOUBT = "in_doubt"
    """Nobody can vouch that the person was called."""
    DEAD_NUMBER = "dead_number"
    SWITCHED_OFF = "switched_off"
    BUSY = "busy"
    NOT_CALLED = "not_called"
    """No provider ever took an attempt: it would be wrong to say that the person was silent."""
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert as one county took it."""

    county: str
    alert: int
    identifier: str
    hazard: Hazard | None
    level: Level | None
    sent: Instant
    run: str
    state: AlertState
    episode: int
    cursor: int
    """Highest post id that the plan stage has opened so far."""
    areas: frozenset[str]
    rulebook: str
    """Empty until the rules were matched; nobody is due before."""
    roster: str
    unknown: int = 0
    """Attempts that nobody can vouch for."""
    repeated: int = 0
    """Attempts marked 可能重复 that did or may have left the house."""
    expires_at: Instant | None = None
    levels: Mapping[str, Level] = field(default_factory=dict, hash=False)
    """Area key → its level, where the message gave several."""
    received_at: Instant | None = None
    headline: str = ""
    around: Mapping[str, Around] = field(default_factory=dict, hash=False)
    """What was so in the areas when the rules were matched."""

    @property
    def facts(self) -> Facts:
        """What the conditions of rules look at."""
        return Facts(self.hazard, self.level, self.sent, self.headline, self.around)

    @property
    def coverage(self) -> Coverage:
        """Where it was in force, each area at its own level."""
        return Coverage(self.county, self.areas, (), self.levels)


@made_often(frozen=True, slots=True)
class Course:
    """How the callout of a pair stands."""

    state: CalloutState
    opened_at: Instant
    next_at: Instant | None
    answered_at: Instant | None
    grade: Grade | None
    late: bool
    carried_by: int = 0
    """The alert whose callout for the same post answers for this one; 0 = it has a ladder of its own."""


@made_often(frozen=True, slots=True)
class Tries:
    """What the attempts of a pair came to."""

    sent: bool = False
    unknown: bool = False
    escalated: bool = False
    """A deputy or superior was called, or may have been."""
    receipt: ReceiptKind | None = None
    """The last one for the person on the post; read for unanswered pairs only."""


ENDED_WELL = (CalloutState.SUPERSEDED, CalloutState.INFORMED, CalloutState.LIFTED)
"""States without an answer that leave nobody to be reached about this alert."""


@made_often(frozen=True, slots=True)
class Pair:
    """One due (alert, post) with everything on record about it."""

    line: AlertLine
    post: int
    area: str
    course: Course | None
    """None = there is no callout row. Where an earlier callout goes on for it: the course of that one."""
    tries: Tries
    said: frozenset[Grade]
    """Grades of what came back."""
    work: frozenset[HumanCallKind]
    """Kinds of the HumanCalls about it, in any state."""
    unusable: Reason | None
    """DEAD_NUMBER or NO_NUMBER where none of the holder's numbers can be used now."""

    @property
    def key(self) -> PairKey:
        """Its name in every table."""
        return self.line.county, self.line.alert, self.post

    @property
    def state(self) -> CalloutState | None:
        """State of the callout; None where there is no row."""
        return self.course.state if self.course else None

    @property
    def answered(self) -> bool:
        """应, by the person or by another."""
        return self.course is not None and self.course.state is CalloutState.ANSWERED

    @property
    def grade(self) -> Grade | None:
        """What it was answered with; None for anything but an answer."""
        return self.course.grade if self.course and self.answered else None

    @property
    def open(self) -> bool:
        """Whether the ladder runs, or the plan stage has yet to open it."""
        if self.course is None:
            return self.line.state is AlertState.PLANNING and self.post > self.line.cursor
        return self.course.state in LIVE and self.course.next_at is not None

    @property
    def reached(self) -> bool:
        """Some answer or contact; delivered, read and heard are neither."""
        return self.answered or any(EFFECTS[grade].in_rate != "no" for grade in self.said)

    @property
    def unreachable(self) -> bool:
        """Whether nothing more happens by itself and nobody answered."""
        return not (self.answered or self.open or self.state in ENDED_WELL)

    @property
    def level(self) -> Level | None:
        """The level that its township was given."""
        return self.line.levels.get(self.area, self.line.level)

    @property
    def took(self) -> Millis | None:
        """From the opening to the answer."""
        course = self.course
        if course is None or course.answered_at is None or course.state is not CalloutState.ANSWERED:
            return None
        return course.answered_at - course.opened_at

    @property
    def at(self) -> Instant:
        """When its callout was opened, else when the alert was sent: decides day or night."""
        return self.course.opened_at if self.course else self.line.sent


def carrier(courses: Mapping[PairKey, Course], own: PairKey) -> PairKey:
    """The pair whose ladder answers for this one; a late red may have taken over the one that did before."""
    key, seen = own, set[PairKey]()
    while key not in seen and (course := courses.get(key)) and course.carried_by:
        seen.add(key)
        key = (own[0], course.carried_by, own[2])
    return key


def course_of(courses: Mapping[PairKey, Course], own: PairKey, carrier: PairKey) -> Course | None:
    """How a pair stands: whoever was only told by a notice stays told; else the ladder that goes on for it counts."""
    mine, other = courses.get(own), courses.get(carrier)
    if mine is None or other is None or mine is other:
        return mine and other
    return mine if mine.state is CalloutState.INFORMED else replace(other, opened_at=mine.opened_at)


def reason(pair: Pair) -> Reason:
    """Why an unreachable pair was not reached."""
    tries, doubted = pair.tries, HumanCallKind.IN_DOUBT in pair.work
    tests = {
        Reason.NO_RECORD: pair.course is None,
        Reason.VACANT: HumanCallKind.VACANT in pair.work,
        Reason.NO_NUMBER: HumanCallKind.NO_NUMBER in pair.work or pair.unusable is Reason.NO_NUMBER,
        Reason.REFUSED: HumanCallKind.CANNOT_COME in pair.work or Grade.CANNOT_COME in pair.said,
        Reason.IN_DOUBT: doubted or (tries.unknown and not tries.sent),
        Reason.DEAD_NUMBER: pair.unusable is Reason.DEAD_NUMBER or tries.receipt is ReceiptKind.DEAD,
        Reason.SWITCHED_OFF: tries.receipt is ReceiptKind.SWITCHED_OFF,
        Reason.BUSY: tries.receipt is ReceiptKind.BUSY,
        Reason.NOT_CALLED: not tries.sent,
    }
    return next((why for why, holds in tests.items() if holds), Reason.SILENT)


def lost_pairs(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs that nothing and nobody takes care of, newest first.

    A superseded pair is taken care of by the newer callout of its episode for the same post, if that one is itself
    accounted for; so the newest pair is judged first. A warning that was lifted needs no care any more.
    """
    accounted: set[tuple[str, int, int]] = set()
    lost = []
    for pair in sorted(pairs, key=_newness, reverse=True):
        chain = (pair.line.county, pair.line.episode, pair.post)
        handed_on = pair.state is CalloutState.SUPERSEDED and chain in accounted
        ended = pair.state in (CalloutState.INFORMED, CalloutState.LIFTED)
        held = pair.course is not None and (pair.answered or bool(pair.work) or handed_on or ended)
        if held or pair.open:
            accounted.add(chain)
        else:
            lost.append(pair)
    return lost


def _newness(pair: Pair) -> tuple[int, int, bool]:
    """Orders a superseded pair before the one that superseded it, also where both came in one instant."""
    return pair.line.sent, pair.at, pair.state is not CalloutState.SUPERSEDED
