"""A drill as an office plans, starts, ends and scores it."""

import io
from datetime import datetime, timedelta

import pytest
from openpyxl import Workbook

from callout.domain.instant import BEIJING
from tests.cli.office import OFFICER, Office
from tests.cli.test_doctor import TWILIO

NAME = "示例·汛前演练"
LINES = (
    "乡镇,岗位,角色,姓名,号码",
    "武隆区,示例值班室,区应急值班室,示例值班长,+9990000001",
    "白马镇,示例网格一,网格员,示例甲,+9990000002、+9990000003",
    "白马镇,示例网格二,网格员,示例乙,+9990000004",
    "江口镇,示例网格三,网格员,示例丙,+9990000005",
)


@pytest.fixture
def manned(office: Office) -> Office:
    file = office.home / "roster.csv"
    file.write_text("\n".join(LINES), encoding="utf-8")
    assert office("roster", "import", str(file), "--apply", "--officer", OFFICER).code == 0
    return office


def plan(office: Office, *options: str):  # type: ignore[no-untyped-def]
    ends = ("--ends", "2199-01-01 00:00", "--begins", "2198-12-31 12:00") if "--begins" not in options else ()
    return office("drill", "plan", NAME, "--ordered-by", "示例局长", "--officer", OFFICER, *ends, *options)


def test_the_list_is_explicit_before_anything_starts(manned: Office) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (("姓名",), ("示例丙",), ("+9990000003",)):
        sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    (manned.home / "list.xlsx").write_bytes(raw.getvalue())
    made = plan(manned, "--list", str(manned.home / "list.xlsx"), "--person", "示例乙", "--unannounced", "--json")
    assert made.document == {"drill": "500156-D1", "people": 3, "numbers": 3}
    assert plan(manned, "--township", "白马镇", "--json").document == {"drill": "500156-D2", "people": 2, "numbers": 3}
    newest, first = manned("drill", "status", "--json").document["drills"]
    assert (first["announced"], first["state"], first["listed"]) == (False, "planned", 3)
    assert newest["areas"] == ["stats:500156101"]
    assert "双盲" in manned("drill", "status").out
    assert "2198-12-31 11:00:00 起用短信通知他们" in plan(manned, "--township", "白马镇").out
    assert "通知他们" not in plan(manned, "--township", "白马镇", "--notice", "0").out


def test_whoever_is_not_on_the_roster_stops_the_plan(manned: Office) -> None:
    (manned.home / "list.csv").write_text("姓名,号码\n示例丁,\n示例甲,+9990000009\n", encoding="utf-8")
    said = plan(manned, "--list", str(manned.home / "list.csv"))
    assert said.code == 1
    assert "第 2 行：名册里没有这个人" in said.err
    assert "第 3 行：号码 +9990000009 不在名册里" in said.err
    for wrong, why in (
        (("--township", "没有镇"), "没有乡镇"), (("--person", "没有人"), "名册里没有"), ((), "名单是空的"),
        (("--person", "示例甲", "--channels", "fax"), "sms"), (("--person", "示例甲", "--level", "pink"), "--level"),
        (("--person", "示例甲", "--begins", "2026-01-02 00:00", "--ends", "2026-01-01 00:00"), "结束时间"),
    ):  # fmt: skip
        assert why in plan(manned, *wrong).err
    assert manned("drill", "status", "--json").document["drills"] == []


def test_it_starts_by_its_name_typed_and_ends_by_a_word(manned: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = manned("drill", "plan", NAME, "--ordered-by", "示例局长", "--officer", OFFICER, "--person", "示例甲",
                    "--ends", _in_hours(2))  # fmt: skip
    assert moment.code == 0, moment.err
    monkeypatch.setattr("sys.stdin", io.StringIO("示例·别的\n"))
    assert "不一致" in manned("drill", "start", "500156-D1", "--officer", OFFICER).err
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n"))
    started = manned("drill", "start", "500156-D1", "--officer", OFFICER)
    assert "模拟通道，不会拨打任何电话" in started.out
    assert "应叫：0" in manned("drill", "score").out  # no engine runs: nobody was called
    assert manned("drill", "stop", "500156-D1", "--officer", OFFICER, "--why", "示例讲评").code == 0
    [drill] = manned("drill", "status", "--json").document["drills"]
    assert (drill["state"], drill["why"], drill["live"]) == ("over", "示例讲评", False)
    assert "没有可以结束的" in manned("drill", "stop", "500156-D1", "--officer", OFFICER).err


def test_with_real_channels_it_needs_a_switch_of_its_own(manned: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    manned("drill", "plan", NAME, "--ordered-by", "示例局长", "--officer", OFFICER, "--person", "示例甲",
           "--ends", _in_hours(2))  # fmt: skip
    (manned.home / "channels.yaml").write_text(TWILIO, encoding="utf-8")
    monkeypatch.setenv("CALLOUT_CHANNELS", str(manned.home / "channels.yaml"))
    monkeypatch.setenv("CALLOUT_LIVE", "1")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n"))
    assert "CALLOUT_DRILL_LIVE=1" in manned("drill", "start", "500156-D1", "--officer", OFFICER).err
    monkeypatch.setenv("CALLOUT_DRILL_LIVE", "1")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n"))
    assert "真实通道" in manned("drill", "start", "500156-D1", "--officer", OFFICER).out


def _in_hours(many: int) -> str:
    return f"{datetime.now(BEIJING) + timedelta(hours=many):%Y-%m-%d %H:%M}"
