"""演练: real phones, but only those on its list. In every row a drill is a county of its own, so that nothing mixes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.alert import Status
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, HOUR, Instant, Millis, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.made_often import made_often

DRILL = "drill"
"""The run of everything that belongs to a drill."""
SAID = "演练"
"""What every message of a drill says, and no message of a real warning."""
TESTED = "【测试】"
"""A drill whose name begins so says it in the name of the office too."""
EXERCISES = (Status.EXERCISE, Status.TEST)
"""Messages that a drill may act on; no other ever opens anything but a real callout."""
REMEMBERED: Millis = 2 * HOUR
"""How long after a drill's message that was not answered a bare answer from its number may be meant for it."""
SEPARATOR = "-D"
"""Between the county and the number of the drill."""


def drill_code(county: str, number: int) -> str:
    """The county that the number-th drill of a county is in the rows, e.g. `500156-D1`."""
    return f"{county}{SEPARATOR}{number}"


def drill_number(county: str) -> int:
    """The number of the drill whose rows are of this county."""
    return int(county.partition(SEPARATOR)[2])


def is_drill(county: str) -> bool:
    """Whether a row of this county belongs to a drill."""
    return SEPARATOR in county


def base_of(county: str) -> str:
    """The real county, of a drill or of itself."""
    return county.partition(SEPARATOR)[0]


def run_of(county: str) -> str:
    """The run that a provider must take for this county; empty: any."""
    return DRILL if is_drill(county) else ""


class DrillState(StrEnum):
    """Where one drill stands."""

    PLANNED = "planned"
    """Its list is on record; nobody is called."""
    RUNNING = "running"
    """Its phones may ring."""
    OVER = "over"
    """Nobody is called any more; it is scored."""


class DrillEvent(StrEnum):
    """What can happen to a drill."""

    STARTED = "started"
    """A named human typed its name and started it."""
    ENDED = "ended"
    """A named human ended it."""
    TIMED_OUT = "timed_out"
    """Its planned end has come."""
    OVERTAKEN = "overtaken"
    """A real warning came, and it was planned to give way."""


S, E = DrillState, DrillEvent
TABLE: Mapping[tuple[DrillState, DrillEvent], DrillState] = {
    (S.PLANNED, E.STARTED): S.RUNNING,
    (S.PLANNED, E.ENDED): S.OVER,
    (S.RUNNING, E.ENDED): S.OVER,
    (S.RUNNING, E.TIMED_OUT): S.OVER,
    (S.RUNNING, E.OVERTAKEN): S.OVER,
}
START = S.PLANNED


class GivesWay(StrEnum):
    """Which real warning ends a drill. Whatever is chosen, real calls always go first."""

    RED = "red"
    ANY = "any"
    NEVER = "never"

    @property
    def lane(self) -> int:
        """The last lane of alerts that end it; -1 = none does."""
        return {GivesWay.RED: 0, GivesWay.ANY: 3, GivesWay.NEVER: -1}[self]

    @property
    def zh(self) -> str:
        """In a sentence."""
        return {GivesWay.RED: "真实红色预警", GivesWay.ANY: "任何真实预警", GivesWay.NEVER: "不因真实预警结束"}[self]


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill as it was ordered, and where it stands."""

    county: str
    """What it is in the rows: see `drill_code`."""
    name: str
    ordered_by: str
    begins: Instant
    ends: Instant
    announced: bool
    """False: 双盲, nobody is told beforehand; every message says all the same what it is."""
    channels: frozenset[ChannelKind]
    gives_way: GivesWay
    hazard: Hazard
    level: Level
    areas: tuple[str, ...]
    """Keys of townships; empty = the whole county."""
    state: DrillState = START
    live: bool = False
    """It may ring real phones; otherwise only simulated ones."""
    started_at: Instant | None = None
    ended_at: Instant | None = None
    why: str = ""
    """How it ended."""
    rev: int = 0

    @property
    def base(self) -> str:
        """The county in which it is held."""
        return base_of(self.county)


def check_plan(drill: Drill, now: Instant) -> None:
    """Raises CalloutError for the first thing that is wrong with a drill that is to be planned."""
    named = drill.name.strip() and drill.ordered_by.strip() and not drill.name.startswith(TESTED)
    problems = (
        (not named, "请写演练名称，和谁决定演练"),
        (not drill.channels, "请选演练用短信还是电话，至少一种"),
        (not 0 < drill.ends - drill.begins <= DAY, "结束时间应在开始时间之后，不超过一天"),
        (drill.ends <= now, "计划的结束时间已过，请重新计划"),
    )
    for there, sentence in problems:
        if there:
            raise CalloutError(sentence)


def told_at(drill: Drill, notice: Millis, now: Instant) -> Instant | None:
    """When its people are told that it is coming; None: they are not."""
    return max(now, later(drill.begins, -notice)) if drill.announced and notice else None


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom a drill may reach at this moment, and how."""

    running: bool
    numbers: Collection[str]
    """Its list, as it is dialled."""
    channels: Collection[ChannelKind]
    busy: Collection[str] = ()
    """Numbers of the list on which a real warning waits for an answer."""


@made_often(frozen=True, slots=True)
class Leaving:
    """A message on the last step before the channel."""

    county: str
    run: str
    e164: str
    channel: ChannelKind
    notice: bool
    words: str
    """All that the person reads or hears."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a message does not leave."""

    why: str
    fault: bool
    """Something before this step is wrong: an officer must know."""


def barred(leaving: Leaving, terms: Terms | None) -> Bar | None:
    """The last look before a message leaves: a drill reaches its list and nobody else, and says what it is."""
    if not is_drill(leaving.county):
        return Bar("实战叫应带着演练的标记，没有发出", fault=True) if leaving.run == DRILL else None
    marked = leaving.run == DRILL and SAID in leaving.words
    listed = terms is not None and leaving.e164 in terms.numbers
    if terms is None or not (marked and listed):
        why = "这个号码不在演练名单里" if marked else "演练的话里没有演练标记"
        return Bar(f"{why}，没有发出", fault=True)
    if leaving.channel not in terms.channels:
        return Bar("这次演练不用这种通道", fault=False)
    return None if leaving.notice else _not_now(leaving, terms)


def _not_now(leaving: Leaving, terms: Terms) -> Bar | None:
    if not terms.running:
        return Bar("演练已经结束", fault=False)
    return Bar("真实预警正在叫这个号码，演练不打扰", fault=False) if leaving.e164 in terms.busy else None


def still_meant(submitted_at: Instant, answered: bool, came: Instant) -> bool:
    """Whether a bare answer that came now may be meant for a drill's message rather than for a real warning."""
    return not answered and came - submitted_at <= REMEMBERED
