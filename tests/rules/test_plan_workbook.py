"""The plan's workbook: it comes back as it went, and says where it is wrong."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from callout.domain.errors import RuleError
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rulebook.plan_reading import read_plan
from callout.rulebook.plan_writing import write_plan
from callout.rulebook.reading import examine, parse
from callout.rulebook.roster_file import read_roster
from callout.rulebook.workbook import read_workbook
from tests.rules.plans import rule_entries
from tests.rules.test_roster_round_trip import rosters
from tests.rules.workbooks import (
    AREAS,
    BAIMA,
    BESIDE,
    BOOK,
    COUNTY,
    FILES,
    NOBODY,
    SAMPLE,
    SMALL,
    WHOLE,
    edited,
    read,
)


def same(one: Rulebook | None, other: Rulebook) -> bool:
    return one is not None and replace(one, version="") == replace(other, version="")


def test_an_untouched_workbook_changes_no_file() -> None:
    plan = read_plan(read_workbook(WHOLE), FILES, COUNTY)
    assert plan.errors == ()
    assert plan.files == FILES
    assert plan.rulebook is not None
    assert plan.rulebook.version == BOOK.version


def test_the_workbook_alone_holds_the_whole_plan_and_the_roster() -> None:
    plan = read_plan(read_workbook(WHOLE), BESIDE, COUNTY)
    assert plan.errors == ()
    assert same(plan.rulebook, BOOK)
    assert {name: ladder.id for name, ladder in BOOK.ladders.items()} == (
        {name: ladder.id for name, ladder in plan.rulebook.ladders.items()} if plan.rulebook else {}
    )
    file = read_roster(plan.roster, BOOK, NOBODY, SAMPLE.version)
    assert file.errors == ()
    assert file.roster is not None
    assert (file.roster.posts, file.roster.responders) == (SAMPLE.posts, SAMPLE.responders)


@pytest.mark.long
@given(rules=st.lists(rule_entries(), min_size=1, max_size=3, unique_by=lambda e: e["id"]), roster=rosters())
@settings(max_examples=12, deadline=None)
def test_any_plan_and_any_roster_come_back(rules: list[dict[str, object]], roster: Roster) -> None:
    roles = ["网格员", "村(社区)书记"]
    text = json.dumps({"industry": "示例", "roles": roles, "spare": roles[:1], "rules": rules}, ensure_ascii=False)
    files = AREAS | {name: SMALL[name] for name in ("county.yaml", "ladders.yaml")} | {"industries/示例.yaml": text}
    book, mistakes = examine(files, COUNTY)
    assert book is not None, mistakes
    plan = read(write_plan(files, book, roster), AREAS)
    assert plan.errors == ()
    assert same(plan.rulebook, book)
    back = read_roster(plan.roster, book, NOBODY, "v1").roster
    assert back is not None
    assert (back.posts, back.responders) == (roster.posts, roster.responders)


def test_what_changes_changes_only_its_own_file() -> None:
    def change(book: Workbook) -> None:
        sheet = book["行业措施"]
        sheet.cell(2, [c.value for c in sheet[1]].index("措施") + 1).value = "看好学生。"

    plan = read(edited(change))
    assert plan.errors == ()
    assert [name for name in SMALL if plan.files[name] != SMALL[name]] == ["industries/education.yaml"]
    assert plan.rulebook is not None
    assert next(r for r in plan.rulebook.rules if r.id == "education/蓝色起").measure == "看好学生。"


def place(book: Workbook, sheet: str, row: int, column: str, value: str | None) -> None:
    head = next(
        at for at in range(1, 6) if "方案" in [c.value for c in book[sheet][at]] or sheet in ("责任人名册", "叫应阶梯")
    )
    at = [c.value for c in book[sheet][head]].index(column) + 1
    book[sheet].cell(row, at).value = value


MISTAKES: list[tuple[str, int, str, str | None, str]] = [
    ("行业措施", 2, "灾种", "大暴雨", "没有“大暴雨”这个灾种；相近的有：暴雨；请改正"),
    ("行业措施", 2, "级别", "紫色及以上", "没有“紫色”这个预警级别"),
    ("行业措施", 3, "叫谁", "区教委", "没有“区教委”这个岗位；相近的有：区教委值班室；请改正，或先在“方案”表"),
    ("行业措施", 3, "叫应阶梯", "超红", "没有“超红”这个叫应阶梯；可用的有：red、orange、yellow、blue、desk"),
    ("行业措施", 4, "叫应阶梯", None, "缺少“叫应阶梯”；请补上"),
    ("行业措施", 2, "方案", "educaton", "“方案”表里没有“educaton”这个行业方案"),
    ("行业措施", 2, "方案", BAIMA, f"“{BAIMA}”是乡镇方案，不写在这张表里"),
    ("行业措施", 7, "发布时段", "白天", "看不懂时段“白天”"),
    ("行业措施", 2, "编号", "a/b", "编号“a/b”不能含逗号、斜杠和空白"),
    ("行业措施", 2, "措施", "#REF!", "是表格软件算不出的 #REF!"),
    ("乡镇方案", 2, "叫谁", "值班员、值班员", "岗位“值班员”写了两次"),
    ("叫应阶梯", 3, "等多久", "一会儿", "看不懂等待时间“一会儿”"),
    ("叫应阶梯", 2, "严格程度", "很严", "应为整数"),
    ("叫应阶梯", 2, "对谁", None, "缺少“对谁”"),
    ("方案", 3, "类型", "学校", "“学校”不认识；请写区级、行业、乡镇之一"),
    ("方案", 4, "乡镇代码", "500156107", "500156107 在民政部是白马镇；白马镇的统计局代码是 500156101"),
    ("方案", 4, "编码体系", "民政部", "500156101 在统计局是白马镇，500156101 在民政部是桐梓镇"),
    ("方案", 4, "方案", "../evil", "不能作方案的名称"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "row", "column", "value", "said"), MISTAKES)
def test_a_mistake_is_named_by_sheet_row_and_column(
    sheet: str, row: int, column: str, value: str | None, said: str
) -> None:
    plan = read(edited(lambda book: place(book, sheet, row, column, value)))
    assert plan.rulebook is None
    found = [each for each in plan.errors if (each.sheet, each.line) == (sheet, row) and said in each.text]
    assert found, [str(each) for each in plan.errors]
    assert {column, "名称"} & {each.column for each in found}


def test_all_mistakes_are_named_at_once() -> None:
    kept = [one for one in MISTAKES if one[0] in ("乡镇方案", "叫应阶梯")] + [MISTAKES[0], MISTAKES[2]]

    def change(book: Workbook) -> None:
        for sheet, row, column, value, _ in kept:
            place(book, sheet, row, column, value)

    errors = read(edited(change)).errors
    assert {(e.sheet, e.line) for e in errors} >= {(sheet, row) for sheet, row, *_ in kept}
    assert str(errors[0]).startswith("“行业措施”表第 2 行“灾种”：")


def test_the_roster_alone_leaves_the_rules_alone() -> None:
    def change(book: Workbook) -> None:
        for name in book.sheetnames:
            if name != "责任人名册":
                del book[name]

    plan = read(edited(change))
    assert (plan.rules_read, plan.files, plan.errors) == (False, SMALL, ())
    assert plan.roster


def test_half_a_plan_is_refused_and_so_is_none() -> None:
    def half(book: Workbook) -> None:
        del book["叫应阶梯"]

    assert "缺少这些表：叫应阶梯" in read(edited(half)).errors[0].text
    nothing = Workbook()
    out = io.BytesIO()
    nothing.save(out)
    assert "没有方案的表" in read(out.getvalue()).errors[0].text


def test_a_sheet_without_its_header_says_what_is_wanted() -> None:
    def change(book: Workbook) -> None:
        book["行业措施"].delete_rows(1)

    assert any("找不到表头" in each.text for each in read(edited(change)).errors)


def test_a_missing_ladder_sheet_content_is_said() -> None:
    def change(book: Workbook) -> None:
        book["叫应阶梯"].delete_rows(2, 60)

    assert "一道阶梯也没有" in " ".join(each.text for each in read(edited(change)).errors)


def test_a_name_with_a_list_mark_is_refused_before_it_is_lost() -> None:
    files = SMALL | {
        "industries/education.yaml": SMALL["industries/education.yaml"].replace("区教委值班室", '"区教委、值班室"')
    }
    book = parse(files, COUNTY)
    with pytest.raises(RuleError, match="写不进工作簿的一格"):
        write_plan(files, book, NOBODY)
