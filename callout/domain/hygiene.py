"""How true a roster is: every flaw, township by township, and a score that says how far all are from being reached."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callout.domain.instant import Instant, Millis
from callout.domain.roster import NumberKind, Post, Responder, Roster
from callout.domain.roster_change import Weakness, weaknesses
from callout.domain.rule import Rulebook


class Flaw(StrEnum):
    """What is wrong about a post or its holder; the most serious first."""

    MISSING = "missing"
    """The township's plan calls the role, and there is no such post."""
    VACANT = "vacant"
    NO_NUMBER = "no_number"
    DEAD = "dead"
    """Every number of the holder is known to reach nobody."""
    NOT_ANY_MORE = "not_any_more"
    """The holder has said that they do not hold the post any more."""
    STRANGE = "strange"
    """A number that no operator has given out, as far as the numbering plan knows."""
    SUPERIOR_CIRCLE = "superior_circle"
    OPTED_OUT = "opted_out"
    """The holder wants no texts."""
    NO_TEXTS = "no_texts"
    """No number of the holder takes texts: landlines only."""
    DEPUTY_SELF = "deputy_self"
    NO_DEPUTY = "no_deputy"
    NO_SUPERIOR = "no_superior"
    SOME_DEAD = "some_dead"
    """One of several numbers is known to reach nobody."""
    SHARED_NUMBER = "shared_number"
    UNCONFIRMED = "unconfirmed"
    """Nothing has shown of late that this person still holds the post and the number."""
    DEPUTY_SILENT = "deputy_silent"
    """The deputy has no number that works."""
    SAME_NAME = "same_name"
    ROLE_UNCALLED = "role_uncalled"


POINTS: Mapping[Flaw, int] = {
    **dict.fromkeys((Flaw.MISSING, Flaw.VACANT, Flaw.NO_NUMBER, Flaw.DEAD), 100),
    Flaw.NOT_ANY_MORE: 80,
    Flaw.STRANGE: 50,
    **dict.fromkeys((Flaw.SUPERIOR_CIRCLE, Flaw.OPTED_OUT), 40),
    Flaw.NO_TEXTS: 30,
    **dict.fromkeys((Flaw.DEPUTY_SELF, Flaw.NO_DEPUTY, Flaw.NO_SUPERIOR, Flaw.SOME_DEAD), 20),
    **dict.fromkeys((Flaw.SHARED_NUMBER, Flaw.UNCONFIRMED, Flaw.DEPUTY_SILENT), 20),
    **dict.fromkeys((Flaw.SAME_NAME, Flaw.ROLE_UNCALLED), 10),
}
"""What a flaw takes off the hundred points of its post; never below nothing."""

_OF_WEAKNESS: Mapping[Weakness, Flaw] = {
    Weakness.VACANT: Flaw.VACANT,
    Weakness.NO_NUMBER: Flaw.NO_NUMBER,
    Weakness.SHARED_NUMBER: Flaw.SHARED_NUMBER,
    Weakness.SUPERIOR_CIRCLE: Flaw.SUPERIOR_CIRCLE,
    Weakness.NO_SUPERIOR: Flaw.NO_SUPERIOR,
    Weakness.DEPUTY_SELF: Flaw.DEPUTY_SELF,
    Weakness.NO_DEPUTY: Flaw.NO_DEPUTY,
    Weakness.SAME_NAME: Flaw.SAME_NAME,
    Weakness.ROLE_UNCALLED: Flaw.ROLE_UNCALLED,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What the record knows of a number."""

    dead: bool = False
    opted_out: bool = False
    textless: bool = False
    """It takes no texts, as a provider has said."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the roster itself."""

    numbers: Mapping[str, Mark] = field(default_factory=dict)
    """By E.164."""
    strange: frozenset[str] = frozenset()
    """E.164 numbers outside the numbering plan."""
    shown: Mapping[int, Instant] = field(default_factory=dict)
    """Responder → when it was last shown that they are there: an own answer, a confirmation, or being entered."""
    denied: frozenset[int] = frozenset()
    """Responders who have said that they do not hold the post any more."""


@dataclass(frozen=True, slots=True)
class Found:
    """One flaw."""

    flaw: Flaw
    area: str
    role: str
    post: int | None = None
    """None where there is no post."""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class AreaHealth:
    """One township, or the county's own posts."""

    area: str
    posts: int
    """Missing ones included."""
    score: int
    """0 to 100: the mean over its posts."""
    found: tuple[Found, ...]


def hygiene(roster: Roster, rulebook: Rulebook, known: Known, now: Instant, within: Millis) -> tuple[AreaHealth, ...]:
    """Every area with posts, the worst first. `within`: how long a sign of life holds."""
    found: defaultdict[str, list[Found]] = defaultdict(list)
    for one in (*_weak(roster, rulebook), *_people(roster, known, Instant(now - within))):
        found[one.area].append(one)
    posts: defaultdict[str, int] = defaultdict(int)
    for post in roster.posts:
        posts[post.area] += 1
    areas = [_health(area, posts[area], found[area]) for area in {**posts, **found}]
    return tuple(sorted(areas, key=lambda each: (each.score, -each.posts, each.area)))


def total(areas: Iterable[AreaHealth]) -> int:
    """The score of all posts together; 100 where there are none."""
    every = list(areas)
    posts = sum(each.posts for each in every)
    return sum(each.score * each.posts for each in every) // posts if posts else 100


def _health(area: str, posts: int, found: Iterable[Found]) -> AreaHealth:
    order = list(Flaw)
    listed = tuple(sorted(found, key=lambda one: (order.index(one.flaw), one.post or 0, one.role)))
    missing = sum(one.flaw is Flaw.MISSING for one in listed)
    lost: defaultdict[int, int] = defaultdict(int)
    for one in listed:
        if one.post is not None:
            lost[one.post] += POINTS[one.flaw]
    off = 100 * missing + sum(min(100, each) for each in lost.values())
    return AreaHealth(area, posts + missing, 100 - -(-off // (posts + missing)), listed)


def _weak(roster: Roster, rulebook: Rulebook) -> Iterator[Found]:
    """What the roster alone shows, by the checks that an import makes."""
    posts = {post.id: post for post in roster.posts}
    held = _held(roster)
    for weak in weaknesses(roster, rulebook):
        if weak.kind is Weakness.ROLE_MISSING:
            yield from (Found(Flaw.MISSING, area, role) for area, role in weak.places)
        flaw = _OF_WEAKNESS.get(weak.kind)
        if flaw is None:
            continue
        for ident in weak.posts:
            post = posts[ident]
            if flaw is not Flaw.NO_SUPERIOR or post.area != rulebook.county.key:  # somebody is at the top
                yield Found(flaw, post.area, post.role, ident, post.holder)
        for person in weak.people:
            yield from (Found(flaw, post.area, post.role, post.id, person) for post in held[person])


def _held(roster: Roster) -> Mapping[int, list[Post]]:
    held: defaultdict[int, list[Post]] = defaultdict(list)
    for post in roster.posts:
        if post.holder is not None:
            held[post.holder].append(post)
    return held


def _people(roster: Roster, known: Known, since: Instant) -> Iterator[Found]:
    """What is known of the people and their numbers from elsewhere."""
    people = {person.id: person for person in roster.responders}
    for post in roster.posts:
        holder = people[post.holder] if post.holder is not None else None
        if holder:
            for flaw in _of_person(holder, known, since):
                yield Found(flaw, post.area, post.role, post.id, holder.id)
        deputy = people[post.deputy] if post.deputy not in (None, post.holder) else None
        if deputy and not _alive(deputy, known):
            yield Found(Flaw.DEPUTY_SILENT, post.area, post.role, post.id, deputy.id)


def _alive(person: Responder, known: Known) -> list[str]:
    return [c.e164 for c in person.contacts if not known.numbers.get(c.e164, Mark()).dead]


def _of_person(person: Responder, known: Known, since: Instant) -> Iterator[Flaw]:
    alive = _alive(person, known)
    if person.contacts and not alive:
        yield Flaw.DEAD
    elif len(alive) < len(person.contacts):
        yield Flaw.SOME_DEAD
    if alive:
        yield from _of_texts(person, alive, known)
    if any(c.e164 in known.strange for c in person.contacts):
        yield Flaw.STRANGE
    if person.id in known.denied:
        yield Flaw.NOT_ANY_MORE
    elif known.shown.get(person.id, Instant(0)) < since:
        yield Flaw.UNCONFIRMED


def _of_texts(person: Responder, alive: list[str], known: Known) -> Iterator[Flaw]:
    marks = {e164: known.numbers.get(e164, Mark()) for e164 in alive}
    mobile = [c.e164 for c in person.contacts if c.e164 in marks and c.kind is NumberKind.MOBILE]
    texting = [e164 for e164 in mobile if not marks[e164].textless]
    if not texting:
        yield Flaw.NO_TEXTS
    elif all(marks[e164].opted_out for e164 in texting):
        yield Flaw.OPTED_OUT
