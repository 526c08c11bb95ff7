"""What the proof finds: how dangerous, where, what, and what would mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from heapq import heapify, heappop, heappush

from callout.domain.proof.space import Case


class Danger(IntEnum):
    """How bad it is; higher is worse."""

    NOTE = 1
    """Somebody should look at it."""
    GRAVE = 2
    """Somebody who is due would be called late, on one thread only, or by somebody else."""
    DEADLY = 3
    """Somebody who is due would not be called, or nobody would learn that they are silent."""

    @property
    def zh(self) -> str:
        """注意, 严重 or 危急."""
        return {1: "注意", 2: "严重", 3: "危急"}[self.value]


class Kind(StrEnum):
    """What is wrong, as a short Chinese name; the place in this list orders findings of one danger."""

    SITE_NO_KEEPER = "转移对象没有对接责任人"
    SITE_NO_SHELTER = "转移对象没有去处"
    SITE_UNLISTED = "转移台账漏了机构"
    SITE_UNCHECKED = "没有核实是否在危险区"
    NO_DESK = "值班室叫不到"
    NO_PLAN = "乡镇没有方案"
    LEVEL_CALLS_NOBODY = "这一级没有叫任何人"
    NOBODY_WITHOUT = "条件不成立就没人叫"
    NO_POST = "名册里没有这个岗位"
    NO_WAY = "一步也走不通"
    NO_ANSWER = "叫得到，但收不到应答"
    FOREIGN_AREA = "岗位不在本区县"
    OVERRIDE_CALLS_NOBODY = "代替之后没人叫"
    HIGHER_CALLS_LESS = "级别升高反而少叫"
    HIGHER_CALLS_SLOWER = "级别升高阶梯反而放松"
    NOT_AT_NIGHT = "白天叫、夜间不叫"
    HAZARD_LEFT_OUT = "别的乡镇管的灾种，这里不管"
    VACANT = "岗位空缺"
    NO_NUMBER = "没有能用的号码"
    SHIFT_GAP = "值班空档"
    TOO_LATE = "超过时限才转人工"
    SITE_KEEPER_SILENT = "该转移时不叫对接责任人"
    SITE_KEEPER_SHARED = "一个岗位对接几处"
    SHELTER_FULL = "安置点容量不够"
    NOBODY_ELSE = "本人不应就没有第二个人"
    NO_SPARE = "须有替补而没有"
    SUPERIOR_CIRCLE = "上级绕成圈"
    TEXTS_AT_NIGHT = "夜间橙红先发短信"
    NO_VOICE = "橙红阶梯没有语音"
    WINDOW = "超过通道对同一号码的限次"
    NEVER_CALLED = "名册里有、规则从不叫"
    ROLE_NEVER_CALLED = "方案写了岗位、规则从不叫"
    NEVER_HOLDS = "规则永远用不上"
    SAME_PHONE = "两个人其实是一个号码"
    SAME_PERSON = "副职或上级就是本人"
    SHIFTS_OVERLAP = "同一岗位两班重叠"
    TWO_SHIFTS = "一人同时值两个岗"
    CROWDED = "同一号码被连叫过多"
    SITE_LINKS = "转移的五个环节没有写全"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    kind: Kind
    danger: Danger
    where: str
    """Area, post, rule or ladder, in words."""
    what: str
    """One sentence."""
    mends: tuple[str, ...]
    """Changes each of which would mend it, the most natural one first."""
    posts: tuple[int, ...] = ()
    """Ids of the posts concerned."""
    areas: tuple[str, ...] = ()
    """Keys of the areas concerned."""
    cases: tuple[Case, ...] = ()
    """The warnings for which it is so; empty where every one that calls the posts is meant."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The most dangerous first, then by kind, then whoever concerns most posts."""
        return -self.danger, list(Kind).index(self.kind), -len(self.posts), self.where


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, the most dangerous first."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda one: one.order))


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change and the findings (their places in the list, from 0) that it would mend."""

    change: str
    mends: tuple[int, ...]


def smallest_change(findings: Sequence[Finding]) -> tuple[Remedy, ...]:
    """Few changes that mend everything: again and again the one that mends most of what is left, worst first.

    What a change is worth only shrinks while others are chosen: one that is still worth what it was is the best.
    """
    left = set(range(len(findings)))
    by_change: dict[str, set[int]] = {}
    for at, one in enumerate(findings):
        for change in one.mends:
            by_change.setdefault(change, set()).add(at)

    def worth(change: str) -> int:
        return sum(findings[at].danger for at in by_change[change] & left)

    waiting = [(-worth(change), place, change) for place, change in enumerate(by_change)]
    heapify(waiting)
    chosen = []
    while left:
        value, place, change = heappop(waiting)
        if (now := -worth(change)) != value:
            heappush(waiting, (now, place, change))
            continue
        chosen.append(Remedy(change, tuple(sorted(by_change[change] & left))))
        left -= by_change[change]
    return tuple(chosen)
