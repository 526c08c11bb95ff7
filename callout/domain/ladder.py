"""The one-to-one chain of one callout: who is tried, on which number, how, and how long we wait."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache

from callout.domain.instant import HOUR, MINUTE, Instant, Millis
from callout.domain.level import Level


class Target(StrEnum):
    """Whom a step calls, seen from the post."""

    HOLDER = "holder"
    """The person on shift, else the holder of the post."""
    DEPUTY = "deputy"
    SUPERIOR = "superior"


class ChannelKind(StrEnum):
    """How a step reaches a phone."""

    SMS = "sms"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Step:
    """One try. `wait` is how long we stay silent before the next step becomes due."""

    target: Target
    number: int
    """1 for the person's first contact method, 2 for the second …"""
    day: ChannelKind
    night: ChannelKind
    wait: Millis

    def channel(self, due_at: Instant) -> ChannelKind:
        """The channel for the step's own due time."""
        return self.night if is_night(due_at) else self.day


@dataclass(frozen=True, slots=True)
class Ladder:
    """A named chain of steps, frozen into a callout when it opens. `strictness`: higher is stricter."""

    name: str
    strictness: int
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        """Content address: equal steps give equal ids, so a frozen ladder can never change."""
        return _address(self)

    def after(self, step: int) -> int:
        """The first step after this one that calls somebody else; 0 = all over again."""
        others = (n for n in range(step, len(self.steps)) if self.steps[n].target != self.steps[step].target)
        return next(others, 0)

    def to_json(self) -> str:
        """Canonical text form, read back by `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "Ladder":
        """The ladder that `to_json` wrote."""
        doc = json.loads(text)
        steps = tuple(
            Step(Target(s["target"]), s["number"], ChannelKind(s["day"]), ChannelKind(s["night"]), s["wait"])
            for s in doc["steps"]
        )
        return Ladder(doc["name"], doc["strictness"], steps)


NIGHT_BEGINS, NIGHT_ENDS = 22, 6
"""Beijing hours between which people sleep: 22:00 to 06:00."""


def is_night(at: Instant) -> bool:
    """Whether `at` lies in the night, by Beijing time."""
    hour = (at + 8 * HOUR) // HOUR % 24
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


@lru_cache(256)
def _address(ladder: Ladder) -> str:
    return hashlib.sha256(ladder.to_json().encode()).hexdigest()[:16]


def patience(level: Level) -> Millis:
    """How long work for a human may lie unclaimed before the officer on shift is rung."""
    return MINUTE if level is Level.RED else 2 * MINUTE
