from dataclasses import replace

import pytest

from callout.domain.area import County, Township
from callout.domain.instant import Instant
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster, Shift
from callout.domain.roster_change import LOUD, Changes, Field, Weakness, diff, unreachable, weaknesses
from callout.domain.rule import Call, Rule, Rulebook, StopWorkCode, StopWorkProposal

TOWN = Township("白马镇", "500156101", None)
COUNTY = County("500156", "武隆区", (TOWN,))
DESK, LEADER, GRID = 1, 2, 3


def number(serial: int) -> ContactMethod:
    return ContactMethod(f"+999{serial:07d}", NumberKind.MOBILE)


def person(ident: int, *contacts: ContactMethod) -> Responder:
    return Responder(ident, f"示例{ident}", contacts or (number(ident),))


def roster(**changes: object) -> Roster:
    posts = (
        Post(DESK, COUNTY.key, "值班室", "值班室", DESK, deputy=2, superior=LEADER),
        Post(LEADER, TOWN.key, "领导", "镇领导", LEADER, deputy=3),
        Post(GRID, TOWN.key, "网格员", "网格员一", GRID, deputy=1, superior=LEADER),
    )
    people = (person(1), person(2), person(3))
    return replace(Roster("r1", "500156", posts, people), **changes)  # type: ignore[arg-type]


def with_post(ident: int, **changes: object) -> Roster:
    posts = tuple(replace(p, **changes) if p.id == ident else p for p in roster().posts)  # type: ignore[arg-type]
    return roster(posts=posts)


def with_person(ident: int, **changes: object) -> Roster:
    found = tuple(replace(p, **changes) if p.id == ident else p for p in roster().responders)  # type: ignore[arg-type]
    return roster(responders=found)


BOOK = Rulebook(
    "v",
    COUNTY,
    (
        Rule("镇/一", "镇", frozenset({TOWN.key}), (), (Call(("领导", "网格员"), "x"),)),
        Rule(
            "业/一",
            "业",
            frozenset(),
            (),
            (Call(("值班室",), "x"),),
            (StopWorkProposal(StopWorkCode.SITE, "领导", ""),),
        ),
    ),
    {},
    frozenset(),
    "值班室",
    "x",
)


def found(new: Roster, before: Roster | None = None) -> dict[Weakness, tuple[object, ...]]:
    return {w.kind: w.posts or w.people or w.about for w in weaknesses(new, BOOK, before)}


def test_equal_rosters_do_not_differ() -> None:
    assert not diff(roster(), roster(version="r2"))


def test_what_comes_goes_and_changes_is_told_apart() -> None:
    before = roster()
    kept = (replace(before.posts[0], title="新值班室"), before.posts[1])
    after = roster(
        posts=(*kept, Post(9, TOWN.key, "网格员", "网格员二", 9)), responders=(person(1), person(2), person(9))
    )
    changes = diff(before, after)
    assert changes.posts == Changes((9,), (GRID,), {DESK: (Field.TITLE,)})
    assert changes.people == Changes((9,), (3,), {})


@pytest.mark.parametrize(
    ("after", "field"),
    [
        (with_post(GRID, area=COUNTY.key), Field.AREA),
        (with_post(GRID, role="领导"), Field.ROLE),
        (with_post(GRID, title="别名"), Field.TITLE),
        (with_post(GRID, holder=None), Field.HOLDER),
        (with_post(GRID, deputy=None), Field.DEPUTY),
        (with_post(GRID, superior=None), Field.SUPERIOR),
    ],
)
def test_each_field_of_a_post_is_seen(after: Roster, field: Field) -> None:
    assert diff(roster(), after).posts.changed == {GRID: (field,)}


def test_names_and_numbers_of_people_are_seen() -> None:
    after = with_person(3, name="示例新名", contacts=(number(3), number(4)))
    assert diff(roster(), after).people.changed == {3: (Field.NAME, Field.CONTACTS)}


def test_the_usual_roster_only_misses_a_superior_at_the_top() -> None:
    assert found(roster()) == {Weakness.NO_SUPERIOR: (LEADER,)}


def test_a_roster_without_a_desk_is_loud() -> None:
    assert found(with_post(DESK, role="领导"))[Weakness.NO_DESK] == ("值班室",)
    assert found(with_person(1, contacts=()))[Weakness.DESK_UNREACHABLE] == (DESK,)
    assert weaknesses(with_post(DESK, role="领导"), BOOK)[0].kind in LOUD


def test_a_desk_with_a_shift_can_be_reached() -> None:
    shift = Shift(DESK, 2, Instant(0), Instant(1))
    vacant = with_post(DESK, holder=None)
    assert unreachable(vacant) == {DESK: Weakness.VACANT}
    assert unreachable(replace(vacant, shifts=(shift,))) == {}


def test_a_post_that_loses_its_last_number_or_holder_is_told() -> None:
    silent = found(with_person(3, contacts=()), roster())
    assert (silent[Weakness.LOST_REACH], silent[Weakness.NO_NUMBER]) == ((GRID,), (GRID,))
    vacant = found(with_post(GRID, holder=None), roster())
    assert (vacant[Weakness.LOST_REACH], vacant[Weakness.VACANT]) == ((GRID,), (GRID,))
    assert Weakness.LOST_REACH not in found(with_post(GRID, holder=None), with_post(GRID, holder=None))


def test_one_number_for_two_people_and_one_name_for_two() -> None:
    assert found(with_person(3, contacts=(number(2),)))[Weakness.SHARED_NUMBER] == (2, 3)
    assert found(with_person(3, name="示例2"))[Weakness.SAME_NAME] == (2, 3)


def test_superiors_in_a_circle_and_deputies_that_are_the_holder() -> None:
    assert found(with_post(LEADER, superior=LEADER))[Weakness.SUPERIOR_CIRCLE] == (LEADER,)
    assert found(with_post(LEADER, superior=DESK))[Weakness.SUPERIOR_CIRCLE] == (DESK, LEADER)
    assert found(with_post(GRID, deputy=3))[Weakness.DEPUTY_SELF] == (GRID,)
    assert found(with_post(GRID, deputy=None))[Weakness.NO_DEPUTY] == (GRID,)


def test_roles_that_rules_call_and_nobody_has_and_the_other_way_round() -> None:
    assert found(with_post(GRID, role="楼长")) == {
        Weakness.ROLE_MISSING: ("白马镇 网格员",),
        Weakness.ROLE_UNCALLED: (GRID,),
        Weakness.NO_SUPERIOR: (LEADER,),
    }
    assert found(with_post(DESK, role="领导"))[Weakness.ROLE_MISSING] == ("值班室",)
