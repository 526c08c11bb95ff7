"""What may go wrong together: single failures, how many of them one combination may hold, and what each does."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from callout.domain.instant import HOUR, later
from callout.rehearsal.setting import Outage, Setting
from callout.rehearsal.what_if import absent, lost_gateway, peak, silenced


class Kind(IntEnum):
    """What fails; in the order in which a story tells of them."""

    GATEWAY = 1
    DARK = 2
    SHIFT = 3
    PERSON = 4
    NUMBER = 5


class Failure(NamedTuple):
    """One thing that fails."""

    kind: Kind
    about: str = ""
    """Name of the gateway, key of the township, id of the person, or number; empty for the night shift."""


Failures = frozenset[Failure]
NOTHING: Failures = frozenset()
SHIFT = Failure(Kind.SHIFT)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the search looks. All of it is printed with the result."""

    losses: int = 2
    """So many failures together; 断网 is one, however many townships it takes."""
    dark_townships: int = 2
    dark_hours: float = 2.0
    night_shift: bool = True
    people: bool = True
    """Single people whose phones are off, and single numbers."""
    hazard: str = "暴雨"
    hours: tuple[int, ...] = (3, 14, 21)
    """Beijing hours at which the highest level is issued."""
    courses: tuple[str, ...] = ("红", "橙红", "蓝黄橙红")
    """Sequences of levels."""
    paces: tuple[int, ...] = (5, 60)
    """Minutes from one level to the next."""
    runs: int = 12
    """Rehearsals at most before the worst is made smaller."""
    seed: int = 1

    def hold(self, some: Failures) -> bool:
        """Whether this combination lies within them."""
        gateways, dark = _many(some, Kind.GATEWAY), _many(some, Kind.DARK)
        return losses(some) <= self.losses and gateways <= 1 and dark <= self.dark_townships


def losses(some: Failures) -> int:
    """How many things go wrong at once."""
    dark = _many(some, Kind.DARK)
    return len(some) - dark + (dark > 0)


def _many(some: Failures, kind: Kind) -> int:
    return sum(one.kind is kind for one in some)


def suffered(setting: Setting, some: Failures, bounds: Bounds) -> Setting:
    """The setting in which all of it goes wrong; 断网 begins with the first warning of the highest level."""
    for one in sorted(some):
        match one.kind:
            case Kind.GATEWAY:
                setting = lost_gateway(setting, one.about)
            case Kind.SHIFT:
                setting = absent(setting, 1.0)
            case Kind.PERSON:
                setting = silenced(setting, int(one.about))
            case Kind.NUMBER:
                setting = replace(setting, mute=setting.mute | {one.about})
    dark = frozenset(one.about for one in some if one.kind is Kind.DARK)
    if dark:
        begins = peak(setting)
        out = Outage(dark, begins, later(begins, round(bounds.dark_hours * HOUR)))
        setting = replace(setting, outages=(*setting.outages, out))
    return setting


def told(setting: Setting, some: Iterable[Failure], bounds: Bounds) -> list[str]:
    """Each failure in words; the townships without a network are one."""
    names = {town.key: town.name for town in setting.rulebook.county.townships}
    dark = [names[one.about] for one in sorted(some) if one.kind is Kind.DARK]
    lines = [_words(setting, one) for one in sorted(some) if one.kind is not Kind.DARK]
    return lines + ([f"{'、'.join(dark)}从最高级别预警发布起断网 {bounds.dark_hours:g} 小时"] if dark else [])


_SHORT = {Kind.GATEWAY: "不通", Kind.SHIFT: "夜班不在", Kind.PERSON: "电话都打不通", Kind.NUMBER: "号码打不通"}


def why(setting: Setting, one: Failure) -> str:
    """The failure in few words, as the reason why somebody was not reached."""
    names = {town.key: town.name for town in setting.rulebook.county.townships}
    if one.kind is Kind.DARK:
        return f"{names[one.about]}断网"
    return one.about * (one.kind is Kind.GATEWAY) + _SHORT[one.kind]


def _words(setting: Setting, one: Failure) -> str:
    match one.kind:
        case Kind.GATEWAY:
            return f"{one.about}整场不通"
        case Kind.SHIFT:
            return "夜里值班的人都不在（值班员和值班岗位，22 时至 6 时）"
        case Kind.NUMBER:
            owners = [p for p in setting.roster.responders if one.about in {c.e164 for c in p.contacts}]
            return f"号码 {one.about}（{'、'.join(p.name for p in owners)}）打不通"
    person = next(each for each in setting.roster.responders if each.id == int(one.about))
    held = "、".join(post.title for post in setting.roster.posts if post.holder == person.id)
    return f"{person.name}{f'（{held}）' if held else ''}的电话都打不通"
