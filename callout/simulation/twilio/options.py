"""What can be chosen for a simulated carrier, and what can be changed while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callout.domain.instant import Instant, Millis
from callout.simulation.people import Temperament

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "simulated"  # noqa: S105 - opens nothing but this simulation
OPT_OUT = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})


class Fault(StrEnum):
    """What goes wrong with one request of a sender."""

    THROTTLED = "429"
    """Too many requests; provably not processed."""
    UNAVAILABLE = "503"
    """Not taken, but the sender cannot know that."""
    BROKEN = "500-taken"
    """Taken; the answer is a 500."""
    HANG = "hang"
    """Not taken; never answered."""
    HANG_TAKEN = "hang-taken"
    """Taken; never answered."""
    RESET = "reset"
    """Not taken; the connection is cut."""
    RESET_TAKEN = "reset-taken"
    """Taken; the connection is cut before the answer."""

    @property
    def taken(self) -> bool:
        """Whether the message goes out all the same."""
        return self in (Fault.BROKEN, Fault.HANG_TAKEN, Fault.RESET_TAKEN)


class HookFault(StrEnum):
    """What goes wrong with one webhook."""

    LOST = "lost"
    """Never sent."""
    TWICE = "twice"
    """Sent a second time."""
    LATE = "late"
    """Sent up to a minute later, after others of the same message."""
    SWAPPED = "swapped"
    """Sent after the next one of the same message."""


@dataclass(frozen=True, slots=True)
class Troubles:
    """What goes wrong: shares of 1, drawn from the seed and the number, not from the order of requests."""

    requests: Mapping[Fault, float] = field(default_factory=dict)
    hooks: Mapping[HookFault, float] = field(default_factory=dict)
    outage: Fault | None = None
    """While set, every request ends so."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which every request ends in the same fault; seconds of the carrier's time since its start."""

    begins: float
    ends: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """What the carrier refuses to do faster; 0 = no limit."""

    requests: float = 0
    """REST requests per real second; beyond them 429."""
    segments: float = 0
    """SMS segments per second and sender; more of them wait in its queue."""
    calls: float = 0
    """Calls begun per second; more of them wait."""


@dataclass(frozen=True, slots=True)
class Options:
    """A simulated carrier."""

    seed: int = 1
    account: str = ACCOUNT
    token: str = TOKEN
    speed: float = 1.0
    start: Instant | None = None
    """When its time begins; None = now. Night people sleep by this clock."""
    latency: Millis = 0
    """Real milliseconds before each answer of the REST side."""
    inbound: str = ""
    """Address of the webhook for texts that people send."""
    reach: Mapping[str, str] = field(default_factory=dict)
    """Public address prefixes and where on loopback they are delivered to; the signature is over the public one."""
    senders: frozenset[str] = frozenset()
    """Numbers that may stand in From; empty = any."""
    refuse: Mapping[str, int] = field(default_factory=dict)
    """Prefixes of numbers, each with the error code that a text to them gets, e.g. 21408 or 21614."""
    refuse_calls: Mapping[str, int] = field(default_factory=dict)
    """The same for calls, e.g. 21215."""
    undelivered: Mapping[str, int] = field(default_factory=dict)
    """The same for texts that are taken and fail later, e.g. 30007."""
    cast: Mapping[str, Temperament] = field(default_factory=dict)
    voicemail: float = 0.0
    """Share of numbers whose unanswered calls a machine picks up."""
    misheard: float = 0.0
    """Share of calls in which machine detection takes a person for a machine."""
    limits: Limits = field(default_factory=Limits)
    troubles: Troubles = field(default_factory=Troubles)
    outages: tuple[Outage, ...] = ()
