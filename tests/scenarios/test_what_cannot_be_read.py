"""A document that cannot be read may have been a warning: it is refused with a sentence, and somebody is rung."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select

from callout.domain.errors import CalloutError
from callout.pipeline.receive import Received, receive, run_once
from callout.ports import Document, Settlement
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import COUNTY, DESK, VOICE, Field, make_alert

RUBBISH = b"not a warning"
DESK_WAITS = 60
"""Seconds until the desk is rung: what nobody can grade is treated as red."""


def refuse(field: Field, raw: bytes = RUBBISH) -> Received:
    received = receive(field.app.intake, Document("story.xml", "story", raw))
    field.settle()
    return received


class Folder:
    """A source with some documents and, at its end, a sentence about what it could not read."""

    def __init__(self, *raw: bytes, complaint: str = "") -> None:
        self.raw, self.complaint = raw, complaint
        self.settled: list[tuple[Settlement, str]] = []

    def poll(self) -> Iterator[Document]:
        yield from (Document("story.xml", "story", raw) for raw in self.raw)
        if self.complaint:
            raise CalloutError(self.complaint)

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        assert document.raw in self.raw
        self.settled.append((outcome, note))


def test_a_refused_document_is_reported_with_its_sentence(field: Field) -> None:
    """The source learns why, in one sentence; no alert comes of it, and the officer's item says the same."""
    received = refuse(field)
    assert (received.outcome, received.note, received.alert) == (Settlement.REFUSED, "没有这份文件", 0)
    assert field.rows(select(schema.alert.c.id)) == []
    h = schema.human_call
    [item] = field.rows(select(h.c.county, h.c.alert, h.c.kind, h.c.about, h.c.note))
    assert tuple(item) == (COUNTY, 0, "refused_document", hashlib.sha256(RUBBISH).hexdigest(), "没有这份文件")


def test_a_refused_document_rings_the_desk_until_it_answers(field: Field) -> None:
    """The desk's phone rings as for red, and a key on it ends that ring."""
    refuse(field)
    field.wait(DESK_WAITS - 1)
    assert field.new() == []
    field.wait(1)
    assert field.new() == [(DESK, VOICE)]
    assert "待办事项" in field.last(DESK, VOICE).text
    assert "预警（" not in field.last(DESK, VOICE).text
    field.key(DESK, "1")
    assert field.callout(DESK, alert=0, round_=1).state == "answered"


def test_the_ring_about_a_refused_document_bears_the_mark_of_its_run(open_county: Opener) -> None:
    """In a demo every call says so, also the one about no alert at all."""
    demo = open_county(run="demo")
    refuse(demo)
    demo.wait(DESK_WAITS)
    assert "这是演示" in demo.last(DESK, VOICE).text


def test_the_same_refused_document_again_is_the_same_item(field: Field) -> None:
    """A sender that repeats itself does not fill the list."""
    refuse(field)
    refuse(field)
    assert field.human_calls() == [(0, "refused_document")]
    refuse(field, b"something else")
    assert field.human_calls() == [(0, "refused_document")] * 2


def test_an_unreadable_file_stops_neither_its_folder_nor_the_others(field: Field) -> None:
    """What can be read is taken in, from every source; what cannot be read is on the officer's list."""
    field.reader.alerts[b"good"] = make_alert(field.clock.now())
    broken, other = Folder(RUBBISH, complaint="来文文件夹里的 a.xml 读不出来"), Folder(b"good")
    summary = run_once(field.app.intake, [broken, other])
    field.settle()
    assert summary.moved == 2
    assert [outcome for outcome, _ in (*broken.settled, *other.settled)] == [Settlement.REFUSED, Settlement.KEPT]
    notes = {r.note for r in field.rows(select(schema.human_call.c.note))}
    assert notes == {"没有这份文件", "来文文件夹里的 a.xml 读不出来"}
    assert set(field.states()) == set(range(1, 7))


def test_an_unreadable_file_is_one_item_however_often_it_is_seen(field: Field) -> None:
    """The folder is read again and again; its complaint is worked on once."""
    for _ in range(3):
        assert run_once(field.app.intake, [Folder(complaint="读不出来")]).moved == 0
    assert field.human_calls() == [(0, "refused_document")]
