"""plan export and import as an office uses them."""

import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.office import OFFICER, Office

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def own_rules(office: Office, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office's own copy of the rules, as one that changes its plans keeps it; two plans, to be quick."""
    folder = office.home / "rules"
    for name in ("areas", "county.yaml", "ladders.yaml"):
        (shutil.copytree if (RULES / name).is_dir() else shutil.copy)(RULES / name, _made(folder / name))
    shutil.copy(RULES / "industries" / "education.yaml", _made(folder / "industries" / "education.yaml"))
    baima = "500156101-白马镇.yaml"
    shutil.copy(RULES / "townships" / baima, _made(folder / "townships" / baima))
    monkeypatch.setenv("CALLOUT_RULES", str(folder))
    return folder


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def export(office: Office) -> Path:
    file = office.home / "plan.xlsx"
    said = office("plan", "export", "--xlsx", str(file), "--officer", OFFICER)
    assert said.code == 0, said.err
    return file


def edit(file: Path, sheet: str, row: int, column: str, value: str) -> None:
    book = load_workbook(file)
    at = [cell.value for cell in book[sheet][1]].index(column) + 1
    book[sheet].cell(row, at).value = value
    book.save(file)


def audit(office: Office, event: str) -> list[tuple[str, str]]:
    db = sqlite3.connect(office.database)
    try:
        return db.execute("SELECT actor, detail FROM audit WHERE event = ? ORDER BY id", (event,)).fetchall()
    finally:
        db.close()


@pytest.mark.long
def test_a_plan_goes_out_and_comes_back_changed(
    office: Office, own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office("roster", "sample", "--people", "60").code == 0
    file = export(office)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    [(actor, detail)] = audit(office, "plan.exported")
    assert (actor, sorted(json.loads(detail))) == (OFFICER, ["roster", "rulebook"])
    assert "没有差别" in office("plan", "import", str(file)).out

    edit(file, "行业措施", 2, "叫谁", "区教委值班室、学校安全责任人")
    edit(file, "责任人名册", 2, "姓名", "示例新人")
    before = (own_rules / "industries" / "education.yaml").read_text(encoding="utf-8")
    seen = office("plan", "import", str(file))
    assert seen.code == 0
    assert "education/蓝色起：叫谁" in seen.out
    assert "新叫" in seen.out
    assert "的学校安全责任人（" in seen.out
    assert "暴雨蓝色" in seen.out
    assert "改动人员 1 个" in seen.out
    assert "以上只是预览" in seen.out
    assert (own_rules / "industries" / "education.yaml").read_text(encoding="utf-8") == before

    monkeypatch.delenv("CALLOUT_RULES")
    said = office("plan", "import", str(file), "--apply", "--officer", OFFICER)
    assert (said.code, "随程序带的示例" in said.err) == (1, True)
    monkeypatch.setenv("CALLOUT_RULES", str(own_rules))

    said = office("plan", "import", str(file), "--apply", "--officer", OFFICER)
    assert (said.code, "已换上方案" in said.out, "已换上名册" in said.out) == (0, True, True)
    assert (own_rules / "industries" / "education.yaml").read_text(encoding="utf-8") != before
    actor, detail = audit(office, "rulebook_version.loaded")[-1]
    document = json.loads(detail)
    assert (actor, document["changed"], len(document["sha256"])) == (OFFICER, ["education/蓝色起"], 64)
    assert audit(office, "roster_version.loaded")[-1][0] == OFFICER
    assert "没有差别" in office("plan", "import", str(file)).out
    assert not list(own_rules.rglob("*.part"))


@pytest.mark.usefixtures("own_rules")
def test_every_version_is_kept_with_who_brought_it_in_and_two_can_be_compared(office: Office) -> None:
    assert office("roster", "sample", "--people", "60").code == 0
    file = export(office)
    edit(file, "行业措施", 2, "叫谁", "区教委值班室、学校安全责任人")
    edit(file, "责任人名册", 2, "姓名", "示例新人")
    assert office("plan", "import", str(file), "--apply", "--officer", OFFICER).code == 0
    plans, rosters = (office(noun, "versions", "--json").document for noun in ("plan", "roster"))
    assert [(one["loaded_by"], one["in_force"]) for one in plans] == [(OFFICER, True), ("engine", False)]
    assert [(one["loaded_by"], one["in_force"]) for one in rosters] == [(OFFICER, True), ("合成名册", False)]
    old = plans[1]["name"][:8]
    assert "education/蓝色起：叫谁" in office("plan", "versions", old).out
    assert "没有差别" in office("plan", "versions", old, old).out
    assert "改动人员 1 个" in office("roster", "versions", rosters[1]["name"]).out
    assert "没有差别" in office("roster", "versions", rosters[1]["name"], rosters[1]["name"]).out
    assert "现用" in office("plan", "versions").out
    assert OFFICER in office("roster", "versions").out
    assert office("plan", "versions", "没有").code == 1


@pytest.mark.usefixtures("own_rules")
def test_one_mistake_keeps_plan_and_roster_out(office: Office) -> None:
    assert office("roster", "sample", "--people", "60").code == 0
    file = export(office)
    edit(file, "乡镇方案", 2, "灾种", "大暴雨")
    edit(file, "责任人名册", 2, "号码", "12")
    for more in ((), ("--apply", "--officer", OFFICER)):
        said = office("plan", "import", str(file), *more)
        assert said.code == 1
        assert "“乡镇方案”表第 2 行“灾种”：没有“大暴雨”这个灾种" in said.err
        assert "“责任人名册”表第 2 行“号码”" in said.err
    assert len(audit(office, "rulebook_version.loaded")) == 1
    assert len(audit(office, "roster_version.loaded")) == 1


def test_rules_that_somebody_has_changed_by_hand_are_not_overwritten(office: Office, own_rules: Path) -> None:
    assert office("roster", "sample", "--people", "60").code == 0
    file = export(office)
    edit(file, "行业措施", 2, "措施", "看好学生。")
    ladders = own_rules / "ladders.yaml"
    ladders.write_text(ladders.read_text(encoding="utf-8") + "# 改过\n", encoding="utf-8")
    said = office("plan", "import", str(file), "--apply", "--officer", OFFICER)
    assert (said.code, "与现用规则不同" in said.err) == (1, True)
    assert len(audit(office, "rulebook_version.loaded")) == 1


def test_names_and_numbers_leave_only_with_a_name(office: Office, own_rules: Path) -> None:
    assert own_rules.is_dir()
    assert office("roster", "sample", "--people", "60").code == 0
    file = office.home / "plan.xlsx"
    said = office("plan", "export", "--xlsx", str(file))
    assert (said.code, "--officer" in said.err, file.exists()) == (1, True, False)
    assert office("plan", "export", "--xlsx", str(file), "--without-roster").code == 0
    assert "示例" not in str([c.value for c in load_workbook(file)["责任人名册"]["I"]][1:])


def test_a_csv_is_no_plan(office: Office, own_rules: Path) -> None:
    file = own_rules.parent / "roster.csv"
    file.write_text("乡镇,岗位\n", encoding="utf-8")
    assert "callout roster import" in office("plan", "import", str(file)).err
    assert "--officer" in office("plan", "import", str(file), "--apply").err


@pytest.mark.long
def test_a_roster_comes_in_as_a_workbook(office: Office) -> None:
    assert office("roster", "sample", "--people", "60").code == 0
    file = export(office)
    seen = office("roster", "import", str(file), "--json").document
    assert (seen["different"], seen["errors"]) == (False, [])
    edit(file, "责任人名册", 3, "姓名", "示例新人")
    said = office("roster", "import", str(file), "--apply", "--officer", OFFICER, "--json").document
    assert said["applied"]
    assert json.loads(audit(office, "roster_version.loaded")[-1][1])["sha256"] == said["sha256"]
