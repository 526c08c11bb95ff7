"""What offices and their programs do to the cells of a workbook."""

import io
import os
import shutil
import subprocess
from datetime import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from callout.domain.errors import RosterError
from callout.rulebook.roster_file import read_roster
from callout.rulebook.roster_sheet import plain_roster
from callout.rulebook.workbook import read_workbook
from tests.rules.workbooks import (
    BOOK,
    NOBODY,
    SAMPLE,
    SMALL,
    SMALL_BOOK,
    SMALL_RAW,
    edited,
    read,
)


def as_offices_do(book: Workbook) -> None:
    """Titles above headers, blank lines, merged cells, full width, numbers and times where words were."""
    rules, ladders, roster, plans = (book[name] for name in ("行业措施", "叫应阶梯", "责任人名册", "方案"))
    for sheet in (rules, roster):
        sheet.insert_rows(1, 2)
        sheet.cell(1, 1).value = "武隆区预警叫应表（2026 年汛期）"
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=8)
    names = [cell.value for cell in rules[3]]
    last = next(r for r in range(4, 40) if rules.cell(r, names.index("到点触发") + 1).value)
    rules.cell(last, names.index("到点触发") + 1).value = time(22, 0)
    rules.cell(last, names.index("到点触发") + 1).number_format = "h:mm"
    issued = next(r for r in range(4, 40) if rules.cell(r, names.index("发布时段") + 1).value)
    rules.cell(issued, names.index("发布时段") + 1).value = "６：００－２２：００"
    rules.insert_rows(last + 1)  # a blank line is nothing
    for row in (3, 4, 5, 6):
        assert ladders.cell(row, 1).value is None
    ladders.merge_cells(start_row=2, start_column=1, end_row=6, end_column=1)
    for row in range(2, 7):
        ladders.cell(row, [c.value for c in ladders[1]].index("第几个号码") + 1).value = int(
            str(ladders.cell(row, [c.value for c in ladders[1]].index("第几个号码") + 1).value)
        )
    plans.cell(4, [c.value for c in plans[1]].index("乡镇代码") + 1).value = 500156101
    book["乡镇"].cell(6, 3).value = 500156101
    heads = [cell.value for cell in roster[3]]
    roster.cell(4, heads.index("岗位号") + 1).value = float(str(roster.cell(4, heads.index("岗位号") + 1).value))
    person = roster.cell(5, heads.index("人员号") + 1)
    person.value = "".join(chr(ord(digit) + 0xFEE0) for digit in str(person.value))


def mixed(book: Workbook) -> None:
    """Codes of 民政部 where 统计局's must stand, as numbers: 白马镇 in the plans, 桐梓镇 in the areas."""
    plans, towns = book["方案"], book["乡镇"]
    plans.cell(4, [c.value for c in plans[1]].index("乡镇代码") + 1).value = 500156107
    at = next(row for row in range(2, 40) if towns.cell(row, 1).value == "桐梓镇")
    towns.cell(at, 3).value = 500156101


def test_what_offices_do_to_cells_changes_nothing() -> None:
    plan = read(edited(as_offices_do))
    assert [str(each) for each in plan.errors] == []
    assert plan.files == SMALL
    back = read_roster(plan.roster, SMALL_BOOK, SAMPLE, "v").roster
    assert back is not None
    assert (back.posts, back.responders) == (SAMPLE.posts, SAMPLE.responders)


def phones(book: Workbook) -> None:
    sheet = book["责任人名册"]
    heads = [cell.value for cell in sheet[1]]
    at = heads.index("号码") + 1
    sheet.cell(2, at).value = float("139" + "0" * 8)
    sheet.cell(2, at).number_format = "General"
    sheet.cell(3, at).value = "１３９" + "０" * 7 + "１"


def test_a_number_kept_as_a_number_is_the_same_number() -> None:
    back = read_roster(read(edited(phones)).roster, SMALL_BOOK, NOBODY, "v")
    holders = {person.id: person for person in back.roster.responders} if back.roster else {}
    posts = back.roster.posts if back.roster else ()
    first = [holders[post.holder or 0].contacts[0].e164 for post in posts[:2]]
    assert first == ["+86139" + "0" * 8, "+86139" + "0" * 7 + "1"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@pytest.mark.long
def test_a_workbook_saved_by_libreoffice_is_the_same_plan(kind: str, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (libreoffice-calc)")
    given_files = {tmp_path / "plan.ods.xlsx": as_offices_do, tmp_path / "wrong.ods.xlsx": mixed}
    for file, change in given_files.items():
        file.write_bytes(edited(change))
    subprocess.run(
        [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind,
         "--outdir", str(tmp_path / "out"), *map(str, given_files)],
        check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    saved, wrong = sorted((tmp_path / "out").iterdir())
    assert (saved.suffix, wrong.name) == (f".{kind}", f"wrong.ods.{kind}")
    errors = [str(each) for each in read(wrong.read_bytes()).errors]
    assert any(each.startswith("“乡镇”表第 12 行“统计局代码”：“500156101”与前面的乡镇重复") for each in errors), errors
    plans = [each for each in errors if each.startswith("“方案”表第 4 行")]
    assert any("白马镇的统计局代码是 500156101" in each for each in plans), errors
    raw = saved.read_bytes()
    plan = read(raw)
    assert [str(each) for each in plan.errors] == []
    assert plan.files == SMALL
    back = read_roster(plain_roster(raw), SMALL_BOOK, SAMPLE, "v").roster
    assert back is not None
    assert (back.posts, back.responders) == (SAMPLE.posts, SAMPLE.responders)


@pytest.mark.parametrize("raw", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0broken", b"PK\x03\x04" + bytes(64)])
def test_a_broken_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(RosterError, match="另存为"):
        read_workbook(raw)


def roster_book(*names: str) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name in names:
        sheet = book.create_sheet(name)
        sheet.append(["武隆区责任人名册"])
        sheet.append(["乡镇", "岗位", "角色", "姓名", "手机号码"])
        sheet.append(["白马镇", "示例网格", "网格员", "示例甲", "+9990000001"])
        sheet.append(["白牛镇", "示例网格二", "网格员", "示例乙", "+9990000002"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_roster_in_a_workbook_is_read_with_the_rows_that_the_office_sees() -> None:
    found = read_roster(plain_roster(roster_book("Sheet1")), BOOK, NOBODY, "v")
    assert [(e.line, e.column) for e in found.errors] == [(4, "乡镇")]


def test_two_sheets_that_could_be_the_roster_are_refused_unless_one_is_named() -> None:
    with pytest.raises(RosterError, match="都像名册：甲、乙"):
        plain_roster(roster_book("甲", "乙"))
    assert plain_roster(roster_book("甲", "责任人名册"))


def test_progress_is_told_to_the_last_row() -> None:
    said: list[tuple[str, int, int]] = []
    read_workbook(SMALL_RAW, lambda *words: said.append(words))
    done = {sheet: (at, rows) for sheet, at, rows in said}
    assert done["责任人名册"][0] == done["责任人名册"][1] > 60
