"""The page for the person called: a link in a text, one button, no sign-in."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.instant import HOUR, MINUTE
from callout.domain.level import Level
from callout.domain.link import LIFE
from callout.store import schema
from tests.scenarios.drilling import start
from tests.scenarios.field import BAIMA, COUNTY, DEPUTY, GRID_1, GRID_2, SMS, VOICE, open_field
from tests.web.room import ADDRESS, Browser, Room

ONE_MESSAGE = 4_000
"""Bytes of the whole page: four seconds at 1 kB/s."""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", link_key="a synthetic secret", public_url=ADDRESS)
    yield Room(field)
    field.app.close()


def link(room: Room, serial: int) -> str:
    """Where the link in the last text to this phone leads."""
    return room.field.last(serial, SMS).text.rpartition(ADDRESS)[2]


def pressed(room: Room, browser: Browser, path: str, **fields: str) -> int:
    """The status of a pressed button, after the engine has heard of it."""
    status = browser.client.post(path, data=fields)
    browser.text = status.text
    room.field.settle()
    return int(status.status_code)


def test_looking_answers_nothing_and_pressing_does(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    page = browser.get(path)
    assert page.status_code == 200
    assert "武隆区暴雨红色预警" in page.text
    assert browser.client.head(path).status_code in (200, 405)
    room.field.settle()
    assert room.field.callout(GRID_1).state == "waiting"
    assert pressed(room, browser, path, choice="1", n="0") == 200
    assert "已记下：收到" in browser.text
    assert room.field.callout(GRID_1).grade == "acknowledged"
    assert room.field.callout(GRID_2).state == "waiting"
    assert "已记下：收到" in browser.get(path).text


def test_the_link_of_a_drill_opens_its_own_page_which_says_so_and_answers_nothing_real(room: Room) -> None:
    drill = start(room.field, GRID_1)
    browser, path = room.browser(), link(room, GRID_1)
    room.field.alert(Level.ORANGE, areas=[BAIMA])
    page = browser.get(path)
    assert page.status_code == 200
    assert "演练" in page.text
    assert pressed(room, browser, path, choice="1", n="0") == 200
    c = schema.callout
    rows = room.field.rows(select(c.c.county, c.c.grade).where(c.c.post == GRID_1))
    assert {row.county: row.grade for row in rows} == {drill.county: "acknowledged", COUNTY: ""}


def test_the_page_is_small_and_asks_for_nothing_else(room: Room) -> None:
    room.field.alert(Level.RED)
    page = room.browser().get(link(room, GRID_1))
    head = sum(len(name) + len(value) + 4 for name, value in page.headers.items())
    assert len(page.content) + head < ONE_MESSAGE
    assert not re.findall(r'<script|<img|src=|@import|url\(|<link[^>]*href="(?!data:)', page.text)
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["x-robots-tag"] == "noindex, nofollow"


def test_no_number_and_no_name_of_the_person_stands_on_it(room: Room) -> None:
    room.field.alert(Level.RED)
    text = room.browser().get(link(room, GRID_1)).text
    assert "示例·人员" not in text
    assert "+999" not in text


def test_the_same_press_counts_once_and_another_is_another(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    for _ in range(3):
        pressed(room, browser, path, choice="moving", people="12", n="0")
    assert browser.get(path).text.count("已记下：正在转移（已转移 12 人）") == 1
    pressed(room, browser, path, choice="moving", people="15", n="1")
    pressed(room, browser, path, choice="moving", people="12", n="2")
    assert [len(room.field.audit("callout.answered")), browser.get(path).text.count("已记下")] == [1, 3]


def test_a_number_beside_the_big_button_is_a_report_too(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    pressed(room, browser, path, choice="1", people=" 7 ")
    assert "正在转移（已转移 7 人）" in browser.get(path).text


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"choice": "9"},
        {"choice": "1", "people": "很多"},
        *({"choice": "moving", "people": people} for people in ("-3", "100000", "²")),
    ],
)
def test_what_cannot_be_read_is_not_kept_and_the_page_says_so(room: Room, fields: dict[str, str]) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    assert pressed(room, browser, path, **fields) == 422
    assert "没有记下" in browser.text
    assert room.field.callout(GRID_1).state == "waiting"


def test_a_link_cannot_be_guessed_or_bent_to_another_person(room: Room) -> None:
    room.field.alert(Level.RED)
    browser = room.browser()
    one, other = link(room, GRID_1), link(room, GRID_2)
    mixed = one[: len("/c/") + 11] + other[len("/c/") + 11 :]
    tries = [mixed, one[:-1] + ("a" if one[-1] != "a" else "b"), "/c/1", "/c/" + "a" * 24, "/c/" + "号" * 24]
    assert [browser.get(path).status_code for path in tries] == [404] * 5
    assert [pressed(room, browser, path, choice="1") for path in tries] == [404] * 5
    assert room.field.callout(GRID_1).state == room.field.callout(GRID_2).state == "waiting"
    unsigned = Room(open_field("sqlite:///" + str(room.field.app.database.engine.url.database) + ".other"))
    assert unsigned.browser().get(one).status_code == 404
    unsigned.field.app.close()


def test_a_link_ends_after_two_days_and_says_what_to_do(room: Room) -> None:
    room.field.alert(Level.RED, hours=60)
    browser, path = room.browser(), link(room, GRID_1)
    room.wait(LIFE - MINUTE)
    assert browser.get(path).status_code == 200
    room.wait(MINUTE)
    assert browser.get(path).status_code == 410
    assert "已过期" in browser.text
    assert pressed(room, browser, path, choice="1") == 410
    assert not room.field.audit("callout.answered")


def test_late_by_the_link_is_marked_late_and_after_the_end_the_page_says_so(room: Room) -> None:
    room.field.alert(Level.RED, hours=2)
    browser, path = room.browser(), link(room, GRID_1)
    room.field.wait(3 * HOUR // 1000)
    assert pressed(room, browser, path, choice="1") == 200
    assert room.field.callout(GRID_1).late == 1


def test_a_stand_ins_link_answers_for_the_post_and_names_it(room: Room) -> None:
    room.field.alert(Level.RED)
    browser = room.browser()
    assert pressed(room, browser, link(room, GRID_1), choice="2") == 200
    path = room.field.app.settings.link_to(room.field.last(DEPUTY, VOICE).attempt).removeprefix(ADDRESS)
    assert "未应答，请您代为处理" in browser.get(path).text
    pressed(room, browser, path, choice="1")
    assert room.field.callout(GRID_1).grade == "proxy"
    assert "这个岗位已有应答" not in browser.get(path).text
    assert "已有应答" in browser.get(link(room, GRID_1)).text or "无法到岗" in browser.text


def test_what_cannot_be_kept_is_not_thanked_for(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    room.field.app.world.ear.keep = None
    assert browser.client.post(path, data={"choice": "1"}).status_code == 503
    assert room.faults


def test_one_link_cannot_flood_the_inbox(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), link(room, GRID_1)
    codes = [browser.client.post(path, data={"choice": "moving", "people": str(n)}).status_code for n in range(7)]
    assert codes == [200] * 5 + [429] * 2
    room.field.settle()
    assert pressed(room, browser, path, choice="1", n="9999") == 200
