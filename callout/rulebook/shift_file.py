"""The office's 值班表: CSV or workbook, one shift a line, every mistake by line and column."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from callout.domain.errors import RosterError
from callout.domain.instant import BEIJING, Instant, beijing, instant
from callout.domain.roster import Roster, Shift
from callout.domain.shift_plan import overlaps
from callout.rulebook.document import near
from callout.rulebook.roster_table import Remark, split_table, table_text
from callout.rulebook.workbook import is_workbook, read_workbook


class Column(StrEnum):
    """A column."""

    POST = "岗位"
    NAME = "姓名"
    BEGINS = "开始"
    ENDS = "结束"
    DAY = "日期"
    TURN = "班次"


_ALIASES: Mapping[Column, tuple[str, ...]] = {
    Column.POST: ("岗位号", "岗位名称", "post"),
    Column.NAME: ("值班员", "值班人", "值班人员", "人员号", "name"),
    Column.BEGINS: ("开始时间", "起", "begins"),
    Column.ENDS: ("结束时间", "止", "ends"),
    Column.DAY: ("值班日期", "day"),
    Column.TURN: ("班", "shift"),
}
_NAMED = {word: column for column in Column for word in (column.value, *_ALIASES[column])}
TURNS: Mapping[str, tuple[int, int]] = {"白班": (8, 20), "夜班": (20, 32), "全天": (8, 32), "24小时": (8, 32)}
"""Hours from the midnight of its day at which a shift begins and ends."""
_HEAD_WITHIN = 10
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s*(\d{1,2})[:时点](\d{2})?分?(?::00)?)?")
_LONGEST = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class ShiftFile:
    """What a file says: shifts, or every mistake in it."""

    shifts: tuple[Shift, ...]
    errors: tuple[Remark, ...]


def read_shifts(raw: bytes, roster: Roster) -> ShiftFile:
    """The shifts of a file, for posts and people of this roster. Raises RosterError where it is no table at all."""
    columns, rows = _table(raw)
    reading = _Reading(roster)
    made: list[tuple[int, Shift]] = []
    for line, cells in rows:
        if shift := reading.shift(line, dict(zip(columns, cells, strict=False))):
            made.append((line, shift))
    lines = {shift: line for line, shift in made}
    for one, other in overlaps(lines):
        text = (
            f"与第 {lines[one]} 行的班次重叠（{beijing(one.begins)} 至 {beijing(one.ends)}）；一个岗位同时只能一人当班"
        )
        reading.errors.append(Remark(lines[other], Column.BEGINS, text))
    if not made and not reading.errors:
        reading.errors.append(Remark(1, "", "只有表头，没有一个班次"))
    errors = tuple(sorted(reading.errors, key=lambda r: r.line))
    return ShiftFile(() if errors else tuple(shift for _, shift in made), errors)


def _table(raw: bytes) -> tuple[list[Column | None], list[tuple[int, Sequence[str]]]]:
    if is_workbook(raw):
        sheets = [sheet for sheet in read_workbook(raw) if sheet.rows]
        every: Iterable[tuple[int, Sequence[str]]] = enumerate(sheets[0].rows, 1) if sheets else ()
    else:
        every = split_table(table_text(raw))
    lines = [(line, cells) for line, cells in every if any(cell.strip() for cell in cells)]
    for at, (_, cells) in enumerate(lines[:_HEAD_WITHIN]):
        columns = [_NAMED.get(re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).lower()) for cell in cells]
        if {Column.POST, Column.NAME} <= set(columns):
            return columns, lines[at + 1 :]
    raise RosterError("找不到表头；应有“岗位”“姓名”，再加“开始”“结束”，或“日期”“班次”（白班、夜班、全天）")


class _Reading:
    """The lines against a roster, and what was wrong."""

    def __init__(self, roster: Roster) -> None:
        self.errors: list[Remark] = []
        self._posts = _ids((p.title, p.id) for p in roster.posts)
        self._people = _ids((p.name, p.id) for p in roster.responders)

    def shift(self, line: int, cells: Mapping[Column | None, str]) -> Shift | None:
        """The shift of one line; None where anything is wrong."""
        plain = {c: unicodedata.normalize("NFKC", cell).strip() for c, cell in cells.items() if c}
        post = self._id(line, Column.POST, plain.get(Column.POST, ""), self._posts)
        person = self._id(line, Column.NAME, plain.get(Column.NAME, ""), self._people)
        span = self._span(line, plain)
        return Shift(post, person, *span) if post and person and span else None

    def _id(self, line: int, column: Column, word: str, known: Mapping[str, set[int]]) -> int | None:
        found = known.get(word, set())
        if len(found) == 1:
            return next(iter(found))
        said = f"名册里没有“{word[:20]}”{near(word, [w for w in known if not w.isdecimal()])}；请改正"
        if found:
            said = f"名册里有几个“{word[:20]}”；请改写编号"
        self.errors.append(Remark(line, column, said if word else "空着；请补上"))
        return None

    def _span(self, line: int, cells: Mapping[Column, str]) -> tuple[Instant, Instant] | None:
        if cells.get(Column.BEGINS) or cells.get(Column.ENDS):
            begins, ends = (self._moment(line, c, cells.get(c, "")) for c in (Column.BEGINS, Column.ENDS))
        else:
            begins, ends = self._turn(line, cells)
        if not (begins and ends):
            return None
        if not timedelta() < ends - begins <= _LONGEST:
            said = f"{begins:%Y-%m-%d %H:%M} 至 {ends:%Y-%m-%d %H:%M} 不是一个班次；结束要晚于开始，不超过 8 天"
            self.errors.append(Remark(line, Column.ENDS, said))
            return None
        return instant(begins), instant(ends)

    def _turn(self, line: int, cells: Mapping[Column, str]) -> tuple[datetime | None, datetime | None]:
        day, turn = self._moment(line, Column.DAY, cells.get(Column.DAY, "")), cells.get(Column.TURN, "") or "全天"
        if turn not in TURNS:
            said = f"“{turn[:10]}”不认识；请写{'、'.join(TURNS)}之一，或写开始和结束"
            self.errors.append(Remark(line, Column.TURN, said))
            return None, None
        begins, ends = TURNS[turn]
        return (day + timedelta(hours=begins), day + timedelta(hours=ends)) if day else (None, None)

    def _moment(self, line: int, column: Column, cell: str) -> datetime | None:
        found = _datetime(cell)
        if found is None:
            said = f"“{cell[:20]}”看不懂；请写成 2026-08-01 08:00 的样子" if cell else "空着；请补上"
            self.errors.append(Remark(line, column, said))
        return found


def moment(said: str) -> Instant:
    """A time as a person types it. Raises RosterError where it is none."""
    found = _datetime(unicodedata.normalize("NFKC", said).strip())
    if found is None:
        raise RosterError(f"时间“{said[:20]}”看不懂；请写成 2026-08-01 08:00 的样子")
    return instant(found)


def _datetime(cell: str) -> datetime | None:
    found = _DAY.fullmatch(cell)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, tzinfo=BEIJING) + timedelta(hours=hour, minutes=minute)
    except ValueError:
        return None


def _ids(pairs: Iterable[tuple[str, int]]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = {}
    for word, ident in _both(pairs):
        found.setdefault(word, set()).add(ident)
    return found


def _both(pairs: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for word, ident in pairs:
        yield unicodedata.normalize("NFKC", word), ident
        yield str(ident), ident
