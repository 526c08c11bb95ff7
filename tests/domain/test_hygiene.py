"""How true a roster is: each flaw is found where it lies, and the score says how much it matters."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from callout.domain.hygiene import AreaHealth, Flaw, Known, Mark, hygiene, total
from callout.domain.instant import HOUR, Instant
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rulebook.reading import parse
from tests.domain.proof_county import (
    COUNTY,
    FILES,
    FLOOD,
    GRID,
    HEAD,
    NOW,
    SCHOOL,
    WATCH,
    landline,
    mobile,
    roster,
    with_numbers,
    with_post,
)

BOOK: Rulebook = parse(FILES, "500156")
JIA = "stats:500156101"
YEAR = 365 * 24 * HOUR
TODAY: Mapping[int, Instant] = {person.id: NOW for person in roster().responders}


def checked(people: Roster, **known: object) -> dict[str, AreaHealth]:
    given = Known(shown=TODAY) if not known else Known(**{"shown": TODAY, **known})  # type: ignore[arg-type]
    return {each.area: each for each in hygiene(people, BOOK, given, NOW, YEAR)}


def flaws(people: Roster, area: str = JIA, **known: object) -> list[tuple[Flaw, int | None]]:
    return [(one.flaw, one.post) for one in checked(people, **known)[area].found]


def test_a_correct_county_has_a_hundred_points_and_no_flaw() -> None:
    areas = checked(roster())
    assert {each.score for each in areas.values()} == {100}
    assert not [one for each in areas.values() for one in each.found]
    assert total(areas.values()) == 100
    assert total(()) == 100


WRONG: list[tuple[Flaw, Roster]] = [
    (Flaw.VACANT, with_post(GRID, holder=None)),
    (Flaw.NO_NUMBER, with_numbers(GRID)),
    (Flaw.NO_DEPUTY, with_post(GRID, deputy=None)),
    (Flaw.DEPUTY_SELF, with_post(GRID, deputy=GRID)),
    (Flaw.NO_SUPERIOR, with_post(GRID, superior=None)),
    (Flaw.NO_TEXTS, with_numbers(GRID, landline(1))),
    (Flaw.DEPUTY_SILENT, with_numbers(100 + GRID)),
    (Flaw.ROLE_UNCALLED, with_post(GRID, role="没有规则叫的角色")),
]


@pytest.mark.parametrize(("flaw", "people"), WRONG)
def test_a_flaw_of_the_roster_is_found_at_its_post(flaw: Flaw, people: Roster) -> None:
    assert (flaw, GRID) in flaws(people)
    assert checked(people)[JIA].score < 100
    assert not flaws(people, "stats:500156102")


def test_posts_in_a_circle_are_found() -> None:
    assert {(Flaw.SUPERIOR_CIRCLE, HEAD)} <= set(flaws(with_post(HEAD, superior=HEAD)))


def test_two_people_with_one_number_or_one_name_are_both_found() -> None:
    assert {(Flaw.SHARED_NUMBER, GRID), (Flaw.SHARED_NUMBER, WATCH)} <= set(flaws(with_numbers(GRID, mobile(WATCH))))
    given = roster()
    twins = tuple(replace(p, name="示例") if p.id in (GRID, SCHOOL) else p for p in given.responders)
    assert {(Flaw.SAME_NAME, GRID), (Flaw.SAME_NAME, SCHOOL)} <= set(flaws(replace(given, responders=twins)))


def test_a_post_that_the_plan_calls_and_nobody_has_counts_as_nothing() -> None:
    given = roster()
    gone = replace(given, posts=tuple(p for p in given.posts if p.id != GRID))
    health = checked(gone)[JIA]
    assert [(one.flaw, one.role) for one in health.found] == [(Flaw.MISSING, "网格员")]
    assert (health.posts, health.score) == (4, 75)


def test_what_the_record_knows_of_numbers_is_found() -> None:
    own, second = mobile(GRID).e164, mobile(999)
    two = with_numbers(GRID, mobile(GRID), second)
    assert flaws(roster(), numbers={own: Mark(dead=True)}) == [(Flaw.DEAD, GRID)]
    assert flaws(two, numbers={own: Mark(dead=True)}) == [(Flaw.SOME_DEAD, GRID)]
    assert flaws(roster(), numbers={own: Mark(opted_out=True)}) == [(Flaw.OPTED_OUT, GRID)]
    assert flaws(two, numbers={own: Mark(opted_out=True)}) == []
    assert flaws(roster(), numbers={own: Mark(textless=True)}) == [(Flaw.NO_TEXTS, GRID)]
    assert flaws(roster(), strange=frozenset({own})) == [(Flaw.STRANGE, GRID)]


def test_who_has_shown_no_sign_of_life_for_too_long_is_found_and_so_is_who_has_left() -> None:
    old = {**TODAY, GRID: Instant(NOW - YEAR - 1)}
    assert flaws(roster(), shown=old) == [(Flaw.UNCONFIRMED, GRID)]
    assert flaws(roster(), denied=frozenset({GRID})) == [(Flaw.NOT_ANY_MORE, GRID)]
    never = {person: at for person, at in TODAY.items() if person != GRID}
    assert flaws(roster(), shown=never) == [(Flaw.UNCONFIRMED, GRID)]


def test_the_worst_township_comes_first_and_the_total_weighs_by_posts() -> None:
    areas = hygiene(with_numbers(GRID), BOOK, Known(shown=TODAY), NOW, YEAR)
    assert areas[0].area == JIA
    assert total(areas) == (75 * 4 + 100 * 11) // 15


def test_somebody_is_at_the_top_of_the_county() -> None:
    assert not flaws(with_post(FLOOD, superior=None), COUNTY)
