"""The areas file: villages by their codes, abolished townships, codes of the wrong system found before the night."""

import pytest

from callout.domain.area import Abolished, County
from callout.rulebook.reading import examine, read_files
from tests.shape import ROOT

FILES = read_files(ROOT / "rules")
AREAS = "areas/500156.yaml"
HEAD = FILES[AREAS].partition("# 村（社区）")[0]
TAIL = """\
villages:
  - township: 白马镇
    stats: {"500156101201": 示例一村, "500156101202": 示例二村}
    mca: {"500156107201": 示例一村}
  - township: 江口镇
    stats: {"500156102201": 示例二村}
abolished:
  - {name: 示例老镇, stats: "500156150", mca: null, now: [白马镇, 江口镇], since: "2018-06", basis: 示例文件}
"""


def county(tail: str) -> County:
    book, mistakes = examine({**FILES, AREAS: HEAD + tail}, "500156")
    assert [str(one) for one in mistakes] == []
    assert book
    return book.county


def test_a_village_is_a_place_with_its_codes_and_two_of_a_name_are_called_with_their_township() -> None:
    found = county(TAIL)
    baima, jiangkou = (frozenset({t.key for t in found.townships if t.name == n}) for n in ("白马镇", "江口镇"))
    assert [(p.name, p.areas, p.stats, p.mca) for p in found.places if p.stats or p.mca] == [
        ("示例一村", baima, "500156101201", "500156107201"),
        ("白马镇示例二村", baima, "500156101202", None),
        ("江口镇示例二村", jiangkou, "500156102201", None),
    ]
    gone = Abolished("示例老镇", "500156150", None, ("白马镇", "江口镇"), "2018-06", "示例文件")
    assert found.abolished == (gone,)


def test_the_sample_has_its_villages_from_one_system_and_the_township_that_is_no_more() -> None:
    book, _ = examine(FILES, "500156")
    assert book
    villages = [place for place in book.county.places if place.stats]
    assert len(villages) == 214
    assert len({place.name for place in book.county.places}) == 216
    assert [(one.name, one.mca, one.now) for one in book.county.abolished] == [("巷口镇", "500156100", ("凤山街道",))]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('stats: {"500156101201"', 'stats: {"500156107299"',
         "示例一村的“500156107299”不在白马镇的统计局代码（500156101）之下；"
         "500156107 在统计局是长坝镇的，在民政部是白马镇的；请改正，或写到 mca"),
        ('"500156102201": 示例二村', '"500156999201": 示例二村', "之下；请改正"),
        ('"500156101201": 示例一村', '"50015610120": 示例一村', "村（社区）代码应为 12 位数字"),
        ('"500156101202": 示例二村', '"500156101202": 示例一村', "白马镇有 2 个示例一村；请改成不同的名称"),
        ("township: 江口镇", "township: 白马镇", "“白马镇”写了两次；请合成一条"),
        ("township: 江口镇", "township: 江口乡", "“江口乡”不在乡镇里；相近的有：江口镇"),
        ("示例二村}\n    mca", "示例溪}\n    mca", "“示例溪”已是 places 里的地点"),
        ("now: [白马镇", "now: [白马乡", "没有“白马乡”这个乡镇"),
        ('stats: "500156150"', 'stats: "500156101"', "“500156101”是白马镇在用的代码，不能又算撤销"),
        ('stats: "500156150"', 'stats: "500110150"', "“500110150”不在本区县（500156）之内"),
        ('stats: "500156150"', "stats: null", "“示例老镇”没有任何代码"),
        ('since: "2018-06"', 'since: "2018-13"', "abolished[1].since"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_the_system_that_is_meant(old: str, new: str, said: str) -> None:
    assert old in TAIL
    book, mistakes = examine({**FILES, AREAS: HEAD + TAIL.replace(old, new, 1)}, "500156")
    assert book is None
    assert any(AREAS in str(one) and said in str(one) for one in mistakes), [str(one) for one in mistakes]


def test_a_rule_can_name_a_village() -> None:
    rules = FILES["townships/500156101-白马镇.yaml"]
    asked = rules.replace("    hazard:", "    place: 示例一村\n    hazard:", 1)
    assert asked != rules
    files = {**FILES, AREAS: HEAD + TAIL, "townships/500156101-白马镇.yaml": asked}
    assert examine(files, "500156")[1] == []
    files["townships/500156101-白马镇.yaml"] = asked.replace("place: 示例一村", "place: 示例二村")
    [mistake] = examine(files, "500156")[1]
    assert "没有“示例二村”这个地点；相近的有：" in str(mistake)
    assert "白马镇示例二村" in str(mistake)
