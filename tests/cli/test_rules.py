"""callout rules: what is wrong with a folder of rules, all of it at once, and the schemas for editors."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from callout.rulebook.schema import schemas
from tests.cli.office import Office

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample."""
    shutil.copytree(RULES, tmp_path / "rules")
    return tmp_path / "rules"


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_good_rules_are_good(office: Office) -> None:
    said = office("rules", "check")
    assert said.code == 0
    assert "规则可用" in said.out
    assert "26 个乡镇（街道）有方案" in said.out


def test_every_mistake_is_listed_with_file_line_key_and_mend(office: Office, folder: Path) -> None:
    spoil(folder / "industries/education.yaml", 'at: "22:00"', "at: 22:00")
    spoil(folder / "industries/education.yaml", "code: 停学", "code: 停课")
    spoil(folder / "industries/water.yaml", "ladder: orange", "ladder: oragne")
    spoil(folder / "townships/500156101-白马镇.yaml", "name: 白马镇}", "name: 白云乡}")
    spoil(folder / "county.yaml", "role: 区应急值班室", "role: 值班室")
    (folder / "towns.yaml").write_text("x: 1\n", encoding="utf-8")
    (folder / "industries/commerce.yaml").write_text("a: [\n", encoding="utf-8")
    said = office("rules", "check", str(folder))
    assert (said.code, said.out) == (1, "")
    lines = said.err.splitlines()
    for wanted in (
        "industries/education.yaml 第",
        "没有“停课”这个熔断类别；",
        "时刻没有加英文引号，被读成了数字 1320",
        "没有“oragne”这个叫应阶梯；相近的有：orange",
        "代码 500156101（stats）是白马镇，不是白云乡",
        "county.yaml 第",
        "towns.yaml：不认识的规则文件",
        "industries/commerce.yaml 第",
    ):
        assert any(wanted in line for line in lines), (wanted, lines)
    assert lines[-1] == "共 7 处错误，规则不能启用；改好后再检查一次"


def test_json_says_the_same(office: Office, folder: Path) -> None:
    spoil(folder / "industries/water.yaml", "ladder: orange", "ladder: oragne")
    said = office("rules", "check", str(folder), "--json")
    [problem] = said.document["problems"]
    assert (said.code, said.document["ok"]) == (1, False)
    assert (problem["file"], problem["key"]) == ("industries/water.yaml", "rules[4].calls[1].ladder")
    assert problem["line"] > 1
    good = office("rules", "check", "--json").document
    assert (good["ok"], good["problems"], good["townships"], good["without_plan"]) == (True, [], 26, [])


def test_a_township_without_a_plan_is_named_but_no_mistake(office: Office, folder: Path) -> None:
    (folder / "townships/500156101-白马镇.yaml").unlink()
    said = office("rules", "check", str(folder))
    assert said.code == 0
    assert "没有方案的乡镇（街道），预警涉及时转人工：白马镇" in said.out


@pytest.mark.parametrize(("missing", "left"), [("areas/500156.yaml", 1), ("ladders.yaml", 1), ("county.yaml", 1)])
def test_what_is_missing_is_named_once(office: Office, folder: Path, missing: str, left: int) -> None:
    (folder / missing).unlink()
    said = office("rules", "check", str(folder))
    assert said.code == 1
    assert said.err.splitlines()[0] == f"{missing}：缺少这个文件；请补上。"
    assert len(said.err.splitlines()) == left + 1


def test_a_foreign_encoding_and_a_missing_folder_are_named(office: Office, folder: Path) -> None:
    (folder / "county.yaml").write_bytes("岗位".encode("gbk"))
    assert "county.yaml：文件编码不是 UTF-8" in office("rules", "check", str(folder)).err
    assert "请核对路径" in office("rules", "check", "nowhere").err
    assert office("rules", "check", "--county", "500110").err.startswith("areas/500110.yaml：缺少这个文件")


def test_schemas_are_written_where_they_are_asked_for(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "a" / "schema"
    assert office("rules", "schema", "--out", str(out)).code == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()} == schemas()
    (tmp_path / "file").touch()
    assert "写不进" in office("rules", "schema", "--out", str(tmp_path / "file")).err


def test_the_sample_is_proved_and_the_files_are_written(office: Office, tmp_path: Path) -> None:
    page, book = tmp_path / "proof.html", tmp_path / "proof.xlsx"
    said = office("rules", "prove", "--sample", "300", "--html", str(page), "--xlsx", str(book), "--strict")
    assert said.code == 0, said.out
    assert "结论：该叫的岗位都叫得到；危急 0 项，严重 0 项，注意 0 项" in said.out
    assert "假设成立一次、不成立一次：同时生效：地质灾害黄色、橙色、红色" in said.out
    text = page.read_text(encoding="utf-8")
    assert "每一种会来的预警，该叫的岗位都叫得到" in text
    assert "src=" not in text
    assert "http" not in text
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["问题", "最少改动", "覆盖矩阵", "假设"]
    assert [cell.value for cell in sheets["覆盖矩阵"]["A"]][:2] == ["乡镇（街道）", "武隆区"]


@pytest.mark.long
def test_a_hole_in_the_rules_is_shown_with_its_mend_everywhere(office: Office, folder: Path, tmp_path: Path) -> None:
    (folder / "townships/500156101-白马镇.yaml").unlink()
    page, book = tmp_path / "proof.html", tmp_path / "proof.xlsx"
    said = office("rules", "prove", str(folder), "--sample", "300", "--html", str(page), "--xlsx", str(book))
    assert said.code == 1
    assert "危急  乡镇没有方案  白马镇" in said.out
    assert "改：在 rules/townships/ 里给白马镇写方案" in said.out
    assert "乡镇没有方案" in page.read_text(encoding="utf-8")
    assert [cell.value for cell in load_workbook(book)["问题"][2]][1:4] == ["危急", "乡镇没有方案", "白马镇"]
    document = office("rules", "prove", str(folder), "--sample", "300", "--json").document
    assert (document["ok"], document["findings"][0]["areas"]) == (False, ["白马镇"])
    assert document["smallest_change"][0]["mends"][0] == 1
    row = next(row for row in document["matrix"]["rows"] if row["area"] == "白马镇")
    assert {cell["worst"] for cell in row["cells"]} == {"危急"}


@pytest.mark.long
def test_the_roster_in_force_is_proved_on_its_database(office: Office) -> None:
    """The sample roster has vacancies and people without numbers, as in life: the proof finds exactly these."""
    office.staffed(500)
    said = office("rules", "prove", "--json")
    kinds = {one["kind"] for one in said.document["findings"]}
    assert (said.code, kinds) == (1, {"岗位空缺", "没有能用的号码", "同一号码被连叫过多"})
    shown = office("rules", "prove")
    assert "最少改这" in shown.out
    assert "给“示例·双河·网格员（268号岗）”定任职人" in shown.out


@pytest.mark.long
def test_a_file_that_is_not_in_force_yet_can_be_proved(office: Office, tmp_path: Path) -> None:
    office.staffed(300)
    file = tmp_path / "名册.csv"
    assert office("roster", "export", str(file), "--officer", "示例").code == 0
    assert office("rules", "prove", "--roster", str(file), "--json").document["people"] == 300
    file.write_text(file.read_text(encoding="utf-8-sig").replace("500156", "500157"), encoding="utf-8")
    said = office("rules", "prove", "--roster", str(file))
    assert said.code == 1
    assert "名册有" in said.err


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        ((), "用 --sample 500 只看规则和阶梯"),
        (("--sample", "3"), "合成名册至少 50 人"),
        (("--roster", "nowhere.csv"), "读不出来"),
        (("--sample", "300", "--html", "/nowhere/x.html"), "写不进"),
    ],
)
def test_what_cannot_be_proved_says_how(office: Office, arguments: tuple[str, ...], mend: str) -> None:
    said = office("rules", "prove", *arguments)
    assert said.code == 1
    assert mend in said.err


@pytest.mark.long
def test_numbers_that_are_known_to_be_dead_count_as_dead(office: Office) -> None:
    """The proof of the roster in force looks at what the engine knows of its numbers, not at the file alone."""
    office.staffed(300)
    with closing(sqlite3.connect(office.database)) as db, db:
        db.execute("UPDATE number SET dead = 1")
    found = office("rules", "prove", "--json").document["findings"]
    assert sum(one["kind"] == "一步也走不通" for one in found) == office("rules", "prove", "--json").document["posts"]
