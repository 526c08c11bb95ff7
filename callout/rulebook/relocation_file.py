"""The 转移台账 from an office's file: every mistake named by line and column, all of it or nothing."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from callout.domain.area import County, Township
from callout.domain.errors import RosterError
from callout.domain.instant import HOUR, MINUTE, Millis
from callout.domain.level import LEVELS_OF, Hazard, Level
from callout.domain.relocation_plan import NOBODY, WITHIN, Lying, RelocationPlan, Shelter, Site, SiteKind
from callout.domain.roster import Post, Roster
from callout.rulebook.document import near
from callout.rulebook.roster_table import Remark, split_table, table_text

SHELTER = "安置点"
"""The word for the kind of a line that is a shelter."""
NOTE_OF_EXAMPLE = "示例，请删去这一行"
_MOST = 100_000
_LONGEST = 200


class Column(StrEnum):
    """A column by its header."""

    KIND = "类别"
    ID = "编号"
    NAME = "名称"
    TOWNSHIP = "乡镇"
    PLACE = "位置"
    HOUSEHOLDS = "户数"
    PEOPLE = "人数"
    IMMOBILE = "不能行走"
    RISK = "危险区"
    LYING = "关系"
    HAZARDS = "灾种"
    LEVEL = "级别"
    WITHIN = "限时"
    ORGANIZER = "组织岗位"
    KEEPER = "对接岗位"
    SHELTER = "安置点"
    ROUTE = "路线"
    SIGNAL = "信号"
    CARE = "管理"
    CAPACITY = "容量"
    NOTE = "备注"


NEEDED = (Column.KIND, Column.ID, Column.NAME, Column.TOWNSHIP, Column.PEOPLE)
_ALIASES: Mapping[str, Column] = {
    "转移对象": Column.NAME, "户主": Column.NAME, "乡镇街道": Column.TOWNSHIP, "地址": Column.PLACE,
    "失能人数": Column.IMMOBILE, "不能行走人数": Column.IMMOBILE, "风险区": Column.RISK, "何时转": Column.LEVEL,
    "谁组织": Column.ORGANIZER, "对接责任人": Column.KEEPER, "转到哪": Column.SHELTER, "如何管": Column.CARE,
    "容纳人数": Column.CAPACITY,
}  # fmt: skip
_LEVELS = {word: level for level in Level for word in (level.zh, level.zh[0], level.value)}
_KINDS = {kind.value: kind for kind in SiteKind} | {"独居老人": SiteKind.LONE, "敬老院": SiteKind.CARE_HOME}
_LYINGS = {lying.value: lying for lying in Lying} | {"": Lying.UNKNOWN}
Cells = Mapping[Column, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RelocationFile:
    """What a file says; `plan` is None where there is any mistake."""

    plan: RelocationPlan | None
    lines: int
    errors: tuple[Remark, ...]
    skipped: tuple[Remark, ...] = ()


def read_relocation(raw: bytes, county: County, roster: Roster, version: str) -> RelocationFile:
    """The list that `raw` holds, with posts found in `roster`. Raises RosterError where `raw` is no table at all."""
    lines = list(split_table(table_text(raw)))
    if not lines:
        raise RosterError("文件是空的；请用 callout relocation template 得到表头")
    columns, skipped = _columns(*lines[0])
    reading = _Reading(county, roster)
    rows = [(line, _cells(columns, cells)) for line, cells in lines[1:]]
    real = [(line, cells) for line, cells in rows if cells.get(Column.NOTE) != NOTE_OF_EXAMPLE]
    skipped += [Remark(line, Column.NOTE, "模板里的示例行，没有读") for line, c in rows if (line, c) not in real]
    for line, cells in real:
        reading.line(line, cells)
    reading.refer()
    if not real and not reading.errors:
        reading.errors.append(Remark(1, "", "只有表头，没有一行"))
    errors = tuple(sorted(reading.errors, key=lambda one: one.line))
    plan = RelocationPlan(version, county.code, tuple(reading.sites), tuple(reading.shelters))
    return RelocationFile(None if errors else plan, len(real), errors, tuple(skipped))


def _columns(line: int, header: Sequence[str]) -> tuple[list[Column | None], list[Remark]]:
    found: list[Column | None] = []
    skipped = []
    words = {column.value: column for column in Column} | dict(_ALIASES)
    for cell in header:
        word = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).strip("*")
        column = words.get(word)
        if column in found and column:
            raise RosterError(f"第 {line} 行表头：“{column}”有两列；请删去其中一列")
        if column is None and word:
            skipped.append(Remark(line, cell.strip()[:20], "不认识这一列，没有读它"))
        found.append(column)
    missing = [column for column in NEEDED if column not in found]
    if missing:
        raise RosterError(f"第 {line} 行表头缺少：{'、'.join(missing)}；请对照 callout relocation template 补上")
    return found, skipped


def _cells(columns: Sequence[Column | None], cells: Sequence[str]) -> Cells:
    return {column: _tidy(cell) for column, cell in zip(columns, cells, strict=False) if column}


def _tidy(cell: str) -> str:
    seen = "".join(c for c in cell if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return seen.strip()


@dataclass(slots=True)
class _Reading:
    """The lines read so far, and what is wrong with them."""

    county: County
    roster: Roster
    sites: list[Site] = field(default_factory=list)
    shelters: list[Shelter] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    at: list[int] = field(default_factory=list)
    """Where each site stands."""

    def fail(self, line: int, column: Column, text: str) -> None:
        """One more mistake."""
        self.errors.append(Remark(line, column, text))

    def line(self, line: int, cells: Cells) -> None:
        """Read one line."""
        for column, cell in cells.items():
            if len(cell) > _LONGEST:
                self.fail(line, column, f"有 {len(cell)} 字，超过 {_LONGEST} 字；请核对")
            if cell.startswith(("=", "@")):
                self.fail(line, column, "像表格公式；请改成文字")
        ident = cells.get(Column.ID, "")
        if not re.fullmatch(r"[\w.-]{1,40}", ident):
            self.fail(line, Column.ID, "空着或含空格标点；请写一个以后不变的编号，如 Z001")
        elif ident in self.lines:
            self.fail(line, Column.ID, f"{ident} 与第 {self.lines[ident]} 行重复")
        self.lines.setdefault(ident, line)
        if not cells.get(Column.NAME):
            self.fail(line, Column.NAME, "空着；请写名称或户主")
        if cells.get(Column.KIND) == SHELTER:
            self.shelters.append(self._shelter(line, cells))
        else:
            self.sites.append(self._site(line, cells))
            self.at.append(line)

    def _shelter(self, line: int, cells: Cells) -> Shelter:
        area = self._area(line, cells)
        capacity, keeper = self._number(line, cells, Column.CAPACITY), self._post(line, cells, Column.KEEPER, area)
        if not capacity:
            self.fail(line, Column.CAPACITY, "安置点要写能容多少人")
        return Shelter(
            cells.get(Column.ID, ""), cells.get(Column.NAME, ""), area, cells.get(Column.PLACE, ""), capacity, keeper
        )

    def _site(self, line: int, cells: Cells) -> Site:
        area = self._area(line, cells)
        people, immobile = (self._number(line, cells, c) for c in (Column.PEOPLE, Column.IMMOBILE))
        if not people:
            self.fail(line, Column.PEOPLE, "空着或为 0；请写要转移多少人")
        if immobile > people:
            self.fail(line, Column.IMMOBILE, f"{immobile} 人多于总人数 {people} 人；请核对")
        lying = self._one_of(line, cells, Column.LYING, _LYINGS)
        if lying in (Lying.INSIDE, Lying.DOWNSTREAM) and not cells.get(Column.RISK):
            self.fail(line, Column.RISK, f"写了“{lying}”，没有写是哪个危险区")
        hazards, level = self._when(line, cells)
        return Site(
            id=cells.get(Column.ID, ""),
            kind=self._one_of(line, cells, Column.KIND, _KINDS),
            name=cells.get(Column.NAME, ""),
            area=area,
            place=cells.get(Column.PLACE, ""),
            households=self._number(line, cells, Column.HOUSEHOLDS),
            people=people,
            immobile=immobile,
            risk=cells.get(Column.RISK, ""),
            lying=lying,
            hazards=hazards,
            level=level,
            within=self._within(line, cells),
            organizer=self._post(line, cells, Column.ORGANIZER, area),
            keeper=self._post(line, cells, Column.KEEPER, area),
            shelter=cells.get(Column.SHELTER, ""),
            route=cells.get(Column.ROUTE, ""),
            signal=cells.get(Column.SIGNAL, ""),
            care=cells.get(Column.CARE, ""),
        )

    def _when(self, line: int, cells: Cells) -> tuple[tuple[Hazard, ...], Level]:
        words = [word for word in re.split(r"[、,，;；/\s]+", cells.get(Column.HAZARDS, "")) if word]
        known = {hazard.value: hazard for hazard in Hazard}
        strange = [word for word in words if word not in known]
        for word in strange:
            self.fail(line, Column.HAZARDS, f"没有“{word}”这个灾种{near(word, list(known))}；几个请用顿号隔开")
        if not words:
            self.fail(line, Column.HAZARDS, "空着；请写因哪些灾种转移，如 暴雨、山洪、地质灾害")
        level = self._one_of(line, cells, Column.LEVEL, _LEVELS)
        hazards = tuple(dict.fromkeys(known[word] for word in words if word in known))
        for hazard in hazards:
            if level.rank > LEVELS_OF[hazard][-1].rank:
                self.fail(line, Column.LEVEL, f"{hazard}预警没有{level.zh}这一级，写了就永远不会转移")
        return hazards, level

    def _within(self, line: int, cells: Cells) -> Millis:
        cell = cells.get(Column.WITHIN, "")
        found = re.fullmatch(r"([1-9][0-9]{0,3})(分钟|小时)", unicodedata.normalize("NFKC", cell))
        if cell and not found:
            self.fail(line, Column.WITHIN, f"看不懂“{cell[:20]}”；请写成“40分钟”或“2小时”")
        return int(found[1]) * (HOUR if found[2] == "小时" else MINUTE) if found else WITHIN

    def _number(self, line: int, cells: Cells, column: Column) -> int:
        cell = unicodedata.normalize("NFKC", cells.get(column, "")).removesuffix("人").removesuffix("户")
        plain = re.sub(r"\.0+\Z", "", cell)
        if not plain:
            return 0
        if re.fullmatch(r"\d{1,6}", plain, re.ASCII) and int(plain) <= _MOST:
            return int(plain)
        self.fail(line, column, f"“{cell[:20]}”不是 0 到 {_MOST} 的整数")
        return 0

    def _one_of(self, line: int, cells: Cells, column: Column, words: Mapping[str, T]) -> T:
        cell = cells.get(column, "")
        if cell in words:
            return words[cell]
        options = [word for word in words if word and not word.isascii()]
        self.fail(line, column, f"没有“{cell[:20]}”这个{column}{near(cell, options) or '；应为 ' + ' '.join(options)}")
        return next(iter(words.values()))

    def _area(self, line: int, cells: Cells) -> str:
        word = cells.get(Column.TOWNSHIP, "")
        found = [town for town in self.county.townships if word in _names(town)]
        if len(found) == 1:
            return found[0].key
        options = [town.name for town in self.county.townships]
        self.fail(line, Column.TOWNSHIP, f"{self.county.name}没有“{word[:20]}”{near(word, options)}；请写全称")
        return ""

    def _post(self, line: int, cells: Cells, column: Column, area: str) -> int:
        """A post by its number, its title, or its role where the township has only one such post."""
        word = cells.get(column, "")
        if not word:
            return NOBODY
        here = [post for post in self.roster.posts if post.area == area]
        ways: tuple[list[Post], ...] = (
            [post for post in self.roster.posts if word.isdecimal() and post.id == int(word[:15])],
            [post for post in here if post.title == word],
            [post for post in self.roster.posts if post.title == word],
            [post for post in here if post.role == word],
        )
        found = next((some for some in ways if some), [])
        if len(found) == 1:
            return found[0].id
        if found:
            self.fail(line, column, f"名册里有 {len(found)} 个“{word[:20]}”；请写岗位号，见 callout roster export")
        else:
            self.fail(line, column, f"名册里没有岗位“{word[:20]}”；请改正，或先把它导入名册")
        return NOBODY

    def refer(self) -> None:
        """Whether the shelters that sites name are there."""
        known = {shelter.id for shelter in self.shelters}
        for line, site in zip(self.at, self.sites, strict=True):
            if site.shelter and site.shelter not in known:
                options = sorted(known)
                text = f"没有编号为“{site.shelter[:20]}”的安置点{near(site.shelter, options)}；请加一行或改正"
                self.fail(line, Column.SHELTER, text)


def _names(town: Township) -> Iterator[str]:
    yield from (town.name, *town.aliases)
