"""The page for the person called in a real browser: without JavaScript, at 1 kB/s, at both widths."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from callout.domain.level import Level
from tests.scenarios.field import GRID_1, SMS, open_field
from tests.web.browsing import NARROW, PATIENCE, aside, chromium, opened
from tests.web.room import ADDRESS, Room
from tests.web.test_in_chromium import looked_at, watched

SLOW = {"offline": False, "latency": 300, "downloadThroughput": 1000, "uploadThroughput": 1000}
"""One kilobyte a second, both ways."""


@pytest.mark.long
def test_a_person_confirms_on_the_page_without_javascript_at_one_kilobyte_a_second(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/field.sqlite3"
    room = Room(aside(lambda: open_field(url, link_key="a synthetic secret", public_url=ADDRESS)))
    aside(lambda: room.field.alert(Level.RED))
    path = room.field.last(GRID_1, SMS).text.rpartition(ADDRESS)[2]
    with chromium() as browser, opened(room) as address:
        with browser.new_context(viewport=NARROW) as context:  # type: ignore[arg-type]
            page, wrong = watched(context, address)
            page.goto(address + path)
            wrong += looked_at(page, "called")
            page.goto(address + path + "?lang=en")
            wrong += looked_at(page, "called-en")
            page.goto(address + "/c/" + "a" * 24)
            wrong += [one for one in looked_at(page, "called-nobody") if "404" not in one]
        with browser.new_context(viewport=NARROW, java_script_enabled=False) as context:  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            page, _ = watched(context, address)
            asked: list[str] = []
            page.on("request", lambda one: asked.append(one.method))
            context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
            begun = time.monotonic()
            page.goto(address + path)
            assert time.monotonic() - begun < 30
            assert asked == ["GET"]
            page.get_by_label("已转移人数").fill("12")
            page.get_by_role("button", name="收到").click()
            expect(page.locator("main")).to_contain_text("已记下：正在转移（已转移 12 人）")
            page.reload()
            assert asked == ["GET", "POST", "POST"]
        aside(room.field.settle)
    assert room.field.callout(GRID_1).grade == "acknowledged"
    assert len(room.field.audit("callout.answered")) == 1
    assert [one for one in wrong if "404" not in one] == []
    room.field.app.close()
