"""A made-up roster of any size, for demos, rehearsals, benchmarks and tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, cycle, zip_longest
from random import Random

from callout.domain.area import County
from callout.domain.errors import RosterError
from callout.domain.instant import BEIJING, HOUR, instant, later
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift
from callout.domain.rule import Rulebook

FEWEST = 50
"""The smallest sample: enough for the county's posts and a post in each of some forty townships."""

_HEAD = "党政主要负责人"
_ALONE = (_HEAD, "分管领导", "带班领导", "值班员")
"""One of each in a township, however many people there are."""
_CROWDED = {"网格员": 4, "村(社区)书记": 2, "灾害信息员": 2, "群测群防员": 2, "学校安全责任人": 2}
"""How often a role comes up when the roster grows; 1 for the rest."""
_STRIDE = 7
"""Townships between two roles of one turn: with few people the objects of an industry lie here and there."""
_OFFICERS = 4
_SHIFT_HOURS = 12
_FIRST_SHIFT = instant(datetime(2026, 1, 1, 8, tzinfo=BEIJING))
_SHIFTS = 2 * 365
_VACANT, _SECOND_POST = 0.01, 0.02
_NO_NUMBER, _SHARED, _ONLY_LANDLINE, _SECOND_MOBILE, _SECOND_LANDLINE = 0.01, 0.02, 0.04, 0.24, 0.32
"""Upper ends of slices of one random draw from 0 to 1; above the last: one mobile."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A post to be filled, before it has an id."""

    area: str
    place: str
    """Short name of the area, e.g. 白马."""
    role: str


@dataclass(slots=True)
class _Crowd:
    """The people made so far, numbered from 1."""

    county: County
    random: Random
    flaws: bool
    """Whether some people cannot be reached and some posts are vacant, as in life."""
    people: list[Responder] = field(default_factory=list)
    numbers: int = 0
    by_area: dict[str, list[int]] = field(default_factory=dict)

    def add(self, slot: _Slot) -> int:
        """A new person named after the slot; the id."""
        ident = len(self.people) + 1
        name = f"示例·{slot.place}·{slot.role}{ident:04d}"
        self.people.append(Responder(ident, name, self._contacts()))
        self.by_area.setdefault(slot.area, []).append(ident)
        return ident

    def deputy(self, area: str, holder: int | None) -> int | None:
        """Somebody of the area other than the holder; None where there is nobody else."""
        known = self.by_area.get(area)
        if not known:
            return None
        at = int(self.random.random() * len(known))
        return next((each for each in (known[at], known[at - 1]) if each != holder), None)

    def _contacts(self) -> tuple[ContactMethod, ...]:
        draw = self.random.random() if self.flaws else max(_ONLY_LANDLINE, self.random.random())
        if draw < _NO_NUMBER:
            return ()
        if draw < _SHARED and self.people and self.people[-1].contacts:
            return self.people[-1].contacts[:1]
        if draw < _ONLY_LANDLINE:
            return (self._number(NumberKind.LANDLINE),)
        first = self._number(NumberKind.MOBILE)
        if draw < _SECOND_MOBILE:
            return first, self._number(NumberKind.MOBILE)
        if draw < _SECOND_LANDLINE:
            return first, self._number(NumberKind.LANDLINE)
        return (first,)

    def _number(self, kind: NumberKind) -> ContactMethod:
        self.numbers += 1
        return ContactMethod(f"+999{self.county.code}{self.numbers:07d}", kind)


def roster_sample(county: County, people: int, seed: int, rulebook: Rulebook, *, flaws: bool = True) -> Roster:
    """A synthetic roster of `people` persons for the roles that `rulebook` calls; equal arguments, equal roster.

    Nobody in it exists: names begin with 示例, and numbers are `+999`, the county code and a serial of seven digits.
    No such number can ring: the ITU has assigned country code 999 to nobody, and 16 digits are one more than E.164
    allows. About 1 % of the posts are vacant, 1 % of the people have no number, 1 % share one, and 1 % of the posts
    are held by somebody who holds another; without `flaws` every post is held by somebody of its own who can be
    reached, and everybody has a deputy. The desk has 12-hour shifts through 2026 (Beijing time). A small roster
    leaves the posts out that come last in the rules. Raises RosterError below `FEWEST` people and for rules that call
    nobody in a township.
    """
    if people < FEWEST:
        raise RosterError(f"示例名册至少 {FEWEST} 人，现为 {people} 人；请加大人数。")
    crowd = _Crowd(county, Random(seed), flaws)  # noqa: S311 - a repeatable sample, not a secret
    slots = _slots(county, rulebook)
    desk = next(slots)
    officers = [crowd.add(desk) for _ in range(_OFFICERS)]
    leader = crowd.add(_Slot(county.key, desk.place, "带班领导"))
    filled = [(desk, officers[0]), *_fill(slots, crowd, people)]
    posts = tuple(_posts(filled, crowd, leader))
    shifts = tuple(_shifts(posts[0].id, officers))
    version = f"示例-{county.code}-{people}-{seed}-{rulebook.version[:12]}" + ("" if flaws else "-无缺陷")
    return Roster(version, county.code, posts, tuple(crowd.people), shifts)


def _slots(county: County, rulebook: Rulebook) -> Iterator[_Slot]:
    """The desk, the other county posts, one post of each role of the township plans, then ever more of the rest.

    What industries call (schools, sites, ferries …) is not everywhere: turn by turn each role gets one more township.
    """
    offices, plans, industries = _roles(county, rulebook)
    if not plans:
        raise RosterError("规则里没有乡镇岗位，排不出示例名册；请先写乡镇方案。")
    home = _short(county.name)
    towns = [(township.key, _short((*township.aliases, township.name)[0])) for township in county.townships]
    base = [_Slot(area, place, role) for role in plans for area, place in towns]
    crowded = [role for role in (*industries, *plans) if role not in _ALONE for _ in range(_CROWDED.get(role, 1))]
    more = [
        _Slot(*towns[(turn + _STRIDE * at) % len(towns)], role)
        for turn in range(len(towns))
        for at, role in enumerate(crowded)
    ]
    return chain((_Slot(county.key, home, office) for office in offices), base, cycle(more or base))


def _roles(county: County, rulebook: Rulebook) -> tuple[list[str], list[str], list[str]]:
    """Roles of the county, the desk first, of township plans, and of industries, in the order of the rules.

    A rule for the whole county does not say where a role sits: 区教委值班室 begins like the county's own kind (区).
    """
    offices, plans, industries = {rulebook.desk_role: None}, dict[str, None](), dict[str, None]()
    for rule in sorted(rulebook.rules, key=lambda rule: not rule.areas):
        for role in (role for call in rule.calls for role in call.roles):
            central = county.key in rule.areas or (not rule.areas and role.startswith(county.name[-1]))
            (offices if central else plans if rule.areas else industries)[role] = None
    return list(offices), list(plans), [role for role in industries if role not in plans]


def _short(name: str) -> str:
    return re.sub(r"(?<=..)(街道|[镇乡区县市旗])$", "", name)


def _fill(slots: Iterator[_Slot], crowd: _Crowd, people: int) -> Iterator[tuple[_Slot, int | None]]:
    """Slots with their holders until `people` persons exist."""
    while len(crowd.people) < people:
        slot = next(slots)
        draw = crowd.random.random() if crowd.flaws else 1.0
        known = crowd.by_area.get(slot.area)
        if draw < _VACANT:
            yield slot, None
        elif draw < _SECOND_POST and known:
            yield slot, known[-1]
        else:
            yield slot, crowd.add(slot)


def _posts(filled: list[tuple[_Slot, int | None]], crowd: _Crowd, leader: int) -> Iterator[Post]:
    """Numbered posts with deputies and superiors; `leader` (带班领导) is the desk's deputy."""
    above = _superiors([slot for slot, _ in filled], crowd.county)
    for ident, ((slot, holder), superior) in enumerate(zip(filled, above, strict=True), 1):
        deputy = crowd.deputy(slot.area, holder) if ident > 1 else leader
        yield Post(
            ident, slot.area, slot.role, f"示例·{slot.place}·{slot.role}（{ident}号岗）", holder, deputy, superior
        )


def _superiors(slots: list[_Slot], county: County) -> Iterator[int | None]:
    """A township's posts → its head → the county's second office; desk → second office → third, where it ends."""
    offices = [ident for ident, slot in enumerate(slots, 1) if slot.area == county.key]
    chiefs = dict(zip_longest(offices[:3], offices[1:3]))
    office = chiefs[offices[0]] or offices[0]
    heads: dict[str, int] = {}
    for ident, slot in enumerate(slots, 1):
        if slot.role == _HEAD:
            heads.setdefault(slot.area, ident)
    for ident, slot in enumerate(slots, 1):
        head = heads.get(slot.area, office)
        yield chiefs.get(ident, office if head == ident else head)


def _shifts(desk: int, officers: list[int]) -> Iterator[Shift]:
    for turn in range(_SHIFTS):
        begins = later(_FIRST_SHIFT, turn * _SHIFT_HOURS * HOUR)
        yield Shift(desk, officers[turn % len(officers)], begins, later(begins, _SHIFT_HOURS * HOUR))
