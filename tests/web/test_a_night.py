"""One night from the first message to the auditor, in a browser: the three 武隆 messages on a simulated carrier."""

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from callout.domain.user import Role
from tests.scenarios.sites import SCHOOL, rows
from tests.web.browsing import PATIENCE, aside, opened, visitor
from tests.web.night import Night, wulong
from tests.web.test_in_chromium import watched
from tests.web.test_pages_of_the_office import browser

__all__ = ["browser"]

pytestmark = pytest.mark.long


def test_an_officer_works_the_night_a_leader_orders_and_an_auditor_finds_it_all(
    browser: Browser, tmp_path: Path
) -> None:
    night = aside(lambda: wulong(tmp_path, seed=1))
    for login, role in (("zhiban", Role.OFFICER), ("daiban", Role.LEADER), ("shenji", Role.AUDITOR)):
        night.room.officer_cookie(login, role)
    with opened(night.room) as address:
        with visitor(browser, night.room, address, "zhiban") as context:
            page, complaints = watched(context, address)
            the_messages_come(page, night, address)
            the_desk_is_worked(page, address)
        with visitor(browser, night.room, address, "daiban") as context:
            page, more = watched(context, address)
            the_school_is_closed(page, night, address)
        with visitor(browser, night.room, address, "shenji") as context:
            page, rest = watched(context, address)
            the_auditor_finds_it(page, night, address)
    assert complaints + more + rest == []
    assert night.room.faults == []


def the_messages_come(page: Page, night: Night, address: str) -> None:
    """Blue, yellow, orange, each shown by itself as it comes; the officer does nothing but look."""
    page.goto(address)
    page.wait_for_selector("body[data-live]")
    for name, word in (("01-blue.xml", "蓝色"), ("02-yellow.xml", "黄色"), ("03-orange.xml", "橙色")):
        aside(partial(night.comes, name))
        expect(page.locator("#alerts article").first).to_contain_text(word, timeout=PATIENCE)
        aside(lambda: night.passes(2))
    aside(lambda: night.passes(20))
    expect(page.locator("#next")).to_contain_text("项等人认领", timeout=PATIENCE)
    expect(page.locator("#next")).to_contain_text("等决定 3 处")


def the_desk_is_worked(page: Page, address: str) -> None:
    """The head of the school cannot come; the officer takes it, rings, and notes that the person has understood."""
    page.goto(f"{address}/desk")
    page.get_by_role("button", name="认领：示例·白马镇学校").first.click()
    expect(page.locator("main")).to_contain_text("+999")
    page.get_by_role("button", name="本人确认").click()
    expect(page.locator("h1")).to_contain_text("人工叫应")
    page.goto(f"{address}/journal")
    page.get_by_label("类别").select_option(label="会商（1+7+N）")
    page.get_by_label("内容或结论").fill("研判：白马镇停学")
    page.get_by_label("参加单位和人员").fill("指挥部、气象、教育、白马镇")
    page.get_by_role("button", name="写入日志").click()
    expect(page.locator("#h-entries + article")).to_contain_text("研判：白马镇停学")


def the_school_is_closed(page: Page, night: Night, address: str) -> None:
    """A leader orders 停学; the school is told; somebody sees it closed."""
    page.goto(f"{address}/stops")
    article = page.locator("article", has_text="停学").first
    article.get_by_text("决定执行").click()
    form = article.locator("form[action='/stops/order']")
    form.get_by_label("职务").fill("副区长")
    form.get_by_role("button", name="决定停学").click()
    expect(page.locator("#h-ordered")).to_be_visible()
    aside(lambda: night.passes(2))
    page.reload()
    article = page.locator("article", has_text="停学").first
    article.get_by_text("现场确认").click()
    form = article.locator("form[action='/stops/confirm']")
    form.get_by_label("谁看到的").fill("示例·校长")
    form.get_by_label("看到什么").fill("已停课，寄宿生就地安置")
    form.get_by_role("button", name="确认已停下").click()
    expect(page.locator("#h-confirmed")).to_be_visible()
    assert [row.state for row in rows(night.room.field) if row.code == "停学"] == ["confirmed"]
    told = [one for one in night.room.field.attempts() if one.notice.startswith("stop_ordered:")]
    assert {one.responder for one in told} == {SCHOOL}


def the_auditor_finds_it(page: Page, night: Night, address: str) -> None:
    """The callout with its proof, the order with who decided, the consultation; and the chain holds."""
    aside(night.seals)
    page.goto(f"{address}/audit?q=白马镇学校")
    page.get_by_role("link", name="示例·白马镇学校").first.click()
    expect(page.locator("main")).to_contain_text("人工确认")
    expect(page.locator("main")).to_contain_text("示例·值班员（zhiban）")
    assert not re.search(r"\+999\d{13}", page.content())
    page.goto(f"{address}/stops")
    expect(page.locator("main")).to_contain_text("决定：副区长示例·带班领导")
    expect(page.locator("main")).to_contain_text("已停课，寄宿生就地安置")
    page.goto(f"{address}/journal")
    expect(page.locator("main")).to_contain_text("研判：白马镇停学")
    page.goto(f"{address}/audit")
    page.get_by_role("button", name="核对全部记录").click()
    expect(page.locator("main")).to_contain_text("记录完好")
