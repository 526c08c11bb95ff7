"""The worst made smaller: whatever can be left out while it stays as bad is left out (delta debugging)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from callout.domain.roster import Roster
from callout.rehearsal.worst.failures import Failure, Failures, Kind
from callout.rehearsal.worst.playing import Played
from callout.rehearsal.worst.weather import Shape

MOST = 20
"""Rehearsals at most."""
Play = Callable[[Shape, Failures], Played]


def smaller(worst: Played, anyway: frozenset[int], roster: Roster, names: Mapping[str, str], play: Play) -> Played:
    """The smallest combination found that leaves as many posts unreached; `anyway`: those not counted.

    `names`: of the townships, by key.
    """
    wanted, tried = len(worst.missed - anyway), set[tuple[Shape, Failures]]()
    while len(tried) < MOST:
        following = next((one for one in _less(worst, anyway, roster, names) if one not in tried), None)
        if following is None:
            break
        tried.add(following)
        found = play(*following)
        if len(found.missed - anyway) >= wanted:
            worst = found
    return worst


def simpler(worst: Played, anyway: frozenset[int], roster: Roster, names: Mapping[str, str]) -> int:
    """About how many rehearsals that takes: the smaller stories next to this one."""
    return min(MOST, sum(1 for _ in _less(worst, anyway, roster, names)))


def _less(
    one: Played, anyway: frozenset[int], roster: Roster, names: Mapping[str, str]
) -> Iterator[tuple[Shape, Failures]]:
    """Each next smaller story, the largest step first: fewer failures, a weaker one, a plainer storm, fewer places."""
    for failure in sorted(one.failures):
        yield one.shape, one.failures - {failure}
    for failure in sorted(one.failures):
        yield from ((one.shape, one.failures - {failure} | {less}) for less in _weaker(failure, roster))
    if len(one.shape.course) > 1:
        yield replace(one.shape, course=one.shape.course[-1], pace=0), one.failures
    areas = {post.area for post in roster.posts if post.id in one.missed - anyway}
    if not one.shape.given and not one.shape.areas and areas and areas <= names.keys() and len(areas) < len(names):
        yield replace(one.shape, areas=tuple(names[area] for area in sorted(areas))), one.failures


def _weaker(one: Failure, roster: Roster) -> Iterator[Failure]:
    """One number instead of the whole person who has several."""
    if one.kind is Kind.PERSON:
        person = next(each for each in roster.responders if each.id == int(one.about))
        if len(person.contacts) > 1:
            yield from (Failure(Kind.NUMBER, contact.e164) for contact in person.contacts)
