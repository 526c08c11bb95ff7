"""A real browser before real pages: Debian's Chromium, driven by Playwright, on a server in a thread."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from callout.cli.web import bound
from tests.web.room import Room

T = TypeVar("T")

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PATIENCE = 60_000
"""Milliseconds after which a test gives up waiting for a page."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(room: Room, port: int = 0) -> Iterator[str]:
    """The pages of this room on a port of their own; gives their address."""
    listening = bound("127.0.0.1", port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(room.pages, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(60)


def aside(work: Callable[[], T]) -> T:
    """Run part of a story in a thread of its own: Playwright keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def visitor(browser: Browser, room: Room, address: str, login: str, **more: object) -> BrowserContext:
    """A browser window of somebody who has signed in."""
    [cookie] = aside(lambda: room.officer_cookie(login)).items()
    context = browser.new_context(**{"viewport": WIDE, "locale": "zh-CN"} | more)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
    return context
