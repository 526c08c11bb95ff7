"""Whether this machine can put a page on paper: that takes Pango and a font with Chinese signs."""

from functools import cache

import pytest

from callout.domain.errors import CalloutError
from callout.reports.paper import pdf


def paper_or_skip() -> None:
    """Skip the test, with the reason, where no PDF can be made."""
    if why := _why_not():
        pytest.skip(why)


@cache
def _why_not() -> str:
    try:
        pdf("<p>示例</p>")
    except CalloutError as error:
        return str(error)
    return ""
