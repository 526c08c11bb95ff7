"""What measuring needs from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from callout.domain.gauge import Ill, Measured
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.threshold import Alarm, Standing


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """The newest alarm of a threshold that is still held."""

    standing: Standing
    at: Instant
    rev: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How an alarm is kept."""

    rulebook: str
    """The version whose threshold it is."""
    speaks: bool
    """Whether people are told of it; else a higher one speaks for it."""


class Gauges(Protocol):
    """Readings and alarms on record."""

    def counties(self) -> Sequence[tuple[str, str]]:
        """The counties served, each with its rulebook in force."""

    def keep(self, county: str, readings: Sequence[Measured], origin: str) -> int:
        """Keep readings; those that are there already stay as they are. Returns how many were new."""

    def readings(self, county: str, since: Instant) -> Mapping[str, Sequence[Measured]]:
        """Per gauge what it has read since then, in order of time."""

    def standing(self, county: str) -> Mapping[tuple[str, str], AlarmRow]:
        """(area, threshold) → the alarm that is held."""

    def in_force(self, county: str, now: Instant) -> Mapping[tuple[str, str], tuple[Level, str]]:
        """(area, threshold) → the highest level people were told and that still holds, and its first alarm."""

    def raise_alarm(self, county: str, alarm: Alarm, record: Kept, before: AlarmRow | None) -> None:
        """Keep an alarm; it takes over from the one before."""

    def hold(self, county: str, key: tuple[str, str], row: AlarmRow, level: Level | None) -> None:
        """Another level is held from now on; None: nothing is any more."""

    def ills(self, county: str, ill: Sequence[Ill]) -> None:
        """Put sick gauges on the officer's list, and take off those that are well again."""


class MeasureWork(Protocol):
    """What measure works on."""

    @property
    def at(self) -> Instant:
        """Now."""

    @property
    def gauges(self) -> Gauges:
        """Readings and alarms."""


class Alarms(Protocol):
    """Alarms on their way into the intake."""

    def waiting(self) -> list[tuple[str, str]]:
        """(identifier, document) of those to be issued, oldest first."""

    def issued(self, identifier: str, note: str) -> None:
        """The intake has it."""
