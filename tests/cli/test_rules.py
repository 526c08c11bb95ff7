"""callout rules: what is wrong with a folder of rules, all of it at once, and the schemas for editors."""

import shutil
from pathlib import Path

import pytest

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
    assert "请换一个目录" in office("rules", "schema", "--out", str(tmp_path / "file")).err
