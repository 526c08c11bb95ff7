"""The port of copies: e-mail, loudspeakers and groups that are told of a warning beside the people who are called."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from callout.domain.broadcast import Audience, Copy, CopyEvent, CopyKey
from callout.domain.instant import Instant
from callout.domain.meaning import Meaning
from callout.ports.channels import Submission


@dataclass(frozen=True, slots=True)
class Leaflet:
    """One copy on its way."""

    id: str
    """The same for every try, so that a receiver can tell a repetition."""
    title: str
    text: str
    level: str
    """Empty for a lifting, so that no siren follows from it."""
    expires_at: Instant
    at: Instant
    lifting: bool = False
    """It says that a warning has ended (解除)."""
    documents: tuple["Paper", ...] = ()
    """The same for programs and for printers, for ways that carry files."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One file that goes with a copy."""

    name: str
    media: str
    body: bytes


@dataclass(frozen=True, slots=True)
class About:
    """What a copy means, before any words: a document is made from it."""

    meaning: Meaning
    county: str
    ended: tuple[tuple[str, Instant], ...] = ()
    """(id, issued at) of the copies whose warning has ended."""


Acknowledged = Callable[[str, str], Awaitable[None]]
"""A device (second) says that it has the leaflet (first)."""


@dataclass(frozen=True, slots=True)
class CopySetup:
    """What a way for copies is made from."""

    name: str
    config: Any
    secrets: Mapping[str, str]
    acknowledged: Acknowledged


class CopyWay(Protocol):
    """A way for copies."""

    async def submit(self, leaflet: Leaflet) -> Submission:
        """Hand it over, once. Refused means provably not sent; an exception or a timeout counts as UNKNOWN."""


@dataclass(frozen=True, slots=True)
class CopyEndpoint:
    """An audience and the way to it."""

    audience: Audience
    way: CopyWay


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """One endpoint as the copies file describes it; nothing is built yet."""

    audience: Audience
    type: str
    config: Any


@dataclass(frozen=True, slots=True)
class Written:
    """A copy that is due, with what it says."""

    copy: Copy
    meaning: Meaning
    lifting: bool = False
    """It says that what it names has ended."""
    ended: tuple[tuple[CopyKey, Instant], ...] = ()
    """What its receiver may have got of it, each with when it was issued."""
    over: bool = False
    """The warning ended before it could be sent."""


class Copies(Protocol):
    """Copies on record."""

    def missing(self, audiences: Sequence[Audience]) -> list[Copy]: ...
    def open(self, copies: Sequence[Copy]) -> None: ...
    def due(self, endpoints: Sequence[str], limit: int) -> list[Written]: ...
    def dead(self) -> list[Copy]: ...
    def move(self, copies: Sequence[Copy], event: CopyEvent, reason: str = ...) -> set[CopyKey]: ...
    def find(self, key: CopyKey) -> Copy | None: ...


class CopyWork(Protocol):
    """What broadcast works on."""

    @property
    def at(self) -> Instant: ...
    @property
    def copies(self) -> Copies: ...


class CopyWords(Protocol):
    """Turns meaning into the words of a copy."""

    def copy(self, meaning: Meaning, *, lifting: bool) -> tuple[str, str]:
        """Title and text."""

    def documents(self, leaflet: Leaflet, about: About) -> tuple[Paper, ...]:
        """The same as files."""
