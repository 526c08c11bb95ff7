"""How people behave, as explicit distributions: what is assumed, what a file may change, what a record can teach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from types import MappingProxyType

from callout.domain.instant import HOUR, MINUTE, SECOND, Millis

Span = tuple[Millis, Millis]
"""From … to, both included."""


class Temperament(StrEnum):
    """What kind of person answers this number, or does not."""

    PROMPT = "prompt"
    SLEEPER = "sleeper"
    """Prompt by day. By night sleeps through texts; a call wakes mostly."""
    NIGHT_OFF = "night_off"
    """Prompt by day. By night the phone is switched off."""
    BUSY = "busy"
    """On the phone when called for the first time."""
    HASTY = "hasty"
    """Hangs up on the first call without listening."""
    SLOW = "slow"
    """Reads texts late and misses every other call."""
    NONSENSE = "nonsense"
    """Asks back, or says 收到 with a but; presses the wrong key first."""
    REFUSER = "refuser"
    """无法到岗."""
    SILENT = "silent"
    """The phone rings; nobody ever answers."""
    DEAD = "dead"
    """空号."""


SHARES: Mapping[Temperament, int] = MappingProxyType(
    {
        Temperament.PROMPT: 690,  # most people of a well-kept roster
        Temperament.SLEEPER: 80,
        Temperament.NIGHT_OFF: 20,
        Temperament.BUSY: 40,
        Temperament.HASTY: 30,
        Temperament.SLOW: 60,
        Temperament.NONSENSE: 30,
        Temperament.REFUSER: 20,
        Temperament.SILENT: 20,
        Temperament.DEAD: 10,  # numbers go stale between two checks of a roster
    }
)
"""Per thousand numbers. An assumption for demonstrations: by day about 88 % answer a text and one call themselves."""

YES = ("收到", "1", "已收到", "收到。")
NO = ("2", "无法到岗")
NONSENSE = ("?", "在哪里", "你是谁", "没收到", "收到但路断了过不去", "收到请回复")

HABITS: Mapping[Temperament, tuple[Span, tuple[str, ...]]] = MappingProxyType(
    {
        Temperament.PROMPT: ((20 * SECOND, 180 * SECOND), YES),
        Temperament.SLEEPER: ((20 * SECOND, 180 * SECOND), YES),
        Temperament.NIGHT_OFF: ((20 * SECOND, 180 * SECOND), YES),
        Temperament.BUSY: ((1 * MINUTE, 4 * MINUTE), YES),
        Temperament.HASTY: ((3 * MINUTE, 8 * MINUTE), YES),
        Temperament.SLOW: ((5 * MINUTE, 25 * MINUTE), YES),
        Temperament.NONSENSE: ((30 * SECOND, 240 * SECOND), NONSENSE),
        Temperament.REFUSER: ((30 * SECOND, 240 * SECOND), NO),
    }
)
"""When and with which words a text is answered; who is missing never answers one."""

DELIVERY: Span = (1 * SECOND, 8 * SECOND)
WAKING: Span = (6 * HOUR + 20 * MINUTE, 6 * HOUR + 50 * MINUTE)
"""Beijing time of day at which sleepers read their texts and phones are switched on."""
LATER: Span = (5 * MINUTE, 15 * MINUTE)
"""When a nonsense answer is followed by a plain one."""
PICKUP: Span = (5 * SECOND, 20 * SECOND)
LATE_PICKUP: Span = (15 * SECOND, 28 * SECOND)
RINGING: Millis = 30 * SECOND
"""A call that nobody picks up ends then."""
HINT: Span = (2 * SECOND, 4 * SECOND)
"""After this the network says busy, switched off or no such number."""
IMPATIENCE: Span = (2 * SECOND, 6 * SECOND)
"""How long a hasty person listens."""
DECIDING: Span = (1 * SECOND, 4 * SECOND)
"""Between the end of the words and the key."""
PER_CHARACTER: Millis = 180
"""Speed of a spoken script."""
LISTENING: Span = (8 * SECOND, 30 * SECOND)
"""Nobody listens longer before choosing a key."""

WAKES = 0.8
SLOW_PICKS_UP = 0.5
SECOND_THOUGHT = 0.6
"""How often nonsense is followed by a plain answer."""
USES_CODE = 0.5
DEAD_IS_TOLD = 0.5
"""How often the network says that a text went to a dead number, instead of nothing."""

REPLIES: Mapping[Temperament, Span] = MappingProxyType({who: span for who, (span, _) in HABITS.items()})

Points = tuple[Millis, ...]
"""A distribution of lengths of time: its points cut it into parts of equal chance, evenly filled. Two points: even."""


@dataclass(frozen=True)
class Habits:
    """All of it in one value; what is not given is what demonstrations assume."""

    source: str = "默认假设"
    """Where these figures are from, in words for a report."""
    shares: Mapping[Temperament, int] = field(default_factory=lambda: SHARES)
    """Numbers of each kind, relative to each other."""
    replies: Mapping[Temperament, Points] = field(default_factory=lambda: REPLIES)
    """From the delivery of a text to its answer; who is missing never answers one."""
    delivery: Points = DELIVERY
    pickup: Points = PICKUP
    late_pickup: Points = LATE_PICKUP
    deciding: Points = DECIDING
    wakes: float = WAKES
    slow_picks_up: float = SLOW_PICKS_UP
    second_thought: float = SECOND_THOUGHT
    uses_code: float = USES_CODE
    dead_is_told: float = DEAD_IS_TOLD


ASSUMED = Habits()


def draw(chance: Random, points: Points) -> Millis:
    """One length of time of a distribution."""
    if len(points) > 2:  # noqa: PLR2004 - two points are one part
        part = chance.randrange(len(points) - 1)
        points = points[part : part + 2]
    return chance.randint(points[0], points[-1])
