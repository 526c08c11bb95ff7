"""The port of channels: what goes out, what a provider makes of it, and what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from callout.domain.abilities import Abilities
from callout.domain.form import NO_FORMS, Filled, Form
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import Meaning, NoticeKind


@dataclass(frozen=True, slots=True)
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
    WORDS = "words"
    """The message could not be put into words that this provider takes; no byte has left."""


@dataclass(frozen=True, slots=True)
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
    """Known for keys and receipts, where the provider carries our id."""
    e164: str = ""
    """Known for replies."""
    provider: str = ""
    """Name of the channel that heard it."""
    ref: str = ""
    """The provider's own id of the attempt, where ours is not known; it may come before the submit has ended."""


Hear = Callable[[Sequence[Inbound]], Awaitable[None]]
"""Keeps events; they are durable when it returns, and only then may the provider be thanked."""


@runtime_checkable
class Pulls(Protocol):
    """A provider whose receipts and replies are fetched: for networks that nobody can call into."""

    async def poll(self) -> Sequence[Inbound]:
        """What is new. What was handed out may be handed out again until it was kept; repeats are dropped."""


@runtime_checkable
class Runs(Protocol):
    """A provider with a long connection. It connects, reconnects with growing pauses, and tells what it hears."""

    def run(self) -> AbstractAsyncContextManager[object]:
        """Connected, as far as the network lets it, while the context is open."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is made from. `config` is an instance of the `Config` of its own module."""

    name: str
    config: Any
    secrets: Mapping[str, str]
    """By field of the config without its `_env`: `auth_token_env: CALLOUT_X` gives `auth_token`."""
    now: Callable[[], Instant]
    hear: Hear
    public_url: str = ""
    """Address at which providers reach our webhooks, without a slash at the end; empty: nobody can call in."""


class ChannelModule(Protocol):
    """What one file of callout/channels/ holds."""

    CARRIES: frozenset[ChannelKind]
    Config: type
    """A frozen dataclass with a property `real`: False where it can reach nothing but this machine.

    A field `x_env` names an environment variable that holds the secret `x`. Its `__post_init__` may raise ValueError
    with one Chinese sentence."""

    @staticmethod
    def channel(setup: Setup) -> Channel:
        """The channel; opens no connection yet."""


ACTUAL = "actual"
"""The run in which people are called. A drill has no list of participants yet, so it reaches nobody."""
SIMULATED = "demo"
"""The run of everything that is called without a real provider."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A channel with its place among the others. The order in which they are listed is the order of preference."""

    channel: Channel
    kinds: frozenset[ChannelKind]
    regions: tuple[str, ...] = ()
    """Prefixes of the numbers that it is for (+852); empty: every number."""
    real: bool = False
    """It can reach people: nothing but a run that is meant for people may be handed to it."""
    forms: Mapping[str, Form] = field(default_factory=lambda: NO_FORMS)
    """Approved templates by kind of message."""

    def takes(self, run: str) -> bool:
        """Whether a message of this run may be handed to it: what only looks real never reaches a phone."""
        return not self.real or run == ACTUAL

    def carries(self, kind: ChannelKind, e164: str) -> bool:
        """Whether this number can be reached here in this way."""
        return kind in self.kinds and (not self.regions or e164.startswith(self.regions))


def everywhere(channel: Channel) -> tuple[Provider, ...]:
    """One channel for every number and every way, as in simulations."""
    return (Provider(channel, frozenset(ChannelKind)),)


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """One provider as the channels file describes it; nothing is built yet."""

    name: str
    type: str
    regions: tuple[str, ...]
    config: Any
    """An instance of the Config of its type."""
    forms: Mapping[str, Form]

    @property
    def real(self) -> bool:
        """Whether it can reach anything beyond this machine."""
        return bool(self.config.real)


@dataclass(frozen=True, slots=True)
class ChannelsPlan:
    """The whole channels file, in order of preference."""

    providers: tuple[ProviderEntry, ...] = ()

    def run(self, *, live: bool) -> str:
        """What kind of run an engine with these channels is: people are called only by real ones that may be used."""
        return ACTUAL if live and any(one.real for one in self.providers) else SIMULATED
