"""What a person gave back, what each grade stops, and which callouts an answer counts for."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import SECOND, Instant, Millis


class Grade(StrEnum):
    """How much an answer proves. Grades are stored apart and never merged."""

    SUBMITTED = "submitted"
    """已提交: a provider took the message."""
    DELIVERED = "delivered"
    """送达: the operator says that the phone has it."""
    READ = "read"
    """已读."""
    HEARD_PART = "heard_part"
    """接听未听完."""
    HEARD_WHOLE = "heard_whole"
    """听完. Where the local plan counts it and a human answered, the answer is recorded as ACKNOWLEDGED."""
    ACKNOWLEDGED = "acknowledged"
    """应 by key, reply or link."""
    CONFIRMED_BY_HUMAN = "confirmed_by_human"
    """应 to a human caller or face to face."""
    PROXY = "proxy"
    """代答: another person answered, or the number is shared."""
    CANNOT_COME = "cannot_come"
    """无法到岗."""
    CONTACT = "contact"
    """A question or any other text."""


PHONE = "phone"
"""Who gave what came back by itself; anything else is the officer who heard it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an answer of one grade does. `counts` is its weight in N of M, `in_rate` its place in 应答率."""

    stops_person: bool = False
    """No further step of this person's ladder is submitted."""
    stops_post: bool = False
    """The post is not escalated to its deputy or superior."""
    deputy_at_once: bool = False
    counts: Literal["yes", "no", "once"] = "no"
    """`once` = once per person, however many posts the answer covers."""
    closes_human_call: bool = False
    opens_human_call: bool = False
    in_rate: Literal["yes", "no", "post", "contact"] = "no"
    """`post` = the post answered but not the person; `contact` = reached, not answered."""


_NOTHING = Effect()
_ANSWERED = Effect(stops_person=True, stops_post=True, counts="yes", closes_human_call=True, in_rate="yes")

EFFECTS: Mapping[Grade, Effect] = MappingProxyType(
    {
        Grade.SUBMITTED: _NOTHING,
        Grade.DELIVERED: _NOTHING,
        Grade.READ: _NOTHING,
        Grade.HEARD_PART: _NOTHING,
        Grade.HEARD_WHOLE: _NOTHING,
        Grade.ACKNOWLEDGED: _ANSWERED,
        Grade.CONFIRMED_BY_HUMAN: _ANSWERED,
        Grade.PROXY: Effect(stops_post=True, counts="once", opens_human_call=True, in_rate="post"),
        Grade.CANNOT_COME: Effect(stops_person=True, deputy_at_once=True, opens_human_call=True, in_rate="contact"),
        Grade.CONTACT: Effect(opens_human_call=True, in_rate="contact"),
    }
)
"""The one table that says what an answer stops."""


CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like 1 and 0."""
CODE_DIGITS = "123456789"


def answer_code(seq: int) -> str:
    """The answer code of the seq-th alert: A1 … A9, B1 … Z9, then again A1 (216 codes)."""
    letter, digit = divmod(seq % (len(CODE_LETTERS) * len(CODE_DIGITS)), len(CODE_DIGITS))
    return CODE_LETTERS[letter] + CODE_DIGITS[digit]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a text from a phone says."""

    grade: Grade
    text: str
    """The text after normalising."""
    code: str | None = None
    """The answer code that it names."""
    moved: int | None = None
    """People moved to safety (转移), where it says so."""
    households: int | None = None
    """Households moved, where it says so beside the people."""
    feedback: FeedbackKind | None = None
    """What it reports apart from people moved: 已到岗, 已落实."""
    all: bool = False
    """全部收到: it answers every message that came before it."""
    support: bool = False
    """需要支援: a human must send help."""
    opt_out: bool = False
    opt_in: bool = False
    """退订: the sender wants no more texts."""

    @property
    def report(self) -> Report | None:
        """What it reports beyond 应; None for nothing."""
        if self.moved is not None:
            return Report(FeedbackKind.MOVED, self.moved, -1 if self.households is None else self.households)
        return Report(self.feedback) if self.feedback else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One message submitted to the number that a reply came from."""

    callout: Hashable
    """The caller's own key of the callout; not looked into."""
    alert: int
    code: str
    submitted_at: Instant
    open: bool
    """Whether the callout still waits for an answer."""
    attempt: str = ""
    """Id of the attempt that carried the message."""


@dataclass(frozen=True, slots=True)
class Credit:
    """The callouts that a reply counts for; without keys it is a contact, whatever its grade."""

    keys: tuple[Hashable, ...]
    alert: int | None
    """The one alert that it counts for; None for no alert or several."""
    rest: tuple[str, ...]
    """Codes of the open alerts that it does not count for, to be named in the reply."""


MINIMUM_AGE: Millis = 30 * SECOND
"""How old a message must be before a bare answer can be meant for it rather than for an earlier one."""


def credit(reply: Reply, candidates: Sequence[Candidate], came: Instant, attempt: str = "") -> Credit:
    """Which callouts a text reply that came at `came` counts for; all posts of one alert are credited together.

    `attempt`: the one that the reply was sent back to, where the number it was sent to says so.
    Closed candidates take part: a late answer counts, and a second answer to a closed alert must not slip to another.
    """
    heard = [c for c in candidates if c.submitted_at <= came]
    if reply.all:
        return _credit(heard, candidates)
    named = [c for c in heard if c.code == reply.code]
    if named or (reply.code and reply.grade is not Grade.CONTACT):
        newest = _newest(named)
    else:
        sent_to = [c for c in heard if attempt and c.attempt == attempt]
        newest = _newest(sent_to or _old_enough(heard, came))
    return _credit([c for c in candidates if c.alert == newest], candidates)


def _old_enough(heard: Sequence[Candidate], came: Instant) -> Sequence[Candidate]:
    if len({c.alert for c in heard}) <= 1:
        return heard
    return [c for c in heard if came - c.submitted_at >= MINIMUM_AGE]


def _newest(pool: Iterable[Candidate]) -> int | None:
    newest = max(pool, key=lambda c: (c.submitted_at, c.alert), default=None)
    return newest.alert if newest else None


def _credit(chosen: Sequence[Candidate], candidates: Sequence[Candidate]) -> Credit:
    alerts = {c.alert for c in chosen}
    keys = dict.fromkeys(c.callout for c in chosen)
    rest = dict.fromkeys(c.code for c in candidates if c.open and c.alert not in alerts)
    return Credit(tuple(keys), alerts.pop() if len(alerts) == 1 else None, tuple(rest))
