"""The office's list of whom to move: every mistake at once, by line and column, or the whole list and nothing less."""

import pytest

from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE
from callout.domain.level import Hazard, Level
from callout.domain.relocation_plan import Lying, SiteKind
from callout.rulebook.reading import parse, read_files
from callout.rulebook.relocation_file import RelocationFile, read_relocation
from callout.rulebook.relocation_writing import template, write_relocation
from callout.rulebook.roster import roster_sample
from callout.settings import Settings

RULES = Settings().rules
BOOK = parse(read_files(RULES), "500156")
ROSTER = roster_sample(BOOK.county, 300, 1, BOOK, flaws=False)
HEAD = "类别,编号,名称,乡镇,人数,不能行走,危险区,关系,灾种,级别,限时,对接岗位,安置点,容量\n"
HOME = "养老机构,Z1,示例院,白马镇,69,55,示例溪,下游,暴雨、山洪,橙色,40分钟,分管领导,A1,\n"
SHELTER = "安置点,A1,示例校,白马镇,,,,,,,,,,300\n"


def read(text: str) -> RelocationFile:
    return read_relocation(text.encode(), BOOK.county, ROSTER, "v1")


def errors(text: str) -> list[str]:
    found = read(HEAD + text)
    assert found.plan is None
    return [str(one) for one in found.errors]


def test_a_list_is_read_whole() -> None:
    found = read(HEAD + HOME + SHELTER)
    assert found.errors == ()
    assert found.plan
    [site], [shelter] = found.plan.sites, found.plan.shelters
    assert (site.kind, site.people, site.immobile, site.lying) == (SiteKind.CARE_HOME, 69, 55, Lying.DOWNSTREAM)
    assert (site.hazards, site.level, site.within) == (
        (Hazard.RAINSTORM, Hazard.FLASH_FLOOD),
        Level.ORANGE,
        40 * MINUTE,
    )
    keeper = next(post for post in ROSTER.posts if post.id == site.keeper)
    assert (keeper.role, keeper.area) == ("分管领导", site.area)
    assert (shelter.id, shelter.capacity) == ("A1", 300)


def test_what_an_office_writes_is_understood() -> None:
    """Full-width digits, a spreadsheet's decimals, GB 18030, other headers, a post by its number."""
    text = HEAD.replace("对接岗位", "对接责任人").replace("不能行走", "失能人数") + HOME.replace(
        ",69,55,", ",６９人,55.0,"
    )
    text = text.replace("分管领导", "5") + SHELTER
    found = read_relocation(text.encode("gb18030"), BOOK.county, ROSTER, "v1")
    assert found.plan
    assert (found.plan.sites[0].people, found.plan.sites[0].immobile, found.plan.sites[0].keeper) == (69, 55, 5)


def test_every_mistake_is_named_at_once() -> None:
    said = errors(
        HOME.replace("白马镇", "白马县").replace("69", "很多").replace("橙色", "紫色")
        + HOME.replace(",分管领导,", ",没有这个岗,").replace("A1", "A7").replace("40分钟", "很快")
        + SHELTER.replace("300", "")
    )
    assert said == [
        "第 2 行“乡镇”：武隆区没有“白马县”；相近的有：白马镇；请写全称",
        "第 2 行“人数”：“很多”不是 0 到 100000 的整数",
        "第 2 行“人数”：空着或为 0；请写要转移多少人",
        "第 2 行“不能行走”：55 人多于总人数 0 人；请核对",
        "第 2 行“级别”：没有“紫色”这个级别；相近的有：黄色、蓝色、红色",
        "第 2 行“对接岗位”：名册里没有岗位“分管领导”；请改正，或先把它导入名册",
        "第 3 行“编号”：Z1 与第 2 行重复",
        "第 3 行“限时”：看不懂“很快”；请写成“40分钟”或“2小时”",
        "第 3 行“对接岗位”：名册里没有岗位“没有这个岗”；请改正，或先把它导入名册",
        "第 3 行“安置点”：没有编号为“A7”的安置点；相近的有：A1；请加一行或改正",
        "第 4 行“容量”：安置点要写能容多少人",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (HOME.replace(",示例溪,", ",,"), "写了“下游”，没有写是哪个危险区"),
        (HOME.replace("暴雨、山洪", "大暴雨"), "没有“大暴雨”这个灾种；相近的有：暴雨"),
        (HOME.replace("暴雨、山洪", ""), "因哪些灾种转移"),
        (HOME.replace("暴雨、山洪,橙色", "霜冻,红色"), "霜冻预警没有红色这一级"),
        (HOME.replace("示例院", ""), "请写名称或户主"),
        (HOME.replace("示例院", "=A1"), "像表格公式"),
        (HOME.replace("示例院", "院" * 201), "超过 200 字"),
        (HOME.replace("Z1", ""), "请写一个以后不变的编号"),
        (HOME.replace("养老机构", "养老"), "没有“养老”这个类别"),
        (HOME.replace(",分管领导,", ",网格员,"), "名册里有"),
        ("", "只有表头，没有一行"),
    ],
)
def test_each_mistake_has_its_mend(line: str, said: str) -> None:
    crowded = HEAD + line + (SHELTER if line else "")
    roster = roster_sample(BOOK.county, 2000, 1, BOOK, flaws=False)
    found = read_relocation(crowded.encode(), BOOK.county, roster, "v1")
    assert said in "".join(str(one) for one in found.errors)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "文件是空的"),
        ("类别,编号\n".encode(), "缺少：名称、乡镇、人数"),
        (HEAD.replace("类别", "类别,类别").encode(), "“类别”有两列"),
        (b"PK\x03\x04", "Excel"),
    ],
)
def test_what_is_no_list_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(CalloutError, match=said):
        read_relocation(raw, BOOK.county, ROSTER, "v1")


def test_the_template_holds_examples_that_are_not_read() -> None:
    found = read(template(BOOK.county).decode("utf-8-sig"))
    assert [one.text for one in found.skipped] == ["模板里的示例行，没有读"] * 2
    assert [one.text for one in found.errors] == ["只有表头，没有一行"]
    assert read(HEAD.replace("\n", ",心情\n") + HOME + SHELTER).skipped[0].column == "心情"


def test_what_is_written_is_read_back() -> None:
    sample = (RULES / "relocation-sample.csv").read_bytes()
    found = read_relocation(sample, BOOK.county, ROSTER, "v1")
    assert found.errors == ()
    assert found.plan
    again = read_relocation(write_relocation(found.plan, BOOK.county), BOOK.county, ROSTER, "v1")
    assert again.plan == found.plan
