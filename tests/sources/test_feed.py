"""Feeds and pages over a real connection: what is new comes once, and no server can hold up or fool the intake."""

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from callout.domain.instant import MINUTE, SECOND
from callout.domain.listening import EndpointKind
from callout.ports import Document, Listener, Settlement, Source
from callout.sources import feed as module
from callout.sources.feed import Feed, Page
from callout.sources.index import items
from tests.sources.ear import ALERT, PATIENCE, Ear, rss, serve
from tests.sources.server import Office, Reply, serving

OWN = Path(__file__).parent / "documents"
LISTING = (OWN / "wmo-snapshot.json").read_bytes()


@pytest.fixture
def office() -> Iterator[Office]:
    with serving() as running:
        yield running


def test_each_item_is_fetched_and_settled_once(office: Office) -> None:
    serve(office, Reply(rss("/a.xml", "/b.xml", "/a.xml")))
    ear = Ear(office, county="500156")
    documents = ear.listen()
    assert [(one.name, one.raw, one.place, one.fault) for one in documents] == [
        ("a.xml", ALERT, "500156", ""),
        ("b.xml", ALERT, "500156", ""),
    ]
    assert documents[0].origin == f"feed:示例源 {office.url}/a.xml"
    assert ear.listen() == documents
    ear.settle()
    ear.wait()
    assert ear.listen() == []
    assert sorted(office.paths()) == ["/a.xml", "/b.xml", "/feed?key=secret", "/feed?key=secret"]
    serve(office, Reply(rss("/a.xml", stamp="2")))
    ear.wait()
    assert [one.name for one in ear.listen()] == ["a.xml"]


def test_atom_relative_links_and_cap_links_first() -> None:
    raw = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><updated>2</updated><link href="page.html"/>'
        b'<link type="application/cap+xml" href="one.cap"/></entry><entry><id>2</id></entry>'
        b'<entry><id>3</id><link href="http://[bad"/></entry></feed>'
    )
    found = items(raw, "https://example.org/cap/atom.xml")
    assert [(item.url, item.stamp, item.name) for item in found] == [
        ("https://example.org/cap/one.cap", "2", "one.cap"),
        ("http://[bad", "3", "[bad"),
    ]


def test_the_source_is_asked_for_something_newer_only(office: Office) -> None:
    marks = {"ETag": '"7"', "Last-Modified": "Sat, 01 Aug 2026 00:00:00 GMT"}
    serve(office, Reply(rss("/a.xml"), headers=marks))
    ear = Ear(office)
    ear.listen()
    ear.settle()
    serve(office, Reply(status=304))
    ear.wait()
    assert ear.listen() == []
    assert office.asked[-1][1]["if-none-match"] == '"7"'
    assert office.asked[-1][1]["if-modified-since"] == marks["Last-Modified"]
    ear.wait(14 * MINUTE)
    assert ear.source.pulse.hearing() is not None
    ear.wait(2 * MINUTE)
    assert ear.source.pulse.hearing() is not None


def test_the_key_goes_with_every_question_and_into_no_record(office: Office) -> None:
    serve(office, Reply(rss("/a.xml?key=secret")))
    [document] = Ear(office, key="示例密钥".encode().hex()).listen()
    assert {headers["x-key"] for _, headers in office.asked} == {"示例密钥".encode().hex()}
    assert "secret" not in document.origin + document.name


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=500), "HTTP 500"),
        (Reply(status=403), "请检查密钥"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}), "被转到别处"),
        (Reply(hang=True), "2 秒内没有答完"),
        (Reply(b"x" * 5_000_000), "超过 4096 KiB"),
        (Reply(rss("/a.xml"), cut=20), "断了"),
        (Reply(b"<html/>", kind="text/html; charset=utf-8"), "回的是网页"),
        (Reply(gzip.compress(rss("/a.xml")), headers={"Content-Encoding": "gzip"}), "压缩"),
        (Reply(b"no feed at all"), "不是完整的 XML"),
        (Reply(b"<alert/>"), "不是 RSS 或 Atom"),
        (Reply(rss(*(f"/{n}" for n in range(2001)))), "超过 2000 条"),
    ],
)
def test_what_is_no_answer(office: Office, reply: Reply, why: str) -> None:
    serve(office, reply)
    ear = Ear(office, patience=2 if reply.hang else PATIENCE)
    assert ear.listen() == []
    assert office.paths() == ["/feed?key=secret"]
    assert why in ear.why


def test_nobody_there(office: Office) -> None:
    ear = Ear(office)
    office.server_close()
    assert ear.listen() == []
    assert "连不上" in ear.why


def test_a_server_that_cannot_prove_who_it_is(office: Office) -> None:
    ear = Ear(office, scheme="https")
    assert ear.listen() == []
    assert "不能确认是这个来源" in ear.why


def test_what_is_no_http_at_all(office: Office) -> None:
    office.script = lambda _path, _headers: Reply(headers={"Content-Length": "x"})
    ear = Ear(office)
    assert ear.listen() == []
    assert "回的不是 HTTP" in ear.why


def test_failures_are_met_with_growing_pauses_and_a_good_answer_ends_them(office: Office) -> None:
    serve(office, Reply(status=500))
    ear, asked = Ear(office), []
    for _ in range(600):
        ear.listen()
        asked.append(len(office.asked))
        ear.wait(5 * SECOND)
    pauses = [asked.index(n + 1) - asked.index(n) for n in range(1, asked[-1])]
    assert pauses[0] == 9
    assert pauses == sorted(pauses)
    assert max(pauses) == 18
    serve(office, Reply(rss()))
    ear.wait(5 * MINUTE)
    ear.listen()
    ear.wait(MINUTE + 5 * SECOND)
    before = len(office.asked)
    ear.listen()
    assert len(office.asked) == before + 1


def test_a_document_that_cannot_be_had_is_tried_again_and_told_once(office: Office) -> None:
    serve(office, Reply(rss("/gone.xml", "/a.xml")), None)
    there = office.script
    office.script = lambda path, headers: Reply(status=404) if path == "/gone.xml" else there(path, headers)
    ear = Ear(office)
    assert [one.name for one in ear.listen(3)] == ["a.xml"]
    ear.settle()
    told: list[Document] = []
    for _ in range(4):
        ear.wait()
        ear.listen()
        told += ear.settle(Settlement.REFUSED)
    assert [(one.name, one.fault) for one in told] == [
        ("gone.xml", "预警源“示例源”的一份来文 gone.xml 取不到（HTTP 404），请到来源处核对。")
    ]
    office.script = there
    ear.wait()
    assert [(one.name, one.raw) for one in ear.listen()] == [("gone.xml", ALERT)]


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:1/a.xml", "file:///etc/passwd", "//other.example/a.xml", "http://["]
)
def test_a_document_elsewhere_is_not_fetched(office: Office, link: str) -> None:
    serve(office, Reply(rss(link)))
    ear = Ear(office)
    [document] = ear.listen()
    assert "列出了别处的来文" in document.fault
    assert office.paths() == ["/feed?key=secret"]
    ear.settle(Settlement.REFUSED)
    ear.wait()
    assert ear.listen() == []


@pytest.mark.long
def test_five_hundred_items_come_in_portions(office: Office) -> None:
    serve(office, Reply(rss(*(f"/{n}.xml" for n in range(500)))))
    ear, got = Ear(office), []
    for _ in range(10):
        ear.listen(2)
        assert len(list(ear.source.poll())) <= module.WAITING_AT_MOST
        got += ear.settle()
    assert len({one.name for one in got}) == len(got) == 500
    assert office.paths().count("/feed?key=secret") == 1


def test_a_slow_document_does_not_hold_up_the_others(office: Office) -> None:
    serve(office, Reply(rss("/slow.xml", "/a.xml", "/b.xml")))
    there = office.script
    office.script = lambda path, headers: Reply(hang=True) if path == "/slow.xml" else there(path, headers)
    assert {one.name for one in Ear(office, patience=4).listen()} == {"a.xml", "b.xml"}


def test_a_page_gives_what_is_new(office: Office) -> None:
    serve(office, Reply(LISTING, kind="application/json"))
    ear = Ear(office, EndpointKind.DOCUMENT)
    [document] = ear.listen(2)
    assert (document.raw, document.origin) == (LISTING, f"feed:示例源 {office.url}/feed")
    ear.settle()
    ear.wait()
    assert ear.listen() == []
    serve(office, Reply(LISTING + b"\n", kind="application/json"))
    ear.wait()
    assert len(ear.listen()) == 1


def test_a_page_that_cannot_be_read_is_told_once_and_is_no_good_answer(office: Office) -> None:
    serve(office, Reply(b'{"code": "401"}', kind="application/json", headers={"ETag": "1"}))
    ear = Ear(office, EndpointKind.DOCUMENT)
    assert len(ear.listen()) == 1
    ear.settle(Settlement.REFUSED)
    for reply in (Reply(b'{"code": "401"}'), Reply(status=304), Reply(b'{"code": "402"}')):
        serve(office, reply)
        ear.wait(5 * MINUTE)
        assert ear.listen() == []
    assert "不是认识的格式" in ear.why
    serve(office, Reply(LISTING))
    ear.wait(5 * MINUTE)
    assert len(ear.listen()) == 1
    ear.settle()
    assert ear.source.pulse.hearing() is not None


def test_silence_is_said_once_and_so_is_its_end(office: Office) -> None:
    serve(office, Reply(status=500))
    ear = Ear(office)
    ear.listen()
    said: list[bool] = []

    def hear() -> None:
        hearing = ear.source.pulse.hearing()
        if hearing:
            said.append(hearing.silent)
            ear.source.pulse.told(hearing)

    hear()
    ear.wait(15 * MINUTE)
    hear()
    hear()
    serve(office, Reply(rss()))
    ear.listen()
    hear()
    hear()
    ear.wait(16 * MINUTE)
    hear()
    assert said == [True, False, True]


def test_both_are_sources_that_can_fall_silent(office: Office) -> None:
    both: Sequence[Source] = [Ear(office, kind).source for kind in EndpointKind]
    assert [type(one) for one in both] == [Feed, Page]
    assert all(isinstance(one, Listener) for one in both)
