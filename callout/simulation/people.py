"""How the person behind a number behaves. Seed and number decide, never the order of events among people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Protocol

from callout.domain.answer import CODE_DIGITS, CODE_LETTERS
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, Millis, later
from callout.domain.ladder import ChannelKind, is_night
from callout.ports import InboundKind

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

_SMS_HABITS: Mapping[Temperament, tuple[Span, tuple[str, ...]]] = MappingProxyType(
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

_ASKED = re.compile("请回：([^（。]+)")
"""The words that a reminder asks for; X stands for a number."""
_CODE = re.compile(f"(?<![A-Z])[{CODE_LETTERS}][{CODE_DIGITS}](?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind one number."""

    seed: int
    e164: str
    temperament: Temperament


class Told(Protocol):
    """What a phone gets to know of a message, whichever carrier brings it."""

    @property
    def channel(self) -> ChannelKind:
        """Text or call."""

    @property
    def text(self) -> str:
        """The words."""

    @property
    def expires_at(self) -> Instant | None:
        """After this the network gives up; None = never."""

    @property
    def wants_answer(self) -> bool:
        """Whether the words ask for an answer."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One message or call that comes to a phone."""

    message: Told
    at: Instant
    nth: int
    """1 for the first on this channel to this number."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One event that follows a contact, `after` milliseconds from its beginning."""

    after: Millis
    kind: InboundKind
    body: str


@dataclass(frozen=True, slots=True)
class Response:
    """All that follows one contact, in order. A call ends with its last reaction."""

    reactions: tuple[Reaction, ...]
    picks_up: Millis | None = None
    """When a call is picked up; None = never, or no call."""


def person(seed: int, e164: str) -> Person:
    """The person that this seed puts behind the number."""
    chosen = _chance(f"{seed}:{e164}").choices(list(SHARES), list(SHARES.values()))
    return Person(seed, e164, chosen[0])


def react(who: Person, contact: Contact) -> Response:
    """What the person and the network do about one contact. A notice is answered only with the words it asks for."""
    message = contact.message
    chance = _chance(f"{who.seed}:{who.e164}:{message.channel}:{contact.nth}")
    respond = _take_call if message.channel is ChannelKind.VOICE else _take_text
    response = respond(who.temperament, contact, chance)
    if message.wants_answer:
        return response
    asked = _ASKED.search(message.text)
    kept = tuple(r for r in response.reactions if asked or r.kind is InboundKind.RECEIPT)
    return replace(response, reactions=kept)


def _chance(name: str) -> Random:
    return Random(name)  # noqa: S311 - repeatable on purpose


def _take_text(temperament: Temperament, contact: Contact, chance: Random) -> Response:
    delivered, asleep = chance.randint(*DELIVERY), _asleep(temperament, contact.at, chance)
    if temperament is Temperament.DEAD:
        told = chance.random() < DEAD_IS_TOLD
        return Response((_receipt(delivered, ReceiptKind.DEAD),) if told else ())
    if temperament is Temperament.NIGHT_OFF:
        delivered += asleep
    expires_at = contact.message.expires_at
    if expires_at is not None and later(contact.at, delivered) > expires_at:
        return Response(())
    replies = _replies(temperament, contact.message.text, chance)
    awake = (replace(reply, after=asleep + reply.after) for reply in replies)
    return Response((_receipt(delivered, ReceiptKind.DELIVERED), *awake))


def _asleep(temperament: Temperament, at: Instant, chance: Random) -> Millis:
    """How long texts lie unread because it is night."""
    if temperament not in (Temperament.SLEEPER, Temperament.NIGHT_OFF) or not is_night(at):
        return 0
    return (chance.randint(*WAKING) - (at + 8 * HOUR)) % (24 * HOUR)


def _replies(temperament: Temperament, text: str, chance: Random) -> list[Reaction]:
    if temperament not in _SMS_HABITS:
        return []
    span, words = _SMS_HABITS[temperament]
    asked = _ASKED.search(text)
    if asked:
        said = asked[1].replace("X户", f"{chance.randint(1, 3)}户").replace("X人", f"{chance.randint(4, 9)}人")
        return [Reaction(chance.randint(*span), InboundKind.REPLY, each) for each in said.split("；") if words is YES]
    after, word = chance.randint(*span), chance.choice(words)
    if temperament is not Temperament.NONSENSE:
        return [Reaction(after, InboundKind.REPLY, word + _code(text, chance))]
    plain = Reaction(after + chance.randint(*LATER), InboundKind.REPLY, chance.choice(YES))
    return [Reaction(after, InboundKind.REPLY, word), plain][: 1 + (chance.random() < SECOND_THOUGHT)]


def _code(text: str, chance: Random) -> str:
    """The answer code at the end of the text, as often as people take the trouble."""
    codes = _CODE.findall(text)
    return codes[-1] if codes and chance.random() < USES_CODE else ""


def _take_call(temperament: Temperament, contact: Contact, chance: Random) -> Response:
    unreached = _unreached(temperament, contact, chance)
    if unreached:
        after = RINGING if unreached is ReceiptKind.NO_REPLY else chance.randint(*HINT)
        return Response((_receipt(after, unreached),))
    late = temperament in (Temperament.SLOW, Temperament.SLEEPER)
    picks_up = chance.randint(*(LATE_PICKUP if late else PICKUP))
    if temperament is Temperament.HASTY and contact.nth == 1:
        return Response((_receipt(picks_up + chance.randint(*IMPATIENCE), ReceiptKind.HEARD_PART),), picks_up)
    shortest, longest = LISTENING
    heard = picks_up + min(max(len(contact.message.text) * PER_CHARACTER, shortest), longest)
    keys = _keys(temperament, heard, chance)
    return Response((*keys, _receipt(keys[-1].after, ReceiptKind.HEARD_WHOLE)), picks_up)


def _unreached(temperament: Temperament, contact: Contact, chance: Random) -> ReceiptKind | None:
    """Why the call is not picked up; None when it is."""
    night, roll = is_night(contact.at), chance.random()
    rings_out = {
        Temperament.SILENT: True,
        Temperament.SLOW: roll >= SLOW_PICKS_UP,
        Temperament.SLEEPER: night and roll >= WAKES,
    }
    cut_off = {
        Temperament.DEAD: ReceiptKind.DEAD,
        Temperament.NIGHT_OFF: ReceiptKind.SWITCHED_OFF if night else None,
        Temperament.BUSY: ReceiptKind.BUSY if contact.nth == 1 else None,
    }
    return ReceiptKind.NO_REPLY if rings_out.get(temperament) else cut_off.get(temperament)


def _keys(temperament: Temperament, heard: Millis, chance: Random) -> list[Reaction]:
    """The keys pressed after the words; at least one."""
    first = heard + chance.randint(*DECIDING)
    if temperament is Temperament.NONSENSE:
        keys = [chance.choice("4579*#"), "1"][: 1 + (chance.random() < SECOND_THOUGHT)]
    else:
        keys = ["2" if temperament is Temperament.REFUSER else "1"]
    return [Reaction(first + at * DECIDING[1], InboundKind.KEY, key) for at, key in enumerate(keys)]


def _receipt(after: Millis, kind: ReceiptKind) -> Reaction:
    return Reaction(after, InboundKind.RECEIPT, kind)
