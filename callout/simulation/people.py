"""How the person behind a number behaves. Seed and number decide, never the order of events among people."""

import re
from random import Random
from typing import Protocol

from callout.domain.answer import CODE_DIGITS, CODE_LETTERS
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, Instant, Millis, later
from callout.domain.ladder import ChannelKind, is_night
from callout.domain.made_often import made_often, replace
from callout.ports import InboundKind
from callout.simulation.habits import (
    ASSUMED,
    DECIDING,
    HABITS,
    HINT,
    IMPATIENCE,
    LATER,
    LISTENING,
    NO,
    NONSENSE,
    PER_CHARACTER,
    RINGING,
    SHARES,
    WAKING,
    YES,
    Habits,
    Temperament,
    draw,
)

__all__ = ["DECIDING", "LISTENING", "NO", "NONSENSE", "PER_CHARACTER", "SHARES", "YES", "Temperament"]

_ASKED = re.compile("请回：([^（。]+)")
"""The words that a reminder asks for; X stands for a number."""
_CODE = re.compile(f"(?<![A-Z])[{CODE_LETTERS}][{CODE_DIGITS}](?![A-Z0-9])")


@made_often(frozen=True, slots=True)
class Person:
    """Who is behind one number."""

    seed: int
    e164: str
    temperament: Temperament
    habits: Habits = ASSUMED


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


@made_often(frozen=True, slots=True)
class Contact:
    """One message or call that comes to a phone."""

    message: Told
    at: Instant
    nth: int
    """1 for the first on this channel to this number."""


@made_often(frozen=True, slots=True)
class Reaction:
    """One event that follows a contact, `after` milliseconds from its beginning."""

    after: Millis
    kind: InboundKind
    body: str


@made_often(frozen=True, slots=True)
class Response:
    """All that follows one contact, in order. A call ends with its last reaction."""

    reactions: tuple[Reaction, ...]
    picks_up: Millis | None = None
    """When a call is picked up; None = never, or no call."""


def person(seed: int, e164: str, habits: Habits = ASSUMED) -> Person:
    """The person that this seed puts behind the number."""
    chosen = _chance(f"{seed}:{e164}").choices(list(habits.shares), list(habits.shares.values()))
    return Person(seed, e164, chosen[0], habits)


def react(who: Person, contact: Contact) -> Response:
    """What the person and the network do about one contact. A notice is answered only with the words it asks for."""
    message = contact.message
    chance = _chance(f"{who.seed}:{who.e164}:{message.channel}:{contact.nth}")
    respond = _take_call if message.channel is ChannelKind.VOICE else _take_text
    response = respond(who, contact, chance)
    if message.wants_answer:
        return response
    asked = _ASKED.search(message.text)
    kept = tuple(r for r in response.reactions if asked or r.kind is InboundKind.RECEIPT)
    return replace(response, reactions=kept)


def _chance(name: str) -> Random:
    return Random(name)  # noqa: S311 - repeatable on purpose


def _take_text(who: Person, contact: Contact, chance: Random) -> Response:
    temperament, habits = who.temperament, who.habits
    delivered, asleep = draw(chance, habits.delivery), _asleep(temperament, contact.at, chance)
    if temperament is Temperament.DEAD:
        told = chance.random() < habits.dead_is_told
        return Response((_receipt(delivered, ReceiptKind.DEAD),) if told else ())
    if temperament is Temperament.NIGHT_OFF:
        delivered += asleep
    expires_at = contact.message.expires_at
    if expires_at is not None and later(contact.at, delivered) > expires_at:
        return Response(())
    replies = _replies(who, contact.message.text, chance)
    awake = (replace(reply, after=asleep + reply.after) for reply in replies)
    return Response((_receipt(delivered, ReceiptKind.DELIVERED), *awake))


def _asleep(temperament: Temperament, at: Instant, chance: Random) -> Millis:
    """How long texts lie unread because it is night."""
    if temperament not in (Temperament.SLEEPER, Temperament.NIGHT_OFF) or not is_night(at):
        return 0
    return (chance.randint(*WAKING) - (at + 8 * HOUR)) % (24 * HOUR)


def _replies(who: Person, text: str, chance: Random) -> list[Reaction]:
    temperament, habits = who.temperament, who.habits
    if temperament not in HABITS:
        return []
    span, words = habits.replies[temperament], HABITS[temperament][1]
    asked = _ASKED.search(text)
    if asked:
        said = asked[1].replace("X户", f"{chance.randint(1, 3)}户").replace("X人", f"{chance.randint(4, 9)}人")
        return [Reaction(draw(chance, span), InboundKind.REPLY, each) for each in said.split("；") if words is YES]
    after, word = draw(chance, span), chance.choice(words)
    if temperament is not Temperament.NONSENSE:
        return [Reaction(after, InboundKind.REPLY, word + _code(text, chance, habits.uses_code))]
    plain = Reaction(after + chance.randint(*LATER), InboundKind.REPLY, chance.choice(YES))
    return [Reaction(after, InboundKind.REPLY, word), plain][: 1 + (chance.random() < habits.second_thought)]


def _code(text: str, chance: Random, usual: float) -> str:
    """The answer code at the end of the text, as often as people take the trouble."""
    codes = _CODE.findall(text)
    return codes[-1] if codes and chance.random() < usual else ""


def _take_call(who: Person, contact: Contact, chance: Random) -> Response:
    temperament, habits = who.temperament, who.habits
    unreached = _unreached(who, contact, chance)
    if unreached:
        after = RINGING if unreached is ReceiptKind.NO_REPLY else chance.randint(*HINT)
        return Response((_receipt(after, unreached),))
    late = temperament in (Temperament.SLOW, Temperament.SLEEPER)
    picks_up = draw(chance, habits.late_pickup if late else habits.pickup)
    if temperament is Temperament.HASTY and contact.nth == 1:
        return Response((_receipt(picks_up + chance.randint(*IMPATIENCE), ReceiptKind.HEARD_PART),), picks_up)
    shortest, longest = LISTENING
    heard = picks_up + min(max(len(contact.message.text) * PER_CHARACTER, shortest), longest)
    keys = _keys(who, heard, chance)
    return Response((*keys, _receipt(keys[-1].after, ReceiptKind.HEARD_WHOLE)), picks_up)


def _unreached(who: Person, contact: Contact, chance: Random) -> ReceiptKind | None:
    """Why the call is not picked up; None when it is."""
    temperament, habits = who.temperament, who.habits
    night, roll = is_night(contact.at), chance.random()
    rings_out = {
        Temperament.SILENT: True,
        Temperament.SLOW: roll >= habits.slow_picks_up,
        Temperament.SLEEPER: night and roll >= habits.wakes,
    }
    cut_off = {
        Temperament.DEAD: ReceiptKind.DEAD,
        Temperament.NIGHT_OFF: ReceiptKind.SWITCHED_OFF if night else None,
        Temperament.BUSY: ReceiptKind.BUSY if contact.nth == 1 else None,
    }
    return ReceiptKind.NO_REPLY if rings_out.get(temperament) else cut_off.get(temperament)


def _keys(who: Person, heard: Millis, chance: Random) -> list[Reaction]:
    """The keys pressed after the words; at least one."""
    temperament, habits = who.temperament, who.habits
    first = heard + draw(chance, habits.deciding)
    if temperament is Temperament.NONSENSE:
        keys = [chance.choice("4579*#"), "1"][: 1 + (chance.random() < habits.second_thought)]
    else:
        keys = ["2" if temperament is Temperament.REFUSER else "1"]
    return [Reaction(first + at * DECIDING[1], InboundKind.KEY, key) for at, key in enumerate(keys)]


def _receipt(after: Millis, kind: ReceiptKind) -> Reaction:
    return Reaction(after, InboundKind.RECEIPT, kind)
