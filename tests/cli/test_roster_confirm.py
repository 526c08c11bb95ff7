"""roster confirm: a silent round as an office starts and follows it."""

import sqlite3

from tests.cli.office import OFFICER, Office

HEADER = "乡镇,岗位,角色,姓名,号码,固话,副职,上级岗位"
LINES = (
    "武隆区,示例值班室,区应急值班室,示例值班员,+9990000001,,示例甲,",
    "白马镇,示例网格一,网格员,示例甲,+9990000002,,示例值班员,示例值班室",
    "白马镇,示例网格二,网格员,示例乙,,固话+9990000003,示例甲,示例值班室",
)


def bring(office: Office) -> None:
    file = office.home / "roster.csv"
    file.write_text("\n".join([HEADER, *LINES]), encoding="utf-8")
    assert office("roster", "import", str(file), "--apply", "--officer", OFFICER).code == 0


def sql(office: Office, text: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(office.database)
    try:
        with db:
            return db.execute(text).fetchall()
    finally:
        db.close()


def test_a_round_is_shown_before_it_is_started_and_only_once_in_thirty_days(office: Office) -> None:
    bring(office)
    seen = office("roster", "confirm", "start")
    assert (seen.code, "可以发短信问 2 人，不能问 1 人" in seen.out) == (0, True)
    assert "没有手机号码 1 人：示例乙" in seen.out
    assert sql(office, "SELECT * FROM confirmation") == []
    assert "--officer" in office("roster", "confirm", "start", "--apply").err
    said = office("roster", "confirm", "start", "--apply", "--officer", OFFICER)
    assert (said.code, "已开始：2 人" in said.out) == (0, True)
    assert "还没满 30 天" in office("roster", "confirm", "start", "--apply", "--officer", OFFICER).err
    [(actor,)] = sql(office, "SELECT DISTINCT actor FROM audit WHERE event = 'confirmation.asked'")
    assert actor == OFFICER
    assert sql(office, "SELECT kind, alert, channel FROM notice") == [("confirm", 0, "sms")] * 2


def test_what_was_said_is_shown_and_the_check_knows_it(office: Office) -> None:
    bring(office)
    assert office("roster", "confirm", "status").code == 1
    office("roster", "confirm", "start", "--apply", "--officer", OFFICER)
    who = "SELECT id FROM responder r JOIN personal p ON p.commitment = r.name WHERE p.value = '示例甲'"
    sql(office, f"UPDATE confirmation SET state = 'denied', answered_at = asked_at WHERE responder = ({who})")
    said = office("roster", "confirm", "status")
    assert "问了 2 人：已确认 0，不在任 1，另有话说 0，没有回音 1" in said.out
    assert "不在任：示例甲" in said.out
    people = office("roster", "confirm", "status", "--json").document["people"]
    assert [one["state"] for one in people if one["name"] == "示例甲"] == ["denied"]
    checked = office("roster", "check", "--town", "白马镇").out
    assert "示例网格一（示例甲）：本人说已不担任" in checked


def test_without_a_roster_nobody_is_asked(office: Office) -> None:
    assert office("roster", "confirm", "start").code == 1
