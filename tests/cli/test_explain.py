"""explain as a duty officer uses it: nothing written, nothing sent, and an exit code that says what to do."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.office import OFFICER, STORM, Office

ORANGE, BLUE = str(STORM / "03-orange.xml"), str(STORM / "01-blue.xml")
AT_ISSUE = ("--at", "sent")
LISTINGS = Path(__file__).parents[1] / "sources" / "documents"


@pytest.fixture
def staffed(office: Office) -> Office:
    return office.staffed(60)


def files(office: Office) -> dict[str, str]:
    """Every file of the office but those in which SQLite counts its readers."""
    return {
        str(path.relative_to(office.home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in office.home.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


def rows(office: Office) -> dict[str, int]:
    db = sqlite3.connect(f"file:{office.database}?mode=ro", uri=True)
    try:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    finally:
        db.close()


def test_nothing_is_written_and_nobody_is_called(staffed: Office) -> None:
    before, counted = files(staffed), rows(staffed)
    for more in ((), ("--json",), ("--area", "白马"), ("--why", "示例"), ("--rules",)):
        assert staffed("explain", ORANGE, *AT_ISSUE, *more).code == 0
    assert rows(staffed) == counted
    assert {name: digest for name, digest in files(staffed).items() if not name.endswith("-wal")} == {
        name: digest for name, digest in before.items() if not name.endswith("-wal")
    }


def test_beside_a_running_engine_nobody_is_called(staffed: Office) -> None:
    with staffed.serving():
        assert staffed("explain", ORANGE, *AT_ISSUE).code == 0
        assert "没有生效的预警" in staffed("status", "--all").out
    assert rows(staffed)["alert"] == rows(staffed)["attempt"] == rows(staffed)["callout"] == 0


def test_the_summary_says_who_how_what_and_why(staffed: Office) -> None:
    said = staffed("explain", ORANGE, *AT_ISSUE)
    assert said.code == 0
    for part in (
        "阶梯 orange：",
        "凤山街道 ",
        "立即 本岗号码1语音",
        "段",
        "适用 ",
        "级别橙色不到红色",
        "转人工〔岗位空缺〕",
        "结论：立即叫 ",
    ):
        assert part in said.out
    assert "+999" not in said.out


def test_what_would_be_stopped_is_proposed(office: Office) -> None:
    office.staffed(300)
    seen = office("explain", ORANGE, *AT_ISSUE, "--json").document["alerts"][0]["forecast"]
    schools = [stop["objects"] for stop in seen["stops"] if stop["code"] == "停学"]
    said = office("explain", ORANGE, *AT_ISSUE).out
    assert "建议熔断（须由人决定）：" in said
    assert schools
    assert f"停学 {len(schools)} 处（{sum(schools)} 个对象）" in said


def test_what_is_owed_after_the_answer_is_told(office: Office) -> None:
    office.staffed(300)
    seen = office("explain", ORANGE, *AT_ISSUE, "--json").document["alerts"][0]["forecast"]
    moved = [each for each in seen["feedback"] if each["kind"] == "转移"]
    assert f"转移 {sum(each['posts'] for each in moved)} 岗（60 分钟内）" in office("explain", ORANGE, *AT_ISSUE).out
    [post, *_] = [each["post"] for each in seen["called"] if any(one["kind"] == "转移" for one in each["owes"])]
    assert "应答后要反馈：转移（60 分钟内）" in office("explain", ORANGE, *AT_ISSUE, "--post", str(post)).out


def test_a_listing_explains_each_record_and_ends_with_the_worst(staffed: Office) -> None:
    """Records that cannot be read are refused one by one; the others are explained all the same."""
    bad = staffed("explain", str(LISTINGS / "wmo-one-bad.json"), *AT_ISSUE)
    assert (bad.code, bad.err.count("拒收，转人工：")) == (1, 2)
    assert "结论：" in bad.out
    lines = staffed("explain", str(LISTINGS / "wmo-snapshot.json"), *AT_ISSUE)
    assert lines.code == 0, lines.err
    assert "清单里有 " in lines.out
    empty = staffed("explain", str(LISTINGS / "wmo-nothing-in-force.json"))
    assert (empty.code, empty.out.strip()) == (0, "清单读懂了，里面没有预警")


def test_one_post_is_told_step_by_step_with_masked_numbers(staffed: Office) -> None:
    said = staffed("explain", ORANGE, *AT_ISSUE, "--post", "1").out
    assert "1 立即 本岗 " in said
    assert "****00" in said
    assert "规则：county/" in said
    assert "+999" not in said
    assert "这样的岗位" in staffed("explain", ORANGE, *AT_ISSUE, "--post", "没有").out


def test_why_somebody_is_not_called(staffed: Office) -> None:
    document = staffed("explain", BLUE, *AT_ISSUE, "--json").document
    called = {each["post"] for each in document["alerts"][0]["forecast"]["called"]}
    orange = staffed("explain", ORANGE, *AT_ISSUE, "--json").document["alerts"][0]["forecast"]["called"]
    left_out = next(each for each in orange if each["post"] not in called)
    said = staffed("explain", BLUE, *AT_ISSUE, "--why", str(left_out["post"])).out
    assert "不会叫" in said
    assert "级别蓝色不到" in said
    assert "会叫，阶梯 orange" in staffed("explain", ORANGE, *AT_ISSUE, "--why", str(left_out["post"])).out
    assert "没有自己的岗位" in staffed("explain", BLUE, *AT_ISSUE, "--why", "带班领导").out
    assert "请核对" in staffed("explain", BLUE, *AT_ISSUE, "--why", "查无此人").out


def test_each_rule_is_told_with_the_condition_that_fails(staffed: Office) -> None:
    lines = staffed("explain", BLUE, *AT_ISSUE, "--rules").out.splitlines()
    assert "适用   county/蓝色起" in lines
    assert "不适用 county/红色：级别蓝色不到红色" in lines
    document = staffed("explain", BLUE, *AT_ISSUE, "--json").document
    rulings = document["alerts"][0]["forecast"]["rulings"]
    assert all(bool(each["why_not"]) != each["applies"] for each in rulings)


def test_an_expired_warning_is_kept_for_a_human(staffed: Office) -> None:
    said = staffed("explain", ORANGE, "--at", "2026-08-04T00:00")
    assert (said.code, "结论：转人工" in said.out) == (3, True)
    assert "收到时已过有效期" in said.out
    assert staffed("explain", ORANGE, "--at", "2026-08-03 04:00").code == 0
    assert "看不懂时间" in staffed("explain", ORANGE, "--at", "明天").err


def test_what_cannot_be_read_is_refused_in_one_sentence(staffed: Office) -> None:
    bad = staffed.home / "bad.xml"
    bad.write_text("<alert>", encoding="utf-8")
    for file in (str(bad), "nowhere.xml", str(staffed.home)):
        said = staffed("explain", file)
        assert (said.code, said.err.count("\n"), said.out) == (1, 1, "")


def test_without_a_database_the_rules_alone_are_told(office: Office) -> None:
    said = office("explain", ORANGE, *AT_ISSUE)
    assert said.code == 0
    assert "没有名册" in said.out
    assert "规则要叫" in said.out
    assert list(office.home.iterdir()) == []


def test_standard_input_is_explained_too(office: Office) -> None:
    said = office.process("explain", "-", *AT_ISSUE, stdin=Path(ORANGE).read_bytes())
    assert (said.code, "暴雨橙色" in said.out) == (0, True)


def test_a_warning_that_came_before_is_said_to_be_known(staffed: Office) -> None:
    fresh = staffed.write(staffed.home, 1)
    assert staffed("receive", str(fresh)).code == 0
    assert "已收过（预警 1）" in staffed("explain", str(fresh)).out
    changed = staffed.home / "changed.xml"
    changed.write_text(fresh.read_text(encoding="utf-8").replace("危险区人员", "人员"), encoding="utf-8")
    assert "内容不同：两份都会保留" in staffed("explain", str(changed)).out


def test_a_warning_for_elsewhere_calls_nobody(staffed: Office) -> None:
    away = staffed.home / "away.xml"
    text = Path(ORANGE).read_text(encoding="utf-8")
    away.write_text(text.replace("500156000000", "510100000000").replace("<areaDesc>武隆区", "<areaDesc>成都"), "utf-8")
    said = staffed("explain", str(away), *AT_ISSUE)
    assert (said.code, "不涉及武隆区" in said.out) == (0, True)


def test_an_exercise_calls_nobody(staffed: Office) -> None:
    drill = staffed.home / "drill.xml"
    drill.write_text(Path(ORANGE).read_text(encoding="utf-8").replace("Actual", "Exercise"), encoding="utf-8")
    said = staffed("explain", str(drill), *AT_ISSUE)
    assert (said.code, "不是实战消息" in said.out) == (0, True)
    assert json.loads(staffed("explain", str(drill), *AT_ISSUE, "--json").out)["alerts"][0]["forecast"]["called"] == []


def test_rule_files_that_were_edited_since_are_mentioned(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_RULES", str(staffed.home / "nowhere"))
    assert "规则文件与正在用的规则不同" in staffed("explain", ORANGE, *AT_ISSUE).out
    assert OFFICER not in staffed("explain", ORANGE, *AT_ISSUE).out


def test_why_a_township_is_not_called_in_full(staffed: Office) -> None:
    said = staffed("explain", BLUE, *AT_ISSUE, "--why", "白马镇").out
    assert "白马镇：会叫" in said
    assert "  不叫" in said
    assert "级别蓝色不到黄色" in said


def test_why_somebody_was_not_called_is_asked_of_the_record(staffed: Office) -> None:
    with staffed.serving():
        assert staffed("receive", BLUE).code == 0
    said = staffed("explain", "--alert", "1", "--why", "白马镇")
    assert said.code == 0
    assert "预警 1：暴雨蓝色" in said.out
    document = staffed("explain", "--alert", "1", "--why", "白马镇", "--json").document
    assert document["lines"] == said.out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        ((), "缺少预警文件；问已收到的预警用 --alert"),
        (("--alert", "1"), "请写 --alert 编号 --why"),
        ((BLUE, "--alert", "1", "--why", "x"), "不写文件"),
        (("--alert", "7", "--why", "x"), "没有预警 7"),
    ],
)
def test_a_question_that_cannot_be_answered_says_how_to_ask(
    staffed: Office, arguments: tuple[str, ...], mend: str
) -> None:
    said = staffed("explain", *arguments)
    assert said.code == 1
    assert mend in said.err
