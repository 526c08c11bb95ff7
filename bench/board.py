"""The board with everybody's ladder running: reading it, what an answer sends, and what a browser sees of it."""

import asyncio
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import uvicorn
from fastapi import Request

from bench.county import Bench, load, opened, warning
from bench.servers import Server
from bench.tables import Table
from callout.cli.web import bound, site_of
from callout.domain.instant import later
from callout.domain.sign_in import SESSION
from callout.domain.user import Role, Scope, ScopeKind, Viewer
from callout.pipeline.receive import receive
from callout.ports import Inbound, InboundKind
from callout.store.store import Work
from callout.store.users import NewUser
from callout.web import staff
from callout.web.application import create_app
from callout.web.board import Filter, changed, draw
from callout.web.boards import Boards
from callout.web.passwords import fresh_token, mark_of

T = TypeVar("T")

ANSWERS = 5
TARGET_SECONDS = 2.0
LOGIN = "bench"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one run came to; times in seconds."""

    server: str
    open: int
    first: float
    """Reading everything for the first time, 应叫 included."""
    again: float
    """Reading it again after one answer, and finding what has changed; the median."""
    sent: int
    """Bytes that one answer sends to a browser; the median."""
    paint: float | None
    """From asking for the page to the first words in Chromium; None where there is none."""
    delay: float | None
    """From the commit of an answer to the new number on the screen."""


def run(server: Server, people: int, *, browser: bool = True) -> Looked:
    """Everybody is called, nobody has answered; then some do, one by one, at last before a browser."""
    with server.filled(lambda url: _fill(url, people)) as copy, copy() as url, opened(url) as bench:
        receive(bench.app.intake, warning())
        asyncio.run(bench.app.settle())
        readings = Boards(site_of(bench.app))
        scope = Scope(ScopeKind.COUNTY, bench.app.settings.county)
        first, seen = _timed(lambda: readings.seen(scope))
        again, sent = _answers(bench, readings, viewer(bench, scope))
        paint, delay = _browser(bench) if browser else (None, None)
        return Looked(server.name, seen.stand.total.open, first, again, sent, paint, delay)


def _fill(url: str, people: int) -> None:
    with opened(url) as bench:
        load(bench.app, people)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def viewer(bench: Bench, scope: Scope) -> Viewer:
    staff.engage(bench.app.store, NewUser(LOGIN, "示例·压测", "", Role.OFFICER, scope), "示例·压测")
    return bench.app.store.read(lambda work: staff.known(work, LOGIN)).viewer


def answer(bench: Bench) -> None:
    """The next phone says 收到."""
    number = next(_numbers(bench))
    event = Inbound(f"bench:{number}", InboundKind.REPLY, bench.clock.now(), "收到", "", number)
    bench.app.store.accept([event])
    asyncio.run(bench.app.settle())


def _numbers(bench: Bench) -> Iterator[str]:
    """Numbers of people who have not answered."""
    query = (
        "SELECT p.value FROM callout c JOIN attempt_callout l ON l.county = c.county AND l.alert = c.alert "
        "AND l.post = c.post AND l.round = c.round JOIN attempt t ON t.county = l.county AND t.id = l.attempt "
        "JOIN number n ON n.id = t.number JOIN personal p ON p.commitment = n.commitment "
        "WHERE c.state = 'waiting' AND t.channel = 'sms' LIMIT 1"
    )
    yield from bench.app.database.read(lambda db: list(db.exec_driver_sql(query).scalars()))


def _answers(bench: Bench, readings: Boards, viewer: Viewer) -> tuple[float, int]:
    pages, shown = create_app(readings.site), dict[str, str]()
    pages.state.boards = readings
    request = Request({"type": "http", "method": "GET", "path": "/events", "headers": [], "query_string": b"",
                       "app": pages, "server": ("bench.example", 80), "scheme": "http"})  # fmt: skip
    changed(draw(request, viewer, Filter()), shown)
    times, sizes = [], []
    for _ in range(ANSWERS):
        answer(bench)
        took, sent = _timed(lambda: "".join(changed(draw(request, viewer, Filter()), shown)).encode())
        times.append(took)
        sizes.append(len(sent))
    return statistics.median(times), int(statistics.median(sizes))


def _browser(bench: Bench) -> tuple[float | None, float | None]:
    path = shutil.which("chromium")
    if path is None:
        return None, None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed where there is no browser

    token = fresh_token()
    bench.app.store.write(lambda work: sign_in(work, token))
    with _served(bench) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN")
        context.add_cookies([{"name": "callout", "value": token, "url": address}])
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("body[data-live]")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
        before = page.locator(".counts b").nth(2).inner_text()
        thread = threading.Thread(target=answer, args=(bench,))
        thread.start()
        thread.join()
        committed = time.perf_counter()
        while page.locator(".counts b").nth(2).inner_text() == before:
            page.wait_for_timeout(10)
        delay = time.perf_counter() - committed
        browser.close()
    return painted, delay


def sign_in(work: Work, token: str) -> None:
    user = staff.known(work, LOGIN)
    work.users.change(user, "password_changed", user.viewer.actor, must_change=0)
    work.users.open_session(mark_of(token), user, "127.0.0.1", later(work.at, SESSION), half=False)


@contextmanager
def _served(bench: Bench) -> Iterator[str]:
    listening = bound("127.0.0.1", 0)
    config = uvicorn.Config(create_app(site_of(bench.app)), lifespan="off", log_config=None, ws="none")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(15)


def table(runs: Sequence[Looked]) -> Table:
    """The runs as printed, one column each."""

    def row(what: str, value: Callable[[Looked], str]) -> tuple[str, ...]:
        return what, *(value(one) for one in runs)

    return Table(
        f"board: {runs[0].open:,} open callouts",
        ("what", *(one.server for one in runs)),
        (
            row("first reading, 应叫 counted anew", lambda it: _seconds(it.first)),
            row("after one answer: reading and comparing", lambda it: _seconds(it.again)),
            row("bytes that one answer sends", lambda it: f"{it.sent:,}"),
            row("first paint in Chromium", lambda it: _seconds(it.paint)),
            row("from the answer's commit to the screen", lambda it: _seconds(it.delay)),
        ),
        f"Target for the last two: {TARGET_SECONDS:.0f} s each.",
    )


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f} s"
