"""The phones that a carrier reaches: who is behind each number, how often each was reached, and which are cut off."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import Instant, later
from callout.domain.ladder import ChannelKind, is_night
from callout.ports import InboundKind
from callout.simulation.habits import ASSUMED, Habits
from callout.simulation.people import Contact, Person, Reaction, Response, Temperament, person, react

NOT_THERE = 3_000
"""Milliseconds after which the network says that a phone cannot be reached."""


@dataclass(frozen=True, slots=True)
class Darkness:
    """断网: these phones have no network from `begins` to `ends`; texts wait, calls do not get through."""

    numbers: frozenset[str]
    begins: Instant
    ends: Instant

    def covers(self, e164: str, at: Instant) -> bool:
        """Whether this phone is cut off then."""
        return self.begins <= at < self.ends and e164 in self.numbers


class Phones:
    """One world of phones; both faces of the simulated carrier, in-process and HTTP, ring the same people."""

    def __init__(
        self, seed: int, cast: Mapping[str, Temperament] = MappingProxyType({}), habits: Habits = ASSUMED
    ) -> None:
        """`cast` says who is behind some numbers; the seed decides the others."""
        self.dark: Sequence[Darkness] = ()
        self.absent: frozenset[str] = frozenset()
        """Numbers whose owners do not answer anything at night: they should have been on duty."""
        self._seed = seed
        self._cast = cast
        self._habits = habits
        self._people: dict[str, Person] = {}
        self._contacts: Counter[tuple[str, ChannelKind]] = Counter()

    def person(self, e164: str) -> Person:
        """Who is behind the number."""
        if e164 not in self._people:
            chosen = self._cast.get(e164)
            found = Person(self._seed, e164, chosen, self._habits) if chosen else None
            self._people[e164] = found or person(self._seed, e164, self._habits)
        return self._people[e164]

    def nth(self, e164: str, channel: ChannelKind) -> int:
        """1 for the first contact on this channel to this number; each call counts one."""
        self._contacts[e164, channel] += 1
        return self._contacts[e164, channel]

    def chance(self, e164: str, of: str) -> Random:
        """Chance that belongs to a number: the same whenever it is asked for."""
        return Random(f"{self._seed}:{e164}:{of}")  # noqa: S311 - repeatable on purpose

    def take(self, e164: str, contact: Contact) -> Response:
        """What follows a contact, the state of the network and of the duty roster included."""
        who = self.person(e164)
        if e164 in self.absent and is_night(contact.at):
            who = replace(who, temperament=Temperament.SILENT)
        back = self.dark_until(e164, contact.at)
        if back is None:
            return self._held_back(e164, contact.at, react(who, contact))
        if contact.message.channel is ChannelKind.VOICE:
            return Response((Reaction(NOT_THERE, InboundKind.RECEIPT, ReceiptKind.SWITCHED_OFF),))
        expires = contact.message.expires_at
        if expires is not None and back >= expires:
            return Response(())
        late = react(who, replace(contact, at=back))
        return Response(tuple(replace(r, after=r.after + back - contact.at) for r in late.reactions))

    def dark_until(self, e164: str, at: Instant) -> Instant | None:
        """When the phone has a network again; None where it has one."""
        return max((d.ends for d in self.dark if d.covers(e164, at)), default=None)

    def _held_back(self, e164: str, at: Instant, response: Response) -> Response:
        """What a person says while the network is away arrives when it is back."""
        if not self.dark or response.picks_up is not None:
            return response

        def arrives(reaction: Reaction) -> Reaction:
            back = self.dark_until(e164, later(at, reaction.after))
            return reaction if back is None else replace(reaction, after=back - at)

        return replace(response, reactions=tuple(map(arrives, response.reactions)))
