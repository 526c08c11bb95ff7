"""The board of 熔断 on its page: who may do what, and that everything that is open is always to be seen."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callout.domain.alert import MsgType
from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.domain.rule import StopWorkCode
from callout.domain.user import Right, Role, Scope, ScopeKind
from callout.reports.stop_board import lead_of, stop_lines
from tests.scenarios.field import BAIMA, COUNTY, JIANGKOU, open_field
from tests.scenarios.sites import SCHOOL, SITE, items, rows, sites_and_a_school, states, warn
from tests.web.room import HERE, Browser, Room
from tests.web.test_api import Program


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """The duty room of the county with building sites and a school."""
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", roster=sites_and_a_school())
    yield Room(field)
    field.app.close()


def handles(browser: Browser, code: str, area: str = "") -> list[str]:
    """What is on the page to be ticked."""
    browser.get("/stops")
    found = dict.fromkeys(re.findall(r'name="chosen" value="([^"]+)"', browser.text))
    return [one for one in found if f"|{code}|" in one and area in one]


def done(browser: Browser, act: str, code: str, area: str = "", **say: str) -> int:
    usual = {"by": "示例·分管区领导", "title": "副区长", "basis": "暴雨橙色、会商", "check": "已查"}
    chosen = handles(browser, code, area)
    assert chosen
    return int(browser.post(f"/stops/{act}", county=COUNTY, chosen=chosen, **usual | say).status_code)


def shown(browser: Browser) -> str:
    """The page as read."""
    return re.sub(r"<[^>]+>", "", browser.get("/stops").text.partition("<main")[2])


def test_a_whole_course_from_the_proposal_to_the_lift(room: Room) -> None:
    warn(room.field)
    leader, officer = room.officer(Role.LEADER), room.officer()
    assert "等决定" in shown(officer)
    assert "由带班领导决定" in shown(officer)
    words = "今天不上课，已到校的学生等家长接"
    assert done(leader, "order", "停学", exceptions="寄宿学生就地安置", words=words) == 303
    room.field.settle()
    told = room.field.to(SCHOOL)[-1][1].text
    assert f"立即停学。{words}。例外：寄宿学生就地安置。" in told
    assert "慎用" not in told
    text = shown(officer)
    assert "示例·白马镇学校：已发出" in text
    assert "决定：副区长示例·分管区领导" in text
    room.field.wait(60)
    room.field.reply(SCHOOL, "已停课")
    assert "1 个对象自己回复已停，还没有人在现场看到" in shown(officer)
    assert "；回复“已停”" in shown(officer)
    [stop] = [one for one in Program(room, Right.READ).get("stop-work").json()["items"] if one["code"] == "停学"]
    assert [(one["said"], one["stopped"], one["at"][:16]) for one in stop["told"]] == [
        ("已停", True, "2026-08-02T10:01")
    ]
    assert done(officer, "confirm", "停学", by="示例·校长", basis="已停课", evidence="IMG-7") == 303
    assert "照片 IMG-7" in shown(officer)
    assert done(officer, "propose-lift", "停学") == 303
    assert done(officer, "inspect", "停学", check="校舍和边坡已查") == 303
    assert "检查已过" in shown(leader)
    assert done(leader, "lift", "停学") == 303
    room.field.settle()
    assert ("停学", BAIMA, "lifted") in states(room.field)
    assert "24 小时内解除" in shown(leader)
    assert "熔断解除" in room.field.to(SCHOOL)[-1][1].text


def test_an_officer_cannot_order_decline_or_lift(room: Room) -> None:
    warn(room.field)
    officer = room.officer()
    for act in ("order", "decline", "lift", "refuse-lift"):
        chosen = ["1|" + BAIMA + "|停学|学校安全责任人|0"]
        assert (
            officer.post(f"/stops/{act}", county=COUNTY, chosen=chosen, by="x", title="y", basis="z").status_code == 403
        )
    assert {state for _, _, state in states(room.field)} == {"proposed"}


def test_one_of_several_may_be_left_out(room: Room) -> None:
    warn(room.field)
    leader = room.officer(Role.LEADER)
    assert done(leader, "order", "停工", BAIMA) == 303
    assert done(leader, "decline", "停工", JIANGKOU, basis="只有内装修") == 303
    assert states(room.field)[1:] == [("停工", BAIMA, "ordered"), ("停工", JIANGKOU, "declined")]


def test_what_is_overdue_and_what_outlives_its_warning_is_said_at_the_top(room: Room) -> None:
    warn(room.field, identifier="A")
    leader = room.officer(Role.LEADER)
    assert done(leader, "order", "停学") == 303
    room.field.wait(31 * MINUTE / 1000)
    assert "1 处已过时限没有现场回报" in shown(leader)
    assert "逾期没有现场回报 <b>1</b> 处" in leader.get("/").text
    room.field.alert(
        Level.ORANGE, msg_type=MsgType.CANCEL, references=["A"], headline="武隆区气象台解除暴雨橙色预警", hours=None
    )
    assert "预警已结束，熔断没有解除" in shown(leader)
    assert "预警已结束、熔断未解除 <b>1</b> 处" in leader.get("/").text
    assert states(room.field)[0] == ("停学", BAIMA, "ordered")


@pytest.mark.parametrize(
    ("act", "say", "wrong"),
    [
        ("order", {"title": ""}, "职务"),
        ("order", {"basis": ""}, "依据"),
        ("order", {"by": " "}, "是谁"),
        ("order", {"effective": "soon"}, "生效时间"),
        ("decline", {"basis": ""}, "理由"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(room: Room, act: str, say: dict[str, str], wrong: str) -> None:
    warn(room.field)
    leader = room.officer(Role.LEADER)
    assert done(leader, act, "停学", **say) == 422
    said = re.search(r'role="alert">([^<]+)', leader.text)
    assert said
    assert wrong in said[1]
    assert "--" not in said[1]
    assert {state for _, _, state in states(room.field)} == {"proposed"}


def test_nothing_ticked_and_strange_handles_are_refused(room: Room) -> None:
    warn(room.field)
    leader = room.officer(Role.LEADER)
    for chosen in ([], ["x"], ["1|a|停学|b|c"], ["9|" + BAIMA + "|停学|学校安全责任人|0"]):
        assert (
            leader.post("/stops/order", county=COUNTY, chosen=chosen, by="x", title="y", basis="z").status_code == 422
        )


def test_a_township_sees_and_decides_its_own_only(room: Room) -> None:
    warn(room.field)
    leader = room.officer(Role.LEADER, Scope(ScopeKind.TOWNSHIP, COUNTY, JIANGKOU))
    assert handles(leader, "停学") == []
    assert len(handles(leader, "停工")) == 1
    stranger = [f"1|{BAIMA}|停学|学校安全责任人|0"]
    answer = leader.post("/stops/order", county=COUNTY, chosen=stranger, by="x", title="y", basis="z")
    assert (answer.status_code, "不在您的范围内" in answer.text) == (422, True)


def test_an_officer_proposes_and_the_bridge_that_nobody_can_be_told_at_is_said(room: Room) -> None:
    officer, leader = room.officer(), room.officer(Role.LEADER)
    wish = {
        "county": COUNTY,
        "code": "断",
        "object": "白马大桥",
        "measure": "封闭桥面",
        "by": "示例·交警",
        "basis": "水位",
    }
    assert officer.post("/stops/propose", **wish).status_code == 422
    assert officer.post("/stops/propose", **wish | {"object": " "}, areas=[BAIMA]).status_code == 422
    assert officer.post("/stops/propose", **wish, areas=[BAIMA]).status_code == 303
    assert "由人建议" in shown(leader)
    assert done(leader, "order", "断", effective="2026-08-02T12:30") == 303
    [item] = items(room.field, "stop_untold")
    assert "白马大桥" in item.note
    assert "名册里没有，请电话或派人告知" in shown(officer)
    assert "8月2日 12:30起生效" in shown(officer)
    assert [row.run for row in rows(room.field)] == ["actual"]


def test_the_board_can_be_searched(room: Room) -> None:
    warn(room.field)
    auditor = room.officer(Role.AUDITOR)
    assert "停工" not in re.sub(r"<[^>]+>", "", auditor.get("/stops?q=学校").text.partition("<section")[2])
    assert "决定执行" not in auditor.get("/stops").text


def test_the_rules_say_who_leads(room: Room) -> None:
    warn(room.field)
    book = next(iter(room.field.app.rulebooks.counties()))
    rules = room.field.app.rulebooks.get(book.code, room.field.app.store.read(
        lambda work: work.rosters.counties()[0].rulebook
    )).rules  # fmt: skip
    lines = room.field.app.database.read(lambda db: stop_lines(db, HERE, room.field.clock.now()))
    [school] = [one for one in lines if one.key.code == "停学"]
    assert lead_of(rules, school) == "教育"  # as usual
    named = [replace(rule, proposals=tuple(replace(p, lead="教体局") for p in rule.proposals)) for rule in rules]
    assert lead_of(named, school) == "教体局"
    assert lead_of(named, replace(school, rule="")) == "教体局"
    works = replace(school, key=school.key._replace(code=StopWorkCode.SITE, role="企业安全负责人"))
    assert lead_of(rules, works) == "应急管理、经信"
    assert "牵头：教育" in shown(room.officer())


def test_who_has_not_stopped_is_asked_why(room: Room) -> None:
    warn(room.field)
    assert done(room.officer(Role.LEADER), "order", "停工") == 303
    room.field.wait(60)
    room.field.reply(SITE, "停不了")
    officer = room.officer()
    listed = officer.get("/desk").text
    assert "回复“停不了”" in listed
    [link] = {html.unescape(one) for one in re.findall(r'href="(/desk/item[^"]+kind=asked[^"]*)"', listed)}
    text = officer.get(link).text
    assert "去看熔断" in text
    assert "已决定停工：停止" in text
    assert "您回复没有停下：请问是什么原因" in text
