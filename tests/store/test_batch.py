"""Rows travel to the database as one bound value, and arrive as they left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text, insert, select

from callout.store import schema
from callout.store.batch import packed, row_source, update_source
from callout.store.database import Database

KINDS = Table("kinds", MetaData(), Column("word", String), Column("long", Text), Column("count", BigInteger),
              Column("small", Integer), Column("maybe", BigInteger), Column("rev", BigInteger))  # fmt: skip
COLUMNS = (KINDS.c.word, KINDS.c.long, KINDS.c.count, KINDS.c.small, KINDS.c.maybe)
LARGEST, SMALLEST = 2**63 - 1, -(2**63)
ROWS: list[tuple[Any, ...]] = [
    ("收到", "多行\n文字", LARGEST, 1, None),
    ("", "'; DROP TABLE kinds; --", SMALLEST, 0, 0),
    ('引号"和\\反斜线', "{\"json\": [1, null]}", 0, -1, 1_785_673_077_000),
    ("null", "true", 2**53 + 1, 2**31 - 1, -1),
    ("007", "1e5", 10, 7, 9_007_199_254_740_993),
    ("\U00020bb7野家🌧", "\t", 1, 2, 3),
]  # fmt: skip


def sent(database: Database, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    source = row_source(database.engine.dialect.name, *COLUMNS)
    return database.write(lambda db: [tuple(r) for r in db.execute(select(source), packed(rows))])


def test_every_kind_of_value_arrives_as_it_left(database: Database) -> None:
    assert sent(database, ROWS) == ROWS


def test_no_rows_are_no_rows(database: Database) -> None:
    assert sent(database, []) == []


def test_they_are_written_as_they_left(empty: Database) -> None:
    source = row_source(empty.engine.dialect.name, *COLUMNS)
    names = [c.name for c in COLUMNS]

    def write(db: Any) -> list[tuple[Any, ...]]:
        KINDS.create(db)
        db.execute(insert(KINDS).from_select(names, select(*[source.c[n] for n in names])), packed(ROWS))
        return [tuple(r) for r in db.execute(select(*COLUMNS))]

    assert sorted(empty.write(write), key=str) == sorted(ROWS, key=str)


@pytest.fixture(scope="module")
def lite() -> Database:
    return Database("sqlite://")


text = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
whole = st.integers(SMALLEST, LARGEST)


@given(st.lists(st.tuples(text, text, whole, st.integers(-(2**31), 2**31 - 1), st.none() | whole)))
def test_whatever_the_values(lite: Database, rows: list[tuple[Any, ...]]) -> None:
    assert sent(lite, rows) == rows


def test_columns_of_one_name_are_told_apart_by_a_prefix(database: Database) -> None:
    source = row_source(database.engine.dialect.name, *COLUMNS[:1], prefix="old_")
    assert source.c.keys() == ["old_word"]


def test_an_update_brings_keys_the_revision_seen_and_the_new_values(database: Database) -> None:
    source = update_source(database.engine.dialect.name, schema.number, ("id",), ("commitment", "dead"))
    assert source.c.keys() == ["id", "seen", "n_commitment", "n_dead"]
    found = database.write(lambda db: db.execute(select(source), packed([(5, 2, "c0ffee", 1)])).all())
    assert [tuple(r) for r in found] == [(5, 2, "c0ffee", 1)]


def test_a_statement_is_built_once_per_dialect() -> None:
    assert row_source("sqlite", *COLUMNS) is row_source("sqlite", *COLUMNS)
    assert row_source("sqlite", *COLUMNS) is not row_source("postgresql", *COLUMNS)


def test_every_type_of_the_schema_that_travels_is_tried() -> None:
    """Bytes do not travel this way (JSON has none): only these tables have them, and they are written plainly."""
    kinds = {type(c.type).__name__ for table in schema.metadata.sorted_tables for c in table.columns}
    assert kinds == {"BigInteger", "String", "Text", "LargeBinary"}
    tables = schema.metadata.sorted_tables
    holders = {t.name for t in tables if any(isinstance(c.type, LargeBinary) for c in t.columns)}
    assert holders == {"personal", "raw_document", "seal_leaves", "stop_photo"}
