"""The port of channels: what goes out, what a provider makes of it, and what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from callout.domain.abilities import Abilities
from callout.domain.call_facts import NO_FACTS, CallFact, CallFacts
from callout.domain.form import Filled
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.made_often import made_often
from callout.domain.meaning import Meaning, NoticeKind


@made_often(frozen=True, slots=True)
class Message:
    """One text or call on its way to one number."""

    attempt: str
    e164: str
    channel: ChannelKind
    text: str
    """The words of an SMS, or the script of a call."""
    expires_at: Instant | None
    """Validity handed to the gateway: the end of the alert, never the step's deadline."""
    wants_answer: bool
    at: Instant
    """When it is handed over; with `expires_at` it gives the validity, so that a channel needs no clock for it."""
    meaning: Meaning
    notice: NoticeKind | None = None
    """None for a call that wants an answer."""
    filled: Filled | None = None
    """There where the provider takes approved templates only."""
    sender: str = ""
    """One of the provider's senders; empty where it has none to choose from."""


class Outcome(StrEnum):
    """What a provider made of a submit."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Provably not sent."""
    UNKNOWN = "unknown"
    """Nobody can vouch for it; anything that is not clearly one of the others."""
    THROTTLED = "throttled"
    """Provably not processed, because too much came at once: the same attempt may be handed over again."""


class Refusal(StrEnum):
    """Why a provider refused: each leads somewhere else."""

    CONTACT = "contact"
    """The number is no good for this way: the next number or way."""
    SUPPRESSED = "suppressed"
    """Its owner has opted out, or the operator blocks the pair: the next way."""
    ROUTE = "route"
    """This provider has no road to this number: another provider, then the next way."""
    CONTENT = "content"
    """Filtered: never the same words again this way; the officer must know."""
    CONFIG = "config"
    """We have set something up wrongly, or the account is closed: no other message will fare better here."""
    BUSY = "busy"
    """The sender's queue is full: another sender or provider."""
    DOWN = "down"
    """The provider cannot be reached at all: no byte has left."""
    WORDS = "words"
    """The message could not be put into words that this provider takes; no byte has left."""
    FAULT = "fault"
    """Stopped by our own last look: it would have reached whom it must not. An officer must know."""


@made_often(frozen=True, slots=True)
class Submission:
    """The end of one submit."""

    outcome: Outcome
    ref: str = ""
    """The provider's own id."""
    reason: str = ""
    kind: Refusal | None = None
    """There where it was refused."""
    retry_at: Instant | None = None
    """There where it was throttled and the provider said when to come again."""
    parts: int = 0
    """Parts of a text, or one call: what a provider bills. The sender counts them; a channel leaves it."""
    tells: frozenset[CallFact] = frozenset()
    """What the provider can tell of this call later; as with the parts."""


class Channel(Protocol):
    """A way to reach phones."""

    @property
    def name(self) -> str:
        """Which provider this is, for the record; unique among those in use."""

    def abilities(self, e164: str, /) -> Abilities:
        """What it can do for this number; by its country, mostly."""

    async def submit(self, message: Message, /) -> Submission:
        """Hand one message over, once. An exception or a timeout counts as UNKNOWN."""

    async def hang_up(self, attempt: str, ref: str, /) -> None:
        """End the call of this attempt if it still rings; channels that cannot, do nothing."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that still rings though everybody behind it has answered."""

    county: str
    attempt: str
    rev: int
    provider: str
    ref: str
    """The provider's own id; empty where it has not answered yet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of an attempt in doubt, as the provider tells it afterwards."""

    sent: bool | None
    """None: the provider cannot tell (yet)."""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An attempt that nobody can vouch for."""

    attempt: str
    e164: str
    provider: str
    since: Instant
    """When its bytes left, if they did."""


@runtime_checkable
class Reconciles(Protocol):
    """A provider that can be asked what became of an UNKNOWN attempt."""

    async def find(self, attempt: str, e164: str, since: Instant, /) -> Finding:
        """Look for it among what the provider took for this number since then."""


class InboundKind(StrEnum):
    """What came back from a phone or a provider."""

    REPLY = "reply"
    """A text message."""
    KEY = "key"
    """A key pressed during a call."""
    LINK = "link"
    """A button pressed on the page that the link in a text leads to."""
    LEG = "leg"
    """How one of the two phones of a desk call does; `attempt` names the call."""
    RECEIPT = "receipt"
    """What the provider knows of an attempt."""


@made_often(frozen=True, slots=True)
class Inbound:
    """One event from outside. `event` is the provider's own id of it: repeats are dropped by it."""

    event: str
    kind: InboundKind
    at: Instant
    """When we got it."""
    body: str
    """Reply text, key, or the word of a ReceiptKind."""
    attempt: str = ""
    """Known for keys and receipts, where the provider carries our id."""
    e164: str = ""
    """Known for replies."""
    provider: str = ""
    """Name of the channel that heard it."""
    ref: str = ""
    """The provider's own id of the attempt, where ours is not known; it may come before the submit has ended."""
    extension: str = ""
    """For replies: the digits behind our number that it was sent to, by which it names the text that it answers."""
    facts: CallFacts = NO_FACTS
    """For receipts of calls."""


Hear = Callable[[Sequence[Inbound]], Awaitable[None]]
"""Keeps events; they are durable when it returns, and only then may the provider be thanked."""


@dataclass(frozen=True, slots=True)
class Called:
    """A provider has called one of our addresses `/hooks/NAME/WHAT`; nobody has looked at it yet."""

    what: str
    path: str
    """The raw path, as the provider was given it."""
    query: str
    """The raw query, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    peer: str = ""
    """The address that it came from, as the connection says."""


@dataclass(frozen=True, slots=True)
class Thanks:
    """What a call holds, and the answer that is given once the events are durable."""

    events: Sequence[Inbound]
    media: str = "text/plain"
    body: str = ""
    status: int = 200


class Forged(Exception):
    """A call whose sender cannot prove to be the provider: answered with 403, and nothing of it is kept."""


@runtime_checkable
class Hooked(Protocol):
    """A provider that calls our addresses."""

    def called(self, call: Called, /) -> Thanks:
        """Understand a call. Checks the signature before anything else and raises Forged; LookupError: no such WHAT."""


@runtime_checkable
class Pulls(Protocol):
    """A provider whose receipts and replies are fetched: for networks that nobody can call into."""

    async def poll(self) -> Sequence[Inbound]:
        """What is new. What was handed out may be handed out again until it was kept; repeats are dropped."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A call to be put through: `officer` is rung first, then, after a key there, `person`; both E.164."""

    call: str
    """Our id of it, which every word about the two phones brings back as `attempt`."""
    officer: str
    person: str


@runtime_checkable
class Connects(Protocol):
    """A provider that can put two phones together, where its abilities say `connects` for both."""

    @property
    def name(self) -> str:
        """Which provider this is."""

    async def connect(self, bridge: Bridge, /) -> Submission:
        """Begin one call, once. An exception or a timeout counts as UNKNOWN. The legs come back as `LEG`."""


@runtime_checkable
class Runs(Protocol):
    """A provider with a long connection. It connects, reconnects with growing pauses, and tells what it hears."""

    def run(self) -> AbstractAsyncContextManager[object]:
        """Connected, as far as the network lets it, while the context is open."""
