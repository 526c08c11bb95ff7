"""The storms of the search: those that were given, or made from an hour, a sequence of levels, a pace and townships."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from callout.domain.instant import BEIJING, Instant, moment
from callout.ports import Reader
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import Storm, storm_of
from callout.rehearsal.storm_file import written
from callout.rehearsal.worst.failures import Bounds

_DAY = datetime(2026, 8, 3, tzinfo=BEIJING)
"""Where no shift says which days matter."""
_VALID = 2
"""Hours for which each warning holds after the last one was issued: a rehearsal need not go on longer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One storm."""

    hour: int = 0
    """Beijing hour at which the highest level is issued."""
    course: str = ""
    """Its levels in order, e.g. 蓝黄橙红."""
    pace: int = 0
    """Minutes from one level to the next; 0 where there is one level only."""
    areas: tuple[str, ...] = ()
    """Names of townships; empty = the whole county."""
    given: str = ""
    """Name of a storm that was given; the rest says nothing then."""

    @property
    def peak(self) -> tuple[str, int, str]:
        """What decides who is asked, and by which steps: storms that agree in it are screened once."""
        return self.given, self.hour, self.course[-1:]

    def words(self, hazard: str) -> str:
        """In a sentence."""
        if self.given:
            return f"风暴“{self.given}”"
        how = f"一来就是{self.course}色" if not self.pace else f"{'→'.join(self.course)}，每 {self.pace} 分钟升一级"
        where = "、".join(self.areas) or "全区"
        return f"{self.hour:02d} 时{hazard}{self.course[-1]}色预警（{how}），{where}"


def shapes(bounds: Bounds) -> Iterator[Shape]:
    """All storms within the bounds over the whole county, the plainest first.

    What the rules ask in one township does not depend on the others, so smaller storms are tried when a story is made
    smaller, not before.
    """
    for course in sorted(bounds.courses, key=len):
        for pace in bounds.paces if len(course) > 1 else (0,):
            yield from (Shape(hour, course, pace) for hour in bounds.hours)


def brew(shape: Shape, setting: Setting, bounds: Bounds, reader: Reader) -> Storm:
    """The storm as documents that came in. Raises RuleError for a hazard or a level that nobody knows."""
    name = shape.words(bounds.hazard)
    raw = written(name, text_of(shape, setting, bounds), setting.rulebook.county)
    return storm_of(name, raw, reader)


def text_of(shape: Shape, setting: Setting, bounds: Bounds) -> str:
    """The storm as a file that `callout rehearse` reads."""
    top = day_of(setting).replace(hour=shape.hour)
    last = len(shape.course) - 1
    until = f"{top + timedelta(hours=_VALID):%Y-%m-%d %H:%M}"
    lines = [
        {
            "at": f"{top - timedelta(minutes=(last - at) * shape.pace):%Y-%m-%d %H:%M}",
            "until": until,
            "hazard": bounds.hazard,
            "level": level,
            "areas": list(shape.areas),
            **({"kind": "变更", "of": 1} if at else {}),
        }
        for at, level in enumerate(shape.course)
    ]
    return "\n".join(
        [
            f"storm: {json.dumps(shape.words(bounds.hazard), ensure_ascii=False)}",
            "warnings:",
            *(f"  - {json.dumps(line, ensure_ascii=False)}" for line in lines),
            "",
        ]
    )


def day_of(setting: Setting) -> datetime:
    """The day of the storms: that on which the last shift of the roster begins, so that the shifts count."""
    begins: Iterable[Instant] = (shift.begins for shift in setting.roster.shifts)
    newest = max(begins, default=None)
    if newest is None:
        return _DAY
    return moment(newest).astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
