"""What the stages need from the store about what comes after an answer: 熔断 and feedback."""

from collections.abc import Collection, Sequence
from typing import Protocol

from callout.domain.feedback import Feedback, FeedbackEvent
from callout.domain.human_call import NewHumanCall
from callout.domain.instant import Instant
from callout.domain.rule import FeedbackDemand, Proposal
from callout.domain.stop_work import Decision, StopWork, StopWorkEvent, StopWorkKey, Wish
from callout.ports import rows
from callout.ports.given import Given
from callout.ports.inbox import InboundRow
from callout.ports.jobs import PlanJob
from callout.ports.relocations import RelocationClock, RelocationDemands, RelocationReports
from callout.ports.rows import Keys


class StopWorks(Protocol):
    """熔断 on record."""

    def propose(self, job: PlanJob, roster: str, proposals: Sequence[Proposal]) -> list[NewHumanCall]:
        """Keep what the rules propose; returns the items of what a human must decide."""

    def overdue(self, now: Instant) -> list[StopWork]:
        """Orders without word from the site in time."""

    def unanswered(self, late: Sequence[StopWork]) -> None:
        """Note that the time of these orders is over."""


class StopWorkDesk(Protocol):
    """熔断 as a human handles them."""

    def find(self, keys: Sequence[StopWorkKey]) -> list[StopWork]:
        """These, in this order; unknown ones are missing."""

    def same(self, county: str, wish: Wish, area: str, run: str) -> StopWork | None:
        """An open one of this run about the same objects."""

    def wish(self, wish: Wish, decision: Decision, run: str) -> list[StopWork]:
        """Keep what a human proposes."""

    def decide(self, chosen: Sequence[StopWork], event: StopWorkEvent, decision: Decision) -> list[NewHumanCall]:
        """Keep the decision and move all of these by it, or none; returns whom nobody could be told at."""


class FeedbackWrites(Protocol):
    """Feedback duties that open and close."""

    def demand(self, job: PlanJob, demands: Sequence[FeedbackDemand]) -> None:
        """Keep what the rules demand about this alert."""

    def open(self, answered: Collection[tuple[str, int, int]]) -> None:
        """Open the duties of these (county, alert, post) callouts; of those not answered none opens."""

    def give(self, given: Sequence[Given], actor: str = ...) -> Keys:
        """Record reports; those that nobody asked for change nothing."""


class FeedbackClock(Protocol):
    """Feedback duties whose time has come."""

    def due(self, now: Instant, limit: int) -> list[Feedback]:
        """Duties to be reminded of or handed to a human now."""

    def remind(self, owing: Sequence[Feedback]) -> None:
        """Queue one text to whoever owes them."""

    def move(self, owing: Sequence[Feedback], event: FeedbackEvent) -> Keys:
        """Note what happened; the clock of the duty stands still after it."""


class Planner(rows.Planner, Protocol):
    """What plan works on."""

    @property
    def relocations(self) -> RelocationDemands:
        """转移."""

    @property
    def stops(self) -> StopWorks:
        """熔断."""

    @property
    def feedback(self) -> FeedbackWrites:
        """Feedback duties."""


class Asides(Protocol):
    """What comes in beside answers to warnings, as what a roster's round asked."""

    def hear(self, rows: Sequence[InboundRow]) -> tuple[list[tuple[InboundRow, str]], Sequence[InboundRow]]:
        """Take those of these events that no warning can claim, each with what it was taken for; and the others."""


class HearWork(rows.HearWork, Protocol):
    """What acknowledge works on."""

    @property
    def asides(self) -> Asides:
        """Rounds of the roster, answers to a 熔断, calls that officers were put through."""

    @property
    def relocations(self) -> RelocationReports:
        """转移."""

    @property
    def feedback(self) -> FeedbackWrites:
        """Feedback duties."""


class Watcher(rows.Watcher, Protocol):
    """What watch works on."""

    @property
    def relocations(self) -> RelocationClock:
        """转移."""

    @property
    def stops(self) -> StopWorks:
        """熔断."""


class RemindWork(Protocol):
    """What remind works on."""

    @property
    def at(self) -> Instant:
        """Now."""

    @property
    def feedback(self) -> FeedbackClock:
        """Feedback duties."""

    @property
    def humans(self) -> rows.Humans:
        """The officer's list."""
