"""The areas file and the county's own settings in the plan's workbook: all comes back, and mistakes have their cell."""

from collections.abc import Callable

import pytest
from openpyxl import Workbook

from callout.rulebook.document import load
from callout.rulebook.models import AreasFile
from callout.rulebook.plan_writing import write_plan
from callout.rulebook.reading import parse
from tests.rules.workbooks import AREAS, COUNTY, SAMPLE, SMALL, edited, read

NAME = "areas/500156.yaml"
PEOPLED = AREAS[NAME] + (
    "villages:\n"
    "  - township: 白马镇\n"
    '    stats: {"500156101201": 示例一村, "500156101202": 示例二村, "500156101203": 示例三村}\n'
    '    mca: {"500156107201": 示例一村, "500156107209": 示例九村}\n'
    '  - {township: 江口镇, stats: {"500156102201": 示例二村}}\n'
    "abolished:\n"
    '  - {name: 示例老镇, mca: "500156150", now: [白马镇, 江口镇], since: "2018", basis: 示例文件，第一条}\n'
)
FILES = SMALL | {NAME: PEOPLED}
RAW = write_plan(FILES, parse(FILES, COUNTY), SAMPLE)


def areas(text: str) -> AreasFile:
    return AreasFile.model_validate(load(NAME, text).data)


def cell(sheet: str, row: int, column: str, value: str | int | None) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        head = [each.value for each in book[sheet][1]]
        book[sheet].cell(row, head.index(column) + 1).value = value

    return change


def test_areas_come_back_from_the_workbook_alone() -> None:
    """Aliases, places, villages with both codes, two of one name in the county, what is no more."""
    plan = read(RAW, AREAS)
    assert plan.errors == ()
    assert areas(plan.files[NAME]) == areas(PEOPLED)
    assert read(RAW, FILES).files == FILES, "and where nothing changed, the file with its comments stays"


def test_a_code_that_a_spreadsheet_made_a_number_is_the_same_code() -> None:
    changed = edited(cell("村（社区）", 2, "统计局代码", 500156101201), RAW)
    assert read(changed, FILES).files == FILES


def test_one_change_changes_the_areas_file_alone() -> None:
    plan = read(edited(cell("乡镇", 6, "短名", "白马、老白马"), RAW), FILES)
    assert plan.errors == ()
    assert [name for name in FILES if plan.files[name] != FILES[name]] == [NAME]
    assert areas(plan.files[NAME]).townships[4].alias == ["白马", "老白马"]


Mistake = tuple[str, int, str, str | None, str]
SHAPES: list[Mistake] = [
    ("村（社区）", 2, "民政部代码", "50015610720", "村（社区）代码应为 12 位数字"),
    ("乡镇", 6, "统计局代码", "50015610", "乡镇代码应为 9 位数字"),
    ("地点", 2, "地点类别", "小溪", "没有“小溪”这个地点类别"),
]
SENSES: list[Mistake] = [
    ("村（社区）", 2, "统计局代码", "500156107201", "在民政部是白马镇的；请改正，或写到“民政部代码”"),
    ("村（社区）", 6, "所在乡镇", "江口乡", "“江口乡”不在乡镇里"),
    ("乡镇", 7, "统计局代码", "500156101", "“500156101”与前面的乡镇重复"),
    ("地点", 2, "所在乡镇", "白马乡", "没有“白马乡”这个乡镇；相近的有：白马镇、白云乡；请写“乡镇”表里的全称"),
    ("撤销乡镇", 2, "民政部代码", None, "“示例老镇”没有任何代码；请至少写一个代码"),
]


@pytest.mark.parametrize("mistakes", [SHAPES, SENSES], ids=["shape", "sense"])
def test_a_mistake_has_its_cell(mistakes: list[Mistake]) -> None:
    def change(book: Workbook) -> None:
        for one in mistakes:
            cell(*one[:4])(book)

    plan = read(edited(change, RAW), FILES)
    assert plan.rulebook is None
    for sheet, row, column, _, said in mistakes:
        found = [each for each in plan.errors if (each.sheet, each.line) == (sheet, row) and said in each.text]
        assert found, (said, [str(each) for each in plan.errors])
        assert {column, "名称"} & {each.column for each in found}


def test_without_its_sheets_the_areas_stay_and_half_of_them_are_refused() -> None:
    def drop(*sheets: str) -> Callable[[Workbook], None]:
        def change(book: Workbook) -> None:
            for sheet in sheets:
                del book[sheet]

        return change

    assert read(edited(drop("乡镇", "地点", "村（社区）", "撤销乡镇"), RAW), FILES).files == FILES
    [wrong] = read(edited(drop("村（社区）"), RAW), FILES).errors
    assert "工作簿缺少这些表：村（社区）；不动区划" in wrong.text

    def empty(book: Workbook) -> None:
        book["乡镇"].delete_rows(2, 100)

    assert any("一个乡镇也没有" in one.text for one in read(edited(empty, RAW), FILES).errors)


def test_what_must_be_confirmed_first_and_the_office_are_not_lost() -> None:
    """They stood in county.yaml and in no sheet: an import would have made red go out unconfirmed."""
    county = SMALL["county.yaml"] + "confirm: {orange: 3分钟, red: 90秒}\noffice: 示例应急局\n"
    files = SMALL | {"county.yaml": county.replace("90秒", "2分钟")}
    plan = read(write_plan(files, parse(files, COUNTY), SAMPLE), SMALL)
    assert plan.errors == ()
    assert plan.rulebook is not None
    before = parse(files, COUNTY).county
    assert (plan.rulebook.county.confirm, plan.rulebook.county.office) == (before.confirm, before.office)
    assert before.office == "示例应急局"
    assert len(before.confirm) == 2
