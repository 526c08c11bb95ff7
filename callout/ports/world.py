"""What the pipeline needs from the world, as Protocols. Adapters implement them; app.py joins both."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from callout.domain.alert import Alert
from callout.domain.form import Filled, Form
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.listening import Hearing
from callout.domain.meaning import Meaning, NoticeKind
from callout.domain.rule import Rulebook


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run of a stage did; `moved` = 0 means that it had nothing to do at this instant."""

    stage: str
    moved: int


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> Instant:
        """The present instant, by the real or by a virtual clock."""


class Ids(Protocol):
    """The only source of identifiers and salts."""

    def attempt(self) -> str:
        """A fresh id that nobody can guess."""

    def salt(self) -> bytes:
        """16 fresh bytes."""


class Random(Protocol):
    """The only source of chance."""

    def fraction(self) -> float:
        """At least 0 and below 1."""


class Rulebooks(Protocol):
    """Rulebooks by county and version."""

    def get(self, county: str, version: str) -> Rulebook:
        """The rulebook of that version; raises RuleError where it is not on record."""


@dataclass(frozen=True, slots=True)
class Document:
    """One incoming document, before anybody has understood it."""

    name: str
    origin: str
    raw: bytes
    fault: str = ""
    """Why its source does not stand for it (a Chinese sentence): such a document is refused unread."""
    place: str = ""
    """Area code that the source was asked about; it stands in where the document itself has none."""


class Settlement(StrEnum):
    """What became of an incoming document."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Part:
    """One alert of a document, and the bytes that say it: the whole document, or its own record of a listing."""

    alert: Alert
    raw: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds. A listing may hold many alerts, and none when nothing is in force."""

    parts: tuple[Part, ...]
    refused: tuple[str, ...] = ()
    """One Chinese sentence for each record that cannot be read; the others are not lost for it."""


class Reader(Protocol):
    """Understands documents."""

    def read(self, raw: bytes) -> Reading:
        """Its alerts; raises Refusal with one clear sentence, and nothing else, for bytes that hold none."""

    def blank(self, raw: bytes) -> bytes:
        """The document with every personal name (`senderName`) emptied."""


class Source(Protocol):
    """A place that documents come from."""

    def poll(self) -> Iterator[Document]:
        """The documents that wait, oldest first."""

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        """Put the document away; repeating this after a crash has no further effect."""


class Pulse(Protocol):
    """Whether a source still answers."""

    def hearing(self) -> Hearing | None:
        """What is new since the last `told`: fallen silent, or heard again."""

    def told(self, hearing: Hearing) -> None:
        """The hearing is on record."""


@runtime_checkable
class Listener(Protocol):
    """A source that can fall silent."""

    @property
    def pulse(self) -> Pulse:
        """Its answers, good and bad."""


class Renderer(Protocol):
    """Turns meaning into words."""

    def call(self, meaning: Meaning, channel: ChannelKind) -> str:
        """The text of an SMS or the script of a call."""

    def notice(self, kind: NoticeKind, meaning: Meaning, channel: ChannelKind = ChannelKind.SMS) -> str:
        """The words of a notice."""

    def parts(self, text: str) -> int:
        """How many parts this text is billed as."""

    def fill(self, form: Form, meaning: Meaning) -> Filled:
        """An approved template with its gaps filled. Raises ValueError where a value does not fit."""
