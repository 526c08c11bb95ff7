"""In which language a page speaks: Chinese, or another one for which a catalogue lies beside the templates.

The msgids are the Chinese words themselves. Catalogues are read as they are (`en.po`): nothing must be compiled. What
the code says (labels of enums, sentences of errors) stays Chinese there and is put into words here, when it is shown;
data stays as it is, marked as Chinese for screen readers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from fastapi import Request
from jinja2 import Environment
from markupsafe import Markup, escape

from callout.domain.instant import BEIJING, Instant, beijing, moment

CHINESE = "zh"
LANGUAGES: Mapping[str, str] = {CHINESE: "zh-CN", "en": "en"}
"""What may be asked for, and how the page says it to the browser."""
COOKIE = "callout-language"
"""Holds what somebody chose; it is no secret."""
LONGEST = 500
"""No sentence of the code is longer; what is, is data."""
IN_CODE = "code"
"""msgctxt of sentences with gaps that the code puts together."""
_SPOKEN: ContextVar[str] = ContextVar("spoken", default=CHINESE)
_MOMENT = {"en": "d MMM, HH:mm"}
_STAMP = {"en": "d MMM y, HH:mm:ss"}
_MARKED = Markup('<span lang="zh-CN">{}</span>')
_WRITTEN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_GAP = re.compile(r"%\((\w+)\)s")
_PREFERRED = re.compile(r"\s*([a-z]+)(?:-[\w-]+)?\s*(?:;\s*q=([0-9.]+))?\s*", re.IGNORECASE)


class Entry(NamedTuple):
    """One sentence of a catalogue."""

    zh: str
    words: str
    code: bool
    """The code puts it together."""
    own: bool
    """Its gaps hold somebody's own words and stay as they are."""


Pattern = tuple[re.Pattern[str], str, bool]
"""What a sentence looks like in Chinese, how the other language says it, and whether its gaps hold somebody's words."""
OWN_WORDS = "data"
"""The flag of such a sentence."""
_SHORT = 12
"""Signs of a label that may hold a comma of its own."""


@contextmanager
def speaking(language: str) -> Iterator[str]:
    """Whatever is rendered in the block speaks this language; Chinese where there is no such."""
    spoken = language if language in LANGUAGES else CHINESE
    before = _SPOKEN.set(spoken)
    try:
        yield spoken
    finally:
        _SPOKEN.reset(before)


def language_of(request: Request) -> str:
    """What the page itself has settled, else what somebody chose, else what their browser asks for."""
    settled: str | None = getattr(request.state, "language", None)
    if settled is not None:
        return settled
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """The language that an Accept-Language header likes best of those there are; Chinese where it names none."""
    found = [_PREFERRED.fullmatch(one) for one in header.split(",")[:20]]
    wanted = [(_weight(one[2]), one[1].lower()) for one in found if one and one[1].lower() in LANGUAGES]
    best = max(wanted, key=lambda one: one[0], default=(0.0, CHINESE))
    return best[1] if best[0] > 0 else CHINESE


def _weight(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def install(environment: Environment, folder: Path) -> None:
    """Let the templates of this folder say `_("…")`, with values by name, and show what the code said."""

    def words(text: str) -> str:
        spoken = _SPOKEN.get()
        return text if spoken == CHINESE else catalogue(folder, spoken).get(text, text)

    def sentence(text: str) -> str:
        spoken = _SPOKEN.get()
        return text if spoken == CHINESE or not text else translated(folder, spoken, str(text))

    def written(text: str, /, **gaps: object) -> Markup:
        if not gaps:
            return marked(words(text))
        return Markup(words(text) % {name: _safe(value) for name, value in gaps.items()})  # noqa: S704

    environment.globals["_"] = written
    environment.filters |= {"label": words, "said": sentence, "data": data, "when": when, "stamp": stamp, "many": many}


@lru_cache(4096)
def marked(text: str) -> Markup:
    """Words of a template or of a catalogue, which are ours and need no escaping."""
    return Markup(text)  # noqa: S704


def _safe(value: object) -> object:
    """What stands in a gap: escaped, unless it is a number or escaped already."""
    return value if isinstance(value, (int, Markup)) else escape(value)


def data(value: object) -> object:
    """Names, warning texts and whatever else stays as it is stored; marked where the page speaks otherwise."""
    return value if _SPOKEN.get() == CHINESE or not isinstance(value, str) else _kept(value)


def _kept(text: str) -> str:
    return _MARKED.format(text) if _WRITTEN.search(text) else text


def when(at: Instant, language: str = "") -> str:
    """8月2日 18:05, or as the language of the page says it."""
    there = moment(at).astimezone(BEIJING)
    spoken = language or _SPOKEN.get()
    if spoken == CHINESE:
        return f"{there.month}月{there.day}日 {there:%H:%M}"
    return str(format_datetime(there, _MOMENT[spoken], locale=spoken))


def stamp(at: Instant) -> str:
    """2026-08-02 18:05:09, or as the language of the page says it."""
    spoken = _SPOKEN.get()
    if spoken == CHINESE:
        return beijing(at)
    return str(format_datetime(moment(at).astimezone(BEIJING), _STAMP[spoken], locale=spoken))


def many(number: int) -> str:
    """A count, parted into thousands."""
    return str(number) if -1000 < number < 1000 else str(format_decimal(number, locale=_SPOKEN.get()))  # noqa: PLR2004


@cache
def catalogue(folder: Path, language: str) -> Mapping[str, str]:
    """Chinese words → words of the language."""
    return {one.zh: one.words for one in _entries(folder, language) if not one.code}


def means(folder: Path, typed: str, word: str) -> bool:
    """Whether somebody has typed this Chinese word as one of the other languages says it."""
    others = [catalogue(folder, language).get(word, "") for language in LANGUAGES if language != CHINESE]
    return typed.strip().casefold() in [one.casefold() for one in others if one]


@cache
def patterns(folder: Path, language: str) -> Sequence[Pattern]:
    """Sentences that the code puts together: most words of their own first, then most gaps."""
    every = [one for one in _entries(folder, language) if one.code]
    every.sort(key=lambda one: (-len(_GAP.sub("", one.zh)), -len(_GAP.findall(one.zh))))
    known = catalogue(folder, language)
    labels = "|".join(re.escape(one) for one in known if "，" in one.strip("，") and len(one) <= _SHORT)
    return [(re.compile(_shape(one.zh, labels), re.DOTALL), one.words, one.own) for one in every]


def _shape(msgid: str, labels: str) -> str:
    """A label fills a gap whole, whatever commas it has; where two gaps meet, the second is the level of a hazard.

    Each gap ends where the words after it first stand and nothing is tried again (`(?>…)`): a text that somebody made
    for it must not keep a page waiting.
    """
    words, *parts = (re.escape(one.replace("%%", "%")) for one in _GAP.split(msgid))
    shape, met = words, False
    for name, after in zip(parts[::2], [*parts[1:-1:2], parts[-1] + r"\Z"], strict=True):
        shape += f"(?P<{name}>[蓝黄橙红]色){after}" if met else f"(?>(?P<{name}>{labels}|.*?){after}"
        met = not after
        shape += "" if met else ")"
    return shape


def _entries(folder: Path, language: str) -> Iterator[Entry]:
    with (folder / f"{language}.po").open("rb") as file:
        for one in read_po(file, locale=language):
            if one.id and one.string:
                yield Entry(str(one.id), str(one.string), one.context == IN_CODE, OWN_WORDS in one.flags)


def in_plain(folder: Path, text: str) -> str:
    """A sentence of the code for a document that is no page, in the language that is spoken."""
    spoken = _SPOKEN.get()
    said = text if spoken == CHINESE else translated(folder, spoken, text)
    return said.striptags() if isinstance(said, Markup) else said


@lru_cache(4096)
def translated(folder: Path, language: str, text: str) -> str:
    """A sentence of the code in this language; what nobody has put into it is marked as Chinese."""
    known = catalogue(folder, language).get(text)
    if known is not None or not _WRITTEN.search(text):
        return known or text
    if len(text) > LONGEST:
        return _MARKED.format(text)
    members = [translated(folder, language, one) for one in text.split("、")] if "、" in text else []
    listed = Markup(", ").join(members)
    if members and not any(_WRITTEN.search(one) for one in members):
        return listed
    return _filled_in(folder, language, text) or listed or _MARKED.format(text)


def _filled_in(folder: Path, language: str, text: str) -> str:
    """A sentence that the code put together; empty where it is none."""
    for shape, msgstr, own in patterns(folder, language):
        found = shape.fullmatch(text)
        if found:
            say = _kept if own else partial(translated, folder, language)
            gaps = {name: say(given) for name, given in found.groupdict().items()}
            return Markup(escape(msgstr)) % gaps  # noqa: S704  # the gaps are escaped by it
    return ""
