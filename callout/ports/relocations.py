"""What the stages need from the store about 转移."""

from collections.abc import Sequence
from typing import Protocol

from callout.domain.human_call import NewHumanCall
from callout.domain.instant import Instant
from callout.domain.relocation import Relocation, RelocationEvent, RelocationKey, Word
from callout.domain.relocation_plan import RelocationPlan, Site
from callout.ports.given import Given
from callout.ports.jobs import PlanJob


class RelocationDemands(Protocol):
    """What a warning asks to move."""

    def demand(self, job: PlanJob) -> list[NewHumanCall]:
        """Open what the list says about this alert; returns items for those nobody can move."""


class RelocationReports(Protocol):
    """What responsible persons report in numbers."""

    def reported(self, given: Sequence[Given], actor: str = ...) -> list[NewHumanCall]:
        """Keep it; returns items where a number cannot be apportioned."""


class RelocationClock(Protocol):
    """Those whose time is over."""

    def overdue(self, now: Instant) -> list[NewHumanCall]:
        """Note them; returns the items that this raises."""


class RelocationPlans(Protocol):
    """The list of whom to move."""

    def plan(self, county: str, version: str = ...) -> RelocationPlan:
        """A version of the list; without one that in force."""


class RelocationDesk(Protocol):
    """转移 as a human handles it."""

    @property
    def plans(self) -> RelocationPlans:
        """The list."""

    def begin(
        self, county: str, about: tuple[int, int], run: str, due: Sequence[tuple[Site, int]], actor: str = ...
    ) -> list[NewHumanCall]:
        """Ask for these sites, each with its lane, in this (episode, alert)."""

    def find(self, keys: Sequence[RelocationKey]) -> list[Relocation]:
        """These, by key; unknown ones are missing."""

    def tell(self, chosen: Sequence[Relocation], event: RelocationEvent, word: Word) -> list[NewHumanCall]:
        """Move these by what a named officer heard or decided; returns the items that it raises."""

    def overfull(self, county: str, alert: int) -> list[NewHumanCall]:
        """An item for each shelter that holds more people than it takes."""
