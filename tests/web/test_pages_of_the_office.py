"""The office's own pages in a real browser: at both widths, by axe, and by keyboard alone without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.store import schema
from tests.scenarios.field import GRID_1, open_field
from tests.scenarios.moving import warned
from tests.scenarios.sites import sites_and_a_school, warn
from tests.web.browsing import NARROW, PATIENCE, aside, chromium, opened, visitor
from tests.web.room import Room
from tests.web.storm import storm
from tests.web.test_board import with_a_neighbour
from tests.web.test_in_chromium import fill, looked_at, press, tried, watched

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def test_issuing_a_warning_at_both_widths(browser: Browser, tmp_path: Path) -> None:
    room = aside(lambda: storm(tmp_path, 60))
    room.officer_cookie("zhiban", Role.OFFICER)
    with opened(room) as address, visitor(browser, room, address, "zhiban") as context:
        page, wrong = watched(context, address)
        page.goto(f"{address}/warnings/form")
        wrong += looked_at(page, "warning-new")
        written(page, "红色")
        page.get_by_role("button", name="看看会叫谁").click()
        expect(page.locator("#h-seen")).to_be_visible()
        wrong += looked_at(page, "warning-preview")
        page.get_by_label("照样输入“红色”").fill("红色")
        page.get_by_role("button", name="发布暴雨红色预警").click()
        expect(page.locator("#h-waiting")).to_be_visible()
        wrong += looked_at(page, "warnings-officer")
        wrong += tried(browser, room, f"{address}/", ("zhiban", "board-awaiting"))
        room.officer_cookie("daiban", Role.LEADER)
        wrong += tried(browser, room, f"{address}/warnings", ("daiban", "warnings-leader"))
    assert wrong == []
    assert room.faults == []


def test_the_board_of_a_city_at_both_widths(browser: Browser, tmp_path: Path) -> None:
    room = aside(lambda: Room(open_field(f"sqlite:///{tmp_path}/field.sqlite3")))
    aside(lambda: with_a_neighbour(room.field))
    aside(lambda: room.field.alert(Level.RED))
    aside(lambda: room.officer_cookie("quanshi", Role.LEADER, Scope(ScopeKind.CITY)))
    with opened(room) as address:
        wrong = tried(browser, room, address, ("quanshi", "board-city"))
    assert wrong == []


def test_the_board_of_stops_at_both_widths(browser: Browser, tmp_path: Path) -> None:
    room = aside(lambda: Room(open_field(f"sqlite:///{tmp_path}/field.sqlite3", roster=sites_and_a_school())))
    aside(lambda: warn(room.field))
    room.officer_cookie("daiban", Role.LEADER)
    with opened(room) as address, visitor(browser, room, address, "daiban") as context:
        page, wrong = watched(context, address)
        page.goto(f"{address}/stops")
        page.get_by_text("决定执行").first.click()
        ask = page.locator("form[action='/stops/order']").first
        ask.get_by_label("职务").fill("副区长")
        ask.get_by_role("button").click()
        expect(page.locator("#h-ordered")).to_be_visible()
        aside(lambda: room.field.wait(31 * 60))
        wrong += tried(browser, room, f"{address}/stops", ("daiban", "stops"))
    assert wrong == []
    assert room.faults == []


def test_the_duty_log_at_both_widths(browser: Browser, room: Room) -> None:
    aside(lambda: room.field.alert(Level.ORANGE))
    aside(lambda: room.field.reply(GRID_1, "收到但路断了"))
    aside(lambda: room.officer_cookie("zhiban", Role.OFFICER))
    with opened(room) as address, visitor(browser, room, address, "zhiban") as context:
        page, wrong = watched(context, address)
        page.goto(f"{address}/journal")
        page.get_by_label("类别").select_option(label="会商（1+7+N）")
        page.get_by_label("内容或结论").fill("研判：夜间白马、江口降雨加强，建议白马镇停学、工地停工")
        page.get_by_label("参加单位和人员").fill("指挥部；气象、水利、自然资源、住建、交通、教育、文旅；白马镇")
        page.get_by_role("button", name="写入日志").click()
        expect(page.locator("#h-entries")).to_be_visible()
        wrong += looked_at(page, "journal")
        page.get_by_role("link", name="交接班").click()
        page.get_by_label("另外要交代的").fill("白马桥头有人守，07:00 换班")
        wrong += looked_at(page, "handover")
        page.get_by_role("button", name="交班").click()
        aside(lambda: room.officer_cookie("jieban", Role.OFFICER))
        wrong += tried(browser, room, f"{address}/journal/handover", ("jieban", "takeover"))
    assert wrong == []
    assert room.faults == []


def test_the_board_of_moves_at_both_widths(browser: Browser, room: Room) -> None:
    aside(lambda: warned(room.field))
    aside(lambda: room.field.reply(GRID_1, "已转移32人"))
    room.officer_cookie("daiban", Role.LEADER)
    with opened(room) as address, visitor(browser, room, address, "daiban") as context:
        page, wrong = watched(context, address)
        page.goto(f"{address}/moves")
        page.locator("article", has_text="示例户").get_by_role("button", name="已转移").click()
        expect(page.locator("#h-away")).to_be_visible()
        wrong += tried(browser, room, f"{address}/moves", ("daiban", "moves"))
        wrong += tried(browser, room, f"{address}/", ("daiban", "board-moves"))
    assert wrong == []
    assert room.faults == []


def written(page: Page, level: str) -> None:
    page.get_by_label("级别").select_option(label=level)
    page.get_by_label("主要内容").fill("预计未来3小时白马、江口有80毫米以上降雨，山洪和地质灾害风险高")
    page.get_by_label("发布原因").fill("区防汛办会商，雨量站1小时超50毫米")


def test_a_warning_goes_out_by_keyboard_alone_without_javascript(browser: Browser, room: Room) -> None:
    aside(lambda: room.officer_cookie("zhiban", Role.OFFICER))
    with (
        opened(room) as address,
        visitor(browser, room, address, "zhiban", java_script_enabled=False) as context,
    ):
        page = context.new_page()
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        page.goto(f"{address}/warnings")
        press(page, page.get_by_role("link", name="发布预警"))
        fill(page, "主要内容", "未来3小时50毫米以上降雨")
        fill(page, "发布原因", "会商")
        press(page, page.get_by_role("button", name="看看会叫谁"))
        expect(page.locator("#h-seen")).to_be_visible(timeout=PATIENCE)
        press(page, page.get_by_role("button", name="发布暴雨橙色预警"))
        expect(page.locator("main")).to_contain_text("武隆区应急值班室发布暴雨橙色预警")
    [row] = room.field.rows(select(schema.alert))
    assert (row.sender, row.level) == ("callout-500156", "orange")
