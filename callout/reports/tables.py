"""Plain tables, and the files that they become: CSV and JSON. No cell of them can be taken for a formula."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

Cell = str | int | None

RISKY = tuple("=+-@\t\r＝＋－＠")
"""A spreadsheet takes a cell that begins so for a formula, full-width forms included."""


@dataclass(frozen=True, slots=True)
class Table:
    """A title, heads, and rows of as many cells."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def safe(cell: object) -> str:
    """The text of a cell that no spreadsheet can take for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(RISKY) else text


def as_csv(table: Table) -> bytes:
    """One CSV file. The byte order mark tells Excel that it is UTF-8."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.heads)
    writer.writerows([safe(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def as_json(tables: Sequence[Table]) -> dict[str, list[dict[str, Cell]]]:
    """Each table by its title: one object for each row, with the heads as keys."""
    return {table.title: [dict(zip(table.heads, row, strict=True)) for row in table.rows] for table in tables}
