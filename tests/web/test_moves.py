"""The board of 转移 on its page: those in danger first, entered by hand, and nobody returns without a leader."""

import re

import pytest

from callout.domain.user import Role, Scope, ScopeKind
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, JIANGKOU
from tests.scenarios.moving import HOME, HOUSE, LONE, listed, rows, states, warned
from tests.web.room import REFRESH, Browser, Room


def shown(browser: Browser) -> str:
    """The page as read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", browser.get("/moves").text.partition("<main")[2]))


def handle(room: Room, site: str) -> str:
    row = rows(room.field)[site]
    return f"{row.episode}|{site}|{row.rev}"


def said(browser: Browser, room: Room, site: str, what: str, **more: str) -> int:
    return int(browser.post("/moves/word", county=COUNTY, chosen=[handle(room, site)], what=what, **more).status_code)


def test_without_a_list_the_page_says_so(room: Room) -> None:
    assert "没有转移台账" in shown(room.officer())


def test_a_warning_fills_the_board_and_those_who_cannot_walk_come_first(room: Room) -> None:
    warned(room.field)
    text = shown(room.officer())
    assert "要转移 74 人 3 户 已转移 0 人 还在 74 人" in text
    assert text.index("示例养老院") < text.index("示例户")
    assert "其中 55 人不能自己走" in text
    assert "示例小学" not in text.partition("由人要求转移")[0]


def test_an_officer_enters_what_was_heard(room: Room) -> None:
    warned(room.field)
    browser = room.officer()
    assert said(browser, room, HOME, "moved", people="32", by="示例·院长") == 303
    assert states(room.field)[HOME] == "to_move"
    assert "已转移 32 人" in shown(browser)
    assert said(browser, room, HOME, "moved") == 303
    assert said(browser, room, LONE, "refused", reason="不愿离家") == 303
    assert said(browser, room, HOUSE, "unreachable") == 303
    text = shown(browser)
    assert "拒绝 1 处 联系不上 1 处" in text
    assert "不愿离家" in text
    assert said(browser, room, HOME, "returned") == 303
    assert "擅自返回 1 处" in shown(browser)
    assert "擅自返回 <b>1</b> 处" in browser.get("/").text
    assert "示例老人（1 人，1 人不能自己走）：拒绝" in browser.get("/journal/handover").text
    assert states(room.field) == {HOME: "returned", LONE: "refused", HOUSE: "unreachable"}


def test_a_reply_of_the_responsible_person_is_on_the_board(room: Room) -> None:
    warned(room.field)
    room.field.reply(GRID_1, "已转移69人")
    assert "已转移 69 人 还在 5 人" in shown(room.officer())


def test_only_a_leader_lets_people_return_and_only_after_a_check(room: Room) -> None:
    warned(room.field)
    officer, leader = room.officer(), room.officer(Role.LEADER)
    said(officer, room, HOME, "moved")
    release = {"county": COUNTY, "chosen": [handle(room, HOME)], "by": "示例·区长", "title": "副区长"}
    assert officer.post("/moves/release", **release, reason="边坡已查").status_code == 403
    assert leader.post("/moves/release", **release).status_code == 422
    assert "返回前检查" in leader.text
    assert leader.post("/moves/release", **release, reason="边坡已查").status_code == 303
    assert states(room.field)[HOME] == "released"


def test_a_shelter_that_will_not_hold_them_is_said(room: Room) -> None:
    listed(room.field, capacity=40)
    room.field.alert(areas=[BAIMA])
    assert "示例中心校 超 34 人" in shown(room.officer())


def test_a_human_asks_for_what_no_warning_asked(room: Room) -> None:
    listed(room.field)
    browser = room.officer()
    assert browser.post("/moves/demand", county=COUNTY, sites=[HOUSE]).status_code == 303
    assert states(room.field) == {HOUSE: "to_move"}
    refused = browser.post("/moves/demand", county=COUNTY, sites=["x"])
    assert (refused.status_code, REFRESH in refused.text) == (422, False)  # no script: its address takes no GET
    assert REFRESH in browser.get("/moves").text


@pytest.mark.parametrize("say", [{"people": "三十"}, {"chosen": []}, {"chosen": ["x"]}, {"chosen": ["1|nobody|0"]}])
def test_what_cannot_be_meant_changes_nothing(room: Room, say: dict[str, object]) -> None:
    warned(room.field)
    browser = room.officer()
    form = {"county": COUNTY, "chosen": [handle(room, HOME)], "what": "moved"} | say
    assert browser.post("/moves/word", **form).status_code == 422
    assert states(room.field)[HOME] == "to_move"


def test_a_township_sees_and_enters_its_own_only(room: Room) -> None:
    warned(room.field)
    town = room.officer(Role.LEADER, Scope(ScopeKind.TOWNSHIP, COUNTY, JIANGKOU))
    assert "没有要转移的" in shown(town)
    assert said(town, room, HOME, "moved") == 422
    assert town.post("/moves/demand", county=COUNTY, sites=[HOUSE]).status_code == 422
    elsewhere = room.officer(Role.LEADER, Scope(ScopeKind.COUNTY, "500112"), login="elsewhere")
    assert elsewhere.get("/moves").status_code == 404


def test_the_board_can_be_searched(room: Room) -> None:
    warned(room.field)
    text = room.officer(Role.AUDITOR).get("/moves?q=养老").text
    assert "示例养老院" in text
    assert "示例户" not in text.partition('id="h-danger"')[2].partition("</section>")[0]
