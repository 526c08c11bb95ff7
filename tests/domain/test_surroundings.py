"""Each area has its own surroundings; they are kept with the alert and come back the same."""

from callout.domain.area import County, Coverage, Locality, Township
from callout.domain.conditions import Around, Facts
from callout.domain.level import Hazard, Level
from callout.domain.surroundings import by_place, read_around, surroundings, write_around

A, B = Township("示例甲镇", "500156101", None), Township("示例乙镇", "500156102", None)
BROOK = Locality("示例溪", "小流域", frozenset({A.key, B.key}))
SLOPE = Locality("示例坡", "风险点", frozenset({B.key}))
COUNTY = County("500156", "示例区", (A, B), (BROOK, SLOPE))
ALL = Coverage("500156", frozenset({A.key, B.key, COUNTY.key}))
SLIDE = frozenset({(Hazard.LANDSLIDE, Level.YELLOW)})


def test_places_that_the_message_names_are_noted_where_they_lie() -> None:
    found = surroundings(COUNTY, ALL, "示例坡、示例溪一带", {}, {})
    assert {area: set(one.places) for area, one in found.items()} == {
        A.key: {"示例溪"},
        B.key: {"示例溪", "示例坡"},
        COUNTY.key: {"示例溪", "示例坡"},
    }


def test_where_nothing_is_known_nothing_is_kept() -> None:
    found = surroundings(COUNTY, ALL, "", {A.key: SLIDE}, {"elsewhere": {"雨量": 1.0}})
    assert found == {A.key: Around(beside=SLIDE)}
    assert write_around({}) == ""
    assert read_around("") == {}


def test_what_is_kept_comes_back() -> None:
    found = surroundings(COUNTY, ALL, "示例溪", {A.key: SLIDE}, {B.key: {"1小时雨量": 52.5}})
    assert read_around(write_around(found)) == found


def test_areas_are_looked_at_by_level_and_by_what_is_around_them() -> None:
    coverage = Coverage("500156", ALL.areas, (), {A.key: Level.RED})
    facts = Facts(Hazard.RAINSTORM, Level.BLUE, around={B.key: Around(beside=SLIDE)})
    found = [(here.level, bool(here.here.beside), set(part.areas)) for here, part in by_place(facts, coverage)]
    assert found == [(Level.RED, False, {A.key}), (Level.BLUE, False, {COUNTY.key}), (Level.BLUE, True, {B.key})]
