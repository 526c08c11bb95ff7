"""What the stages need from the store about drills (演练)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from callout.domain.callout import Callout, CalloutKey
from callout.domain.drill import Drill, DrillEvent, Terms
from callout.domain.instant import Instant
from callout.domain.moves import Try
from callout.domain.roster import Roster


class RunningDrills(Protocol):
    """Which drills run."""

    def running(self) -> Mapping[str, str]:
        """The county that each running drill is in the rows, by the county in which it is held."""


class DrillTerms(Protocol):
    """What drills may do, as the sender asks."""

    def terms(self, counties: Collection[str]) -> Mapping[str, Terms]:
        """The terms of the drills among these counties, as they are now."""

    def going(self, base: str) -> bool:
        """Whether a real warning of the county still has to be answered."""

    def left_out(self, due: Sequence[Callout], tries: Mapping[CalloutKey, Try | None]) -> None:
        """Note whom the steps of drills among these would have called, had they been listed."""


class DrillBook(RunningDrills, DrillTerms, Protocol):
    """Drills on record."""

    def find(self, county: str) -> Drill | None:
        """The drill that is this county in the rows."""

    def listed(self, county: str) -> Mapping[str, int]:
        """The list of a drill as it is dialled, each with the id of the number."""

    def start(self, drill: Drill, actor: str, *, live: bool, roster: Roster | None = None) -> None:
        """From now on its phones may ring: those of the roster, or else of its county's who are listed.

        Raises CalloutError where somebody was first.
        """

    def to_end(self, now: Instant) -> list[tuple[Drill, DrillEvent]]:
        """Running drills that end now, each with what ends it."""

    def move(self, drill: Drill, event: DrillEvent, actor: str, why: str) -> bool:
        """Note what happened to the drill; False when somebody was first."""

    def close(self, county: str) -> None:
        """Nobody of this drill is called any more, and no item of it waits."""


class DrillWork(Protocol):
    """What the drill stage works on."""

    @property
    def at(self) -> Instant:
        """Now."""

    @property
    def drills(self) -> DrillBook:
        """Drills."""
