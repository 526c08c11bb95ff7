"""What stands out in a period, with the change that it suggests. Nothing is found where chance explains it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from callout.domain.answer import Grade
from callout.domain.callout import CalloutState
from callout.domain.instant import SECOND
from callout.domain.ladder import is_night
from callout.reports.pairs import ENDED_WELL, Pair, Reason, reason
from callout.reports.statistics import LEVEL, fisher, slower

Post = tuple[str, int]
FEWEST = 3
"""Callouts of one post from which on something about it may be said."""


class FindingKind(StrEnum):
    """What can stand out, the most dangerous first."""

    SILENT_PLACE = "silent_place"
    """A township where more posts stay unanswered than elsewhere."""
    NEVER_AT_NIGHT = "never_at_night"
    DEAD_NUMBER = "dead_number"
    ALWAYS_ANOTHER = "always_another"
    """The person never answered; somebody else always did."""
    HIGH_THRESHOLD = "high_threshold"
    """A threshold that misses more of what happens than its like do."""
    SLOW_PLACE = "slow_place"
    """A township that answers more slowly than the others."""
    SLOW_NIGHT = "slow_night"
    """The same, by night only."""
    LOW_THRESHOLD = "low_threshold"
    """A threshold that calls for nothing more often than its like do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be changed in plan or roster."""

    kind: FindingKind
    about: str
    """Area key or title of the post."""
    post: int
    """0 = about a whole area."""
    text: str
    mend: str


def findings(pairs: Sequence[Pair], titles: Mapping[Post, str]) -> list[Finding]:
    """Everything that stands out, the most dangerous first."""
    asked = [p for p in pairs if p.state not in ENDED_WELL and not p.open and p.state is not CalloutState.CONTINUED]
    found = [*_places(asked), *_people(asked, titles)]
    return in_order(found)


def in_order(found: Iterable[Finding]) -> list[Finding]:
    """The most dangerous first."""
    order = list(FindingKind)
    return sorted(found, key=lambda each: (order.index(each.kind), each.about))


def _places(pairs: Sequence[Pair]) -> list[Finding]:
    by_day = [p for p in pairs if not is_night(p.at)]
    by_night = [p for p in pairs if is_night(p.at)]
    slow = _slow(by_day, FindingKind.SLOW_PLACE, "白天")
    return [*_silent(pairs), *slow, *_slow(by_night, FindingKind.SLOW_NIGHT, "夜间")]


def _silent(pairs: Sequence[Pair]) -> list[Finding]:
    """Posts are counted, not callouts: ten warnings to one silent person are one silent person."""
    posts: defaultdict[str, dict[Post, bool]] = defaultdict(dict)
    for pair in pairs:
        place, own = posts[pair.area], (pair.line.county, pair.post)
        place[own] = place.get(own, False) or pair.unreachable
    bad = {area: sum(each.values()) for area, each in posts.items()}
    size = {area: len(each) for area, each in posts.items()}
    found = []
    for area in posts:
        others = sum(bad.values()) - bad[area], sum(size.values()) - size[area]
        if bad[area] and fisher(bad[area], size[area], *others) < LEVEL / len(posts):
            text = f"{size[area]} 个岗位中 {bad[area]} 个有叫而未应，明显多于其他乡镇（{others[0]}/{others[1]}）"
            mend = "逐岗核对号码和责任人，检查当地通信，汛前做一次静默核号"
            found.append(Finding(FindingKind.SILENT_PLACE, area, 0, text, mend))
    return found


def _slow(pairs: Sequence[Pair], kind: FindingKind, when: str) -> list[Finding]:
    """One value a post, its median: a person who is slow ten times is one slow person."""
    times: defaultdict[str, defaultdict[Post, list[int]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        if pair.took is not None:
            times[pair.area][pair.line.county, pair.post].append(pair.took)
    middle = {area: [median(each) for each in posts.values()] for area, posts in times.items()}
    found = []
    for area, ours in middle.items():
        others = [value for other, values in middle.items() if other != area for value in values]
        if slower(ours, others) < LEVEL / len(middle):
            a, b = round(median(ours) / SECOND), round(median(others) / SECOND)
            text = f"{when}应答用时中位数 {a} 秒，其他乡镇 {b} 秒"
            mend = (
                "夜间先打电话，核对值班表是否有人在岗" if kind is FindingKind.SLOW_NIGHT else "缩短等待，提前升级到副职"
            )
            found.append(Finding(kind, area, 0, text, mend))
    return found


def _people(pairs: Iterable[Pair], titles: Mapping[Post, str]) -> list[Finding]:
    own: defaultdict[Post, list[Pair]] = defaultdict(list)
    for pair in pairs:
        own[pair.line.county, pair.post].append(pair)
    found = []
    for post, theirs in own.items():
        kind, text, mend = _person(theirs)
        if kind:
            found.append(Finding(kind, titles.get(post, f"岗位 {post[1]}"), post[1], text, mend))
    return found


def _person(theirs: Sequence[Pair]) -> tuple[FindingKind | None, str, str]:
    night = [p for p in theirs if is_night(p.at)]
    if any(p.unreachable and reason(p) is Reason.DEAD_NUMBER for p in theirs):
        return FindingKind.DEAD_NUMBER, "号码是空号", "改号码，改完做一次核号"
    if len(theirs) >= FEWEST and all(p.grade is Grade.PROXY for p in theirs):
        return (
            FindingKind.ALWAYS_ANOTHER,
            f"{len(theirs)} 次都由他人代答，本人从未应答",
            "核对本人号码，或改由实际接听的人担任",
        )
    if len(night) >= FEWEST and not any(p.answered for p in night):
        return (
            FindingKind.NEVER_AT_NIGHT,
            f"夜间 {len(night)} 次都没有应答",
            "夜间先打电话，加第二号码，或在值班表里另排夜班",
        )
    return None, "", ""
