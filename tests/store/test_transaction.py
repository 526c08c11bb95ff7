"""The write path: what was seen must still be so, and the record tells exactly what was written."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Row, insert, literal, select

from callout.domain.instant import Instant
from callout.store import schema
from callout.store.database import Database
from callout.store.transaction import AUDIT_COLUMNS, Change, Event, Guard, Ledger, Note, changed, told

NOW = Instant(1_783_000_000_000)
COUNTY = "500156"


def work(database: Database, act: Callable[[Ledger], Any]) -> Any:
    return database.write(lambda db: act(Ledger(db, NOW)))


def entries(database: Database) -> list[Row[Any]]:
    return database.write(lambda db: list(db.execute(select(schema.audit).order_by(schema.audit.c.id))))


def rows(database: Database, table: Any = schema.stop_work) -> list[Row[Any]]:
    return database.write(lambda db: list(db.execute(select(table).order_by(*table.primary_key.columns))))


def order(code: str, state: str = "proposed") -> dict[str, Any]:
    return {
        "county": COUNTY,
        "alert": 1,
        "area": "示例",
        "code": code,
        "role": "校长",
        "rule": "r1",
        "measure": "",
        "objects": 3,
        "state": state,
        "proposed_at": NOW,
    }


def key(code: str) -> tuple[Any, ...]:
    return COUNTY, 1, "示例", code, "校长"


@pytest.fixture
def three(database: Database) -> Database:
    """Three rows on record, as three entries."""
    work(database, lambda it: it.record_rows(schema.stop_work, [order("A"), order("B"), order("C")], Event("proposed")))
    return database


def change(code: str, rev: int = 0, **more: Any) -> Change:
    return Change(key(code), rev, "proposed", {"state": "ordered"}, **more)


def test_a_change_writes_the_row_its_revision_and_one_entry(three: Database) -> None:
    note = Note("", "c0ffee", "示例")
    written = work(three, lambda it: it.record(schema.stop_work, [change("B", note=note)], Event("ordered", "示例员")))
    assert written == {key("B")}
    assert [(r.state, r.rev) for r in rows(three)] == [("proposed", 0), ("ordered", 1), ("proposed", 0)]
    told_of = entries(three)[3:]
    assert [tuple(e)[2:] for e in told_of] == [
        (COUNTY, NOW, "stop_work.ordered", 1, 0, "", "示例:B:校长", "proposed", "ordered", "示例员", "c0ffee", "示例")
    ]


@pytest.mark.parametrize("lost", [change("B", rev=1), Change(key("Z"), 0, "proposed", {"state": "ordered"})])
def test_a_lost_race_writes_no_row_and_no_entry(three: Database, lost: Change) -> None:
    assert work(three, lambda it: it.record(schema.stop_work, [lost, change("C")], Event("ordered"))) == {key("C")}
    assert [r.rev for r in rows(three)] == [0, 0, 1]
    assert [e.ref for e in entries(three)[3:]] == ["示例:C:校长"]


def test_of_two_who_saw_the_same_one_writes(three: Database) -> None:
    first = work(three, lambda it: it.record(schema.stop_work, [change("A")], Event("ordered", "甲")))
    second = work(three, lambda it: it.record(schema.stop_work, [change("A")], Event("declined", "乙")))
    assert (first, second) == ({key("A")}, set())
    assert [e.actor for e in entries(three)[3:]] == ["甲"]


def test_nothing_to_change_asks_the_database_nothing(three: Database) -> None:
    assert work(three, lambda it: it.record(schema.stop_work, [], Event("ordered"))) == set()
    assert len(entries(three)) == 3


MANY = schema.stop_work.c.objects > literal(10)


def test_a_guard_holds_a_write_back(three: Database) -> None:
    written = work(three, lambda it: it.record(schema.stop_work, [change("A")], Event("ordered"), Guard(MANY)))
    assert written == set()
    assert len(entries(three)) == 3


def test_a_set_is_noted_row_by_row_from_what_came_back(three: Database) -> None:
    t = schema.stop_work
    ending = changed(t, state="lifted").where(t.c.code != "B")
    notes = {key("C"): Note(detail="示例")}
    written = work(three, lambda it: it.record_set(ending, Event("lifted"), notes))
    assert {r.code for r in written} == {"A", "C"}
    assert [(r.code, r.state, r.rev) for r in rows(three)] == [
        ("A", "lifted", 1),
        ("B", "proposed", 0),
        ("C", "lifted", 1),
    ]
    assert {(e.event, e.after, e.ref, e.detail) for e in entries(three)[3:]} == {
        ("stop_work.lifted", "lifted", "示例:A:校长", ""),
        ("stop_work.lifted", "lifted", "示例:C:校长", "示例"),
    }


def test_a_set_that_reaches_no_row_leaves_no_entry(three: Database) -> None:
    nothing = changed(schema.stop_work, state="lifted").where(schema.stop_work.c.code == "Z")
    assert list(work(three, lambda it: it.record_set(nothing, Event("lifted")))) == []
    assert len(entries(three)) == 3


def test_rows_on_record_stay_as_they_are_and_are_not_noted_again(three: Database) -> None:
    fresh = [order("A", "lifted"), order("D", "ordered"), order("D", "declined")]
    written = work(three, lambda it: it.record_rows(schema.stop_work, fresh, Event("proposed")))
    assert [r.code for r in written] == ["D"]
    assert [(r.code, r.state) for r in rows(three)] == [
        ("A", "proposed"),
        ("B", "proposed"),
        ("C", "proposed"),
        ("D", "ordered"),
    ]
    assert [(e.ref, e.after) for e in entries(three)[3:]] == [("示例:D:校长", "ordered")]


def test_no_rows_are_no_write(three: Database) -> None:
    assert work(three, lambda it: it.record_rows(schema.stop_work, [], Event("proposed"))) == []


def opened(it: Ledger, noted: int) -> int:
    """Copy the three rows to another alert in the database, and select entries for `noted` of them."""
    t = schema.stop_work
    names = [c.name for c in t.columns]
    copies = select(*[literal(2) if n == "alert" else t.c[n] for n in names]).where(t.c.alert == 1)
    values = {
        "county": t.c.county,
        "at": literal(it.at),
        "event": literal("stop_work.copied"),
        "alert": t.c.alert,
        "ref": t.c.code,
        "after": t.c.state,
        "post": literal(0),
    }
    where = select(*[values.get(n, literal("")) for n in AUDIT_COLUMNS]).where(t.c.alert == 2).limit(noted)
    return it.record_opened(insert(t).from_select(names, copies), where, Event("copied"))


def test_a_set_too_large_to_travel_is_noted_in_the_database(three: Database) -> None:
    assert work(three, lambda it: opened(it, 3)) == 3
    assert {(e.event, e.alert, e.ref) for e in entries(three)[3:]} == {
        ("stop_work.copied", 2, code) for code in ("A", "B", "C")
    }


def test_a_count_that_differs_undoes_everything(three: Database) -> None:
    with pytest.raises(RuntimeError, match="copied: 3 rows written, 2 noted"):
        work(three, lambda it: opened(it, 2))
    assert (len(rows(three)), len(entries(three))) == (3, 3)


def test_an_error_after_a_write_undoes_row_and_entry(three: Database) -> None:
    def fails(it: Ledger) -> None:
        it.record(schema.stop_work, [change("A")], Event("ordered"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work(three, fails)
    assert ({r.rev for r in rows(three)}, len(entries(three))) == ({0}, 3)


def test_what_changed_no_row_can_be_noted(database: Database) -> None:
    work(database, lambda it: it.note(Event("alert.duplicate"), alert=7, county=COUNTY, detail="示例"))
    [e] = entries(database)
    assert (e.event, e.alert, e.county, e.detail, e.actor) == ("alert.duplicate", 7, COUNTY, "示例", "engine")


def test_an_entry_has_every_key_of_its_row() -> None:
    """Whatever names a row is in its entry: in a field of its own or in `ref`."""
    own = {"county", "alert", "post", "attempt"}
    for table in schema.metadata.sorted_tables:
        quoted = {c.name for c in told(table)}
        assert {c.name for c in table.primary_key.columns} <= quoted, table.name
        assert own & set(table.columns.keys()) <= quoted, table.name
