"""What a rehearsal is made from: everything but its seed. Nothing in it can build a channel that reaches a phone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callout.domain.instant import SECOND, Instant, Millis
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rehearsal.storm import Storm
from callout.settings import Settings
from callout.simulation.gateways import ASSUMED_GATEWAYS, Gateway
from callout.simulation.habits import ASSUMED, Habits
from callout.simulation.officer import ALONE, Working

RUN = "rehearsal"
BEAT: Millis = 5 * SECOND
"""Moments fall on multiples of this, so times are right to that much."""


@dataclass(frozen=True, slots=True)
class Outage:
    """断网 in whole townships."""

    areas: frozenset[str]
    begins: Instant
    ends: Instant


@dataclass(frozen=True)
class Setting:
    """One plan, one roster, one storm, and how people and networks behave in it."""

    rules: Path
    templates: Path
    rulebook: Rulebook
    roster: Roster
    storm: Storm
    habits: Habits = ASSUMED
    working: Working = ALONE
    gateways: Sequence[Gateway] = ASSUMED_GATEWAYS
    gateways_from: str = "默认假设"
    """Where their limits and prices are from, in words for a report."""
    outages: tuple[Outage, ...] = ()
    off: frozenset[int] = frozenset()
    """Responders whose phones are off the whole time."""
    mute: frozenset[str] = frozenset()
    """Single numbers that are off the whole time."""
    absent: float = 0.0
    """Share of those on duty (desk and 值班 posts) who do not answer at night, drawn by the seed."""
    beat: Millis = BEAT

    def settings(self, url: str) -> Settings:
        """Settings made here alone: no environment variable is read, `live` is off, no channels file is named."""
        return Settings.model_construct(
            database_url=url, rules=self.rules, templates=self.templates, county=self.rulebook.county.code
        )

    def numbers_in(self, areas: Iterable[str]) -> frozenset[str]:
        """All numbers of those who hold a post in these townships."""
        wanted = set(areas)
        return self.numbers_of(post.holder for post in self.roster.posts if post.area in wanted and post.holder)

    def numbers_of(self, responders: Iterable[int | None]) -> frozenset[str]:
        """All numbers of these people."""
        wanted = set(responders)
        return frozenset(c.e164 for one in self.roster.responders if one.id in wanted for c in one.contacts)

    def on_duty(self) -> list[int]:
        """Those who ought to be awake at night: whoever is named in a shift, and the holders of 值班 posts."""
        held = {post.holder for post in self.roster.posts if "值班" in post.role and post.holder}
        return sorted(held | {shift.responder for shift in self.roster.shifts})
