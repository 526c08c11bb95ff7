"""One line of a roster file each: which post, where, held by whom, reached how."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from callout.domain.alert import CodeSystem
from callout.domain.area import County, Township
from callout.domain.roster import ContactMethod
from callout.rulebook.document import near
from callout.rulebook.phones import read_numbers
from callout.rulebook.roster_table import Column, Remark, Row
from callout.rulebook.township_codes import SYSTEMS, meant

_SYSTEM_WORDS = {word: system for system, zh in SYSTEMS.items() for word in (zh, system.value)}
_SYSTEM_WORDS |= {"国家统计局": CodeSystem.STATS, "gb/t2260": CodeSystem.GB2260}
_NOBODY = frozenset({"空缺", "缺", "暂缺", "待定", "无", "暂无", "/", "-", "—", "——"})
"""What people write into a cell that they mean to leave empty."""
_SUFFIX = re.compile(r"(?<=..)(?:街道|镇|乡)$")
_HIGHEST = 10**9


@dataclass(frozen=True, slots=True)
class Line:
    """One line, each cell understood; references to other lines are still words."""

    line: int
    area: str
    """Empty for a line without a post."""
    title: str
    """Empty: the line is only about a person, who stands in for others (副职, 值班)."""
    role: str
    post: int | None
    person: int | None
    name: str
    """Empty: the post is vacant."""
    contacts: tuple[ContactMethod, ...]
    deputy: str
    superior: str


@dataclass(slots=True)
class Reading:
    """What the lines are checked against, and what was found on the way."""

    county: County
    roles: Sequence[str]
    """The roles that rules call."""
    mends: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)

    def line(self, row: Row) -> Line:
        """The line, as far as it can be understood; what cannot is in `errors`."""
        post_line = bool(row[Column.TITLE] or row[Column.ROLE])
        self._check(row, post_line)
        return Line(
            line=row.line,
            area=self._area(row) if post_line else "",
            title=row[Column.TITLE],
            role=self._role(row) if post_line else "",
            post=self._id(row, Column.POST),
            person=self._id(row, Column.PERSON),
            name=self._person(row, Column.NAME),
            contacts=self._contacts(row),
            deputy=self._person(row, Column.DEPUTY),
            superior=self._person(row, Column.SUPERIOR),
        )

    def fail(self, row: Row | Line, column: Column, text: str) -> None:
        """One more mistake."""
        self.errors.append(Remark(row.line, column, text))

    def _check(self, row: Row, post_line: bool) -> None:
        named = row[Column.NAME] and row[Column.NAME] not in _NOBODY
        if post_line and not row[Column.TITLE]:
            self.fail(row, Column.TITLE, "空着；请写人们的叫法，例如“白马镇网格员一”")
        if post_line and not row[Column.ROLE]:
            self.fail(row, Column.ROLE, "空着；规则按角色叫人，请填写" + near("", self.roles))
        if not post_line and not named:
            self.fail(row, Column.NAME, "这一行没有岗位也没有姓名；请补上，或删去这一行")
        if not post_line and (row[Column.POST] or row[Column.DEPUTY] or row[Column.SUPERIOR]):
            self.fail(row, Column.TITLE, "空着，却写了岗位号、副职或上级岗位；请补上岗位和角色")
        if not named and (row[Column.NUMBERS] or row[Column.LANDLINE] or row[Column.PERSON]):
            self.fail(row, Column.NAME, "空着，却写了号码或人员号；请补上姓名，或清空它们")

    def _id(self, row: Row, column: Column) -> int | None:
        cell = row[column]
        if not cell:
            return None
        if re.fullmatch(r"\d{1,10}", cell, re.ASCII) and 1 <= int(cell) <= _HIGHEST:
            return int(cell)
        self.fail(row, column, f"“{cell[:20]}”不是编号；新增的请留空，系统会编号")
        return None

    def _person(self, row: Row, column: Column) -> str:
        cell = row[column]
        if cell not in _NOBODY:
            return cell
        self.mends.append(Remark(row.line, column, f"“{cell}”按空缺处理"))
        return ""

    def _contacts(self, row: Row) -> tuple[ContactMethod, ...]:
        """All numbers in order: 号码 first, then 固话."""
        found = [
            (column, read_numbers("" if row[column] in _NOBODY else row[column], landlines=column is Column.LANDLINE))
            for column in (Column.NUMBERS, Column.LANDLINE)
        ]
        for column, numbers in found:
            for error in numbers.errors:
                self.fail(row, column, error)
        first, second = (numbers.contacts for _, numbers in found)
        known = {each.e164 for each in first}
        for each in second:
            if each.e164 in known:
                self.mends.append(Remark(row.line, Column.LANDLINE, "与“号码”一栏重复的号码只留一个"))
        return (*first, *(each for each in second if each.e164 not in known))

    def _role(self, row: Row) -> str:
        written = row[Column.ROLE]
        if written in self.roles:
            return written
        same = next((role for role in self.roles if _folded(role) == _folded(written)), None)
        if same is None:
            return written
        self.mends.append(Remark(row.line, Column.ROLE, f"“{written}”已改为规则里的写法“{same}”"))
        return same

    def _area(self, row: Row) -> str:
        code, name = row[Column.CODE], row[Column.TOWNSHIP]
        county = row[Column.COUNTY]
        if county and county[:6] != self.county.code:
            self.fail(
                row, Column.COUNTY, f"是 {county[:12]}，本系统服务 {self.county.name}（{self.county.code}）；请核对"
            )
        if not code and not name:
            self.fail(row, Column.TOWNSHIP, f"空着；区级岗位请写“{self.county.name}”")
            return ""
        if name == self.county.name or (not name and code[:6] == self.county.code and not code[6:].strip("0")):
            return self._own_area(row, code)
        return self._township(row, code, name)

    def _own_area(self, row: Row, code: str) -> str:
        if code and (code[:6] != self.county.code or code[6:].strip("0")):
            self.fail(row, Column.CODE, f"是 {code[:12]}，不是{self.county.name}的代码；请清空或改正")
        return self.county.key

    def _township(self, row: Row, code: str, name: str) -> str:
        system = self._system(row)
        short = code[:9] if re.fullmatch(r"\d{9}(?:0{3}|0{5})?", code, re.ASCII) else code
        named = self._named(row, name) if name else []
        coded = [t for t in self.county.townships if short in _codes(t, system)] if code else []
        if name and not named:
            options = [t.name for t in self.county.townships]
            self.fail(row, Column.TOWNSHIP, f"{self.county.name}没有“{name[:20]}”{near(name, options)}；请改正")
            return ""
        if code and not coded:
            where = SYSTEMS[system] if system else "两种编码体系"
            self.fail(
                row,
                Column.CODE,
                f"{self.county.name}在{where}里没有代码 {code[:14]}{meant(self.county, short, name)}"
                "；请改正，或清空后只写乡镇名",
            )
            return ""
        both = [t for t in named or coded if not (named and coded) or t in coded]
        return self._one(row, both, code, name)

    def _named(self, row: Row, name: str) -> list[Township]:
        """The township of this name; without 镇, 乡 or 街道 it is understood where only one can be meant."""
        towns = self.county.townships
        exact = [t for t in towns if name in (t.name, *t.aliases)]
        short = [t for t in towns if name in {_SUFFIX.sub("", each) for each in (t.name, *t.aliases)}]
        if not exact and len(short) == 1:
            self.mends.append(Remark(row.line, Column.TOWNSHIP, f"“{name}”已按“{short[0].name}”读"))
            return short
        return exact

    def _one(self, row: Row, both: Sequence[Township], code: str, name: str) -> str:
        if len(both) == 1:
            return both[0].key
        if not both:
            self.fail(
                row, Column.CODE, f"代码 {code[:14]} 不是“{name[:20]}”{meant(self.county, code[:9], name)}；请改正其一"
            )
        else:
            names = "、".join(t.name for t in both)
            self.fail(row, Column.SYSTEM, f"不写编码体系，代码 {code[:14]} 可能是{names}；请写统计局或民政部")
        return ""

    def _system(self, row: Row) -> CodeSystem | None:
        word = row[Column.SYSTEM].lower().replace(" ", "")
        if word and word not in _SYSTEM_WORDS:
            self.fail(row, Column.SYSTEM, f"“{word[:20]}”不认识；请写统计局或民政部")
        found = _SYSTEM_WORDS.get(word)
        return None if found is CodeSystem.GB2260 else found


def _codes(township: Township, system: CodeSystem | None) -> tuple[str, ...]:
    by: dict[CodeSystem, str | None] = {CodeSystem.STATS: township.stats, CodeSystem.MCA: township.mca}
    return tuple(code for each, code in by.items() if code and system in (None, each))


def _folded(word: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
