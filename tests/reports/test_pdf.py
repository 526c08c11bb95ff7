"""A table on paper: Chinese can be read back from it, and the font is inside."""

from pathlib import Path

import pypdfium2
import pytest

from callout.domain.errors import CalloutError
from callout.reports import pdf as module
from callout.reports.pdf import FONTS, Column, Paper, pdf

if not any(Path(one).is_file() for one in FONTS):
    pytest.skip("no font with Chinese signs: apt-get install fonts-noto-cjk", allow_module_level=True)

COLUMNS = (Column("岗位号", 1), Column("岗位、姓名", 3))


def text_of(made: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(made)
    return [page.get_textpage().get_text_range() for page in document]


def test_a_table_is_read_back_and_its_font_is_inside_it() -> None:
    made = pdf(Paper("叫应单：暴雨红色", ["用完收好。"], COLUMNS, [("4", "示例·网格员一")]))
    [page] = text_of(made)
    assert all(
        word in page for word in ("叫应单：暴雨红色", "用完收好。", "岗位号", "示例·网格员一", "第 1 页，共 1 页")
    )
    assert b"/FontFile" in made
    assert len(made) < 100_000


def test_the_head_stands_on_every_page() -> None:
    pages = text_of(pdf(Paper("单", [], COLUMNS, [(str(n), "示例·" + "长" * 40) for n in range(60)], landscape=False)))
    assert len(pages) > 1
    assert all("岗位、姓名" in page and f"共 {len(pages)} 页" in page for page in pages)
    assert all(str(n) in "".join(pages) for n in range(60))


def test_a_machine_without_a_chinese_font_is_told_what_to_install() -> None:
    with pytest.raises(CalloutError, match="fonts-noto-cjk"):
        module._font(("/nowhere/font.ttc",))
