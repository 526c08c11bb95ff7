"""值班表 as an office keeps it: brought in, swapped, handed over with a note, gaps found ahead of time."""

import io
import json
import sqlite3
from datetime import datetime, timedelta

from openpyxl import Workbook

from callout.domain.instant import BEIJING, instant
from tests.cli.office import OFFICER, Office

HEADER = "乡镇,岗位,角色,姓名,号码"
LINES = (
    "武隆区,示例值班室,区应急值班室,示例值班长,+9990000001",
    ",,,示例甲,+9990000002",
    ",,,示例乙,+9990000003",
    "白马镇,示例网格,网格员,示例丙,+9990000004",
)


def today() -> datetime:
    """Asked anew by each test: the tests may run over midnight."""
    return datetime.now(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)


def day(ahead: int) -> str:
    return f"{today() + timedelta(days=ahead):%Y-%m-%d}"


def bring(office: Office) -> None:
    file = office.home / "roster.csv"
    file.write_text("\n".join([HEADER, *LINES]), encoding="utf-8")
    assert office("roster", "import", str(file), "--apply", "--officer", OFFICER).code == 0


def plan(office: Office, *lines: str, header: str = "岗位,日期,班次,姓名") -> str:
    file = office.home / "shifts.csv"
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return str(file)


def week(office: Office) -> None:
    """From yesterday on, day by day, 示例甲 and 示例乙 in turn, eight to eight."""
    lines = [f"示例值班室,{day(ahead)},全天,{'示例甲' if ahead % 2 else '示例乙'}" for ahead in range(-1, 7)]
    said = office("shifts", "import", plan(office, *lines), "--apply", "--officer", OFFICER)
    assert said.code == 0, said.err


def shown(office: Office) -> list[tuple[int, int]]:
    """(responder, begins) of the shifts to come."""
    found = office("shifts", "show", "--days", "30", "--json").document["shifts"]
    return [(one["responder"], one["begins"]) for one in found]


def audit(office: Office, event: str) -> list[tuple[str, str]]:
    db = sqlite3.connect(office.database)
    try:
        return db.execute("SELECT actor, detail FROM audit WHERE event = ? ORDER BY id", (event,)).fetchall()
    finally:
        db.close()


def test_a_plan_comes_in_is_shown_and_is_on_record(office: Office) -> None:
    bring(office)
    lines = [f"示例值班室,{day(1)},白班,示例甲", f"示例值班室,{day(1)},夜班,示例乙"]
    seen = office("shifts", "import", plan(office, *lines))
    assert (seen.code, "以上只是预览" in seen.out) == (0, True)
    assert shown(office) == []
    assert "--officer" in office("shifts", "import", plan(office, *lines), "--apply").err
    week(office)
    assert len(shown(office)) in (7, 8)
    actor, detail = audit(office, "roster_version.loaded")[-1]
    assert (actor, json.loads(detail)["shifts"]) == (OFFICER, "import")
    assert "示例值班室" in office("shifts", "show").out
    assert "当班" in office("shifts", "show").out


def test_every_mistake_is_named_by_line_and_column_and_nothing_comes_in(office: Office) -> None:
    bring(office)
    file = plan(
        office,
        f"没有室,{day(1)},全天,示例甲",
        f"示例值班室,{day(1)},早班,示例甲",
        "示例值班室,2026-13-40,全天,示例甲",
        f"示例值班室,{day(2)},全天,示例戊",
        f"示例值班室,{day(3)},全天,示例甲",
        f"示例值班室,{day(3)},夜班,示例乙",
    )
    said = office("shifts", "import", file, "--apply", "--officer", OFFICER)
    assert said.code == 1
    for place in ("第 2 行“岗位”", "第 3 行“班次”", "第 4 行“日期”", "第 5 行“姓名”", "第 7 行“开始”"):
        assert place in said.err
    assert "重叠" in said.err
    assert shown(office) == []
    assert "找不到表头" in office("shifts", "import", plan(office, header="甲,乙")).err


def test_a_workbook_with_times_as_dates_is_read(office: Office) -> None:
    bring(office)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["值班表"])
    sheet.append(["岗位", "姓名", "开始时间", "结束时间"])
    begins = (today() + timedelta(days=1, hours=8)).replace(tzinfo=None)
    sheet.append(["示例值班室", "示例甲", begins, begins + timedelta(hours=12)])
    out = io.BytesIO()
    book.save(out)
    file = office.home / "shifts.xlsx"
    file.write_bytes(out.getvalue())
    assert office("shifts", "import", str(file), "--apply", "--officer", OFFICER).code == 0
    assert [begins for _, begins in shown(office)] == [instant(today() + timedelta(days=1, hours=8))]


def test_gaps_are_found_ahead_of_time(office: Office) -> None:
    bring(office)
    assert office("shifts", "gaps", "--days", "3").code == 1  # the desk has no shift at all
    week(office)
    assert office("shifts", "gaps", "--days", "3").code == 0
    said = office("shifts", "gaps", "--days", "20")
    assert (said.code, "将叫任职人 示例值班长" in said.out) == (1, True)


def test_two_shifts_are_swapped(office: Office) -> None:
    bring(office)
    week(office)
    before = {begins: person for person, begins in shown(office)}
    one, other = (instant(today() + timedelta(days=ahead, hours=8)) for ahead in (1, 2))
    said = office("shifts", "swap", "--post", "示例值班室", "--one", f"{day(1)} 09:00", "--other", f"{day(2)} 09:00",
                  "--officer", OFFICER)  # fmt: skip
    assert said.code == 0, said.err
    after = {begins: person for person, begins in shown(office)}
    assert (after[one], after[other]) == (before[other], before[one])
    said = office("shifts", "swap", "--post", "示例值班室", "--one", "明天", "--other", day(2), "--officer", OFFICER)
    assert "看不懂" in said.err


def test_a_shift_is_handed_over_with_a_note_that_can_be_erased(office: Office) -> None:
    bring(office)
    week(office)
    note = "白马镇两户还没转移完"
    said = office("shifts", "handover", "--post", "示例值班室", "--to", "示例丙", "--note", note, "--officer", OFFICER)
    assert said.code == 0, said.err
    assert f"交给 示例丙；{note}" in office("shifts", "show").out
    [(actor, detail)] = audit(office, "handover.handed_over")
    assert actor == OFFICER
    assert note not in detail
    running = office("shifts", "show", "--json").document["shifts"][0]
    names = {one["responder"] for one in office("shifts", "show", "--json").document["shifts"]}
    assert running["responder"] in names
    again = office("shifts", "handover", "--post", "示例值班室", "--to", "示例丙", "--note", note, "--officer", OFFICER)
    assert "不必交接" in again.err
    assert (
        "要写说明"
        in office(
            "shifts", "handover", "--post", "示例值班室", "--to", "示例甲", "--note", " ", "--officer", OFFICER
        ).err
    )
    assert "名册里没有" in office("shifts", "show", "--post", "没有").err


def test_the_roster_keeps_its_people_when_shifts_change_and_its_shifts_when_people_change(office: Office) -> None:
    bring(office)
    week(office)
    many = len(shown(office))
    bring(office)
    assert len(shown(office)) == many
    assert office("roster", "show", "--json").document["people"] == 4
