"""The phones that a carrier reaches: who is behind each number, and how often each was reached."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from callout.domain.ladder import ChannelKind
from callout.simulation.people import Person, Temperament, person


class Phones:
    """One world of phones; both faces of the simulated carrier, in-process and HTTP, ring the same people."""

    def __init__(self, seed: int, cast: Mapping[str, Temperament] = MappingProxyType({})) -> None:
        """`cast` says who is behind some numbers; the seed decides the others."""
        self._seed = seed
        self._cast = cast
        self._people: dict[str, Person] = {}
        self._contacts: Counter[tuple[str, ChannelKind]] = Counter()

    def person(self, e164: str) -> Person:
        """Who is behind the number."""
        if e164 not in self._people:
            chosen = self._cast.get(e164)
            self._people[e164] = Person(self._seed, e164, chosen) if chosen else person(self._seed, e164)
        return self._people[e164]

    def nth(self, e164: str, channel: ChannelKind) -> int:
        """1 for the first contact on this channel to this number; each call counts one."""
        self._contacts[e164, channel] += 1
        return self._contacts[e164, channel]

    def chance(self, e164: str, of: str) -> Random:
        """Chance that belongs to a number: the same whenever it is asked for."""
        return Random(f"{self._seed}:{e164}:{of}")  # noqa: S311 - repeatable on purpose
