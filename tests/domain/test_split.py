"""分乡镇分级: what the infos and the text of one message say about each township, and when that is not certain."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.alert import Alert, Area, CodeSystem, Geocode
from callout.domain.area import County, Locality, Township
from callout.domain.level import Hazard, Level
from callout.domain.split import read_split, take
from tests.scenarios.field import DAY, make_alert

WEST, EAST, NORTH = (
    Township("白马镇", "500156101", None),
    Township("江口镇", "500156102", None),
    Township("石桥苗族土家族乡", "500156202", None, ("石桥乡",)),
)
COUNTY = County("500156", "武隆区", (WEST, EAST, NORTH))
BLUE, YELLOW, ORANGE, RED = Level


def levels(text: str) -> list[Level] | None:
    """The levels of west, east and north."""
    found = read_split(text, Hazard.RAINSTORM, COUNTY.townships)
    return [found[t.key] for t in COUNTY.townships] if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("白马镇、江口镇暴雨橙色预警，其余镇街暴雨黄色预警。", [ORANGE, ORANGE, YELLOW]),
        ("将白马镇、江口镇暴雨橙色预警降级为黄色，其余镇街暴雨橙色预警仍生效。", [YELLOW, YELLOW, ORANGE]),
        ("发布暴雨黄色预警：白马镇、江口镇升级为橙色。", [ORANGE, ORANGE, YELLOW]),
        ("白马镇，江口镇暴雨橙色预警；石桥乡暴雨黄色预警。", [ORANGE, ORANGE, YELLOW]),
        ("暴雨橙色预警：白马镇、江口镇；暴雨黄色预警：石桥苗族土家族乡。", [ORANGE, ORANGE, YELLOW]),
        ("暴雨红色预警：白马镇。暴雨橙色预警：江口镇。暴雨蓝色预警：其他乡镇。", [RED, ORANGE, BLUE]),
        ("白马镇由暴雨黄色升级为橙色，其他乡镇维持暴雨黄色预警，请注意防范。", [ORANGE, YELLOW, YELLOW]),
    ],
)
def test_a_clear_text_gives_every_township_its_level(text: str, expected: list[Level]) -> None:
    assert levels(text) == expected


BROOK = Locality("示例溪", "小流域", frozenset({WEST.key, NORTH.key}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("暴雨橙色预警：江口镇；暴雨黄色预警：示例溪小流域；暴雨蓝色预警：其余乡镇。", [YELLOW, ORANGE, YELLOW]),
        ("暴雨橙色预警：白马镇；暴雨黄色预警：江口镇、示例溪小流域。", [ORANGE, YELLOW, YELLOW]),
        ("暴雨黄色预警：白马镇、江口镇；暴雨红色预警：示例溪。", [RED, YELLOW, RED]),
        ("示例溪一带暴雨橙色预警，其余镇街暴雨黄色预警。", [ORANGE, YELLOW, ORANGE]),
        ("暴雨橙色预警：示例溪小流域。", None),
        ("示例溪和其余镇街暴雨橙色预警。", None),
    ],
)
def test_a_brook_gives_its_level_to_the_townships_it_touches(text: str, expected: list[Level] | None) -> None:
    """The township hears the highest of its own level and those of the places in it."""
    found = read_split(text, Hazard.RAINSTORM, COUNTY.townships, [BROOK])
    assert (found and [found[t.key] for t in COUNTY.townships]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "部分乡镇暴雨橙色预警，其余乡镇暴雨黄色预警。",
        "沿江一带暴雨橙色预警，其余镇街暴雨黄色预警。",
        "暴雨橙色预警：白马镇；暴雨黄色预警：江口镇。",
        "白马镇西部暴雨橙色预警，白马镇东部暴雨黄色预警，其余镇街暴雨黄色预警。",
        "白马镇暴雨橙色，其余镇街暴雨黄色、大风蓝色预警；江口镇和其余镇街暴雨橙色。",
        "白马镇暴雨橙色、红色预警，其余镇街暴雨黄色预警。",
        "白马镇解除暴雨橙色预警，其余镇街暴雨黄色预警。",
        "请注意防范。",
        "",
    ],
)
def test_what_leaves_one_township_open_is_not_clear(text: str) -> None:
    assert levels(text) is None


@given(st.text(alphabet="白马镇江口石桥乡其余部分暴雨大风红橙黄蓝色预警升降为发布解除，。：；、", max_size=60))
def test_no_text_makes_it_fail_and_a_clear_one_names_every_township(text: str) -> None:
    found = levels(text)
    assert found is None or len(found) == len(COUNTY.townships)


def says(text: str, level: Level | None = YELLOW, **more: Any) -> Alert:
    return make_alert(DAY, level, description=text, **more)


def test_one_level_for_all_is_given_to_every_area() -> None:
    """The usual message: nothing to split, nothing to doubt."""
    found = take(COUNTY, says("武隆区气象台发布暴雨黄色预警。"))
    assert found is not None
    assert set(found.levels) == found.areas
    assert (set(found.levels.values()), found.doubts, found.settled) == ({YELLOW}, (), False)


def test_a_clear_text_settles_the_levels_and_the_county_has_the_highest() -> None:
    found = take(COUNTY, says("白马镇暴雨橙色预警，其余镇街暴雨黄色预警。"))
    assert found is not None
    assert found.levels == {WEST.key: ORANGE, EAST.key: YELLOW, NORTH.key: YELLOW, COUNTY.key: ORANGE}
    assert (found.settled, found.doubts) == (True, ())


def test_an_unclear_text_puts_everybody_at_the_highest_level_and_asks() -> None:
    found = take(COUNTY, says("部分镇街暴雨橙色预警，其余镇街暴雨黄色预警。"))
    assert found is not None
    assert set(found.levels.values()) == {ORANGE}
    assert (found.settled, found.doubts) == (
        False, ("正文分乡镇分级，但分不清各乡镇的级别；已全部按橙色叫应，请人工核对。",),
    )  # fmt: skip


def test_of_two_infos_for_one_township_the_higher_level_counts() -> None:
    alert = says("", ORANGE, areas=[WEST.key])
    both = (Geocode(CodeSystem.STATS, "500156101"), Geocode(CodeSystem.STATS, "500156102"))
    lower = replace(alert.info, level=YELLOW, areas=(Area("", both),))
    found = take(COUNTY, replace(alert, infos=(alert.info, lower)))
    assert found is not None
    assert found.levels == {WEST.key: ORANGE, EAST.key: YELLOW, COUNTY.key: ORANGE}


def test_an_info_without_a_level_counts_as_the_highest_of_its_message() -> None:
    alert = says("", ORANGE, areas=[WEST.key])
    bare = replace(alert.info, level=None, areas=(Area("", (Geocode(CodeSystem.STATS, "500156102"),)),))
    found = take(COUNTY, replace(alert, infos=(alert.info, bare)))
    assert found is not None
    assert found.levels[EAST.key] is ORANGE


def test_without_any_level_or_hazard_there_is_nothing_to_split() -> None:
    """A human decides about the whole message anyway."""
    text = "白马镇暴雨橙色预警，其余镇街暴雨黄色预警。"
    nothing, unknown = take(COUNTY, says(text, None)), take(COUNTY, says(text, hazard=None))
    assert nothing is not None
    assert unknown is not None
    assert (nothing.levels, nothing.settled, unknown.settled) == ({}, False, False)


def test_what_lies_elsewhere_is_not_taken() -> None:
    assert take(COUNTY, says("", areas=["gb2260:500112"])) is None
