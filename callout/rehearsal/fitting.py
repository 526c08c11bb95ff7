"""How one's own people behave, learnt from the record: shares and lengths, with how much they stand on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from callout.domain.answer import Grade
from callout.domain.attempt import AttemptState, ReceiptKind
from callout.domain.instant import HOUR, MINUTE, Instant, Millis
from callout.domain.ladder import ChannelKind, is_night
from callout.simulation.habits import ASSUMED, Habits, Points, Temperament
from callout.store import schema

FEWEST = 20
"""Fewer cases than this teach nothing: what is assumed stays."""
PARTS = 10
"""Parts of equal chance into which a length that was observed is cut."""
_SLOW: Millis = 5 * MINUTE
_SLEPT: Millis = 2 * HOUR
_LONGEST: Millis = 12 * HOUR
"""An answer later than this says nothing about how fast somebody reads."""
_ANSWERED = (Grade.ACKNOWLEDGED, Grade.PROXY)
_PICKED_UP = (ReceiptKind.HEARD_PART, ReceiptKind.HEARD_WHOLE)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt that a provider took, and the first answer that came back to it."""

    number: int
    channel: ChannelKind
    at: Instant
    receipt: str
    receipt_at: Instant | None
    answered_at: Instant | None
    grade: str

    @property
    def took(self) -> Millis | None:
        """From the delivery, where it is known, to the answer."""
        if self.answered_at is None:
            return None
        delivered = self.receipt_at if self.receipt_at and self.receipt_at <= self.answered_at else self.at
        return self.answered_at - delivered


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learnt, and from how much."""

    habits: Habits
    numbers: int
    tries: int
    learnt: Mapping[str, int]
    """Name of each figure that was learnt → cases behind it; the others stay as assumed."""


def tries(db: Connection, run: str = "actual") -> list[Try]:
    """The attempts to people on posts, of one kind of run, in order of time."""
    t, a, g, link = schema.attempt, schema.alert, schema.answer, schema.attempt_callout
    answers = db.execute(select(g.c.county, g.c.attempt, g.c.at, g.c.grade).order_by(g.c.at)).all()
    first: dict[tuple[str, str], Any] = {}
    for row in answers:
        first.setdefault((row.county, row.attempt), row)
    of_posts = select(link.c.county, link.c.attempt).where(link.c.round == 0).distinct().subquery()
    rows = db.execute(
        select(t)
        .join(a, a.c.id == t.c.alert)
        .join(of_posts, (of_posts.c.county == t.c.county) & (of_posts.c.attempt == t.c.id))
        .where(t.c.notice == "", t.c.state == AttemptState.SENT, a.c.run == run, t.c.submitted_at.is_not(None))
        .order_by(t.c.submitted_at, t.c.id)
    )
    return [_try(row, first.get((row.county, row.id))) for row in rows]


def _try(row: Any, answer: Any) -> Try:
    at = Instant(row.submitted_at)
    own = (None, "") if answer is None else (Instant(answer.at), answer.grade)
    # A call that we ended, because the person had answered meanwhile, says nothing about how it was listened to.
    receipt = "" if row.hang_up else row.receipt
    return Try(row.number, ChannelKind(row.channel), at, receipt, row.receipt_at, *own)


def fit(found: Sequence[Try], source: str) -> Fitted:
    """Habits by which simulated people behave like these; what too few cases speak of stays as assumed."""
    by_number: defaultdict[int, list[Try]] = defaultdict(list)
    for one in found:
        by_number[one.number].append(one)
    kinds = {number: kind for number, own in by_number.items() if (kind := temperament(own))}
    counts = Counter(kinds.values())
    learnt: dict[str, int] = {}
    habits = replace(ASSUMED, source=f"{source}：{len(kinds)} 个号码、{len(found)} 次叫应")
    if len(kinds) >= FEWEST:
        learnt["shares"] = len(kinds)
        habits = replace(habits, shares={kind: counts[kind] for kind in Temperament})
    lengths = _lengths(found, kinds)
    replies = {kind: _points(lengths[kind]) for kind in Temperament if len(lengths[kind]) >= FEWEST}
    learnt |= {f"replies.{kind}": len(lengths[kind]) for kind in replies}
    habits = replace(habits, replies={**ASSUMED.replies, **replies})
    for name, cases in _chances(found, kinds).items():
        if len(cases) >= FEWEST:
            learnt[name] = len(cases)
            chance: dict[str, Any] = {name: round(sum(cases) / len(cases), 3)}
            habits = replace(habits, **chance)
    return Fitted(habits, len(kinds), len(found), learnt)


def temperament(own: Sequence[Try]) -> Temperament | None:
    """What kind of person these attempts to one number speak of; None where they say too little."""
    said = {one.grade for one in own}
    heard = {one.receipt for one in own}
    answered = [one for one in own if one.grade in _ANSWERED]
    lengths = sorted(one.took for one in own if one.took is not None and one.channel is ChannelKind.SMS)
    night_off = any(one.receipt == ReceiptKind.SWITCHED_OFF and is_night(one.at) for one in own)
    slept = any(is_night(one.at) and not _woke(one) for one in own)
    tests = {
        Temperament.DEAD: ReceiptKind.DEAD in heard,
        Temperament.REFUSER: Grade.CANNOT_COME in said,
        Temperament.NONSENSE: Grade.CONTACT in said,
        Temperament.SILENT: not answered and len(own) > 1,
        Temperament.NIGHT_OFF: night_off,
        Temperament.HASTY: ReceiptKind.HEARD_PART in heard,
        Temperament.BUSY: ReceiptKind.BUSY in heard,
        Temperament.SLEEPER: slept,
        Temperament.SLOW: bool(lengths) and lengths[len(lengths) // 2] >= _SLOW,
        Temperament.PROMPT: bool(answered),
    }
    return next((kind for kind, holds in tests.items() if holds), None)


def _woke(one: Try) -> bool:
    """Whether an attempt at night was noticed soon. A text that a call followed at once says nothing."""
    if one.channel is ChannelKind.VOICE:
        return one.receipt != ReceiptKind.NO_REPLY
    return one.took is None or one.took < _SLEPT


def _lengths(found: Iterable[Try], kinds: Mapping[int, Temperament]) -> defaultdict[Temperament, list[Millis]]:
    lengths: defaultdict[Temperament, list[Millis]] = defaultdict(list)
    for one in found:
        awake = one.took is not None and one.took < min(_LONGEST, _SLEPT if is_night(one.at) else _LONGEST)
        if awake and one.took is not None and one.channel is ChannelKind.SMS and one.number in kinds:
            lengths[kinds[one.number]].append(one.took)
    return lengths


def _points(lengths: Sequence[Millis]) -> Points:
    """The lengths cut into parts of equal chance."""
    ordered = sorted(lengths)
    return tuple(max(0, ordered[round(part * (len(ordered) - 1) / PARTS)]) for part in range(PARTS + 1))


def _chances(found: Iterable[Try], kinds: Mapping[int, Temperament]) -> dict[str, list[bool]]:
    cases: dict[str, list[bool]] = {"wakes": [], "slow_picks_up": []}
    for one in found:
        kind = kinds.get(one.number)
        if one.channel is not ChannelKind.VOICE or not one.receipt:
            continue
        if kind is Temperament.SLEEPER and is_night(one.at):
            cases["wakes"].append(one.receipt in _PICKED_UP)
        if kind is Temperament.SLOW:
            cases["slow_picks_up"].append(one.receipt in _PICKED_UP)
    return cases
