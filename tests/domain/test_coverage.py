import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.alert import Area, CodeSystem, Geocode, Info
from callout.domain.area import Abolished, County, Coverage, Locality, Township
from callout.domain.coverage import cover
from callout.domain.level import Hazard, Level

BAIMA = Township("白马镇", "500156101", "500156107")
CHANGBA = Township("长坝镇", "500156107", "500156106")
TONGZI = Township("桐梓镇", "500156109", "500156101")
HESHUN = Township("和顺镇", "500156111", "500156111")
SHIQIAO = Township("石桥苗族土家族乡", "500156202", None, ("石桥乡",))
ALL = (BAIMA, CHANGBA, TONGZI, HESHUN, SHIQIAO)
COUNTY = County("500156", "武隆区", ALL)
EVERYTHING = {township.key for township in ALL}
STATS, MCA, GB2260, UNDECLARED = CodeSystem.STATS, CodeSystem.MCA, CodeSystem.GB2260, CodeSystem.UNDECLARED


def info(*areas: Area) -> Info:
    return Info("暴雨", Hazard.RAINSTORM, Level.RED, areas)


def area(desc: str, *codes: tuple[CodeSystem, str]) -> Area:
    return Area(desc, tuple(Geocode(system, value) for system, value in codes))


def covered(*areas: Area) -> tuple[set[str], int] | None:
    """Names of what is covered and how many doubts there are."""
    found = cover(COUNTY, info(*areas))
    return None if found is None else ({t.name for t in ALL if t.key in found.areas}, len(found.doubts))


@pytest.mark.parametrize("code", ["5", "50", "500000", "5001", "500100", "500156", "500156000000", "50015600000000"])
def test_county_city_and_province_codes_cover_every_township(code: str) -> None:
    assert cover(COUNTY, info(area("", (GB2260, code)))) == Coverage("500156", frozenset(EVERYTHING | {COUNTY.key}))


@pytest.mark.parametrize("code", ["500155", "500200", "51", "410000000000", "500155101", "370614"])
def test_codes_from_elsewhere_are_out_of_scope_whatever_the_text_says(code: str) -> None:
    assert cover(COUNTY, info(area("武隆区白马镇", (GB2260, code)))) is None


def test_the_county_key_stands_beside_the_townships() -> None:
    found = cover(COUNTY, info(area("", (STATS, "500156101"))))
    assert found == Coverage("500156", frozenset({BAIMA.key, COUNTY.key}))


@pytest.mark.parametrize(
    ("system", "code", "desc", "names", "doubts"),
    [
        (STATS, "500156101", "", {"白马镇"}, 0),
        (MCA, "500156101", "", {"桐梓镇"}, 0),
        (STATS, "500156101012", "", {"白马镇"}, 0),
        (MCA, "500156101200", "", {"桐梓镇"}, 0),
        (STATS, "50015610101200", "", {"白马镇"}, 0),
        (UNDECLARED, "500156101", "白马镇", {"白马镇"}, 0),
        (UNDECLARED, "500156101", "重庆市武隆区桐梓镇", {"桐梓镇"}, 0),
        (UNDECLARED, "500156101", "", {"白马镇", "桐梓镇"}, 1),
        (UNDECLARED, "500156101200", "某村", {"白马镇", "桐梓镇"}, 1),
        (GB2260, "500156101", "", {"白马镇", "桐梓镇"}, 1),
        (UNDECLARED, "500156111", "", {"和顺镇"}, 0),
        (UNDECLARED, "500156106", "", {"长坝镇"}, 0),
        (UNDECLARED, "500156202", "石桥乡", {"石桥苗族土家族乡"}, 0),
        (UNDECLARED, "500156101", "和顺镇", {"白马镇", "桐梓镇", "和顺镇"}, 1),
        (STATS, "500156101", "桐梓镇", {"白马镇", "桐梓镇"}, 1),
        (MCA, "500156999", "白马镇", {"白马镇"}, 0),
        (UNDECLARED, "5001561", "巷口镇", {t.name for t in ALL}, 1),
    ],
)
def test_township_codes(system: CodeSystem, code: str, desc: str, names: set[str], doubts: int) -> None:
    assert covered(area(desc, (system, code))) == (names, doubts)


@pytest.mark.parametrize("comma", [",", "，", "、"])
def test_names_run_in_parallel_with_codes(comma: str) -> None:
    both = area(f"和顺镇{comma}桐梓镇", (UNDECLARED, "500156111"), (UNDECLARED, "500156101"))
    assert covered(both) == ({"和顺镇", "桐梓镇"}, 0)


def test_names_that_do_not_run_in_parallel_still_decide() -> None:
    assert covered(area("武隆区和顺镇及桐梓镇", (UNDECLARED, "500156111"), (UNDECLARED, "500156101"))) == (
        {"和顺镇", "桐梓镇"},
        0,
    )


def test_a_code_nobody_can_read_leaves_the_others_and_their_names_in_place() -> None:
    mixed = area("某地,桐梓镇", (UNDECLARED, "五〇〇"), (UNDECLARED, "500156101"))
    assert covered(mixed) == ({"桐梓镇"}, 0)
    assert covered(area("武隆区", (UNDECLARED, "n/a"))) == ({t.name for t in ALL}, 0)


def test_a_doubt_is_said_once_and_names_code_and_candidates() -> None:
    found = cover(COUNTY, info(area("", (UNDECLARED, "500156101")), area("", (UNDECLARED, "500156101"))))
    assert found is not None
    assert found.doubts == ("区划代码 500156101 未说明体系，可能是白马镇或桐梓镇；已都列入，请人工确认是哪一个。",)


@pytest.mark.parametrize(
    ("desc", "result"),
    [
        ("武隆区", ({t.name for t in ALL}, 0)),
        ("重庆武隆", ({t.name for t in ALL}, 0)),
        ("武隆区白马镇、石桥乡", ({"白马镇", "石桥苗族土家族乡"}, 0)),
        ("白马镇", ({"白马镇"}, 1)),
        ("重庆市白马镇", ({"白马镇"}, 1)),
        ("綦江区白马镇", None),
        ("綦江区白马镇、武隆区和顺镇", ({"和顺镇"}, 0)),
        ("重庆市", None),
        ("綦江区", None),
        ("", None),
    ],
)
def test_without_codes_names_decide(desc: str, result: tuple[set[str], int] | None) -> None:
    assert covered(area(desc)) == result


def test_a_county_with_a_short_name_is_not_cut_to_one_character() -> None:
    small = County("610725", "勉县", (Township("勉阳街道", "610725001", None),))
    assert cover(small, info(area("勉阳"))) is None
    assert cover(small, info(area("汉中市勉县"))) is not None


def test_areas_add_up_and_none_is_none() -> None:
    assert covered(area("綦江区", (GB2260, "500110")), area("", (STATS, "500156109"))) == ({"桐梓镇"}, 0)
    assert covered() is None


@given(st.sampled_from(list(CodeSystem)), st.text("0123456789 x", max_size=16), st.text("武隆区白马镇县,", max_size=9))
def test_whatever_comes_in_the_county_key_is_there_exactly_when_a_township_is(
    system: CodeSystem, code: str, desc: str
) -> None:
    found = cover(COUNTY, info(area(desc, (system, code))))
    assert found is None or (COUNTY.key in found.areas and found.areas & EVERYTHING)


@given(st.sampled_from(ALL), st.sampled_from([STATS, UNDECLARED]), st.booleans())
def test_cut_zeros_never_lose_a_township(township: Township, system: CodeSystem, cut: bool) -> None:
    code = f"{township.stats}000"
    found = cover(COUNTY, info(area("", (system, code.rstrip("0") if cut else code))))
    assert found is not None
    assert township.key in found.areas


def test_where_nobody_can_tell_the_area_the_alert_keeps_its_own_level() -> None:
    assert Coverage("500156", frozenset()).highest(Level.RED) is Level.RED


@pytest.mark.parametrize(
    ("system", "code", "said"),
    [
        (MCA, "500156109", "来文写明民政部代码；在统计局是桐梓镇，多半写错了体系"),
        (STATS, "500156106", "来文写明统计局代码；在民政部是长坝镇，多半写错了体系"),
    ],
)
def test_a_code_of_the_other_system_is_not_taken_for_its_township_but_named(
    system: CodeSystem, code: str, said: str
) -> None:
    """The whole county is covered and a human is asked: the code is never read in a system that was not declared."""
    found = cover(COUNTY, info(area("", (system, code))))
    assert found is not None
    assert found.areas == EVERYTHING | {COUNTY.key}
    [doubt] = found.doubts
    assert said in doubt


def test_a_code_of_neither_system_names_no_township() -> None:
    found = cover(COUNTY, info(area("", (MCA, "500156999"))))
    assert found is not None
    assert found.doubts == ("武隆区没有区划代码为 500156999 的乡镇（街道）；已按全区列入，请人工确认范围。",)


VILLAGES = (
    Locality("甲村", "村(社区)", frozenset({BAIMA.key}), "500156101201", "500156107201"),
    Locality("乙村", "村(社区)", frozenset({CHANGBA.key}), "500156107201", None),
    Locality("丙村", "村(社区)", frozenset({TONGZI.key}), None, "500156101202"),
)
GONE = (
    Abolished("旧镇", "500156110", "500156100", ("白马镇", "长坝镇"), "2018-06", "示例文件"),
    Abolished("老乡", None, "500156105"),
)
PEOPLED = County("500156", "武隆区", ALL, VILLAGES, abolished=GONE)


@pytest.mark.parametrize(
    ("system", "code", "desc", "names", "doubts"),
    [
        (STATS, "500156101201", "", {"白马镇"}, 0),
        (MCA, "500156107201", "", {"白马镇"}, 0),
        (STATS, "500156107201", "", {"长坝镇"}, 0),
        (UNDECLARED, "500156101201", "", {"白马镇"}, 0),
        (UNDECLARED, "500156101202", "", {"桐梓镇"}, 0),
        (UNDECLARED, "50015610120200", "", {"桐梓镇"}, 0),
        (UNDECLARED, "500156107201", "", {"白马镇", "长坝镇"}, 1),
        (UNDECLARED, "500156107201", "武隆区长坝镇", {"长坝镇"}, 0),
        (UNDECLARED, "500156101201", "武隆区和顺镇", {"白马镇", "和顺镇"}, 1),
        (STATS, "500156101299", "", {"白马镇"}, 0),
        (UNDECLARED, "500156101299", "", {"白马镇", "桐梓镇"}, 1),
    ],
)
def test_a_village_code_means_the_township_in_which_that_village_lies(
    system: CodeSystem, code: str, desc: str, names: set[str], doubts: int
) -> None:
    """One that nobody listed counts by its first nine digits, as before; two villages with one code are a doubt."""
    found = cover(PEOPLED, info(area(desc, (system, code))))
    assert found is not None
    assert {t.name for t in ALL if t.key in found.areas} == names
    assert len(found.doubts) == doubts


@pytest.mark.parametrize(
    ("system", "code", "desc", "names", "said"),
    [
        (STATS, "500156110", "", {"白马镇", "长坝镇"},
         "区划代码 500156110 是旧镇的，已于 2018-06 撤销，现多半是白马镇或长坝镇（示例文件）；已按白马镇或长坝镇列入"),
        (MCA, "500156100", "", {"白马镇", "长坝镇"}, "500156100 是旧镇的"),
        (UNDECLARED, "500156100203", "", {"白马镇", "长坝镇"}, "500156100 是旧镇的"),
        (UNDECLARED, "500156100", "旧镇和顺镇", {"白马镇", "长坝镇", "和顺镇"}, "已按白马镇或长坝镇或和顺镇列入"),
        (MCA, "500156105", "", {t.name for t in ALL}, "500156105 是老乡的，已撤销；已按全区列入"),
        (STATS, "500156105", "", {t.name for t in ALL}, "没有区划代码为 500156105 的乡镇"),
    ],
)  # fmt: skip
def test_the_code_of_an_abolished_township_is_a_doubt_with_the_likely_unit_named(
    system: CodeSystem, code: str, desc: str, names: set[str], said: str
) -> None:
    found = cover(PEOPLED, info(area(desc, (system, code))))
    assert found is not None
    assert {t.name for t in ALL if t.key in found.areas} == names
    [doubt] = found.doubts
    assert said in doubt
    assert doubt.endswith("请人工确认是哪一个。") or "请人工确认范围" in doubt
