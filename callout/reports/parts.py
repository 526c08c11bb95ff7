"""A process taken apart by level, hour, township, post and plan, beside the plan's limits and the last process.

The same people are called several times in a process, so what is honest about small numbers counts posts, not calls.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.callout import CalloutState
from callout.domain.instant import Millis
from callout.reports.account import Tally, tally
from callout.reports.pairs import Pair, PairKey
from callout.reports.statistics import LEVEL, difference


class Grouping(StrEnum):
    """Along what a process is taken apart."""

    LEVEL = "by_level"
    TIME = "by_time"
    AREA = "per_township"
    ROLE = "per_role"
    PLAN = "per_plan"
    """A post that several plans ask for counts in each."""

    @property
    def zh(self) -> str:
        """As people say it."""
        return _WORDS[self]


_WORDS = {
    Grouping.LEVEL: "级别", Grouping.TIME: "昼夜", Grouping.AREA: "乡镇", Grouping.ROLE: "岗位",
    Grouping.PLAN: "行业和方案",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """The waits of a frozen ladder."""

    first: Millis
    all: Millis


@dataclass(frozen=True, slots=True)
class Part:
    """One level, township … of a process."""

    tally: Tally
    posts: int
    """How many different ones were asked for an answer."""
    timed: int
    """Calls that had a ladder of their own: the plan's own limits hold for them."""
    in_first: int
    """Answered before the first step's wait was over."""
    in_ladder: int
    """Answered before the ladder's last wait was over."""


Parts = Mapping[Grouping, Mapping[str, Part]]


@dataclass(frozen=True, slots=True)
class Change:
    """应答率 against the last process, in shares of one."""

    by: float
    span: tuple[float, float]
    """Interval (95 %), by the number of posts."""
    certain: bool
    """Beyond chance, though many parts were compared."""


def part(pairs: Sequence[Pair], lost: set[PairKey], limits: Mapping[tuple[int, int], Limits]) -> Part:
    """Count these pairs; `limits` by (alert, post)."""
    timed = [(p, limits[p.key[1:]]) for p in pairs if p.key[1:] in limits]
    return Part(
        tally(pairs, lost),
        len({p.post for p in pairs if p.state is not CalloutState.INFORMED}),
        len(timed),
        sum(p.took is not None and p.took <= limit.first for p, limit in timed),
        sum(p.took is not None and p.took <= limit.all for p, limit in timed),
    )


def apart(pairs: Iterable[Pair], keys: Callable[[Pair], Iterable[str]]) -> dict[str, list[Pair]]:
    """The pairs of each key, in order of the keys."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        for key in keys(pair):
            groups.setdefault(key, []).append(pair)
    return dict(sorted(groups.items()))


def change(now: Part, before: Part | None, compared: int = 1) -> Change | None:
    """What has become of its 应答率; None where one of both had nobody to ask. `compared`: parts beside each other."""
    if before is None or not (now.posts and before.posts):
        return None
    ours, theirs = _share(now), _share(before)
    if ours is None or theirs is None:
        return None
    sizes = (ours, now.posts, theirs, before.posts)
    low, high = difference(*sizes, 1 - LEVEL / compared)
    return Change(ours - theirs, difference(*sizes), low > 0 or high < 0)


def _share(one: Part) -> float | None:
    asked = one.tally.due - one.tally.informed
    return one.tally.answered / asked if asked else None
