"""What a provider can carry to one number, and what can come back: facts that ladders and officers rely on."""

from dataclasses import dataclass
from enum import StrEnum

from callout.domain.call_facts import CallFact
from callout.domain.instant import Instant, Millis
from callout.domain.ladder import ChannelKind, is_night


class Answering(StrEnum):
    """A way in which an answer can come back by itself."""

    REPLY = "reply"
    """A text message."""
    KEY = "key"
    """A key pressed during the call."""
    LINK = "link"
    """A page that a text leads to."""


class Receipts(StrEnum):
    """How a provider tells what became of an attempt."""

    PUSH = "push"
    """It calls us."""
    PULL = "pull"
    """We ask."""
    NONE = "none"
    """Nobody will ever know."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` attempts to one number within `span`; failures count too."""

    count: int
    span: Millis
    night_only: bool = False
    """Holds for attempts at night (22:00 to 06:00, Beijing) only."""

    def holds(self, at: Instant) -> bool:
        """Whether this limit applies to an attempt at that time."""
        return not self.night_only or is_night(at)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one provider can do for one number. A provider that promises too much makes a ladder that nobody hears."""

    answers: frozenset[Answering]
    """Empty: one way only, nobody can answer on it."""
    receipts: Receipts
    reaches: bool = True
    """False: it has no road to this number at all."""
    validity: bool = False
    """It drops by itself what is older than the end of the warning."""
    hangs_up: bool = False
    connects: bool = False
    """It can ring an officer first and then this number, and put both together."""
    batch: int = 1
    """Numbers in one request, at most."""
    internet: bool = True
    """Needs the internet; a modem or a carrier's private line does not."""
    links: bool = True
    """A text may hold an address of a page."""
    free_text: bool = True
    """Takes any words; otherwise only approved templates with variables."""
    longest: int = 500
    """Characters of a text or a script."""
    cost_fen: int = 0
    """Price of one part or one call in 分; 0 = not known."""
    per_second: float = 0.0
    """Attempts that the provider takes each second; 0 = no limit is known."""
    by_part: bool = False
    """`per_second` counts the parts of a text, as carriers and modems do, not texts."""
    per_sender: float = 0.0
    """Attempts each second from one sender (number, signature); a text counts by its parts."""
    senders: tuple[str, ...] = ()
    """The numbers that it sends from, where the sender is ours to choose."""
    windows: tuple[Window, ...] = ()
    """Limits to one number called."""
    tells: frozenset[CallFact] = frozenset()
    """What it tells of a call beside how it ended."""
    uplink_shut: bool = False
    """Replies would come back if the provider opened the up-link (上行) and `two_way: true` said so."""

    def one_way(self, kind: ChannelKind) -> bool:
        """Whether nobody can answer on it: neither by a key in the call nor by a reply to the text."""
        return (Answering.KEY if kind is ChannelKind.VOICE else Answering.REPLY) not in self.answers

    @property
    def takes_link(self) -> bool:
        """Whether a text of ours may lead to the page for the person called."""
        return self.links and self.free_text
