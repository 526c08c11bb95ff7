"""An office's roster file: every mistake named at once, people and posts keep their ids, and the same file back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from callout.domain.errors import RosterError
from callout.domain.instant import Instant
from callout.domain.roster import NumberKind, Post, Roster, Shift
from callout.domain.roster_change import diff
from callout.domain.rule import Rulebook
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample
from callout.rulebook.roster_file import RosterFile, read_roster
from callout.rulebook.roster_table import Column, read_table
from callout.rulebook.roster_writing import template, write_roster

BOOK: Rulebook = parse(read_files(Path(__file__).parents[2] / "rules"), "500156")
NOBODY = Roster("", "500156", (), ())
BAIMA, JIANGKOU = "stats:500156101", "stats:500156102"
HEADER = "乡镇,岗位,角色,姓名,号码,副职,上级岗位"
LEADER = "白马镇,示例书记,党政主要负责人,示例甲,+9990000001,,"
GRID = "白马镇,示例网格,网格员,示例乙,+9990000002,示例甲,示例书记"


def read(*lines: str, header: str = HEADER, base: Roster = NOBODY) -> RosterFile:
    return read_roster("\n".join([header, *lines]).encode(), BOOK, base, "v2")


def taken(*lines: str, header: str = HEADER, base: Roster = NOBODY) -> Roster:
    file = read(*lines, header=header, base=base)
    assert file.errors == ()
    assert file.roster is not None
    return file.roster


def errors(*lines: str, header: str = HEADER, base: Roster = NOBODY) -> list[str]:
    file = read(*lines, header=header, base=base)
    assert file.roster is None
    return [str(each) for each in file.errors]


def mends(*lines: str, header: str = HEADER) -> list[str]:
    return [str(each) for each in read(*lines, header=header).mends]


def test_posts_people_deputies_and_superiors_are_joined() -> None:
    roster = taken(LEADER, GRID)
    assert roster.posts == (
        Post(1, BAIMA, "党政主要负责人", "示例书记", 1),
        Post(2, BAIMA, "网格员", "示例网格", 2, deputy=1, superior=1),
    )
    assert [p.contacts[0].e164 for p in roster.responders] == ["+9990000001", "+9990000002"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_the_encodings_and_separators_of_offices(encoding: str, separator: str) -> None:
    text = "\r\n".join([HEADER, LEADER, GRID]).replace(",", separator)
    file = read_roster(text.encode(encoding), BOOK, NOBODY, "v")
    assert file.roster is not None
    assert len(file.roster.posts) == 2


def test_headers_may_be_english_or_of_another_office() -> None:
    assert taken(LEADER, header="township,title,role,name,phones,deputy,superior").posts
    assert taken(LEADER, header=" 乡镇（街道） ,岗位名称,角色,责任人,手机号码,B岗,上级").posts


def test_every_mistake_is_named_at_once_with_line_and_column() -> None:
    said = errors(
        "不存在镇,示例一,网格员,示例甲,12,,",
        LEADER,
        "白马镇,示例书记,党政主要负责人,示例丙,+9990000003,,",
        "白马镇,,网格员,示例丁,+9990000004,没有的人,没有的岗位",
        ",示例五,,空缺,+9990000005,,",
    )
    assert [each.partition("：")[0] for each in said] == [
        "第 2 行“乡镇”",
        "第 2 行“号码”",
        "第 4 行“岗位”",
        "第 5 行“岗位”",
        "第 6 行“角色”",
        "第 6 行“姓名”",
        "第 6 行“乡镇”",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("白马镇,示例,网格员,示例甲,,没有的人,", "没有“没有的人”这个人"),
        ("白马镇,示例,网格员,示例甲,,99,", "没有人员号 99"),
        ("白马镇,示例,网格员,示例甲,,,没有的岗位", "没有岗位“没有的岗位”"),
        ("白马镇,示例,网格员,示例甲,,,99", "没有岗位号 99"),
        ("白马镇,=1+1,网格员,示例甲,,,", "表格公式"),
        ("白马镇,示例,网格员,示例甲,,,,,多了", "多出"),
        (f"白马镇,{'长' * 501},网格员,示例甲,,,", "超过 500 字"),
        (",,,,,示例甲,", "没有岗位也没有姓名"),
        (",,,示例甲,,示例甲,", "却写了岗位号、副职或上级岗位"),
    ],
)
def test_what_is_wrong_is_said_with_the_mend(line: str, said: str) -> None:
    assert [said in each for each in errors(line)].count(True) == 1


def test_several_of_one_name_must_be_told_apart() -> None:
    twins = ("江口镇,示例一,网格员,示例甲,+9990000001,,", "鸭江镇,示例二,网格员,示例甲,+9990000002,,")
    assert len(taken(*twins).responders) == 2
    assert "几个“示例甲”" in errors(*twins, "白马镇,示例三,网格员,示例丙,,示例甲,")[0]
    assert "几个“示例岗”" in errors(*(t.replace("示例一", "示例岗").replace("示例二", "示例岗") for t in twins),
                                   "白马镇,示例三,网格员,示例丙,,,示例岗")[0]  # fmt: skip
    near = taken(*twins, "江口镇,示例三,网格员,示例丙,,示例甲,示例一")
    assert (near.posts[2].deputy, near.posts[2].superior) == (1, 1)


def test_one_person_written_in_two_ways_is_asked_about() -> None:
    other = "江口镇,示例二,网格员,示例甲,+9990000001、+9990000009,,"
    assert "与第 2 行同名" in errors(LEADER, other)[0]
    numbered = HEADER + ",人员号"
    assert "另一个姓名或另一组号码" in errors(f"{LEADER},7", f"{other},7", header=numbered)[0]
    assert len(taken(f"{LEADER},7", f"{other},8", header=numbered).responders) == 2


def test_one_person_may_hold_several_posts_and_none() -> None:
    roster = taken(LEADER, "江口镇,示例二,网格员,示例甲,+9990000001,,", ",,,示例替补,+9990000007,,")
    assert [p.holder for p in roster.posts] == [1, 1]
    assert [p.name for p in roster.responders] == ["示例甲", "示例替补"]


def test_a_deputy_may_be_named_by_the_post() -> None:
    assert taken(LEADER, GRID.replace(",示例甲,", ",示例书记,")).posts[1].deputy == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("白马镇,示例,网格员,示例甲,＋９９９００００００１,,", "全角数字或符号已改为半角：+9990000001"),
        ("白马镇,示例,网格员,示　例,,,", "去掉了名字里的空格：示例"),
        ("白马镇,示例,网格员,示例\u200b甲,,,", "看不见的字符"),
        ("白马,示例,网格员,示例甲,,,", "“白马”已按“白马镇”读"),
        ("白马镇,示例,村（社区）书记,示例甲,,,", "已改为规则里的写法“村(社区)书记”"),
        ("白马镇,示例,网格员,待定,,,", "按空缺处理"),
    ],
)
def test_what_is_mended_is_said(line: str, said: str) -> None:
    assert [said in each for each in mends(line)] == [True]


def test_a_column_that_is_not_known_is_said_to_be_left_out() -> None:
    assert mends(f"{LEADER},什么", header=HEADER + ",身高") == ["第 1 行“身高”：不认识这一列，没有读它"]


def test_numbers_of_both_columns_are_taken_once_and_decimals_cut() -> None:
    header = HEADER + ",固话,岗位号"
    file = read(f"{LEADER},+9990000009、+9990000001,12.0", header=header)
    assert file.roster is not None
    assert file.roster.posts[0].id == 12
    assert [(c.e164, c.kind) for c in file.roster.responders[0].contacts] == [
        ("+9990000001", NumberKind.MOBILE),
        ("+9990000009", NumberKind.LANDLINE),
    ]
    assert len(file.mends) == 2


CODES = "区县代码,乡镇,乡镇代码,编码体系,岗位,角色,姓名,号码"


@pytest.mark.parametrize(
    ("place", "area"),
    [
        ("500156,白马镇,500156101,统计局", BAIMA),
        (",,500156101000,stats", BAIMA),
        (",白马镇,,", BAIMA),
        ("500156,武隆区,,", "gb2260:500156"),
        (",,500156,国标", "gb2260:500156"),
    ],
)
def test_a_place_by_name_or_code(place: str, area: str) -> None:
    assert taken(f"{place},示例,网格员,示例甲,", header=CODES).posts[0].area == area


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("500157,白马镇,,", "本系统服务"),
        (",白马镇,500156102,统计局", "不是“白马镇”"),
        (",,500156999,统计局", "没有代码 500156999"),
        (",武隆区,500156101,", "不是武隆区的代码"),
        (",白马镇,500156101,省厅", "“省厅”不认识"),
        (",,500156102,", "请写统计局或民政部"),
    ],
)
def test_a_place_that_cannot_be(place: str, said: str) -> None:
    assert said in errors(f"{place},示例,网格员,示例甲,", header=CODES)[0]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04xlsx", "Excel"),
        (b"\xff\xff\xff\xff\xff", "编码认不出"),
        ("乡镇,岗位\n".encode(), "表头缺少：角色、姓名、号码"),
        ((HEADER + ",号码\n").encode(), "“号码”有两列"),
        ((HEADER + '\n"白马镇\n').encode(), "引号不成对"),
        (b"x" * (16 * 1024 * 1024 + 1), "不像名册"),
    ],
)
def test_what_is_no_table_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(RosterError, match=said):
        read_roster(raw, BOOK, NOBODY, "v")


def test_a_header_alone_is_no_roster_and_the_template_is_read_but_not_taken() -> None:
    assert errors() == ["第 1 行：只有表头，没有一行名册"]
    file = read_roster(template(BOOK.county), BOOK, NOBODY, "v")
    assert [each.text for each in file.mends] == ["模板里的示例行，没有读"] * 2
    assert [row[Column.NAME] for row in read_table(template(BOOK.county)).rows] == ["示例甲", "示例乙"]


def test_ids_stay_with_those_who_stay() -> None:
    base = taken(LEADER, GRID)
    fresh = "白马镇,示例新岗,网格员,示例新人,+9990000008,,"
    later = taken(fresh, GRID.replace("+9990000002", "+9990000007"), LEADER, base=base)
    assert {p.title: p.id for p in later.posts} == {"示例书记": 1, "示例网格": 2, "示例新岗": 3}
    assert {p.name: p.id for p in later.responders} == {"示例甲": 1, "示例乙": 2, "示例新人": 3}
    other = taken(LEADER, GRID.replace("示例乙", "示例丁"), base=base)
    assert [p.holder for p in other.posts] == [1, 3]


def test_shifts_go_on_for_those_who_stay() -> None:
    shifts = (Shift(1, 2, Instant(0), Instant(1)), Shift(2, 2, Instant(0), Instant(1)))
    base = replace(taken(LEADER, GRID), shifts=shifts)
    assert taken(LEADER, GRID, base=base).shifts == shifts
    less = read(LEADER, ",,,示例乙,+9990000002,,", base=base)
    assert less.roster is not None
    assert (less.roster.shifts, less.dropped) == (shifts[:1], 1)


def test_a_post_id_twice_is_a_mistake() -> None:
    header = HEADER + ",岗位号"
    assert "重复" in errors(f"{LEADER},5", f"{GRID},5", header=header)[0]
    assert "不是编号" in errors(f"{LEADER},五", header=header)[0]
    assert "不是编号" in errors(f"{LEADER},0", header=header)[0]


@pytest.mark.parametrize("people", [50, 400])
def test_a_sample_roster_comes_back_as_it_went(people: int) -> None:
    roster = roster_sample(BOOK.county, people, 5, BOOK)
    for base in (roster, NOBODY):
        file = read_roster(write_roster(roster, BOOK.county), BOOK, base, "v2")
        assert (file.errors, file.mends) == ((), ())
        assert file.roster is not None
        assert not diff(roster, file.roster)
        assert file.roster.shifts == base.shifts


def test_the_header_is_the_one_that_the_manual_shows() -> None:
    shown: Mapping[Column, str] = {column: column.value for column in Column}
    assert template(BOOK.county).decode("utf-8-sig").splitlines()[0] == ",".join(shown.values())
