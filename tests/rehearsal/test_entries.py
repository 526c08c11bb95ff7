"""What entries quote of rows that were not read back is what the rows say, everywhere in a rehearsed night."""

from typing import Any

import pytest
from sqlalchemy import Table, and_, select

from callout.rehearsal.play import Stage
from callout.store.entries import EMPTY, Event, keys, shape, told
from callout.store.transaction import Change, Ledger
from tests.rehearsal.storms import setting

Told = list[tuple[str, str]]


def in_the_database(ledger: Ledger, table: Table, key: tuple[Any, ...]) -> Any:
    own = and_(*[table.c[name] == value for name, value in zip(keys(table), key, strict=True)])
    return ledger.connection.execute(select(*told(table)).where(own)).one()


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Every write of the night with its entries, each held against its row; what was written, in order."""
    compared, record, record_rows = Told(), Ledger.record, Ledger.record_rows

    def check(ledger: Ledger, table: Table, event: Event, found: list[tuple[Any, str, Any]]) -> None:
        entry = shape(table).entries(ledger.at, event)
        noted = ledger.noted if ledger._waiting is None else ledger._waiting
        as_it_stands = [entry(before, in_the_database(ledger, table, key), note) for key, before, note in found]
        assert noted[-len(found) :] == as_it_stands
        compared.extend([(table.name, event.name)] * len(found))

    def recording(ledger: Ledger, table: Table, changes: Any, event: Event, *guard: Any) -> Any:
        many: list[Change] = list(changes)
        written = record(ledger, table, many, event, *guard)
        if written:
            check(ledger, table, event, [(c.key, c.before, c.note) for c in many if c.key in written])
        return written

    def recording_rows(ledger: Ledger, table: Table, rows: Any, event: Event, notes: Any = {}) -> Any:  # noqa: B006
        written = record_rows(ledger, table, rows, event, notes)
        if written:
            own = [tuple(getattr(row, name) for name in keys(table)) for row in written]
            check(ledger, table, event, [(key, "", notes.get(key, EMPTY)) for key in own])
        return written

    monkeypatch.setattr(Ledger, "record", recording)
    monkeypatch.setattr(Ledger, "record_rows", recording_rows)
    return compared


def test_an_entry_says_what_its_row_says(compared: Told) -> None:
    Stage(setting()).play(1)
    assert len(compared) > 500
    assert {
        ("attempt", "claimed"), ("attempt", "submitting"), ("attempt", "accepted"), ("attempt", "receipt"),
        ("callout", "claimed"), ("callout", "answered"), ("callout", "silent"), ("notice", "handed"),
        ("human_call", "opened"), ("human_call", "claimed"),
    } <= set(compared)  # fmt: skip
