"""relocation as an officer types it: the list in, checked, followed, let home; by hand and through an engine."""

from pathlib import Path

import pytest

from callout.cli.control import open_app
from callout.rulebook.roster import roster_sample
from callout.settings import Settings
from tests.cli.office import OFFICER, Office

SAMPLE = Settings().rules / "relocation-sample.csv"
WHO = ("--officer", OFFICER)


@pytest.fixture(scope="module")
def bare_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A roster in which everybody can be reached, as a database to copy."""
    home = tmp_path_factory.mktemp("office")
    settings = Settings(database_url=f"sqlite:///{home}/callout.sqlite3")
    app = open_app(settings, ())
    book = app.rulebooks.get(settings.county, app.store.read(lambda work: work.rosters.counties())[0].rulebook)
    app.use_roster(roster_sample(book.county, 300, 1, book, flaws=False), OFFICER)
    app.close()
    return (home / "callout.sqlite3").read_bytes()


@pytest.fixture
def peopled(office: Office, bare_database: bytes) -> Office:
    office.database.write_bytes(bare_database)
    return office


@pytest.fixture
def listed(peopled: Office) -> Office:
    """The sample list in force."""
    said = peopled("relocation", "import", str(SAMPLE), "--apply", *WHO)
    assert said.code == 0, said.err + said.out
    return peopled


def test_nothing_changes_before_apply_and_the_difference_is_shown(peopled: Office) -> None:
    said = peopled("relocation", "import", str(SAMPLE))
    assert "新增 8 处" in said.out
    assert "以上只是预览" in said.out
    assert "还没有转移台账" in peopled("relocation", "plan").err
    assert "--officer" in peopled("relocation", "import", str(SAMPLE), "--apply").err


def test_the_list_is_followed_until_a_human_lets_them_home(listed: Office) -> None:
    assert "5 处，257 人，3 个安置点" in listed("relocation", "plan").out
    assert listed("relocation", "demand", "示例Z001", "示例Z004", *WHO).code == 0
    shown = listed("relocation", "list").out
    assert "转移 2 处 2 户 73 人：已转 0 人，还在 73 人" in shown
    assert "0-示例Z001  养老机构 示例养老院  69 人（不能行走 55 人）  待转移" in shown
    assert listed("relocation", "moved", "0-示例Z001", "--people", "60", "--yes", *WHO).code == 0
    assert listed("relocation", "refused", "0-示例Z004", "--by", "示例网格员", "--yes", *WHO).code == 0
    document = listed("relocation", "list", "--json").document
    assert [(one["site"], one["state_zh"], one["left"]) for one in document["relocation"]] == [
        ("示例Z004", "拒绝", 4), ("示例Z001", "待转移", 9)
    ]  # fmt: skip
    assert document["total"]["moved_people"] == 60
    assert "示例A001 白马镇 示例中心校  容量 200  已有 60  待来 9" in listed("relocation", "shelters").out
    release = ("relocation", "release", "--area", "羊角街道", "--yes", *WHO)
    assert "写明决定人和职务" in listed(*release).err
    done = listed(*release, "--by", "示例区长", "--title", "副区长", "--check", "边坡已查")
    assert done.code == 0, done.err
    assert [one["site"] for one in listed("relocation", "list", "--json").document["relocation"]] == ["示例Z001"]
    again = listed("relocation", "list", "--state", "已允许返回", "--json").document["relocation"]
    assert [one["site"] for one in again] == ["示例Z004"]


@pytest.mark.long
def test_a_care_home_that_nobody_stands_for_makes_everything_red(peopled: Office, tmp_path: Path) -> None:
    """check, doctor and rules prove all say so, by exit code too, until it is mended."""
    assert "没有转移台账" in peopled("doctor").out
    file = tmp_path / "台账.csv"
    file.write_text(SAMPLE.read_text(encoding="utf-8").replace("分管领导,示例A001", ",示例A001"), encoding="utf-8")
    said = peopled("relocation", "import", str(file), "--apply", *WHO)
    assert said.code == 1
    assert (
        "[危急] 白马镇 养老机构示例Z001 示例养老院：没有对接责任人（69 人，其中 55 人不能行走，在示例溪下游）"
        in said.err
    )
    assert peopled("relocation", "check").code == 1
    assert peopled("doctor").code == 1
    found = peopled("rules", "prove", "--json").document["findings"]
    assert "转移对象没有对接责任人" in {one["kind"] for one in found}
    people = str(tmp_path / "名册.csv")
    assert peopled("roster", "export", people, *WHO).code == 0
    found = peopled("rules", "prove", "--roster", people, "--json").document["findings"]
    assert "转移对象没有对接责任人" in {one["kind"] for one in found}
    assert peopled("relocation", "import", str(SAMPLE), "--apply", *WHO).code == 0
    assert "改动" not in peopled("relocation", "check").out
    assert peopled("relocation", "check").code == 0
    assert "没有对接责任人" not in peopled("doctor").out + peopled("doctor").err


def test_mistakes_stop_everything(peopled: Office, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    file.write_text(SAMPLE.read_text(encoding="utf-8").replace("白马镇", "白马乡"), encoding="utf-8")
    said = peopled("relocation", "import", str(file), "--apply", *WHO)
    assert said.code == 1
    assert "有错，一行也没有导入" in said.err
    assert "第 2 行“乡镇”：武隆区没有“白马乡”" in said.err
    assert peopled("relocation", "check", str(file)).code == 1
    assert "没有文件" in peopled("relocation", "import", str(tmp_path / "nothing.csv")).err


def test_the_list_goes_out_and_comes_back_unchanged(listed: Office, tmp_path: Path) -> None:
    file = tmp_path / "导出.csv"
    assert listed("relocation", "export", str(file), *WHO).code == 0
    assert "没有差别" in listed("relocation", "import", str(file)).out
    assert listed("relocation", "template", str(tmp_path / "空表.csv")).code == 0
    assert listed("relocation", "plan", "--json").document["sites"][0]["id"] == "示例Z001"


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (("list", "--state", "睡着"), "没有“睡着”这种状态"),
        (("moved", *WHO), "请写编号"),
        (("moved", "9-示例", *WHO), "没有 9-示例 这个转移对象"),
        (("returned", "--area", "白马镇", *WHO), "没有符合条件"),
        (("demand", "没有", *WHO), "转移台账里没有 没有"),
        (("demand", "示例Z001", "--alert", "77", *WHO), "没有预警 77"),
    ],
)
def test_what_cannot_be_done_says_how(listed: Office, arguments: tuple[str, ...], mend: str) -> None:
    said = listed("relocation", *arguments)
    assert said.code == 1
    assert mend in said.err


@pytest.mark.long
def test_a_made_up_roster_is_proved_with_a_list_of_its_own(office: Office, tmp_path: Path) -> None:
    """Before there is a database: the sample list holds; without a place to go it blocks, and mistakes are named."""
    prove = ("rules", "prove", "--sample", "300", "--json", "--relocation")
    assert office(*prove, str(SAMPLE)).code == 0
    file = tmp_path / "台账.csv"
    file.write_text(SAMPLE.read_text(encoding="utf-8").replace("分管领导,示例A001", "分管领导,"), encoding="utf-8")
    said = office(*prove, str(file))
    assert (said.code, said.document["ok"], said.document["relocation"]) == (1, False, "台账.csv")
    assert ("危急", "转移对象没有去处") in {(one["danger"], one["kind"]) for one in said.document["findings"]}
    file.write_text("类别,编号\n", encoding="utf-8")
    assert "表头缺少" in office(*prove, str(file)).err
