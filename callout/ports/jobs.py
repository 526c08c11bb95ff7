"""What the plan stage works through."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from callout.domain.area import Coverage
from callout.domain.conditions import Around, Facts
from callout.domain.instant import Instant
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level


@dataclass(frozen=True, slots=True)
class PlanJob:
    """One alert in one county on its way through the plan stage."""

    county: str
    alert: int
    episode: int
    state: AlertState
    hazard: Hazard | None
    level: Level | None
    coverage: Coverage
    expires_at: Instant | None
    roster: str
    cursor: int
    """Highest post id that has been looked at."""
    rev: int
    sent: Instant
    run: str
    """What the alert is: actual, demo, drill or rehearsal."""
    in_force: tuple[str, str]
    """The (rulebook, roster) versions that its county uses now."""
    lifts: bool = False
    """A Cancel."""
    unnamed: bool = False
    """A Cancel whose words name no level: only its severity does."""
    headline: str = ""
    text: str = ""
    """Everything that the message says in words."""
    around: Mapping[str, Around] = field(default_factory=dict, hash=False)
    """What was so in the areas when the rules were matched; empty before."""

    @property
    def facts(self) -> Facts:
        """What the conditions of rules look at."""
        return Facts(self.hazard, self.level, self.sent, self.headline, self.around)
