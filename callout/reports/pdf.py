"""Tables on paper: a PDF that any printer takes, with the Chinese font inside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection
from fpdf import FPDF
from fpdf.fonts import FontFace

from callout.domain.errors import CalloutError

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "C:/Windows/Fonts/msyh.ttc",
)
"""Where systems keep a font with Chinese signs."""
_FAMILY, _SIMPLIFIED = "cjk", " SC"
_MARGIN, _TITLE, _TEXT, _CELL = 10, 15, 10, 9
_GREY = (225, 229, 233)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    word: str
    width: int
    """Beside the others: any unit."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is to be printed: a title, some lines, one table."""

    title: str
    lines: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[str]]
    landscape: bool = True


class _Sheet(FPDF):
    """Pages that say of what they are part, and which of how many."""

    def __init__(self, title: str, *, landscape: bool) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", format="A4")
        self._headline = title

    def footer(self) -> None:
        """Under each page."""
        self.set_y(-_MARGIN)
        self.set_font(_FAMILY, size=_CELL)
        self.cell(0, 5, f"{self._headline}    第 {self.page_no()} 页，共 {{nb}} 页", align="C")


def pdf(paper: Paper) -> bytes:
    """The document. Raises CalloutError where this machine has no font with Chinese signs."""
    path, within = _font(FONTS)
    sheet = _Sheet(paper.title, landscape=paper.landscape)
    sheet.set_title(paper.title)
    sheet.set_lang("zh-CN")
    sheet.set_margin(_MARGIN)
    sheet.set_auto_page_break(True, 1.5 * _MARGIN)
    sheet.add_font(_FAMILY, fname=path, collection_font_number=within)
    sheet.set_font(_FAMILY, size=_TITLE)
    sheet.add_page()
    sheet.multi_cell(0, 8, paper.title, new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(_FAMILY, size=_TEXT)
    for line in paper.lines:
        sheet.multi_cell(0, 5.5, line, new_x="LMARGIN", new_y="NEXT")
    sheet.ln(2)
    sheet.set_font(_FAMILY, size=_CELL)
    _table(sheet, paper)
    return bytes(sheet.output())


def _table(sheet: FPDF, paper: Paper) -> None:
    widths = tuple(column.width for column in paper.columns)
    head = FontFace(emphasis=None, fill_color=_GREY)
    with sheet.table(col_widths=widths, headings_style=head, text_align="LEFT", line_height=5, padding=1) as table:
        table.row([column.word for column in paper.columns])
        for row in paper.rows:
            table.row(row)


@cache
def _font(places: tuple[str, ...]) -> tuple[str, int]:
    """The first font that is there, and which of its collection has simplified signs."""
    found = next((path for path in places if Path(path).is_file()), None)
    if found is None:
        raise CalloutError("这台机器没有中文字体，做不了 PDF；请安装 fonts-noto-cjk，或改用网页打印")
    if not found.endswith(".ttc"):
        return found, 0
    with TTCollection(found, lazy=True) as many:
        names = [str(one["name"].getDebugName(4)) for one in many.fonts]
    return found, next((n for n, name in enumerate(names) if _SIMPLIFIED in name and "Mono" not in name), 0)
