"""The house of the pages: what stands around every one of them."""

import re
from dataclasses import replace
from pathlib import Path

from fastapi import APIRouter
from fastapi.testclient import TestClient

from callout.web.application import create_app
from callout.web.armour import HEADERS
from callout.web.static import KINDS
from tests.shape import ROOT
from tests.web.room import Room

PAGES = ROOT / "templates" / "web"


def test_every_answer_carries_the_security_headers(room: Room) -> None:
    browser = room.browser()
    for path in ("/healthz", "/", "/nowhere", "/static/callout.css", "/static/nothing.css"):
        answer = browser.get(path)
        assert not [name for name, value in HEADERS.items() if answer.headers.get(name) != value], path


def test_health_says_whether_the_engine_beats(room: Room) -> None:
    assert (room.browser().get("/healthz").status_code, room.browser().get("/healthz").json()) == (
        200,
        {"database": "ok", "engine": "running"},
    )
    room.engine = "silent"
    assert room.browser().get("/healthz").status_code == 503


def test_no_page_names_a_file_from_elsewhere() -> None:
    files = [path for path in PAGES.rglob("*") if path.is_file()]
    assert files
    elsewhere = r"(?i)(?:src|href|url|@import)\W{1,3}(?:https?:)?//[^\s\"')]+"
    found = {path.name: re.findall(elsewhere, text(path)) for path in files}
    assert not {name: hits for name, hits in found.items() if hits}


def test_no_page_has_script_or_style_inside() -> None:
    pages = list(PAGES.glob("*.j2"))
    assert pages
    inside = r"(?i)<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=\""
    assert not [path.name for path in pages if re.search(inside, text(path))]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_our_files_are_kept_for_good_only_under_their_own_mark(room: Room) -> None:
    browser = room.browser()
    [address] = re.findall(r'href="(/static/callout\.css\?\w+)"', browser.get("/sign-in").text)
    assert "immutable" in browser.get(address).headers["cache-control"]
    assert browser.get("/static/callout.css?old").headers["cache-control"] == "no-cache"
    assert browser.get("/static/callout.css").headers["content-type"] == KINDS[".css"]
    assert browser.get("/static/..%2Flayout.html.j2").status_code == 404


def test_a_body_that_is_too_long_is_not_read(room: Room) -> None:
    browser = room.browser()
    assert browser.post("/", content=b"x" * (room.site.longest_body + 1)).status_code == 413
    assert "<h1>内容太大，没有接收</h1>" in browser.text
    parts = (b"x" * 65_536 for _ in range(room.site.longest_body // 65_536 + 1))
    assert browser.post("/", content=parts).status_code in (405, 413)


def test_an_error_of_ours_shows_nothing_of_its_data(room: Room) -> None:
    router = APIRouter()

    @router.get("/healthz")
    def broken() -> None:
        raise RuntimeError("+9995001560000001 示例")

    said = {}
    for name, site in (("page", room.site), ("plain", replace(room.site, templates=Path("/nowhere")))):
        answer = TestClient(create_app(site, (router,))).get("/healthz", headers={"Accept-Language": "en"})
        said[name] = answer.text
        assert answer.status_code == 500
        assert "示例" not in answer.text
    assert "<h1>Something failed inside; what you did may not be done." in said["page"]
    assert said["plain"] == "内部出错，操作可能没有完成；请刷新后核对"  # where not even a page can be shown
    assert room.faults == ["web: RuntimeError('+9995001560000001 示例')"] * 2
