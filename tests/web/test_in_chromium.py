"""What an officer sees in a real browser: every page at two widths, the live board, the night without JavaScript."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from callout.domain.level import Level
from callout.domain.user import Role
from tests.scenarios.field import GRID_1, number
from tests.web.browsing import NARROW, PATIENCE, WIDE, aside, chromium, opened, visitor
from tests.web.room import PASSWORD, Room
from tests.web.storm import storm

SHOTS = os.environ.get("CALLOUT_SHOTS", "")
"""Folder for screenshots of every page; none are kept without it."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def looked_at(page: Page, name: str) -> list[str]:
    """What is wrong with a page at both widths."""
    wrong = []
    for width, size in (("1280", WIDE), ("360", NARROW)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        wrong += [f"{name} at {width}: {over} px too wide"] if over > 0 else []
        found = Axe().run(page).response
        assert found["passes"], "axe has looked at nothing"
        wrong += [f"{name} at {width}: {one['id']} {one['nodes'][0]['html']}" for one in found["violations"]]
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    return wrong


def watched(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """A page, and whatever it complains about or asks of strangers."""
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("request", lambda one: None if one.url.startswith(address) else wrong.append(f"asks {one.url}"))
    return page, wrong


@pytest.mark.long
def test_every_page_can_be_read_by_everybody_at_both_widths(browser: Browser, tmp_path: Path) -> None:
    room = aside(lambda: storm(tmp_path))
    for role, login in ((Role.OFFICER, "zhiban"), (Role.AUDITOR, "shenji"), (Role.ADMINISTRATOR, "guanli")):
        room.officer_cookie(login, role)
    room.officer_cookie("daiban", Role.LEADER)
    desk = room.officer(login="zhiban")
    free = address_in(desk.get("/desk").text, r'href="(/desk/item\?[^"]+)"')
    key = dict(re.findall(r'name="(county|alert|post|kind|about)" value="([^"]*)"', desk.text.partition("card ")[2]))
    told = address_in(room.officer(login="shenji").get("/audit?state=answered").text, r'href="(/audit/callout\?[^"]+)"')
    mine = desk.post("/desk/take", **key).headers["location"]
    pages = [
        *(("zhiban", "board", "/"), ("zhiban", "desk", "/desk"), ("zhiban", "free", free), ("zhiban", "mine", mine)),
        *(("zhiban", "paper", "/desk/paper"), ("zhiban", "account", "/account"), ("zhiban", "password", "/password")),
        *(("shenji", "audit", "/audit"), ("shenji", "audit-why", "/audit/why?alert=2&q=白马镇")),
        *(
            ("shenji", "audit-one", told),
            ("shenji", "auditor", free),
            ("guanli", "users", "/users"),
            ("guanli", "welcome", "/"),
            ("daiban", "drill-plan", "/drills/plan"),
        ),
    ]
    with opened(room) as address:
        wrong = [fault for login, name, path in pages for fault in tried(browser, room, address + path, (login, name))]
        with visitor(browser, room, address, "zhiban") as context:
            page, complaints = watched(context, address)
            page.goto(f"{address}/desk")
            page.get_by_role("button", name="打印叫应单").first.click()
            expect(page.get_by_role("heading", level=1)).to_contain_text("叫应单")
            wrong += looked_at(page, "sheet") + complaints
        with browser.new_context(locale="zh-CN") as context:
            page, complaints = watched(context, address)
            page.goto(f"{address}/sign-in")
            wrong += looked_at(page, "sign-in") + complaints
    assert wrong == []
    assert room.faults == []


def tried(browser: Browser, room: Room, url: str, who: tuple[str, str]) -> list[str]:
    """What is wrong with a page, everything on it unfolded; `who` = (login, name of the page)."""
    login, name = who
    origin = re.match(r"http://[^/]+", url)
    assert origin
    with visitor(browser, room, origin[0], login) as context:
        page, complaints = watched(context, origin[0])
        page.goto(url)
        for one in page.locator("main details").all():
            one.evaluate("details => { details.open = true }")
        return looked_at(page, name) + complaints


def address_in(html: str, pattern: str) -> str:
    found = re.search(pattern, html)
    assert found
    return found[1].replace("&amp;", "&")


def test_the_board_follows_the_night_and_says_when_it_cannot(browser: Browser, room: Room) -> None:
    with opened(room) as address, visitor(browser, room, address, "zhiban") as context:
        page, complaints = watched(context, address)
        page.goto(address)
        expect(page.locator("#alerts")).to_contain_text("没有生效的预警")
        page.wait_for_selector("body[data-live]")
        aside(lambda: room.field.alert(Level.ORANGE))
        expect(page.locator("#alerts")).to_contain_text("橙色", timeout=PATIENCE)
        expect(page.locator(".countdown").first).to_contain_text("秒后")
        aside(lambda: room.field.reply(GRID_1, "收到"))
        expect(page.locator(".counts").first).to_contain_text("已应 1", timeout=PATIENCE)
        assert page.locator("#alarm").is_hidden()
        aside(lambda: room.field.alert(Level.RED, identifier="red"))
        expect(page.locator("#alarm")).to_contain_text("新的红色预警", timeout=PATIENCE)
        expect(page).to_have_title(re.compile("注意"), timeout=PATIENCE)
        page.get_by_role("button", name="知道了").click()
        expect(page).to_have_title("值班屏 · 叫应")
        assert complaints == []
        context.set_offline(True)
        expect(page.locator("#lost")).to_contain_text("连接断了", timeout=PATIENCE)
        context.set_offline(False)
        expect(page.locator("#lost")).to_be_hidden(timeout=PATIENCE)


def test_a_night_at_the_desk_without_javascript_by_keyboard_only(browser: Browser, room: Room) -> None:
    aside(lambda: room.field.alert(Level.ORANGE))
    aside(lambda: room.field.reply(GRID_1, "收到但路断了"))
    first = room.hire("zhiban")
    with opened(room) as address, visited(browser) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        fill(page, "登录名", "zhiban")
        fill(page, "密码", first, enter=True)
        fill(page, "现在的密码", first)
        fill(page, "新密码", PASSWORD)
        fill(page, "再填一次新密码", PASSWORD, enter=True)
        expect(page.locator("#next")).to_contain_text("1 项等人认领")
        press(page, page.get_by_role("link", name="去打电话"))
        press(page, page.get_by_role("button", name="认领：示例·白马镇网格员一").first)
        expect(page.locator("main")).to_contain_text(number(GRID_1).e164)
        press(page, page.get_by_role("button", name="本人确认"))
        expect(page.locator("main")).to_contain_text("现在没有要打的电话")
    assert room.field.callout(GRID_1).grade == "confirmed_by_human"


def visited(browser: Browser) -> BrowserContext:
    """A narrow window without JavaScript of somebody who has not signed in."""
    return browser.new_context(java_script_enabled=False, viewport=NARROW, locale="zh-CN")  # type: ignore[arg-type]


def fill(page: Page, label: str, text: str, *, enter: bool = False) -> None:
    """Type into a field and go on with a key."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter" if enter else "Tab")


def press(page: Page, thing: object) -> None:
    """Reach something by the Tab key alone and press Enter."""
    wanted = thing.element_handle()  # type: ignore[attr-defined]
    page.locator("body").press("Tab")
    for _ in range(60):
        if page.locator(":focus").count() and same(page, wanted):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail("the Tab key does not get there")
    page.keyboard.press("Enter")


def same(page: Page, wanted: object) -> bool:
    return bool(page.locator(":focus").first.evaluate("(one, other) => one === other", wanted))
