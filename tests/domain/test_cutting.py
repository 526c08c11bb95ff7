"""Which storms may leave together, and how the record names the places that entries had."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.audit import Entry
from callout.domain.cutting import CUT, Cut, Storm, free, gone_by_seal, leaves_with_its_storm, read_cut
from callout.domain.instant import Instant
from callout.domain.merkle import absent

A, B, C, D = ("500156", 1), ("500156", 2), ("500156", 3), ("500156", 4)


@pytest.mark.parametrize(("linked", "leave"), [
    ((), {A, B, C}),
    (((A, A), (A, B)), {A, B, C}),
    (((C, D),), {A, B}),
    (((D, C), (B, C)), {A}),
    (((A, B), (C, B), (D, A)), set()),
])  # fmt: skip
def test_a_storm_that_is_tied_to_one_that_stays_stays(
    linked: tuple[tuple[tuple[str, int], tuple[str, int]], ...], leave: set[tuple[str, int]]
) -> None:
    assert free([Storm(*key, (1,)).key for key in (A, B, C)], linked) == leave


def entry(detail: str, actor: str = "示例·管理员") -> Entry:
    return Entry(1, 0, "", Instant(7), CUT, 0, 0, "", "", "", "", actor, "", detail)


@given(st.frozensets(st.integers(0, 300), min_size=1), st.integers(1, 9))
def test_the_places_come_back_as_they_were_written(places: frozenset[int], seal: int) -> None:
    cut = Cut(seal, places, "2026.sqlite3", "ab" * 32, "示例·管理员", Instant(7))
    assert read_cut(entry(cut.document())) == cut


def test_places_are_short_and_add_up() -> None:
    cut = Cut(1, frozenset({0, 1, 2, 7, 9, 10}), "a", "b", "c", Instant(0))
    assert json.loads(cut.document())["places"] == "0-2,7,9-10"
    more = Cut(1, frozenset({3}), "a", "b", "c", Instant(0))
    assert gone_by_seal([cut, more]) == {1: frozenset({0, 1, 2, 3, 7, 9, 10})}


@pytest.mark.parametrize("detail", [
    "", "{}", "[]", "3", '{"seal": 1, "places": "x", "archive": "a", "sha256": "b"}', '{"seal": 1, "places": 5}',
    '{"seal": 1, "places": "0-99999999999", "archive": "a", "sha256": "b"}',
])  # fmt: skip
def test_what_nobody_can_read_says_nothing(detail: str) -> None:
    assert read_cut(entry(detail)) is None


@pytest.mark.parametrize(("now", "gone"), [
    ("abcd", set()), ("acd", {1}), ("", {0, 1, 2, 3}), ("ba", None), ("abcde", None), ("xbcd", None),
])  # fmt: skip
def test_what_is_missing_is_told_from_what_was_changed(now: str, gone: set[int] | None) -> None:
    assert absent([c.encode() for c in now], [b"a", b"b", b"c", b"d"]) == gone


def test_what_was_taken_out_stays_on_record() -> None:
    assert leaves_with_its_storm("callout.opened")
    assert not any(map(leaves_with_its_storm, ("alert_county.cut", "ledger.exported", "ledger.written")))
