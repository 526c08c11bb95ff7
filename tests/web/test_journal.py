"""The duty log and the change of shift on their pages."""

import re

from sqlalchemy import select

from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.store import schema
from tests.scenarios.field import BAIMA, COUNTY, GRID_1
from tests.web.room import Browser, Room


def shown(browser: Browser, path: str = "/journal") -> str:
    return re.sub(r"<[^>]+>", "", browser.get(path).text.partition("<main")[2])


def test_a_consultation_is_a_dated_entry_about_a_warning(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    browser = room.officer()
    entry = {"kind": "consultation", "at": "2026-08-02T09:30", "alert": "1", "text": "研判：夜间加强", "county": COUNTY}
    assert browser.post("/journal", **entry).status_code == 422
    assert "会商要写明" in browser.text
    assert browser.post("/journal", **entry, attendees="示例·气象、示例·水利").status_code == 303
    text = shown(browser)
    assert "会商（1+7+N） 第 1 条，8月2日 09:30（8月2日 10:00 补记）" in text
    assert "针对：武隆区气象台发布暴雨橙色预警" in text
    assert "参加：示例·气象、示例·水利" in text


def test_the_log_says_which_of_the_three_ones_are_missing(room: Room) -> None:
    browser = room.officer()
    assert "三个一" not in shown(browser)
    assert "还没有记：" not in shown(browser)
    room.field.alert(Level.ORANGE)
    assert "还没有记：一轮天气、一会调度、一文部署" in shown(browser)
    for kind in ("weather", "meeting"):
        browser.post("/journal", county=COUNTY, kind=kind, text="已办")
    assert "还没有记：一文部署" in shown(browser)
    browser.post("/journal", county=COUNTY, kind="paper", text="已发", ref="示例〔2026〕1号")
    assert "“三个一”都已记" in shown(browser)


def test_a_shift_is_handed_over_with_everything_open(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_1, "收到但路断了")
    first, second = room.officer(login="one"), room.officer(login="two")
    before = shown(first, "/journal/handover")
    assert "武隆区气象台发布暴雨橙色预警" in before
    assert "示例·白马镇网格员一：回话待处理，没有人认领" in before
    assert first.post("/journal/handover", county=COUNTY, note="白马桥头有人守").status_code == 303
    assert "在那之前仍由您值班" in shown(first, "/journal/handover")
    assert first.post("/journal/takeover", county=COUNTY).status_code == 422
    assert "等接班" in shown(second)
    assert second.post("/journal/takeover", county=COUNTY).status_code == 303
    text = shown(second)
    assert "交班说明：白马桥头有人守" in text
    assert "已阅第 1 条交班记录，接班" in text
    assert second.post("/journal/takeover", county=COUNTY).status_code == 422


def test_with_nothing_open_a_shift_can_be_handed_over_too(room: Room) -> None:
    browser = room.officer()
    assert "没有未了结的事项" in shown(browser, "/journal/handover")
    assert browser.post("/journal/handover", county=COUNTY).status_code == 303
    assert browser.post("/journal/handover", county=COUNTY).status_code == 422


def test_what_is_wrong_is_said_and_nothing_is_written(room: Room) -> None:
    browser = room.officer()
    for say in (
        {"text": " "},
        {"text": "x", "kind": "handover"},
        {"text": "x", "at": "soon"},
        {"text": "x", "county": "1"},
    ):
        assert browser.post("/journal", **{"county": COUNTY, "kind": "note"} | say).status_code == 422
    assert room.field.rows(select(schema.journal)) == []


def test_an_auditor_reads_and_writes_nothing(room: Room) -> None:
    auditor, officer = room.officer(Role.AUDITOR), room.officer()
    officer.post("/journal", county=COUNTY, kind="note", text="已核对")
    assert "已核对" in shown(auditor)
    assert "写入日志" not in auditor.text
    assert auditor.post("/journal", county=COUNTY, kind="note", text="x").status_code == 403
    town = room.officer(Role.OFFICER, Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA))
    assert town.get("/journal").status_code == 409
