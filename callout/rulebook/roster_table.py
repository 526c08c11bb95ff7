"""The office's roster file: bytes → header and cells, with every mend and every mistake named by line and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.errors import RosterError

MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 200_000
EXAMPLE = "示例，请删去这一行"
"""The note on a line of the template: such a line is not read."""
_LONGEST_CELL = 500


class Column(StrEnum):
    """A column by the header that we write."""

    COUNTY = "区县代码"
    TOWNSHIP = "乡镇"
    CODE = "乡镇代码"
    SYSTEM = "编码体系"
    POST = "岗位号"
    TITLE = "岗位"
    ROLE = "角色"
    PERSON = "人员号"
    NAME = "姓名"
    NUMBERS = "号码"
    LANDLINE = "固话"
    DEPUTY = "副职"
    SUPERIOR = "上级岗位"
    NOTE = "备注"


_ALIASES: Mapping[Column, tuple[str, ...]] = {
    Column.COUNTY: ("county", "county_code", "县代码", "区县"),
    Column.TOWNSHIP: ("township", "乡镇街道", "乡镇(街道)", "镇街", "镇街名称", "乡镇名称"),
    Column.CODE: ("township_code", "code", "区划代码", "行政区划代码"),
    Column.SYSTEM: ("system", "code_system", "代码体系"),
    Column.POST: ("post_id", "post_no", "岗位编号"),
    Column.TITLE: ("title", "post", "岗位名称", "职务"),
    Column.ROLE: ("role", "岗位类别", "责任人类型"),
    Column.PERSON: ("person_id", "responder_id", "人员编号"),
    Column.NAME: ("name", "责任人", "任职人"),
    Column.NUMBERS: ("numbers", "phones", "phone", "手机", "手机号", "手机号码", "电话", "联系电话", "联系方式"),
    Column.LANDLINE: ("landline", "landlines", "座机", "办公电话", "固定电话"),
    Column.DEPUTY: ("deputy", "代理", "代理人", "副职/代理", "b岗"),
    Column.SUPERIOR: ("superior", "上级", "上级岗"),
    Column.NOTE: ("note", "remark", "说明", "序号", "no"),
}
_NAMED = {word: column for column in Column for word in (column.value, *_ALIASES[column])}
NEEDED = (Column.TOWNSHIP, Column.TITLE, Column.ROLE, Column.NAME, Column.NUMBERS)
_TIDIED = frozenset({Column.COUNTY, Column.CODE, Column.POST, Column.PERSON, Column.NUMBERS, Column.LANDLINE})
"""Columns of digits, which are read in half width."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one cell: a mistake, or a mend that was made."""

    line: int
    """From 1, the header included, as an editor counts."""
    column: str
    text: str
    sheet: str = ""
    """Of a workbook with several."""

    def __str__(self) -> str:
        sheet = f"“{self.sheet}”表" if self.sheet else ""
        return f"{sheet}第 {self.line} 行" + (f"“{self.column}”" if self.column else "") + f"：{self.text}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file; a column that the file lacks is empty."""

    line: int
    cells: Mapping[Column, str]

    def __getitem__(self, column: Column) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file, cell by cell."""

    rows: tuple[Row, ...]
    mends: tuple[Remark, ...]
    errors: tuple[Remark, ...]


def read_table(raw: bytes) -> Table:
    """The cells of a file. Raises RosterError, in Chinese, where it is no table at all."""
    text = table_text(raw)
    lines = list(split_table(text))
    if not lines:
        raise RosterError("文件是空的；请用 callout roster template 得到表头")
    at, header = lines[0]
    columns, remarks = _columns(at, header)
    rows: list[Row] = []
    errors: list[Remark] = []
    for line, cells in lines[1:]:
        row, mends, wrong = _row(line, cells, columns)
        remarks += mends
        errors += wrong
        if any(row.cells.values()):
            rows.append(row)
    return Table(tuple(rows), tuple(remarks), tuple(errors))


def table_text(raw: bytes) -> str:
    """The text of a table, whatever encoding it has. Raises RosterError where it is none."""
    if len(raw) > MOST_BYTES:
        raise RosterError(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，不像名册；请核对")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RosterError("这是 Excel 工作簿，不是 CSV；请用 callout roster import 导入")
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError("文件编码认不出；请另存为“CSV UTF-8”再导入")


def split_table(text: str) -> Iterable[tuple[int, list[str]]]:
    """Line numbers and cells, empty lines left out. The separator is the one that the header has most of."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",\t;，；", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
            if len(found) > MOST_LINES:
                raise RosterError(f"超过 {MOST_LINES} 行，不像一个区县的名册；请核对")
    except csv.Error:
        raise RosterError(f"第 {begins} 行起引号不成对或单元格太长；请检查这一行里的英文引号") from None
    return found


def column_of(cell: str) -> Column | None:
    """The column that a header cell names."""
    return _NAMED.get(re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).lower().strip("*"))


def _columns(line: int, header: Sequence[str]) -> tuple[list[Column | None], list[Remark]]:
    """Which column stands where, and which are not read."""
    columns: list[Column | None] = []
    skipped: list[Remark] = []
    for cell in header:
        column = column_of(cell)
        if column and column in columns:
            raise RosterError(f"第 {line} 行表头：“{column}”有两列；请删去或改名其中一列")
        if not column and cell.strip():
            skipped.append(Remark(line, cell.strip()[:20], "不认识这一列，没有读它"))
        columns.append(column)
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        names = "、".join(missing)
        raise RosterError(f"第 {line} 行表头缺少：{names}；请对照 callout roster template 的表头补上")
    return columns, skipped


def _row(line: int, cells: Sequence[str], columns: Sequence[Column | None]) -> tuple[Row, list[Remark], list[Remark]]:
    kept: dict[Column, str] = {}
    mends: list[Remark] = []
    errors: list[Remark] = []
    if any(cell.strip() for cell in cells[len(columns) :]):
        errors.append(Remark(line, "", f"比表头多出 {len(cells) - len(columns)} 格；请检查是否多了分隔符"))
    for column, cell in zip(columns, cells, strict=False):
        if column is None:
            continue
        kept[column], said = _tidy(column, cell)
        mends += [Remark(line, column, each) for each in said]
        if (wrong := _wrong(kept[column])) and column is not Column.NOTE:
            errors.append(Remark(line, column, wrong))
    return Row(line, kept), mends, errors


def _tidy(column: Column, cell: str) -> tuple[str, list[str]]:
    """The cell without what nobody meant to write, and what was mended."""
    said = []
    clean = "".join(
        " " if c in "\r\n\t" else c for c in cell if c in "\r\n\t" or unicodedata.category(c) not in _UNSEEN
    )
    if len(clean) != len(cell):
        said.append("去掉了看不见的字符")
    plain = clean.strip()
    if column in _TIDIED and (half := unicodedata.normalize("NFKC", plain)) != plain:
        said.append(f"全角数字或符号已改为半角：{half}")
        plain = half
    if column in _TIDIED and (whole := re.sub(r"(?<=\d)\.0+\Z", "", plain)) != plain:
        said.append(f"去掉了表格软件加的小数：{whole}")
        plain = whole
    if column in (Column.NAME, Column.DEPUTY) and (close := _BETWEEN_HAN.sub("", plain)) != plain:
        said.append(f"去掉了名字里的空格：{close}")
        plain = close
    return plain, said


BROKEN = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})
"""What a spreadsheet shows where it could not work a formula out."""
_UNSEEN = ("Cc", "Cf", "Cs")
_BETWEEN_HAN = re.compile(r"(?<=[一-鿿])\s+(?=[一-鿿])")


def _wrong(cell: str) -> str:
    if len(cell) > _LONGEST_CELL:
        return f"有 {len(cell)} 字，超过 {_LONGEST_CELL} 字；请核对"
    if cell.startswith(("=", "@")):
        return "像表格公式；请改成文字"
    if cell in BROKEN:
        return f"是表格软件算不出的 {cell}；请改成文字"
    return ""
