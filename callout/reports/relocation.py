"""转移 as it stands: every facility and household that is to be moved, counted by township, and the shelters.

The unit is 户 and 人: to move, moved, refused, unreachable, gone back too early. For the command line and the board.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from callout.domain.callout import level_of
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.domain.relocation import OPEN, RelocationKey, RelocationState
from callout.domain.relocation_plan import Shelter
from callout.store import schema

ERASED = "（已删除）"


@dataclass(frozen=True, slots=True)
class RelocationLine:
    """One facility or household in one event."""

    key: RelocationKey
    rev: int
    alert: int
    run: str
    hazard: str
    """Empty where a human asked for it about no warning."""
    level: Level
    state: RelocationState
    kind: str
    name: str
    area: str
    """Key of its township."""
    place: str
    households: int
    people: int
    immobile: int
    moved_people: int
    """By the last word; -1 = no word."""
    risk: str
    lying: str
    post: int
    """对接责任人; 0 = nobody."""
    keeper: str
    """Title of that post; empty where the roster has it no more."""
    organizer: str
    shelter: str
    shelter_name: str
    route: str
    signal: str
    care: str
    opened_at: Instant
    changed_at: Instant
    next_at: Instant | None
    """When the time is over; None = it is over, or the word has come."""
    word: str
    """What was said, or checked."""
    by: str
    """Who said it."""
    officer: str

    @property
    def late(self) -> bool:
        """The time is over without word."""
        return self.state is RelocationState.TO_MOVE and self.next_at is None

    @property
    def left(self) -> int:
        """People who are, or may be, still there."""
        if self.state is RelocationState.RELEASED:
            return 0
        return self.people if self.moved_people < 0 else max(0, self.people - self.moved_people)


def lines(
    db: Connection, county: str, alert: int | None = None, states: Collection[RelocationState] = OPEN
) -> list[RelocationLine]:
    """Every one in these states, the most urgent first; `alert`: only those of its event."""
    r, s, k = schema.relocation, schema.relocation_site, schema.county
    a, h, ac = schema.alert, schema.relocation_shelter, schema.alert_county
    keeper, organizer = schema.duty.alias("keeper"), schema.duty.alias("organizer")
    name, place, by = (schema.personal.alias(word) for word in ("site_name", "site_place", "said_by"))
    there = schema.personal.alias("shelter_name")
    same = and_(s.c.county == r.c.county, s.c.version == r.c.version, s.c.site == r.c.site)
    shelter = and_(h.c.county == r.c.county, h.c.version == r.c.version, h.c.shelter == r.c.shelter)

    def on(duty: Any, post: Any) -> ColumnElement[bool]:
        return and_(duty.c.county == k.c.county, duty.c.roster == k.c.roster, duty.c.post == post)

    chosen = (
        select(
            r, s.c.kind, s.c.area, s.c.immobile, s.c.risk, s.c.lying, s.c.route, s.c.signal, s.c.care,
            a.c.hazard, keeper.c.title.label("keeper_title"), organizer.c.title.label("organizer_title"),
            name.c.value.label("name"), place.c.value.label("place"), by.c.value.label("said_by"),
            there.c.value.label("shelter_name"),
        )
        .join(s, same)
        .join(k, k.c.county == r.c.county)
        .outerjoin(a, a.c.id == r.c.alert)
        .outerjoin(h, shelter)
        .outerjoin(keeper, on(keeper, r.c.post))
        .outerjoin(organizer, on(organizer, s.c.organizer))
        .outerjoin(name, name.c.commitment == s.c.name)
        .outerjoin(place, place.c.commitment == s.c.place)
        .outerjoin(there, there.c.commitment == h.c.name)
        .outerjoin(by, by.c.commitment == r.c.by)
        .where(r.c.county == county, r.c.state.in_([state.value for state in states]))
    )  # fmt: skip
    if alert is not None:
        episode = select(ac.c.episode).where(ac.c.county == county, ac.c.alert == alert).scalar_subquery()
        chosen = chosen.where(r.c.episode == func.coalesce(episode, 0))
    rows = [_line(row) for row in db.execute(chosen.order_by(r.c.lane, s.c.area, r.c.site))]
    return sorted(rows, key=lambda one: (_URGENT.index(one.state), -one.immobile))


_URGENT = (
    RelocationState.RETURNED, RelocationState.REFUSED, RelocationState.UNREACHABLE, RelocationState.TO_MOVE,
    RelocationState.MOVED, RelocationState.RELEASED,
)  # fmt: skip


def _line(row: Any) -> RelocationLine:
    r = row._mapping
    plain = (
        "alert", "run", "kind", "area", "households", "people", "immobile", "moved_people", "risk", "lying", "post",
        "shelter", "route", "signal", "care", "opened_at", "changed_at", "next_at", "word", "officer", "rev",
    )  # fmt: skip
    return RelocationLine(
        key=RelocationKey(r["county"], r["episode"], r["site"]),
        hazard=r["hazard"] or "",
        level=level_of(r["lane"]),
        state=RelocationState(r["state"]),
        name=r["name"] or ERASED,
        place=r["place"] or ERASED,
        keeper=r["keeper_title"] or "",
        organizer=r["organizer_title"] or "",
        shelter_name=r["shelter_name"] or "",
        by=r["said_by"] or "",
        **{name: r[name] for name in plain},
    )


@dataclass(frozen=True, slots=True)
class RelocationCount:
    """How many places, households and people."""

    sites: int = 0
    households: int = 0
    people: int = 0
    """Plan."""
    immobile: int = 0
    moved_people: int = 0
    """Done."""
    to_move: int = 0
    moved: int = 0
    refused: int = 0
    unreachable: int = 0
    returned: int = 0
    released: int = 0
    late: int = 0

    @property
    def left(self) -> int:
        """People who are, or may be, still there."""
        return max(0, self.people - self.moved_people)


def count(some: Iterable[RelocationLine]) -> RelocationCount:
    """All of them together; those who were let go are counted in `released` only."""
    total = RelocationCount()
    for one in some:
        total = replace(total, **{one.state.value: getattr(total, one.state.value) + 1})
        if one.state is RelocationState.RELEASED:
            continue
        total = replace(
            total,
            sites=total.sites + 1,
            households=total.households + one.households,
            people=total.people + one.people,
            immobile=total.immobile + one.immobile,
            moved_people=total.moved_people + max(0, one.moved_people),
            late=total.late + one.late,
        )
    return total


def by_area(some: Sequence[RelocationLine]) -> Mapping[str, RelocationCount]:
    """Area key → its count, in the order in which areas come."""
    areas: defaultdict[str, list[RelocationLine]] = defaultdict(list)
    for one in some:
        areas[one.area].append(one)
    return {area: count(those) for area, those in areas.items()}


@dataclass(frozen=True, slots=True)
class ShelterLine:
    """One shelter, and how full it is."""

    shelter: Shelter
    there: int
    """People in it now, by the last words."""
    coming: int
    """People who are to be brought there and are not yet."""
    keeper: str
    """Title of the post that runs it."""

    @property
    def over(self) -> int:
        """How many more people are there, or coming, than it takes."""
        return max(0, self.there + self.coming - self.shelter.capacity)


def shelter_lines(
    shelters: Sequence[Shelter], some: Sequence[RelocationLine], titles: Mapping[int, str]
) -> list[ShelterLine]:
    """The shelters of the list in force, filled by these lines (all open ones of the county)."""
    there: defaultdict[str, int] = defaultdict(int)
    coming: defaultdict[str, int] = defaultdict(int)
    for one in some:
        there[one.shelter] += max(0, one.moved_people) if one.state is not RelocationState.RELEASED else 0
        coming[one.shelter] += one.left
    return [ShelterLine(s, there[s.id], coming[s.id], titles.get(s.keeper, "")) for s in shelters]


def titles(db: Connection, county: str) -> Mapping[int, str]:
    """Post → what people call it, by the roster in force."""
    d, k = schema.duty, schema.county
    rows = db.execute(
        select(d.c.post, d.c.title)
        .join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
        .where(d.c.county == county)
    )
    return {row.post: row.title for row in rows}
