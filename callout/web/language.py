"""In which language a page speaks: Chinese, or another one for which a catalogue lies beside the templates.

The msgids are the Chinese words themselves. Catalogues are read as they are (`en.po`): nothing must be compiled.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.dates import format_datetime
from babel.messages.pofile import read_po
from jinja2 import Environment

from callout.domain.instant import BEIJING, Instant, moment

CHINESE = "zh"
LANGUAGES: Mapping[str, str] = {CHINESE: "zh-CN", "en": "en"}
"""What may be asked for, and how the page says it to the browser."""
_SPOKEN: ContextVar[str] = ContextVar("spoken", default=CHINESE)
_WHEN = {"en": "d MMM, HH:mm"}


@contextmanager
def speaking(language: str) -> Iterator[str]:
    """Whatever is rendered in the block speaks this language; Chinese where there is no such."""
    spoken = language if language in LANGUAGES else CHINESE
    before = _SPOKEN.set(spoken)
    try:
        yield spoken
    finally:
        _SPOKEN.reset(before)


def install(environment: Environment, folder: Path) -> None:
    """Let the templates of this folder say `_("…")`, with values by name."""

    def said(text: str) -> str:
        spoken = _SPOKEN.get()
        return text if spoken == CHINESE else catalogue(folder, spoken).get(text, text)

    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        said, lambda one, many, n: said(one if n == 1 else many), newstyle=True
    )


def when(at: Instant) -> str:
    """8月2日 18:05, or as the language of the page says it."""
    there = moment(at).astimezone(BEIJING)
    spoken = _SPOKEN.get()
    if spoken == CHINESE:
        return f"{there.month}月{there.day}日 {there:%H:%M}"
    return str(format_datetime(there, _WHEN[spoken], locale=spoken))


@cache
def catalogue(folder: Path, language: str) -> Mapping[str, str]:
    """Chinese words → words of the language."""
    with (folder / f"{language}.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=language) if one.id and one.string}
