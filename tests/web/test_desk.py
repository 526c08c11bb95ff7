"""The one-to-one desk: who is rung first, by whom, and what comes of it, as the record tells afterwards."""

import re

import pypdfium2

from callout.domain.callout import CalloutState
from callout.domain.instant import HOUR, MINUTE, beijing
from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.store import schema
from tests.paper import paper_or_skip
from tests.scenarios.field import BAIMA, COUNTY, DEPUTY, GRID_1, GRID_2, GRID_3, LEADER_BAIMA, VOICE, number
from tests.web.room import Browser, Room

EXHAUSTED = {"county": COUNTY, "alert": "1", "kind": "exhausted", "about": ""}
WHOLE = r"\+999\d{13}"


def silence(room: Room, level: Level = Level.ORANGE) -> None:
    """A warning that nobody answers, until every ladder has ended."""
    room.field.alert(level)
    room.field.wait(3 * HOUR // 1000)


def about(post: int, **more: str) -> dict[str, str]:
    return EXHAUSTED | {"post": str(post)} | more


def page_of(post: int) -> str:
    return f"/desk/item?county={COUNTY}&alert=1&post={post}&kind=exhausted&about="


def rung(browser: Browser, post: int, result: str, **more: str) -> int:
    """Take an item and say what came of the call."""
    assert browser.post("/desk/take", **about(post)).status_code == 303
    return int(browser.post("/desk/item/result", **about(post, result=result, **more)).status_code)


def entry(room: Room, event: str) -> tuple[int, str, str]:
    [one] = room.field.audit(event)
    return one.post, one.actor, one.detail


def test_the_most_dangerous_come_first_and_the_next_action_is_the_first_of_them(room: Room) -> None:
    silence(room)
    room.field.reply(GRID_2, "1人受伤，路断了")
    browser = room.officer()
    shown = browser.get("/desk").text
    order = re.findall(r"<strong>(示例·[^<]+)</strong>", shown)
    assert order[0] == "示例·白马镇网格员二"
    assert "1人受伤" in shown
    assert "认领：示例·白马镇网格员二" in shown
    assert not re.search(WHOLE, shown)


def test_two_officers_never_ring_the_same_person(room: Room) -> None:
    silence(room)
    first, second = room.officer(login="one"), room.officer(login="two")
    assert first.post("/desk/take", **about(GRID_1)).headers["location"].startswith("/desk/item?")
    assert "正在联系这个人" in second.post("/desk/take", **about(GRID_1)).text
    assert "请不要重复打电话" in second.get(page_of(GRID_1)).text
    assert "由示例·值班员（one）处理" in second.post("/desk/item/result", **about(GRID_1, result="confirmed")).text
    assert room.field.callout(GRID_1).state == CalloutState.EXHAUSTED
    assert first.post("/desk/item/release", **about(GRID_1)).status_code == 303
    assert second.post("/desk/take", **about(GRID_1)).status_code == 303


def test_taking_one_item_takes_all_that_is_open_about_the_person(room: Room) -> None:
    silence(room)
    room.field.reply(GRID_1, "路断了")
    first, second = room.officer(login="one"), room.officer(login="two")
    first.post("/desk/take", **about(GRID_1))
    [asked] = [one for one in room.field.rows(schema.human_call.select()) if one.kind == "asked"]
    assert asked.claimed_by == "示例·值班员（one）"
    assert "同一个人还有" in first.get(page_of(GRID_1)).text
    other = about(GRID_1, kind="asked", about=asked.about)
    assert "请不要重复打电话" in second.post("/desk/take", **other).text
    first.post("/desk/item/release", **about(GRID_1))
    assert room.field.human_calls("claimed") == []


def test_a_number_is_masked_until_the_item_is_taken_and_every_sight_of_it_is_on_record(room: Room) -> None:
    silence(room)
    browser, e164 = room.officer(), number(GRID_1).e164
    assert f"****{e164[-4:]}" in browser.get(page_of(GRID_1)).text
    assert e164 not in browser.text
    assert room.field.audit("number.viewed") == []
    browser.post("/desk/take", **about(GRID_1))
    assert e164 in browser.get(page_of(GRID_1)).text
    assert "您好，这里是武隆区应急值班室" in browser.text
    assert entry(room, "number.viewed") == (GRID_1, "示例·值班员（officer.county）", "本人认领")
    browser.get(page_of(GRID_1))
    assert len(room.field.audit("number.viewed")) == 2


def test_the_person_confirms(room: Room) -> None:
    silence(room)
    assert rung(room.officer(), GRID_1, "confirmed", note="已出门") == 303
    row = room.field.callout(GRID_1)
    assert (row.state, row.grade, row.late) == ("answered", "confirmed_by_human", 1)
    assert (GRID_1, "exhausted") not in room.field.human_calls()
    [given] = [one for one in room.field.rows(schema.answer.select()) if one.post == GRID_1]
    assert given.actor == "示例·值班员（officer.county）"
    assert given.body.endswith("本人确认：已出门")


def test_somebody_else_answers_and_the_person_stays_on_the_list(room: Room) -> None:
    silence(room)
    browser = room.officer()
    assert rung(browser, GRID_1, "proxy") == 303
    assert room.field.callout(GRID_1).grade == "proxy"
    assert [kind for post, kind in room.field.human_calls() if post == GRID_1] == ["person_silent"]
    browser.post("/desk/take", **about(GRID_1, kind="person_silent"))
    again = browser.post("/desk/item/result", **about(GRID_1, kind="person_silent", result="proxy"))
    assert (again.status_code, "请继续找本人" in again.text) == (409, True)


def test_nobody_picks_up_and_the_officer_keeps_the_item(room: Room) -> None:
    silence(room)
    browser = room.officer()
    assert rung(browser, GRID_1, "no_reply") == 303
    assert "无人接" in browser.get(page_of(GRID_1)).text
    browser.post("/desk/item/result", **about(GRID_1, result="sent", note="村支书去"))
    assert "最近一次" in browser.get(page_of(GRID_1)).text
    assert "已派人上门：村支书去" in browser.text
    assert (GRID_1, "exhausted") in room.field.human_calls("claimed")
    noted = [one.detail for one in room.field.audit("human_call.noted")]
    assert [one[6:] for one in noted] == ["无人接", "已派人上门：村支书去"]


def test_a_refusal_calls_the_deputy_at_once_where_the_ladder_runs(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_1, "在哪里集合？")
    browser, asked = room.officer(), dict(EXHAUSTED, kind="asked", post=str(GRID_1), about="event:1")
    assert browser.post("/desk/take", **asked).status_code == 303
    room.field.new()
    assert browser.post("/desk/item/result", **asked, result="refused", note="人在外地").status_code == 303
    room.field.settle()
    assert room.field.new() == [(DEPUTY, VOICE)]
    assert [kind for post, kind in room.field.human_calls() if post == GRID_1] == ["cannot_come"]
    [contact] = [one for one in room.field.rows(schema.answer.select()) if one.grade == "cannot_come"]
    assert contact.actor == "示例·值班员（officer.county）"


def test_a_wrong_number_is_not_called_again(room: Room) -> None:
    silence(room)
    browser = room.officer()
    browser.post("/desk/take", **about(GRID_1))
    [chosen] = re.findall(r'name="number" value="(\d+)"', browser.get(page_of(GRID_1)).text)
    assert browser.post("/desk/item/result", **about(GRID_1, result="wrong_number", number=chosen)).status_code == 303
    assert "此号码已标为错误" in browser.get(page_of(GRID_1)).text
    [buried] = [one for one in room.field.rows(schema.number.select()) if one.dead]
    assert str(buried.id) == chosen
    room.field.new()
    room.field.alert(Level.RED, identifier="red")
    assert GRID_1 not in [serial for serial, _ in room.field.new()]


def test_an_item_is_ended_in_words(room: Room) -> None:
    silence(room)
    browser = room.officer()
    browser.post("/desk/take", **about(GRID_1))
    assert browser.post("/desk/item/end", **about(GRID_1, outcome=" ")).status_code == 409
    assert browser.post("/desk/item/end", **about(GRID_1, outcome="已在卫生院")).status_code == 303
    assert entry(room, "human_call.closed") == (GRID_1, "示例·值班员（officer.county）", "已在卫生院")
    assert "已办结" in browser.get(page_of(GRID_1)).text


def test_whoever_belongs_to_a_township_sees_and_does_only_what_lies_in_it(room: Room) -> None:
    silence(room)
    browser = room.officer(scope=Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA))
    shown = browser.get("/desk").text
    assert "白马镇网格员一" in shown
    assert "江口镇" not in shown
    assert browser.get(page_of(GRID_3)).status_code == 404
    assert browser.post("/desk/take", **about(GRID_3)).status_code == 404
    sheet = browser.post("/desk/sheet", county=COUNTY, alert="1").text
    assert "白马镇网格员一" in sheet
    assert "江口镇" not in sheet
    schools = room.officer(scope=Scope(ScopeKind.DEPARTMENT, COUNTY, roles=("党政主要负责人",)))
    assert "网格员" not in schools.get("/desk").text


def test_an_auditor_sees_a_number_for_a_reason_and_changes_nothing(room: Room) -> None:
    silence(room)
    auditor, e164 = room.officer(Role.AUDITOR), number(GRID_1).e164
    assert e164 not in auditor.get(page_of(GRID_1)).text
    assert auditor.post("/desk/item/numbers", **about(GRID_1, why=" ")).status_code == 409
    assert room.field.audit("number.viewed") == []
    assert e164 in auditor.post("/desk/item/numbers", **about(GRID_1, why="核查 8 月 2 日叫应")).text
    assert entry(room, "number.viewed") == (GRID_1, "示例·审计员（auditor.county）", "核查 8 月 2 日叫应")
    assert auditor.post("/desk/take", **about(GRID_1)).status_code == 403


def test_the_sheet_holds_all_who_have_not_answered_and_every_number_on_it_counts_as_seen(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_1, "收到")
    sheet = room.officer().post("/desk/sheet", county=COUNTY, alert="1").text
    assert number(GRID_2).e164 in sheet
    assert number(GRID_1).e164 not in sheet
    seen = {one.post for one in room.field.audit("number.viewed")}
    assert seen == {LEADER_BAIMA, GRID_2, GRID_3, *seen}
    assert GRID_1 not in seen
    assert len(seen) == len(re.findall(WHOLE, sheet))


def test_paper_is_entered_later_with_its_own_time_and_who_entered_it(room: Room) -> None:
    silence(room)
    browser = room.officer()
    true = room.field.clock.now() - HOUR
    line = {"county": COUNTY, "alert": "1", "post": str(GRID_2), "result": "confirmed", "caller": "示例·村支书"}
    written = beijing(true, "%Y-%m-%dT%H:%M")  # type: ignore[arg-type]
    assert browser.post("/desk/paper", **line, at=written).status_code == 200
    assert "已录入" in browser.text
    row = room.field.callout(GRID_2)
    assert (row.state, row.answered_at) == ("answered", true - true % MINUTE)
    post, actor, _ = entry(room, "answer.given")
    [given] = [one for one in room.field.rows(schema.answer.select()) if one.post == GRID_2]
    assert (post, actor) == (GRID_2, "示例·值班员（officer.county）")
    assert given.body.endswith("本人确认；纸质记录，叫应人 示例·村支书")
    entered = room.field.audit("answer.given")[0].at
    assert entered == room.field.clock.now()


def test_paper_that_cannot_be_is_refused_and_nothing_typed_is_lost(room: Room) -> None:
    silence(room)
    browser = room.officer()
    good = {"county": COUNTY, "alert": "1", "post": str(GRID_2), "result": "confirmed", "caller": "示例·村支书"}
    now = beijing(room.field.clock.now(), "%Y-%m-%dT%H:%M")
    for wrong, said in (
        ({"at": "2026-13-01"}, "时间没有写对"),
        ({"at": "2020-01-01T00:00"}, "纸上的时间不对"),
        ({"at": "2030-01-01T00:00"}, "纸上的时间不对"),
        ({"at": now, "caller": ""}, "请写明纸上记的叫应人"),
        ({"at": now, "post": "9999"}, "不在您的范围内"),
    ):
        answer = browser.post("/desk/paper", **(good | wrong))
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert 'value="9999"' in browser.text
    assert room.field.callout(GRID_2).state == CalloutState.EXHAUSTED
    assert browser.post("/desk/paper", **(good | {"at": now, "result": "no_reply"})).status_code == 200
    assert entry(room, "callout.noted")[0] == GRID_2


def test_who_wants_no_texts_is_named_at_the_desk(room: Room) -> None:
    """退订 without any warning: the officer knows who can only be rung."""
    browser = room.officer()
    assert "退订了短信" not in browser.get("/desk").text
    room.field.reply(GRID_1, "退订")
    assert "示例·白马镇网格员一" in browser.get("/desk").text.partition("退订了短信")[2]


def test_the_sheet_as_a_pdf_holds_the_same_and_counts_as_seen(room: Room) -> None:
    paper_or_skip()
    room.field.alert(Level.ORANGE)
    answer = room.officer().post("/desk/sheet.pdf", county=COUNTY, alert="1")
    assert answer.headers["content-type"] == "application/pdf"
    page = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert all(word in page for word in ("叫应单：暴雨橙色", "示例·白马镇网格员二", "要做什么", "第 1 页，共 1 页"))
    assert page.count("叫应单：暴雨橙色") == 2, "at the head, and at the foot of the page"
    seen = room.field.audit("number.viewed")
    assert len(seen) == len(re.findall(WHOLE, page.replace("\r\n", ""))) > 1
    assert room.officer().post("/desk/sheet.pdf", county=COUNTY, alert="9").status_code == 404
