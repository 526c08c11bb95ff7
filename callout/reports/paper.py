"""A page of ours on paper: HTML to PDF, fonts embedded, nothing fetched from anywhere."""

import unicodedata
import warnings
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callout.domain.errors import CalloutError

FONTS = "Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Zen Hei, sans-serif"
"""Chinese fonts of Debian and others; the first that the machine has is embedded."""
_NO_FONT = "这台机器没有中文字体，PDF 里会缺字；请安装 fonts-noto-cjk 再试"


def wording(templates: Path) -> Environment:
    """The pages that are made to be printed; `templates`: the folder of all wording."""
    return Environment(
        loader=FileSystemLoader(templates / "reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def pdf(html: str) -> bytes:
    """The page as PDF. Raises CalloutError where the package, its libraries or a Chinese font are missing."""
    document = _document(html).render()
    made: bytes = document.write_pdf()
    absent = {code for font in document.fonts.values() for code in font.missing}
    if any(unicodedata.name(chr(code), "").startswith("CJK UNIFIED") for code in absent):
        raise CalloutError(_NO_FONT)
    return made


def _document(html: str) -> Any:
    with warnings.catch_warnings():
        # It looks for fonts while it is imported: without any, Pango would end the process later.
        warnings.simplefilter("error", UserWarning)
        try:
            from weasyprint import HTML  # noqa: PLC0415  # only PDF needs it, and the libraries behind it
            from weasyprint.urls import URLFetcher  # noqa: PLC0415
        except ImportError:
            raise CalloutError("写 PDF 的包没有装，请先运行 pip install 'callout[reports]'") from None
        except OSError:
            raise CalloutError("写 PDF 要用 Pango，请安装 libpango-1.0-0 和 libpangoft2-1.0-0 再试") from None
        except UserWarning:
            raise CalloutError(_NO_FONT) from None
    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=()))
