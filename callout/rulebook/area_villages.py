"""Villages and communities of an areas file: one place each, with its codes in both systems."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from callout.domain.alert import CodeSystem
from callout.domain.area import Locality
from callout.rulebook.models import AreasFile
from callout.rulebook.township_codes import BOTH
from callout.rulebook.words import VILLAGE

Codes = Mapping[CodeSystem, str]
Village = tuple[str, str]
"""(township, name)."""


def villages_of(entry: AreasFile, keys: Mapping[str, str]) -> Iterator[Locality]:
    """The villages as places; `keys` are those of the townships by name. Unknown townships are mistakes elsewhere."""
    found = together((system, each.township, getattr(each, system.value)) for each in entry.villages for system in BOTH)
    names = called(found)
    for village, codes in found.items():
        if village[0] in keys:
            inside = frozenset({keys[village[0]]})
            yield Locality(names[village], VILLAGE, inside, codes.get(CodeSystem.STATS), codes.get(CodeSystem.MCA))


def together(lists: Iterable[tuple[CodeSystem, str, Mapping[str, str]]]) -> dict[Village, dict[CodeSystem, str]]:
    """One village of both systems where its name is the same in both; from (system, township, code → name)."""
    found: dict[Village, dict[CodeSystem, str]] = {}
    for system, town, codes in lists:
        for code, name in codes.items():
            found.setdefault((town, name), {})[system] = code
    return found


def called(villages: Iterable[Village]) -> dict[Village, str]:
    """How rules and screens call each: by its name, and where the county has that name twice, with its township's."""
    known = list(villages)
    often = Counter(name for _, name in known)
    return {(town, name): f"{town}{name}" if often[name] > 1 else name for town, name in known}
