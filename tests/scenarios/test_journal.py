"""The duty log: nothing in it changes, and a shift is handed over with what is open and what was claimed."""

import hashlib

import pytest
from sqlalchemy import select

from callout.domain.errors import CalloutError
from callout.domain.journal import EntryKind, NewEntry
from callout.pipeline import attend, journal
from callout.store import schema
from tests.scenarios.field import COUNTY, DESK, GRID_1, VOICE, Field

FIRST, SECOND = "示例·值班员甲", "示例·值班员乙"


def entry(field: Field, text: str, kind: EntryKind = EntryKind.NOTE, who: str = "") -> NewEntry:
    return NewEntry(COUNTY, kind, field.clock.now(), 0, 0, who, text, "", FIRST)


def test_an_entry_is_on_record_word_for_word_and_its_names_can_be_erased(field: Field) -> None:
    new = entry(field, "研判：夜间降雨加强", EntryKind.CONSULTATION, "示例·气象、示例·水利")
    assert field.app.store.write(lambda work: journal.write(work, new)) == 1
    [row] = field.rows(select(schema.journal))
    [audit] = field.audit("journal.written")
    assert (audit.actor, audit.commitment) == (FIRST, row.attendees)
    assert new.digest in audit.detail
    assert hashlib.sha256().digest_size * 2 == len(new.digest)
    assert "示例·气象" not in str(row) + str(audit)
    [kept] = field.app.store.read(lambda work: work.journal.newest(COUNTY, 10))
    assert (kept.attendees, kept.text) == ("示例·气象、示例·水利", "研判：夜间降雨加强")


def test_a_shift_is_handed_over_once_and_taken_over_by_somebody_else(field: Field) -> None:
    store = field.app.store
    with pytest.raises(CalloutError, match="没有等接班"):
        store.write(lambda work: journal.take_over(work, COUNTY, SECOND))
    store.write(lambda work: journal.hand_over(work, COUNTY, "没有未了结的事项", FIRST))
    with pytest.raises(CalloutError, match="还没有人接班"):
        store.write(lambda work: journal.hand_over(work, COUNTY, "再交一次", FIRST))
    with pytest.raises(CalloutError, match="另一位"):
        store.write(lambda work: journal.take_over(work, COUNTY, FIRST))
    assert store.write(lambda work: journal.take_over(work, COUNTY, SECOND)) == 0
    kinds = [one.kind for one in store.read(lambda work: work.journal.newest(COUNTY, 10))]
    assert kinds == [EntryKind.TAKEOVER, EntryKind.HANDOVER]
    store.write(lambda work: journal.hand_over(work, COUNTY, "又一班", SECOND))


def test_what_the_former_officer_had_claimed_is_free_again_and_rings_the_desk(field: Field) -> None:
    """Nobody goes home with somebody unreached in their pocket."""
    field.alert()
    field.reply(GRID_1, "路断了")
    [item] = field.rows(select(schema.human_call))
    key = (item.county, item.alert, item.post, item.kind, item.about)
    field.app.store.write(lambda work: attend.claim(work, key, FIRST))
    field.app.store.write(lambda work: journal.hand_over(work, COUNTY, "路断了一处", FIRST))
    assert field.human_calls("claimed") == [(GRID_1, "asked")]
    assert field.app.store.write(lambda work: journal.take_over(work, COUNTY, SECOND)) == 1
    assert field.human_calls("open") == [(GRID_1, "asked")]
    field.new()
    field.wait(120)
    assert (DESK, VOICE) in field.new()
