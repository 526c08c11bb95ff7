"""What the trigger stage needs from the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from callout.domain.clock import Strike
from callout.domain.episode import Said
from callout.domain.instant import Instant
from callout.domain.rule import Matching
from callout.ports.duties import StopWorks
from callout.ports.jobs import PlanJob
from callout.ports.rows import Humans


@dataclass(frozen=True, slots=True)
class ClockJob:
    """One alert in one county for which a clock time in its rules has come."""

    plan: PlanJob
    rulebook: str
    """The version that the alert was matched by."""
    strikes_at: Instant
    """The earliest clock time that nobody has acted on."""
    said: tuple[Said, ...]
    """The messages of its episode, its own included."""


class Triggers(Protocol):
    """Alerts for which clock times come, and what is opened then."""

    def struck(self) -> list[ClockJob]: ...
    def acted(self, job: ClockJob, following: Instant | None, detail: str) -> bool: ...
    def ask(self, job: ClockJob, found: Matching, measures: Mapping[str, str], strike: Strike) -> int: ...
    def keep(self, job: ClockJob, found: Matching, measures: Mapping[str, str]) -> int: ...


class TriggerWork(Protocol):
    """What trigger works on."""

    @property
    def at(self) -> Instant: ...
    @property
    def triggers(self) -> Triggers: ...
    @property
    def humans(self) -> Humans: ...
    @property
    def stops(self) -> StopWorks: ...
