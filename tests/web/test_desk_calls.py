"""At the desk: an officer is put through, and what somebody asked who has answered already is settled."""

from sqlalchemy import select

from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.store import schema
from tests.scenarios.field import GRID_1, GRID_2, number
from tests.web.room import Room
from tests.web.test_desk import about, page_of, silence


def test_an_officer_is_put_through_from_an_item_that_they_have_claimed(room: Room) -> None:
    silence(room)
    room.connects = True
    [known] = room.field.rows(
        select(schema.number.c.id)
        .join(schema.personal, schema.personal.c.commitment == schema.number.c.commitment)
        .where(schema.personal.c.value == number(GRID_1).e164)
    )
    asked, browser = about(GRID_1, number=str(known.id)), room.officer(login="one")
    assert "请先认领" in browser.post("/desk/item/connect", **asked, phone="+9990000001").text
    browser.post("/desk/take", **about(GRID_1))
    assert "由系统接通" in browser.get(page_of(GRID_1)).text
    for phone, said in (("", "请写您自己的电话"), ("12", "没有写对"), ("+9990000001、+9990000002", "没有写对")):
        assert said in browser.post("/desk/item/connect", **asked, phone=phone).text
    wrong = about(GRID_1, number="999999", phone="+9990000001")
    assert "没有这个号码" in browser.post("/desk/item/connect", **wrong).text
    assert room.field.rows(schema.desk_call.select()) == []
    assert browser.post("/desk/item/connect", **asked, phone="+9990000001").status_code == 303
    assert "正在接通" in browser.post("/desk/item/connect", **asked).text  # a second click
    shown = browser.get(page_of(GRID_1)).text
    assert "正在打给您的电话" in shown
    assert "不填就打上次的 ****0001" in shown
    [kept] = room.field.rows(schema.desk_call.select())
    assert (kept.asked_by, kept.post, kept.run) == ("示例·值班员（one）", GRID_1, "actual")
    room.wait(4 * MINUTE)
    assert browser.post("/desk/item/connect", **asked).status_code == 303  # by the phone of last time
    room.wait(4 * MINUTE)
    room.connects = False
    assert "请用手边的电话直接拨打" in browser.post("/desk/item/connect", **asked).text
    assert "由系统接通" not in browser.get(page_of(GRID_1)).text


def test_who_has_answered_and_then_asks_is_settled_by_the_same_buttons(room: Room) -> None:
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_1, "收到")
    room.field.reply(GRID_1, "路断了")
    room.field.reply(GRID_2, "收到")
    room.field.reply(GRID_2, "路断了")
    browser = room.officer(login="one")
    events = {one.post: one.about for one in room.field.rows(schema.human_call.select()) if one.kind == "asked"}
    for post, result in ((GRID_1, "confirmed"), (GRID_2, "refused")):
        item = about(post, kind="asked", about=events[post])
        assert browser.post("/desk/take", **item).status_code == 303
        assert browser.post("/desk/item/result", **item, result=result, note="绕行").status_code == 303
    left = {one.post: (one.state, one.outcome) for one in room.field.rows(schema.human_call.select())}
    assert left[GRID_1][0] == "closed"
    assert left[GRID_2][0] == "claimed"  # the officer finds somebody else
    assert left[GRID_2][1].endswith("拒绝或无法到岗：绕行")
