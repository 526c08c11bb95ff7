"""What the pipeline needs from the world, as Protocols. Adapters implement them; app.py joins both."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from callout.domain.alert import Alert
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
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


class Settlement(StrEnum):
    """What became of an incoming document."""

    KEPT = "kept"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Reader(Protocol):
    """Understands documents."""

    def read(self, raw: bytes) -> Alert:
        """The alert; raises Refusal with one clear sentence, and nothing else, for any other bytes."""

    def blank(self, raw: bytes) -> bytes:
        """The document with every `senderName` emptied."""


class Source(Protocol):
    """A place that documents come from."""

    def poll(self) -> Iterator[Document]:
        """The documents that wait, oldest first."""

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        """Put the document away; repeating this after a crash has no further effect."""


@dataclass(frozen=True, slots=True)
class Message:
    """One text or call on its way to one number."""

    attempt: str
    e164: str
    channel: ChannelKind
    text: str
    expires_at: Instant | None
    """Validity handed to the gateway: the end of the alert, never the step's deadline."""
    wants_answer: bool


class Outcome(StrEnum):
    """What a provider made of a submit."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Provably not sent."""
    UNKNOWN = "unknown"
    """Nobody can vouch for it; anything that is not clearly one of the others."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The end of one submit."""

    outcome: Outcome
    ref: str = ""
    """The provider's own id."""
    reason: str = ""


class Channel(Protocol):
    """A way to reach phones."""

    @property
    def name(self) -> str:
        """Which provider this is, for the record."""

    async def submit(self, message: Message) -> Submission:
        """Hand one message over. An exception or a timeout counts as UNKNOWN."""

    async def hang_up(self, attempt: str) -> None:
        """End the call of this attempt if it still rings; channels that cannot, do nothing."""


class Renderer(Protocol):
    """Turns meaning into words."""

    def call(self, meaning: Meaning, channel: ChannelKind) -> str:
        """The text of an SMS or the script of a call."""

    def notice(self, kind: NoticeKind, meaning: Meaning, channel: ChannelKind = ChannelKind.SMS) -> str:
        """The words of a notice."""


class InboundKind(StrEnum):
    """What came back from a phone or a provider."""

    REPLY = "reply"
    """A text message."""
    KEY = "key"
    """A key pressed during a call."""
    RECEIPT = "receipt"
    """What the provider knows of an attempt."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from outside. `event` is the provider's own id of it: repeats are dropped by it."""

    event: str
    kind: InboundKind
    at: Instant
    """When we got it."""
    body: str
    """Reply text, key, or the word of a ReceiptKind."""
    attempt: str = ""
    """Known for keys and receipts."""
    e164: str = ""
    """Known for replies."""
