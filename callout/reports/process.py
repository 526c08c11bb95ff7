"""Weather processes (天气过程): warnings of one county that follow each other closely are judged together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callout.domain.instant import HOUR, Instant, Millis, later
from callout.reports.pairs import AlertLine

GAP: Millis = 12 * HOUR
"""Longest quiet between two warnings of one process: the repeats of a night are one storm."""
WITHOUT_END: Millis = 6 * HOUR
"""How long a warning without `expires` counts; the median validity of a county's warnings."""


@dataclass(frozen=True, slots=True)
class Process:
    """One weather process in one county and one kind of run; drills never mix with what was real."""

    county: str
    run: str
    lines: tuple[AlertLine, ...]

    @property
    def begins(self) -> Instant:
        """Issue of its first warning."""
        return self.lines[0].sent

    @property
    def ends(self) -> Instant:
        """End of its last warning."""
        return max(ends(line) for line in self.lines)

    @property
    def keys(self) -> frozenset[tuple[str, int]]:
        """(county, alert) of its warnings."""
        return frozenset((line.county, line.alert) for line in self.lines)


def ends(line: AlertLine) -> Instant:
    """Until when a warning counts as part of its process."""
    return max(line.sent, line.expires_at or later(line.sent, WITHOUT_END))


def processes(lines: Iterable[AlertLine]) -> list[Process]:
    """All processes, by county, run and time of issue."""
    found: list[list[AlertLine]] = []
    for line in sorted(lines, key=lambda each: (each.county, each.run, each.sent, each.alert)):
        if found and _goes_on(found[-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [Process(group[0].county, group[0].run, tuple(group)) for group in found]


def _goes_on(group: Sequence[AlertLine], line: AlertLine) -> bool:
    same = (group[0].county, group[0].run) == (line.county, line.run)
    return same and line.sent <= later(max(ends(each) for each in group), GAP)
