"""Turns a Meaning into the words of an SMS or a phone call, by Jinja2 templates."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from callout.domain.form import Filled, Form
from callout.domain.instant import Instant, beijing
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import Meaning, NoticeKind
from callout.ports.copies import About, Leaflet, Paper
from callout.render.cap import CAP, cap_document
from callout.render.forms import fill
from callout.render.phrases import keep_phrases
from callout.render.sms import parts

WORDS = "words.j2"
"""The turns of phrase that all messages share: every template knows them as `words`."""


class Templates:
    """The wording under one folder: `sms/KIND.txt.j2` and `voice/KIND.txt.j2`, one for each kind of message.

    The result is plain text on one line: who puts it into XML or HTML must escape it. A template that names something
    which a Meaning does not hold raises jinja2.UndefinedError; a missing one raises jinja2.TemplateNotFound.
    """

    def __init__(self, folder: Path) -> None:
        self._environment = _environment(folder)
        self._folder = folder

    def call(self, meaning: Meaning, channel: ChannelKind) -> str:
        """The words of a callout for the channel that carries it."""
        return self.sms(meaning) if channel is ChannelKind.SMS else self.voice(meaning)

    def sms(self, meaning: Meaning) -> str:
        """The text of a callout by SMS, signature and marks included."""
        return self.words(f"sms/{meaning.kind}.txt.j2", meaning)

    def voice(self, meaning: Meaning) -> str:
        """What is read aloud in a callout by phone, keys to press included."""
        return self.words(f"voice/{meaning.kind}.txt.j2", meaning)

    def notice(self, kind: str, meaning: Meaning, channel: ChannelKind = ChannelKind.SMS) -> str:
        """The words of a message that asks for no answer. Raises ValueError if `kind` is no NoticeKind."""
        return self.words(f"{channel}/{NoticeKind(kind)}.txt.j2", meaning)

    def copy(self, meaning: Meaning, *, lifting: bool = False) -> tuple[str, str]:
        """Title and text of a copy to an office, a loudspeaker or a group: of a warning, or of its end."""
        words = "all_clear" if lifting else "alert"
        return self.words(f"copy/title_{words}.txt.j2", meaning), self.words(f"copy/{words}.txt.j2", meaning)

    def documents(self, leaflet: Leaflet, about: About) -> tuple[Paper, ...]:
        """The same as a CAP document for programs, and as a page to print."""
        values = {"m": about.meaning, "title": leaflet.title, "lifting": leaflet.lifting}
        page = self._environment.get_template("copy/sheet.txt.j2").render(values)
        lines = "".join(f"{line.strip()}\r\n" for line in page.splitlines() if line.strip())
        return (
            Paper(f"{leaflet.id}.xml", CAP, cap_document(leaflet, about)),
            Paper(f"{leaflet.id}.txt", "text/plain", lines.encode()),
        )

    def parts(self, text: str) -> int:
        """How many parts this text is billed as."""
        return parts(text)

    def fill(self, form: Form, meaning: Meaning) -> Filled:
        """An approved template with its gaps filled. Raises ValueError where a value does not fit."""
        return fill(form, lambda value: self._environment.from_string(value).render(m=meaning))

    def words(self, name: str, meaning: Meaning) -> str:
        """What the template of this name makes of it, in one line."""
        lines = _template(self._folder, name).render({"m": meaning}).splitlines()
        return "".join(line.strip() for line in lines)


@lru_cache(maxsize=8)
def _environment(folder: Path) -> Environment:
    """Compiled once per folder and process."""
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # the target is plain text
        auto_reload=False,
    )
    made.filters |= {"short": _short, "spoken": _spoken}
    if (folder / WORDS).exists():
        made.globals["words"] = keep_phrases(made, WORDS)
    return made


@lru_cache(maxsize=256)
def _template(folder: Path, name: str) -> Template:
    """What the environment keeps, found without its lock; its globals as one dict, for a chain of them is walked in
    Python for every single text."""
    found = _environment(folder).get_template(name)
    found.globals = dict(found.globals)
    return found


@lru_cache(maxsize=256)
def _short(at: Instant, since: Instant | None = None) -> str:
    """Beijing time as people write it: 7月20日18:05; without the date on the day of `since`."""
    month, day, clock = beijing(at, "%m %d %H:%M").split()
    same_day = since is not None and beijing(at, "%F") == beijing(since, "%F")
    return clock if same_day else f"{int(month)}月{int(day)}日{clock}"


@lru_cache(maxsize=256)
def _spoken(at: Instant) -> str:
    """Beijing time as people say it: 7月20日18点5分."""
    month, day, hour, minute = map(int, beijing(at, "%m %d %H %M").split())
    return f"{month}月{day}日{hour}点" + (f"{minute}分" if minute else "整")
