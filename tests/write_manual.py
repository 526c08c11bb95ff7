"""Write the pictures of docs/manual.zh-CN.md from the pages themselves: `python -m tests.write_manual`."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from callout.domain.user import Role
from tests.scenarios.moving import plan
from tests.shape import ROOT
from tests.web.browsing import aside, opened, visitor
from tests.web.night import Night, wulong

FOLDER = ROOT / "docs" / "manual"
SIZE = {"width": 960, "height": 720}
PHONE = {"width": 360, "height": 720}
COLOURS = 48
"""Enough for text and levels; a picture stays small."""


def main() -> None:
    """All pictures, from one night."""
    path = shutil.which("chromium")
    if path is None:
        sys.exit("chromium is not installed")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        night = aside(lambda: told(Path(folder)))
        with opened(night.room) as address:
            by_the_officer(browser, night, address)
            by_the_leader(browser, night, address)
        browser.close()


def told(folder: Path) -> Night:
    """The night until twenty minutes after orange."""
    night = wulong(folder, seed=1)
    night.room.field.app.store.write(lambda work: work.relocations.plans.use(plan(), "合成"))
    for login, role in (("zhiban", Role.OFFICER), ("daiban", Role.LEADER)):
        night.room.officer_cookie(login, role)
    for name, minutes in (("01-blue.xml", 2), ("02-yellow.xml", 2), ("03-orange.xml", 20)):
        night.comes(name)
        night.passes(minutes)
    return night


def by_the_officer(browser: Browser, night: Night, address: str) -> None:
    """What a duty officer sees."""
    with shown(browser, night, address, "zhiban") as context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-live]")
        kept(page, "board")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        kept(page, "board-phone")
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
        page.goto(f"{address}/desk")
        kept(page, "desk")
        page.get_by_role("button", name="认领：示例·白马镇学校").first.click()
        kept(page, "item")
        page.goto(f"{address}/warnings/form")
        page.get_by_label("级别").select_option(label="红色")
        page.get_by_label("主要内容").fill("预计未来3小时白马、江口有80毫米以上降雨")
        page.get_by_label("发布原因").fill("区防汛办会商")
        page.get_by_role("button", name="看看会叫谁").click()
        kept(page, "preview")
        page.get_by_label("照样输入“红色”").fill("红色")
        page.get_by_role("button", name="发布暴雨红色预警").click()
        page.goto(f"{address}/moves")
        kept(page, "moves")


def by_the_leader(browser: Browser, night: Night, address: str) -> None:
    """What a shift leader sees."""
    with shown(browser, night, address, "daiban") as context:
        page = context.new_page()
        page.goto(f"{address}/warnings")
        kept(page, "confirm")
        page.goto(f"{address}/stops")
        page.get_by_text("决定执行").first.click()
        kept(page, "stops")
        page.goto(f"{address}/journal/handover")
        kept(page, "handover")


def shown(browser: Browser, night: Night, address: str, login: str) -> BrowserContext:
    """A window as wide as a picture."""
    context = visitor(browser, night.room, address, login)
    context.set_default_timeout(60_000)
    return context


def kept(page: Page, name: str) -> None:
    """The top of the page as a small picture."""
    if page.viewport_size and page.viewport_size["width"] > SIZE["width"]:
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    picture.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
