"""roster import, export, show, template as an office uses them, with and without a running engine."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.cli.office import OFFICER, STORM, Office, stop

HEADER = "乡镇,岗位,角色,姓名,号码,副职,上级岗位"
DESK = "武隆区,示例值班室,区应急值班室,示例值班员,+9990000001,,"
GRID = "白马镇,示例网格,网格员,示例乙,+9990000002,示例值班员,示例值班室"


def write(office: Office, *lines: str, name: str = "roster.csv") -> str:
    path = office.home / name
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return str(path)


def bring(office: Office, *lines: str) -> str:
    file = write(office, *lines)
    said = office("roster", "import", file, "--apply", "--officer", OFFICER)
    assert said.code == 0
    return said.out


def version(office: Office) -> str:
    return str(office("roster", "show", "--json").document["version"])


def audit(office: Office, event: str) -> list[tuple[str, str]]:
    db = sqlite3.connect(office.database)
    try:
        return db.execute("SELECT actor, detail FROM audit WHERE event = ? ORDER BY id", (event,)).fetchall()
    finally:
        db.close()


def test_without_apply_nothing_changes(office: Office) -> None:
    said = office("roster", "import", write(office, DESK, GRID))
    assert said.code == 0
    assert "以上只是预览，什么都没有改" in said.out
    assert not office.database.exists()
    bring(office, DESK)
    before, bytes_before = version(office), office.database.read_bytes()
    assert "新增岗位 1 个" in office("roster", "import", write(office, DESK, GRID)).out
    assert (version(office), office.database.read_bytes()) == (before, bytes_before)


def test_with_apply_the_roster_is_in_force_and_on_record(office: Office) -> None:
    bring(office, DESK)
    first = version(office)
    out = bring(office, DESK.replace("0001", "0009"), GRID)
    assert "改动人员 1 个" in out
    assert "号码 ****0001 → ****0009" in out
    assert version(office) != first
    _, (actor, detail) = audit(office, "roster_version.loaded")
    document = json.loads(detail)
    assert actor == OFFICER
    assert document["before"] == first
    assert document["posts"] == {"added": "2"}
    assert document["people"] == {"added": "2", "changed": "1"}
    assert len(document["sha256"]) == 64
    assert "示例" not in detail
    assert "+999" not in detail
    shown = office("roster", "show").out
    assert f"由{OFFICER}换上" in shown
    assert "2 个岗位，2 人" in shown


def test_one_mistake_keeps_the_whole_file_out(office: Office) -> None:
    bring(office, DESK)
    before = version(office)
    file = write(office, DESK, GRID.replace("白马镇", "白牛镇"), GRID.replace("+9990000002", "12"))
    for more in ((), ("--apply", "--officer", OFFICER)):
        said = office("roster", "import", file, *more)
        assert said.code == 1
        assert "第 3 行“乡镇”：武隆区没有“白牛镇”；相近的有：白马镇；请改正" in said.err
        assert "第 4 行“号码”" in said.err
    assert version(office) == before


def test_who_brings_it_in_must_be_named(office: Office) -> None:
    said = office("roster", "import", write(office, DESK), "--apply")
    assert (said.code, "--officer" in said.err) == (1, True)
    assert not office.database.exists()


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    bring(office, DESK, GRID)
    before = version(office)
    assert "没有差别" in bring(office, DESK, GRID)
    assert version(office) == before
    assert len(audit(office, "roster_version.loaded")) == 1


def test_what_is_exported_comes_back_without_a_difference_and_is_on_record(office: Office) -> None:
    office("roster", "sample", "--people", "60")
    file = office.home / "out.csv"
    assert office("roster", "export", str(file), "--officer", OFFICER).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [(actor, detail)] = audit(office, "roster.exported")
    assert (actor, json.loads(detail)["version"]) == (OFFICER, version(office))
    again = office("roster", "import", str(file), "--json").document
    assert (again["different"], again["errors"], again["shifts_dropped"]) == (False, [], 0)


def test_a_sample_that_was_edited_stays_a_sample_and_a_real_number_makes_it_real(office: Office) -> None:
    office("roster", "sample", "--people", "50")
    bring(office, DESK)
    assert office("roster", "sample", "--people", "50").code == 0
    bring(office, DESK.replace("+9990000001", f"139{'0' * 8}"))
    said = office("roster", "sample", "--people", "50")
    assert (said.code, "已有真实名册在用" in said.err) == (1, True)


def test_a_roster_without_a_desk_is_said_loudly_everywhere(office: Office) -> None:
    for command in (("import", write(office, GRID.replace("示例值班员,示例值班室", ","))),):
        assert "没有“区应急值班室”这个角色的岗位" in office("roster", *command).err
    bring(office, GRID.replace("示例值班员,示例值班室", ","))
    assert "没有打得通的“区应急值班室”" in office("status").err
    assert office("status", "--json").document["without_desk"]
    with office.serving() as engine:
        assert "没有打得通的“区应急值班室”" in stop(engine)
    bring(office, DESK, GRID)
    assert office("status", "--json").document["without_desk"] == []


def test_a_running_engine_takes_the_roster_and_gives_it_out(office: Office) -> None:
    bring(office, DESK)
    lines = [GRID.replace("示例网格", f"示例网格{n}").replace("示例乙", f"示例乙{n}") for n in range(300)]
    with office.serving():
        said = office("roster", "import", write(office, DESK, *lines), "--apply", "--officer", OFFICER, "--json")
        assert (said.code, said.document["applied"], said.document["posts"]) == (0, True, 301)
        assert office("roster", "export", str(office.home / "o.csv"), "--officer", OFFICER).code == 0
    assert version(office) == said.document["version"]


def test_without_a_roster_there_is_nothing_to_show_or_export(office: Office) -> None:
    assert "还没有数据库" in office("roster", "show").err
    assert "还没有名册可以导出" in office("roster", "export", "x.csv", "--officer", OFFICER).err
    assert "还没有名册" in office("roster", "show").err


def test_the_template_is_an_empty_roster(office: Office) -> None:
    assert office("roster", "template", "t.csv").code == 0
    assert Path("t.csv").read_text(encoding="utf-8-sig").count("示例，请删去这一行") == 2
    assert office("roster", "import", "t.csv").code == 1
    assert "写不进" in office("roster", "template", "nowhere/t.csv").err
    assert "区县代码" in office.process("roster", "template", "-").out


@pytest.mark.parametrize(("file", "said"), [("nowhere.csv", "没有文件"), (".", "读不出来")])
def test_a_file_that_cannot_be_read_is_named(office: Office, file: str, said: str) -> None:
    assert said in office("roster", "import", file).err


def test_what_fills_no_screen_is_counted(office: Office) -> None:
    lines = [f"白马镇,示例{n},网格员,示例{n},12,," for n in range(150)]
    said = office("roster", "import", write(office, *lines))
    assert "150 处" in said.err
    assert "另有 50 处（号码 50），用 --json 看全部" in said.err
    many = [f"白马镇,示例{n},网格员,示例{n},＋9990001{n:03d},," for n in range(30)]
    said = office("roster", "import", write(office, DESK, *many))
    assert "另有 22 处（号码 22）" in said.out
    assert "新增岗位 31 个，前 8 个：" in said.out


def test_postgresql_takes_a_roster_and_explains_by_it(
    office: Office, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", fresh_postgres.replace("postgresql://", "postgresql+psycopg://"))
    assert office("db", "upgrade").code == 0
    assert "已换上名册" in bring(office, DESK, GRID)
    assert "没有差别" in bring(office, DESK, GRID)
    said = office("explain", str(STORM / "03-orange.xml"), "--at", "sent")
    assert (said.code, "结论：立即叫 2 个岗位" in said.out) == (0, True)
