"""What a forecast says, before any words: who would be called, asked and proposed, and which rules say so."""

from dataclasses import dataclass

from callout.domain.feedback import FeedbackKind
from callout.domain.foresight import Ruling
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant, Millis
from callout.domain.intake import AlertState
from callout.domain.ladder import ChannelKind, Target


@dataclass(frozen=True, slots=True)
class Ask:
    """Work for a human."""

    kind: HumanCallKind
    about: str
    """A post or an area in words; empty = the alert itself."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder, as it would be tried if nobody answered before."""

    at: Instant
    target: Target
    channel: ChannelKind
    person: str
    number: str
    """The last four digits: enough to tell which, too little to pass on."""
    landline: bool
    text: str
    sms_parts: int
    """0 for a call."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Feedback that posts of a role in an area would owe once they have answered."""

    area: str
    role: str
    kind: FeedbackKind
    within: Millis
    rule: str
    posts: int | None
    """Posts of the role that are called there; None without a roster."""


@dataclass(frozen=True, slots=True)
class Called:
    """One post that would be called."""

    post: int
    area: str
    role: str
    title: str
    holder: str
    """Who holds it or is on shift; empty = vacant."""
    ladder: str
    rules: tuple[str, ...]
    unusable: str
    """Why nobody can be called directly: `vacant`, `no_number`; empty where somebody can."""
    rungs: tuple[Rung, ...]
    owes: tuple[Owed, ...]
    """What it must report after its answer."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A 熔断 that would be proposed."""

    area: str
    code: str
    role: str
    rule: str
    measure: str
    objects: int | None
    """Posts of the role there; None without a roster."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A role that rules call in an area, and how many posts of it the roster has there (None: no roster)."""

    area: str
    role: str
    ladder: str
    rules: tuple[str, ...]
    posts: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One alert in one county."""

    county: str
    state: AlertState
    """RECEIVED: called at once. HELD: a human first. NOT_ACTUAL: never called."""
    areas: tuple[str, ...]
    """Alerted townships, by name."""
    covered: tuple[str, ...]
    """Keys of all covered areas, the county's own included."""
    expires: Instant | None
    assumed: bool
    """推定: the message does not say until when."""
    marks: tuple[str, ...]
    rulebook: str
    roster: str
    asks: tuple[Ask, ...]
    rulings: tuple[Ruling, ...]
    demands: tuple[Demand, ...]
    called: tuple[Called, ...]
    stops: tuple[Stop, ...]
    feedback: tuple[Owed, ...]
    earlier: tuple[str, ...] = ()
    """What it means for those whom earlier messages of its episode called (Chinese sentences)."""
    lifts: bool = False
    """An all-clear: nobody is called."""
    confirm_by: Instant | None = None
    """It waits for an officer's word until then, and the times of the calls are those without a wait."""
