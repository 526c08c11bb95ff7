"""Pages in a real browser that asks for English, at both widths and by axe; and those that come after a form."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from callout.domain.level import Level
from callout.domain.user import Role
from callout.web import staff
from tests.scenarios.field import GRID_1, open_field
from tests.scenarios.moving import listed
from tests.scenarios.sites import sites_and_a_school, warn
from tests.web.browsing import PATIENCE, aside, chromium, opened, visitor
from tests.web.room import PASSWORD, Room
from tests.web.test_elsewhere import LOGIN, provider, registered
from tests.web.test_in_chromium import looked_at, watched

pytestmark = pytest.mark.long
PORT = 18_620
"""Where the provider sends the browser back to; it must know it before the pages are open."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A night with something on every page."""
    folder = tmp_path_factory.mktemp("night")
    one = aside(lambda: told(folder))
    yield one
    aside(one.field.app.close)


def told(folder: Path) -> Room:
    field = open_field(f"sqlite:///{folder}/field.sqlite3", roster=sites_and_a_school())
    listed(field)
    warn(field)
    field.alert(Level.RED, identifier="示例-红")
    field.reply(GRID_1, "收到但路断了")
    field.app.seal()
    room = Room(field)
    for role, login in ((Role.LEADER, "daiban"), (Role.AUDITOR, "shenji"), (Role.ADMINISTRATOR, "guanli")):
        room.officer_cookie(login, role)
    return room


PAGES = {
    "daiban": ("/", "/desk", "/warnings", "/warnings/form", "/stops", "/moves", "/drills", "/drills/plan", "/journal",
               "/journal/handover", "/desk/paper", "/account", "/password"),
    "shenji": ("/audit", "/audit/why?alert=1&q=白马镇"),
    "guanli": ("/", "/users"),
}  # fmt: skip


@pytest.mark.parametrize("login", PAGES)
def test_every_page_in_english_at_both_widths(browser: Browser, room: Room, login: str) -> None:
    wrong = []
    with opened(room) as address, visitor(browser, room, address, login, locale="en-GB") as context:
        page, complaints = watched(context, address)
        for path in PAGES[login]:
            page.goto(address + path)
            expect(page.locator("html")).to_have_attribute("lang", "en")
            unfold(page)
            wrong += looked_at(page, f"en-{login}-{path[1:].partition('?')[0].replace('/', '-') or 'board'}")
        wrong += complaints
    assert wrong == []
    assert room.faults == []


WORDS = {"en-GB": ("Check the whole record", "one-time code"), "zh-CN": ("核对全部记录", "动态口令")}


def unfold(page: Page) -> None:
    for one in page.locator("main details").all():
        one.evaluate("details => { details.open = true }")


@pytest.mark.parametrize("locale", WORDS)
def test_what_comes_after_a_form_at_both_widths(browser: Browser, room: Room, locale: str) -> None:
    wrong, (check, code) = [], WORDS[locale]
    with opened(room) as address, visitor(browser, room, address, "shenji", locale=locale) as context:
        page, complaints = watched(context, address)
        page.goto(f"{address}/audit?q=示例")
        page.locator("main tbody a").first.click()
        expect(page.locator("main tbody tr").first).to_be_visible()
        unfold(page)
        wrong += looked_at(page, f"{locale}-audit-one")
        page.goto(f"{address}/audit")
        page.get_by_role("button", name=check).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(check)
        wrong += looked_at(page, f"{locale}-audit-chain")
        wrong += complaints
        page.goto(f"{address}/nowhere")
        wrong += looked_at(page, f"{locale}-error")
        login = f"kouling-{locale.lower()}"
        aside(lambda: with_a_code(room, login))
        context.clear_cookies()
        page.goto(f"{address}/sign-in")
        page.locator("#f-login").fill(login)
        page.locator("#f-password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(code, timeout=PATIENCE)
        wrong += looked_at(page, f"{locale}-code")
    assert wrong == []


def with_a_code(room: Room, login: str) -> None:
    room.officer_cookie(login)

    def work(writing: object) -> None:
        user = staff.known(writing, login)  # type: ignore[arg-type]
        writing.users.change(user, "totp_on", "示例·测试", totp="A" * 32, totp_used=0)  # type: ignore[attr-defined]

    room.field.app.store.write(work)


def test_the_switch_and_the_live_board_speak_the_readers_language(browser: Browser, room: Room) -> None:
    with opened(room) as address, visitor(browser, room, address, "daiban") as context:
        page, complaints = watched(context, address)
        page.goto(address)
        page.get_by_role("link", name="English").click()
        expect(page).to_have_title("Board · Callout")
        page.wait_for_selector("body[data-live]")
        expect(page.locator(".countdown").first).to_contain_text(re.compile(r"in \d+|now"))
        aside(lambda: room.field.alert(Level.RED, identifier="示例-再红"))
        expect(page.locator("#alarm")).to_contain_text("New red warning", timeout=PATIENCE)
        expect(page.locator("#alerts")).to_contain_text("Due")
        page.get_by_role("link", name="中文").click()
        expect(page).to_have_title("值班屏 · 叫应")
        assert complaints == []


def test_an_officer_signs_in_by_the_identity_provider(browser: Browser, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{PORT}"
    with provider(address) as issuer:
        room = Room(
            aside(lambda: open_field(f"sqlite:///{tmp_path}/field.sqlite3")),
            public_url=address,
            identity=registered(issuer, address=address),
        )
        aside(lambda: room.hire(LOGIN))
        aside(lambda: staff.bind(room.field.app.store, LOGIN, "officer-7", "示例·测试"))
        with opened(room, PORT), browser.new_context(locale="zh-CN") as context:
            page = context.new_page()
            page.goto(f"{address}/desk")
            wrong = looked_at(page, "sign-in-elsewhere")
            page.get_by_role("link", name="用统一身份认证登录").click()
            page.locator("[name=login]").fill("officer-7")
            page.locator("[name=password]").fill("anything")
            page.get_by_role("button", name="Sign-in").click()
            page.get_by_role("button", name="Continue").click()
            expect(page).to_have_url(f"{address}/desk", timeout=PATIENCE)
            expect(page.locator(".who")).to_contain_text("示例·值班员")
            page.get_by_role("button", name="退出").click()
            expect(page.get_by_role("link", name="同时退出统一身份认证")).to_be_visible()
        assert wrong == []
        assert room.faults == []
        aside(room.field.app.close)
