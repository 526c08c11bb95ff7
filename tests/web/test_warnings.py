"""Issuing and confirming warnings from the page: who may, what is shown before, and that it goes the usual way."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.store import schema
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, GRID_3, SMS
from tests.web.room import REFRESH, Browser, Room


def filled(browser: Browser, **say: Any) -> dict[str, Any]:
    """The form as it stands on the page, with what the officer types into it."""
    browser.get(f"/warnings/form?county={COUNTY}")
    return fields(browser) | {"content": "未来3小时50毫米以上降雨", "reason": "会商"} | say


def fields(browser: Browser) -> dict[str, Any]:
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', browser.text.partition("<main")[2]))
    chosen = {name: re.search(rf'name="{name}".*?value="(\w+)" selected', browser.text) for name in ("level",)}
    areas = re.findall(r'(?:name="areas" value="([^"]+)" checked|"hidden" name="areas" value="([^"]+)")', browser.text)
    shown = {name: re.search(rf'name="{name}"[^>]*>([^<]*)</textarea>', browser.text) for name in ("content", "reason")}
    words = {name: found[1] for name, found in (chosen | shown).items() if found}
    hidden.pop("areas", None)
    return (
        hidden
        | {"hours": "6", "hazard": hidden.get("hazard", "暴雨")}
        | words
        | ({"areas": [one or two for one, two in areas]} if areas else {})
    )


def states(room: Room) -> list[tuple[int, str]]:
    ac = schema.alert_county
    return [(row.alert, row.state) for row in room.field.rows(select(ac).order_by(ac.c.alert))]


def carried_on(browser: Browser, act: str, of: int, **say: Any) -> Any:
    """One step: open it from the warning and press the button."""
    browser.get(f"/warnings/form?county={COUNTY}&of={of}&act={act}")
    return browser.post("/warnings/issue", **fields(browser) | say)


def test_the_preview_says_who_would_be_called_with_which_words_and_writes_nothing(room: Room) -> None:
    browser = room.officer()
    shown = browser.post("/warnings/preview", **filled(browser, level="orange", areas=[BAIMA])).text
    assert "武隆区应急值班室发布暴雨橙色预警" in shown
    assert "叫 <b>4</b> 个岗位" in shown
    assert "【叫应】武隆区暴雨橙色预警（武隆区应急值班室" in shown
    assert re.search(r"短信 <b>\d</b> 条，共 <b>\d+</b> 段", shown)
    assert "白马镇 3" in shown
    assert states(room) == []
    assert not re.search(r"\+999\d{13}", shown)


def test_an_issued_warning_is_called_like_one_from_outside_under_our_own_name(room: Room) -> None:
    browser = room.officer()
    browser.post("/warnings/preview", **filled(browser, level="orange", areas=[BAIMA]))
    assert browser.post("/warnings/issue", **filled(browser, level="orange", areas=[BAIMA])).status_code == 303
    room.field.settle()
    assert states(room) == [(1, "planned")]
    assert "暴雨橙色预警" in room.field.last(GRID_1, SMS).text
    assert room.field.to(GRID_3) == []
    [row] = room.field.rows(select(schema.alert))
    assert (row.sender, row.identifier.startswith("callout-500156_2026")) == ("callout-500156", True)
    [raw] = room.field.rows(select(schema.raw_document))
    assert (json.loads(raw.body)["reason"], json.loads(raw.body)["officer"]) == (
        "会商",
        "示例·值班员（officer.county）",
    )
    assert "暴雨" in browser.get("/warnings").text


def test_pressed_twice_it_is_one_warning(room: Room) -> None:
    browser = room.officer()
    form = filled(browser, level="yellow")
    for _ in range(2):
        assert browser.post("/warnings/issue", **form).status_code == 303
        room.wait(1000)
    assert len(states(room)) == 1


def test_red_must_be_typed_and_an_officers_red_waits_for_the_leader(room: Room) -> None:
    browser = room.officer()
    form = filled(browser, level="red")
    refused = browser.post("/warnings/issue", **form)
    assert (refused.status_code, "照样输入“红色”" in refused.text, states(room)) == (422, True, [])
    assert browser.post("/warnings/issue", **form | {"typed": "红色"}).status_code == 303
    room.field.settle()
    assert (states(room), room.field.new()) == ([(1, "awaiting")], [])
    assert "请马上报告带班领导" in browser.get("/warnings").text
    assert "由带班领导确认" in browser.post("/warnings/confirm", county=COUNTY, alert="1", typed="红色").text
    leader = room.officer(Role.LEADER)
    assert "现在没有叫任何人" in leader.get("/warnings").text
    assert leader.post("/warnings/confirm", county=COUNTY, alert="1").status_code == 422
    assert leader.post("/warnings/confirm", county=COUNTY, alert="1", typed="红").status_code == 303
    room.field.settle()
    assert states(room) == [(1, "planned")]
    [entry] = room.field.audit("alert_county.confirmed")
    assert entry.actor == "示例·带班领导（leader.county）"


def test_a_leaders_red_goes_out_at_once_and_an_officers_at_the_deadline(room: Room) -> None:
    leader, officer = room.officer(Role.LEADER), room.officer()
    leader.post("/warnings/issue", **filled(leader, level="red", typed="红色"))
    room.field.settle()
    assert states(room) == [(1, "planned")]
    officer.post("/warnings/issue", **filled(officer, level="red", hazard="山洪", typed="红色"))
    room.field.wait(5 * MINUTE / 1000)
    assert states(room)[1] == (2, "planned")


def test_upgrade_downgrade_and_all_clear_are_one_step_each(room: Room) -> None:
    leader = room.officer(Role.LEADER)
    leader.post("/warnings/issue", **filled(leader, level="orange", areas=[BAIMA]))
    room.field.settle()
    for act, more in (
        ("upgrade", {"typed": "红"}),
        ("downgrade", {"typed": "橙色"}),
        ("repeat", {}),
        ("all_clear", {}),
    ):
        last = states(room)[-1][0]
        room.wait(MINUTE)
        assert carried_on(leader, act, last, **more).status_code == 303, act
        room.field.settle()
    told = [(row.msg_type, row.level) for row in room.field.rows(select(schema.alert).order_by(schema.alert.c.id))]
    assert told == [
        ("Alert", "orange"),
        ("Update", "red"),
        ("Update", "orange"),
        ("Update", "orange"),
        ("Cancel", "orange"),
    ]
    assert "没有生效的预警" in leader.get("/warnings").text
    assert "解除" in room.field.last(GRID_1, SMS).text
    assert room.field.to(GRID_3) == []


def test_taking_back_a_red_needs_the_word_and_a_withdrawal_says_why(room: Room) -> None:
    leader = room.officer(Role.LEADER)
    leader.post("/warnings/issue", **filled(leader, level="red", typed="红色"))
    room.field.settle()
    room.wait(MINUTE)
    assert carried_on(leader, "withdraw", 1).status_code == 422
    assert carried_on(leader, "withdraw", 1, typed="红色").status_code == 303
    room.field.settle()
    assert states(room) == [(1, "lifted"), (2, "carried_out")]
    [cancel] = room.field.rows(select(schema.alert).where(schema.alert.c.id == 2))
    assert "撤销暴雨红色预警" in cancel.headline


def test_what_another_office_issued_is_not_ours_to_lift(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    leader = room.officer(Role.LEADER)
    assert "由发布单位升级、降级、解除" in leader.get("/warnings").text
    answer = leader.get(f"/warnings/form?county={COUNTY}&of=1&act=all_clear")
    assert (answer.status_code, "由发布单位解除" in answer.text) == (404, True)


@pytest.mark.parametrize("say", [{"reason": ""}, {"content": " "}, {"hours": "0"}, {"hazard": "高温", "level": "blue"}])
def test_a_form_that_says_too_little_goes_nowhere_and_says_what_is_missing(room: Room, say: dict[str, str]) -> None:
    browser = room.officer()
    answer = browser.post("/warnings/issue", **filled(browser) | say)
    assert (answer.status_code, 'role="alert"' in answer.text, states(room)) == (422, True, [])


def test_only_who_answers_for_the_county_issues_and_confirms(room: Room) -> None:
    town = room.officer(Role.LEADER, Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA))
    assert "发布预警" not in town.get("/warnings").text.partition("<main")[2]
    assert "要由区县" in town.get(f"/warnings/form?county={COUNTY}").text
    elsewhere = room.officer(Role.LEADER, Scope(ScopeKind.COUNTY, "500112"), login="elsewhere")
    assert elsewhere.get(f"/warnings/form?county={COUNTY}").status_code == 404
    asks(room, Level.ORANGE)
    room.field.alert(Level.ORANGE)
    assert "要由区县" in town.post("/warnings/confirm", county=COUNTY, alert="1").text
    assert states(room) == [(1, "awaiting")]


def asks(room: Room, level: Level) -> None:
    intake = room.field.app.intake
    counties = [replace(county, confirm={level: 5 * MINUTE}) for county in intake.counties()]
    room.field.app.intake = replace(intake, counties=lambda: counties)


def test_an_officer_confirms_or_declines_below_red_and_the_desk_leads_there(room: Room) -> None:
    asks(room, Level.ORANGE)
    room.field.alert(Level.ORANGE)
    browser = room.officer()
    assert "预警等人确认" in browser.get("/desk").text
    assert "去确认" in browser.get("/").text
    refused = browser.post("/warnings/decline", county=COUNTY, alert="1", why=" ")
    assert (refused.status_code, REFRESH in refused.text) == (422, False)  # no script: its address takes no GET
    assert REFRESH in browser.get("/warnings").text
    assert browser.post("/warnings/decline", county=COUNTY, alert="1", why="误发").status_code == 303
    assert "刚有人处理" in browser.post("/warnings/confirm", county=COUNTY, alert="1").text
    room.field.alert(Level.ORANGE, identifier="again")
    assert browser.post("/warnings/confirm", county=COUNTY, alert="2").status_code == 303
    room.field.settle()
    assert states(room) == [(1, "declined"), (2, "planned")]
