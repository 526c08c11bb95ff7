"""Past one database machine: whatever the engine asks in a night joins the rows of one county only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import event

from callout.store.schema import metadata
from tests.databases import Shelf
from tests.scenarios.field import NIGHT, open_field
from tests.scenarios.night import eventful

OF_A_COUNTY = {name for name, table in metadata.tables.items() if "county" in table.c} - {"audit", "inbound"}
"""`audit` is read by the sealer alone, in the order of the whole record; `inbound` is global and names no county."""
_NAMED = re.compile(
    r'(?:\b(?:FROM|JOIN|UPDATE|INTO)\s+|,\s*(?!"))"?(\w+)\b(?![.=])"?(?:\s+AS\s+"?(\w+)"?)?', re.IGNORECASE
)
_SAME = re.compile(r"\b(\w+)\.county = (?:(\w+)\.county|('\d{6}'))")
_GIVEN_ON = re.compile(r"\(SELECT (\w+)\.county AS county\b")
_WORDS, _COUNTY = re.compile(r"'(?:[^']|'')*'"), re.compile(r"'\d{6}'")
_NO_TABLES = re.compile(r"INSERT INTO \w+ \([^)]*\)|\bRETURNING .*", re.DOTALL)
"""Where column names stand that are also names of tables; the rows of an INSERT bring their county along."""
INDEPENDENT = {
    "AS plan_0": "the agenda: one number from each of many tables, none joined to another",
    "ANALYZE ": "each table is counted by itself",
    "AS behind": "calls to end: (county, attempt) of one table, found in the other by both",
}


def apart(statement: str) -> set[str]:
    """Tables of a county that the statement does not tie to the others by the county; empty where all is well."""
    text = _NO_TABLES.sub("", statement)
    named = {alias or table: table for table, alias in _NAMED.findall(text) if table in OF_A_COUNTY}
    if len(named) < 2 or any(mark in text for mark in INDEPENDENT):
        return set()
    ties = [{one, other or same} for one, other, same in _SAME.findall(text)] + list(_given_on(text))
    first, *rest = named
    reached = {first}
    for _ in ties:
        reached |= {name for tie in ties if tie & reached for name in tie}
    return {name for name in rest if name not in reached}


def _given_on(text: str) -> Iterator[set[str]]:
    """What a table in brackets is called, with the table of which it gives the county on."""
    for given in _GIVEN_ON.finditer(text):
        depth, at = 1, given.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        if name := re.match(r"\s+AS (\w+)", text[at:]):
            yield {given[1], name[1]}


@pytest.mark.parametrize(("statement", "loose"), [
    ("SELECT 1 FROM callout JOIN attempt ON attempt.county = callout.county", set()),
    ("SELECT 1 FROM callout JOIN attempt AS t ON t.id = callout.attempt", {"t"}),
    ("SELECT 1 FROM callout, duty WHERE duty.post = callout.post", {"duty"}),
    ("SELECT 1 FROM callout AS a JOIN v ON v.county = a.county JOIN duty AS b ON v.county = b.county", set()),
    ("SELECT 1 FROM (SELECT d.county AS county FROM duty AS d) AS v JOIN callout ON callout.county = v.county", set()),
    ("SELECT 1 FROM (SELECT duty.area AS area FROM duty) AS v JOIN callout ON callout.county = v.county", {"callout"}),
    ("SELECT 1 FROM number JOIN personal ON number.commitment = personal.commitment", set()),
])  # fmt: skip
def test_what_must_be_found_is_found(statement: str, loose: set[str]) -> None:
    assert apart(statement) == loose


@pytest.mark.parametrize(("county", "loose"), [("500156", set()), ("500101", {"duty"})])
def test_values_that_are_bound_tie_tables_only_where_they_are_the_same(county: str, loose: set[str]) -> None:
    text = "SELECT 1 FROM callout, duty WHERE callout.county = %(county_1)s::VARCHAR AND duty.county = %(county_2)s"
    assert apart(bound(text, {"county_1": "500156", "county_2": county})) == loose


def test_no_statement_of_a_night_joins_two_counties(sqlite_shelf: Shelf) -> None:
    """Every statement that reaches the database, from the warning to the end of its last ladder, is looked at."""
    with sqlite_shelf.lend() as database:
        seen: set[str] = set()
        raw = database.engine.raw_connection()
        raw.driver_connection.set_trace_callback(seen.add)  # type: ignore[union-attr]
        field = open_field(database, NIGHT)
        eventful(field)
        raw.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        raw.close()
    nothing_loose(seen)


def test_nor_does_one_on_postgresql(postgres_shelf: Shelf) -> None:
    """Some statements are written in another way there; their values are put in as they are bound."""
    with postgres_shelf.lend() as database:
        seen: set[str] = set()

        @event.listens_for(database.engine, "before_cursor_execute")
        def _(_db: object, _cursor: object, text: str, values: Any, *_: object) -> None:
            seen.add(bound(text, values[0] if isinstance(values, list) else values))

        eventful(open_field(database, NIGHT))
    nothing_loose(seen)


def bound(text: str, values: Mapping[str, Any]) -> str:
    """The statement with its values, as far as they are counties; 0 for the others."""
    return re.sub(r"%\((\w+)\)s", lambda one: f"'{values[one[1]]}'" if "county" in one[1] else "0", text)


def nothing_loose(seen: set[str]) -> None:
    shapes = {_WORDS.sub(lambda one: one[0] if _COUNTY.fullmatch(one[0]) else "?", text) for text in seen}
    assert len(shapes) > 100
    loose = [f"{found} {text}" for text in shapes if (found := apart(text))]
    assert not loose, "\n\n".join(loose)
