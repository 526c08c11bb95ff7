"""What the stages need from the store: rows by what they are about, inside one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from callout.domain.alert import Alert
from callout.domain.answer import Grade
from callout.domain.area import County, Coverage
from callout.domain.attempt import Attempt, AttemptEvent
from callout.domain.call_facts import CallFact
from callout.domain.callout import Callout, CalloutEvent, CalloutKey, CalloutState, level_of
from callout.domain.conditions import Around
from callout.domain.episode import Move
from callout.domain.hearing import Heard
from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant
from callout.domain.intake import AlertEvent, Known, Verdict
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.level import Level
from callout.domain.made_often import made_often
from callout.domain.meaning import Meaning, NoticeKind
from callout.domain.moves import PostView, SpokenTo, Try
from callout.domain.rule import Matching
from callout.ports.channels import Doubtful, Ringing
from callout.ports.drills import DrillTerms, RunningDrills
from callout.ports.inbox import InboundRow, Inbox
from callout.ports.jobs import PlanJob
from callout.ports.world import Ids

W_co = TypeVar("W_co", covariant=True)
T = TypeVar("T")
PostKey = tuple[str, int]
"""(county, post id)."""
Said = tuple[Heard, Grade, "InboundRow"]
Keys = set[tuple[object, ...]]
"""Primary keys of the rows that a guarded write did reach."""


class Writer(Protocol[W_co]):
    """Runs work in transactions."""

    def write(self, work: Callable[[W_co], T]) -> T:
        """All of it or none; durable when this returns."""

    def read(self, work: Callable[[W_co], T]) -> T:
        """On a snapshot; cannot write."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as it came, with `senderName` blanked, and the SHA-256 of the original."""

    sha256: str
    body: bytes
    name: str
    origin: str


@made_often(frozen=True, slots=True)
class Settled:
    """An attempt together with what happened to it."""

    attempt: Attempt
    event: AttemptEvent
    ref: str = ""
    reason: str = ""
    parts: int = 0
    tells: frozenset[CallFact] = frozenset()


@made_often(frozen=True, slots=True)
class Outgoing:
    """One attempt, ready to be rendered and submitted."""

    attempt: Attempt
    e164: str
    meaning: Meaning
    expires_at: Instant | None
    notice: NoticeKind | None = None
    """None for a call that wants an answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was called in another's place about one post."""

    county: str
    alert: int
    post: int
    number: int
    responder: int
    title: str


@made_often(frozen=True, slots=True)
class Item:
    """One item of the officer's list."""

    county: str
    alert: int
    post: int
    kind: HumanCallKind
    about: str
    state: HumanCallState
    lane: int
    rev: int
    next_at: Instant | None = None
    """Until when somebody should have taken it; None where somebody has."""

    @property
    def key(self) -> tuple[str, int, int, str, str]:
        """Primary key in the order of the table."""
        return self.county, self.alert, self.post, self.kind, self.about

    @property
    def level(self) -> Level:
        """The level of the alert it is about."""
        return level_of(self.lane)


class Alerts(Protocol):
    """Alerts on record."""

    def known(self, alert: Alert) -> list[Known]: ...
    def add(self, alert: Alert, fingerprint: str, raw: RawDocument, run: str) -> int: ...
    def repeated(self, alert: int, identifier: str) -> None: ...
    def add_county(
        self, alert_id: int, alert: Alert, coverage: Coverage, verdict: Verdict, expires_at: Instant | None
    ) -> bool: ...
    def to_plan(self) -> list[PlanJob]: ...
    def move(self, job: PlanJob, event: AlertEvent, values: Mapping[str, object]) -> bool: ...
    def ending(self, now: Instant) -> list[PlanJob]: ...
    def unconfirmed(self, now: Instant) -> list[PlanJob]: ...
    def awaiting(self, county: str, alert: int) -> PlanJob | None: ...
    def decide(self, job: PlanJob, event: AlertEvent, officer: str, why: str) -> bool: ...
    def moves(self, job: PlanJob) -> Mapping[str, Move]: ...
    def lifted(self, job: PlanJob) -> list[PlanJob]: ...
    def around(self, job: PlanJob, county: County) -> Mapping[str, Around]: ...


class Plans(Protocol):
    """From matched rules to callout rows."""

    def matched(self, job: PlanJob, matching: Matching, measures: Mapping[str, str]) -> None: ...
    def chunk_end(self, job: PlanJob, size: int) -> int | None: ...
    def take_chunk(self, job: PlanJob, last: int) -> int: ...


class Humans(Protocol):
    """The officer's list and the desk."""

    def open(self, new: Sequence[NewHumanCall], lane: int) -> Keys: ...
    def settle(self, posts: Sequence[tuple[str, int, int]], outcome: str, kinds: Sequence[HumanCallKind]) -> None: ...
    def unclaimed(self, now: Instant) -> list[Item]: ...
    def waits(self, counties: Collection[str], now: Instant) -> set[str]: ...
    def ring_desk(self, about: Item, again: Instant) -> None: ...
    def expire(self, county: str, episode: int) -> int: ...
    def heard_again(self, who: str, outcome: str, kind: HumanCallKind = ...) -> None: ...
    def gone(self) -> Mapping[str, Instant]: ...
    def stopped(self) -> Mapping[str, Instant]: ...


class Steps(Protocol):
    """Ladders that go on or end."""

    def ladders(self, wanted: Sequence[Callout]) -> Mapping[str, Ladder]: ...
    def advance(self, moved: Sequence[tuple[Callout, Callout]], event: CalloutEvent) -> Keys: ...
    def run_out(self, ended: Sequence[Callout]) -> Keys: ...
    def say_again(self, attempts: Sequence[str], *, doubt: bool, texts: bool = ...) -> None: ...


class Silence(Steps, Protocol):
    """Callouts whose time has come."""

    def due(self, state: CalloutState, now: Instant, limit: int, red: int | None = None) -> list[Callout]: ...
    def with_superior(self, some: Sequence[CalloutKey], state: CalloutState, until: Instant) -> list[Callout]: ...
    def resolve(self, posts: Sequence[PostKey]) -> Mapping[PostKey, PostView]: ...
    def tries(self, some: Sequence[Callout]) -> Mapping[CalloutKey, Try | None]: ...


class Sends(Silence, Protocol):
    """Attempts on their way."""

    def claim(self, groups: Sequence[tuple[Attempt, Sequence[Try]]], owner: str) -> None: ...
    def beside(self, groups: Sequence[tuple[Attempt, Sequence[Try]]], owner: str) -> None: ...
    def claim_notices(self, ids: Ids, owner: str, kind: ChannelKind, limit: int) -> list[tuple[str, str]]: ...
    def reclaim(self, now: Instant, owner: str) -> tuple[list[tuple[str, str]], list[Attempt]]: ...
    def outgoing(self, keys: Sequence[tuple[str, str]]) -> list[Outgoing]: ...
    def submitting(self, attempts: Sequence[Attempt], owner: str) -> Keys: ...
    def still_wanted(self, attempt: Attempt, owner: str) -> bool: ...
    def withdraw(self, attempts: Sequence[Attempt], owner: str) -> None: ...
    def settle(self, settled: Sequence[Settled]) -> Keys: ...
    def pass_on(self, some: Sequence[tuple[Attempt, Instant, str]]) -> None: ...
    def filtered(self, texts: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], frozenset[str]]: ...
    def said(self, keys: Sequence[CalloutKey]) -> Mapping[CalloutKey, frozenset[SpokenTo]]: ...
    def recent(self, numbers: Sequence[int], since: Instant) -> list[tuple[int, ChannelKind, str, Instant, bool]]: ...
    def keep_filtered(self, attempts: Sequence[Attempt]) -> None: ...
    def mark(self, what: str, numbers: Sequence[int]) -> None: ...
    def doubtful(self, since: Instant, providers: Sequence[str], limit: int) -> list[Doubtful]: ...
    def behind(self, attempts: Sequence[Attempt], state: CalloutState = ...) -> list[Callout]: ...
    def to_hang_up(self) -> list[Ringing]: ...
    def hung_up(self, ended: Sequence[Ringing]) -> None: ...


class Hears(Inbox, Protocol):
    """What came back."""

    def spoken_to(self, numbers: Sequence[int], now: Instant) -> Mapping[int, list[Heard]]: ...
    def spoken_in(self, attempts: Sequence[str]) -> Mapping[str, list[Heard]]: ...
    def answer(self, given: Sequence[tuple[Heard, Grade, InboundRow, int]], actor: str = ...) -> Keys: ...
    def contact(self, said: Sequence[Said], moved: Mapping[str, int] = ..., actor: str = ...) -> None: ...
    def spared(self, answered: Sequence[Heard]) -> list[Told]: ...
    def stand_down(self, told: Sequence[Told]) -> None: ...
    def tell_rest(self, heard: Heard, row: InboundRow, rest: Sequence[str]) -> None: ...
    def tell_unclear(self, heard: Heard, row: InboundRow) -> None: ...
    def tell_renewed(self, answered: Sequence[tuple[Heard, InboundRow]]) -> None: ...
    def receipts(self, came: Sequence[InboundRow]) -> list[str]: ...
    def still_waiting(self, attempts: Sequence[str]) -> list[Callout]: ...
    def opt_out(self, number: int, *, back: bool = ...) -> None: ...


class _Timed(Protocol):
    @property
    def at(self) -> Instant: ...


class _WithAlerts(_Timed, Protocol):
    @property
    def alerts(self) -> Alerts: ...
    @property
    def humans(self) -> Humans: ...


class AlertKeeper(_WithAlerts, Protocol):
    """What receive works on."""

    @property
    def drills(self) -> RunningDrills: ...


class Watcher(_WithAlerts, Protocol):
    """What watch works on."""


class Planner(_WithAlerts, Protocol):
    """What plan works on."""

    @property
    def plans(self) -> Plans: ...


class Escalator(_Timed, Protocol):
    """What escalate works on."""

    @property
    def sends(self) -> Silence: ...
    @property
    def humans(self) -> Humans: ...


class SendWork(_Timed, Protocol):
    """What send works on."""

    @property
    def sends(self) -> Sends: ...
    @property
    def drills(self) -> DrillTerms: ...
    @property
    def humans(self) -> Humans: ...


class HearWork(_Timed, Protocol):
    """What acknowledge works on."""

    @property
    def hears(self) -> Hears: ...
    @property
    def sends(self) -> Steps: ...
    @property
    def humans(self) -> Humans: ...
