"""How long a search will still take, from what its own rehearsals have taken so far: corrected after each of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

_LATELY = 3
"""The last rehearsals count for themselves: another load on the machine, or a costlier storm, is seen at once."""


@dataclass
class Forecast:
    """The rehearsals of one search, as the clock saw them."""

    seconds: Callable[[], float]
    planned: int
    """Rehearsals that this part of the search makes at most, those before it included."""
    took: list[float] = field(default_factory=list)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._since = self.seconds()

    def begin(self) -> None:
        """A rehearsal begins."""
        self._since = self.seconds()

    def done(self) -> str:
        """It is over: how long it took, and how long the rest may take."""
        self.took.append(self.seconds() - self._since)
        left = self.planned - len(self.took)
        return f"用了 {self.took[-1]:.1f} 秒" + (f"，这一段照此至多还要 {self.of(left):.0f} 秒" if left > 0 else "")

    def of(self, many: int) -> float:
        """How long so many take: rather too long than too short, for the costlier ones come later."""
        lately = self.took[-_LATELY:]
        every, last = (sum(some) / len(some) if some else 0.0 for some in (self.took, lately))
        return many * max(every, last)
