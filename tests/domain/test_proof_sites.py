"""The list of whom to move against rules and roster: nobody who cannot walk may be left behind unnoticed."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from callout.domain.instant import HOUR
from callout.domain.level import Hazard, Level
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.finding import Danger, Finding, Kind
from callout.domain.proof.proving import Proof, prove
from callout.domain.proof.rungs import CLOUD
from callout.domain.relocation_plan import Lying, RelocationPlan, Shelter, Site, SiteKind
from callout.domain.roster import Post, Roster
from callout.domain.roster_views import roster_views
from callout.rulebook.reading import parse
from tests.domain.proof_county import FILES, FIRST, GRID, HEAD, NOW, SCHOOL, SECOND, WATCH, person, roster, with_numbers

DEADLY, GRAVE, NOTE = Danger.DEADLY, Danger.GRAVE, Danger.NOTE
A = Shelter("A1", "示例中心校", FIRST, "示例街", 300)


def care_home(ident: str = "Z1", **changes: Any) -> Site:
    """69 people, 55 of whom cannot walk, downstream; everything about it is in order."""
    usual = Site(
        id=ident, kind=SiteKind.CARE_HOME, name="示例养老院", area=FIRST, place="示例村", households=1, people=69,
        immobile=55, risk="示例溪", lying=Lying.DOWNSTREAM, hazards=(Hazard.RAINSTORM,), level=Level.ORANGE,
        within=HOUR, organizer=HEAD, keeper=GRID, shelter="A1", route="向东", signal="敲锣", care="专人",
    )  # fmt: skip
    return replace(usual, **changes)


def proved(*sites: Site, people: Roster | None = None, shelter: Shelter = A) -> Proof:
    plan = RelocationPlan("p1", "500156", sites, (shelter,))
    given = people or roster()
    return prove(Ground(parse(FILES, "500156"), given, roster_views(given), CLOUD, NOW, plan))


def more(title: str, role: str, area: str = FIRST) -> Roster:
    post = Post(50, area, role, title, 50, 101, HEAD)
    return replace(roster(), posts=(*roster().posts, post), responders=(*roster().responders, person(50)))


def without(post: int) -> Roster:
    return replace(roster(), posts=tuple(p for p in roster().posts if p.id != post))


@dataclass(frozen=True)
class Seed:
    """One fault: what is wrong in life, what the proof must call it, how bad it is."""

    life: str
    kind: Kind
    danger: Danger
    sites: tuple[Site, ...] = (care_home(),)
    people: Roster = field(default_factory=roster)
    shelter: Shelter = A


SEEDS = [
    Seed("nobody stands for them", Kind.SITE_NO_KEEPER, DEADLY, (care_home(keeper=0),)),
    Seed("the keeper is not in the roster", Kind.SITE_NO_KEEPER, DEADLY, (care_home(keeper=99),)),
    Seed("the keeper has no number", Kind.SITE_NO_KEEPER, DEADLY, people=with_numbers(GRID)),
    Seed("nowhere to go", Kind.SITE_NO_SHELTER, DEADLY, (care_home(shelter=""),)),
    Seed("the shelter is not in the list", Kind.SITE_NO_SHELTER, DEADLY, (care_home(shelter="A9"),)),
    Seed("all of them can walk", Kind.SITE_NO_SHELTER, GRAVE, (care_home(shelter="", immobile=0),)),
    Seed("nobody has looked", Kind.SITE_UNCHECKED, DEADLY, (care_home(lying=Lying.UNKNOWN, risk=""),)),
    Seed("not on the list at all", Kind.SITE_UNLISTED, DEADLY, (), more("示例敬老院", "养老机构负责人")),
    Seed("listed in another township only", Kind.SITE_UNLISTED, DEADLY, (care_home(area=SECOND, keeper=GRID + 10),),
         more("示例敬老院", "养老机构负责人")),
    Seed("orange does not call the keeper", Kind.SITE_KEEPER_SILENT, DEADLY, (care_home(level=Level.YELLOW),)),
    Seed("no rule speaks of the hazard", Kind.SITE_KEEPER_SILENT, DEADLY, (care_home(hazards=(Hazard.LANDSLIDE,)),)),
    Seed("one post for two homes", Kind.SITE_KEEPER_SHARED, GRAVE, (care_home(), care_home("Z2", people=5))),
    Seed("one post for many households", Kind.SITE_KEEPER_SHARED, NOTE, tuple(
        care_home(f"H{at}", kind=SiteKind.HOUSEHOLD, people=3, immobile=0, keeper=WATCH) for at in range(11))),
    Seed("the shelter is too small", Kind.SHELTER_FULL, GRAVE, shelter=replace(A, capacity=68)),
    Seed("no signal and no route", Kind.SITE_LINKS, NOTE, (care_home(route="", signal=""),)),
]  # fmt: skip
SITE_KINDS = {seed.kind for seed in SEEDS}


def of(proof: Proof) -> list[Finding]:
    ours = {kind for kind in Kind if kind.name.startswith(("SITE_", "SHELTER_"))}
    return [one for one in proof.findings if one.kind in ours]


def test_a_list_in_order_has_no_finding() -> None:
    proof = proved(care_home())
    assert proof.findings == ()
    assert proof.holds


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.life)
def test_each_planted_fault_is_found(seed: Seed) -> None:
    proof = proved(*seed.sites, people=seed.people, shelter=seed.shelter)
    found = [one for one in of(proof) if one.kind is seed.kind]
    assert found, of(proof)
    assert max(one.danger for one in found) is seed.danger
    assert all(one.mends for one in found)
    assert seed.danger is NOTE or not proof.holds


def test_thirty_one_deaths_in_a_care_home_are_seen_before_the_storm() -> None:
    """Miyun, 28 July 2025: 69 old people, 55 of them unable to walk, in a care home that no plan listed.

    Here the roster knows the home, because somebody there has a phone, and the list of whom to move does not: red.
    Once it is listed, it is red until somebody has looked where it lies, stands for it, and knows where to go.
    """
    there = more("示例养老院", "养老机构负责人")
    seen = [of(proved(people=there))]
    bare = care_home(lying=Lying.UNKNOWN, risk="", keeper=0, shelter="")
    seen.append(of(proved(bare, people=there)))
    looked = replace(bare, lying=Lying.DOWNSTREAM, risk="示例溪")
    seen.append(of(proved(looked, people=there)))
    kept = replace(looked, keeper=GRID)
    seen.append(of(proved(kept, people=there)))
    assert [{one.kind for one in found} for found in seen] == [
        {Kind.SITE_UNLISTED},
        {Kind.SITE_UNCHECKED, Kind.SITE_NO_KEEPER, Kind.SITE_NO_SHELTER},
        {Kind.SITE_NO_KEEPER, Kind.SITE_NO_SHELTER},
        {Kind.SITE_NO_SHELTER},
    ]
    assert all(one.danger is DEADLY for found in seen for one in found)
    assert "69 人，其中 55 人不能行走，在示例溪下游" in seen[3][0].what
    assert of(proved(replace(kept, shelter="A1"), people=there)) == []


def test_whoever_lies_in_safety_needs_nothing() -> None:
    assert of(proved(care_home(lying=Lying.OUTSIDE, risk="", keeper=0, shelter="", route=""))) == []


def test_a_household_of_people_who_walk_may_still_be_looked_at() -> None:
    """Nobody has looked where it lies: a keeper and a place are wanted, the look itself is not pressed."""
    site = care_home(kind=SiteKind.HOUSEHOLD, immobile=0, lying=Lying.UNKNOWN, risk="", people=4)
    assert of(proved(site)) == []


def test_posts_that_are_gone_are_named_by_their_number() -> None:
    homes = (care_home(keeper=SCHOOL), care_home("Z2", keeper=SCHOOL, people=5))
    found = of(proved(*homes, people=without(SCHOOL)))
    assert f"对接岗位 {SCHOOL}" in {one.where for one in found}


def test_a_county_without_any_list_is_red_where_its_roster_knows_a_care_home() -> None:
    people = more("示例敬老院", "养老机构负责人")
    proof = prove(Ground(parse(FILES, "500156"), people, roster_views(people), CLOUD, NOW))
    assert [(one.kind, one.danger) for one in of(proof)] == [(Kind.SITE_UNLISTED, DEADLY)]
    assert not proof.holds
