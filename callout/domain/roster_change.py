"""What a new roster changes against the one in force, and what a roster leaves open. Pure, for people to look at."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.duty import compile_duty
from callout.domain.roster import Post, Responder, Roster
from callout.domain.rule import Rulebook


class Field(StrEnum):
    """What of a post or a person has changed."""

    AREA = "area"
    ROLE = "role"
    TITLE = "title"
    HOLDER = "holder"
    DEPUTY = "deputy"
    SUPERIOR = "superior"
    NAME = "name"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of posts or of people, by what happens to them."""

    added: tuple[int, ...]
    removed: tuple[int, ...]
    changed: Mapping[int, tuple[Field, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """What would change."""

    posts: Changes
    people: Changes

    def __bool__(self) -> bool:
        return bool(self.posts or self.people)


_POST: Mapping[Field, Callable[[Post], object]] = {
    Field.AREA: lambda p: p.area,
    Field.ROLE: lambda p: p.role,
    Field.TITLE: lambda p: p.title,
    Field.HOLDER: lambda p: p.holder,
    Field.DEPUTY: lambda p: p.deputy,
    Field.SUPERIOR: lambda p: p.superior,
}
_PERSON: Mapping[Field, Callable[[Responder], object]] = {
    Field.NAME: lambda p: p.name,
    Field.CONTACTS: lambda p: p.contacts,
}


def diff(before: Roster, after: Roster) -> RosterDiff:
    """What `after` changes; a person or a post is the same one where the id is."""
    return RosterDiff(
        _posts({p.id: p for p in before.posts}, {p.id: p for p in after.posts}),
        _people({p.id: p for p in before.responders}, {p.id: p for p in after.responders}),
    )


def _posts(old: Mapping[int, Post], new: Mapping[int, Post]) -> Changes:
    both = {i: tuple(f for f, of in _POST.items() if of(old[i]) != of(new[i])) for i in sorted(old.keys() & new.keys())}
    return _changes(old, new, both)


def _people(old: Mapping[int, Responder], new: Mapping[int, Responder]) -> Changes:
    common = sorted(old.keys() & new.keys())
    return _changes(old, new, {i: tuple(f for f, of in _PERSON.items() if of(old[i]) != of(new[i])) for i in common})


def _changes(old: Iterable[int], new: Iterable[int], both: Mapping[int, tuple[Field, ...]]) -> Changes:
    before, after = set(old), set(new)
    changed = {ident: fields for ident, fields in both.items() if fields}
    return Changes(tuple(sorted(after - before)), tuple(sorted(before - after)), changed)


class Weakness(StrEnum):
    """What a roster leaves open; the most serious first."""

    NO_DESK = "no_desk"
    """No post of the desk's role: what waits for a human rings nobody."""
    DESK_UNREACHABLE = "desk_unreachable"
    """Nobody on the desk has a number."""
    LOST_REACH = "lost_reach"
    """Could be reached by the roster before, and cannot any more."""
    VACANT = "vacant"
    NO_NUMBER = "no_number"
    ROLE_MISSING = "role_missing"
    """A township's plan calls a role that nobody there has; `about` names township and role."""
    ROLE_UNCALLED = "role_uncalled"
    """No rule calls this role: who has it is never called for it; `about` names it."""
    SHARED_NUMBER = "shared_number"
    """One number for several people: an answer from it is a 代答 only."""
    SUPERIOR_CIRCLE = "superior_circle"
    """The superior is the post itself, or posts stand in a circle."""
    NO_SUPERIOR = "no_superior"
    DEPUTY_SELF = "deputy_self"
    """The deputy is the holder: that step calls nobody new."""
    NO_DEPUTY = "no_deputy"
    SAME_NAME = "same_name"
    """Two people of one name: perhaps one person, written in two ways."""


LOUD = (Weakness.NO_DESK, Weakness.DESK_UNREACHABLE, Weakness.LOST_REACH)
"""What must be seen before anything else."""


@dataclass(frozen=True, slots=True)
class Weak:
    """One kind of weakness, with everything it is found in."""

    kind: Weakness
    posts: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    about: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    """(area, role) where there should be a post."""


def weaknesses(roster: Roster, rulebook: Rulebook, before: Roster | None = None) -> tuple[Weak, ...]:
    """What `roster` leaves open by `rulebook`, the most serious first."""
    found = {weak.kind: weak for weak in (*_reach(roster, rulebook, before), *_roles(roster, rulebook), *_ties(roster))}
    return tuple(found[kind] for kind in Weakness if kind in found)


def unreachable(roster: Roster) -> dict[int, Weakness]:
    """Posts that nobody can be reached on, holder and shifts together, and why. Raises RosterError as compile_duty."""
    return {d.post: Weakness(d.why_unusable) for d in compile_duty(roster) if not d.usable}


def _reach(roster: Roster, rulebook: Rulebook, before: Roster | None) -> Iterator[Weak]:
    dead = unreachable(roster)
    desks = [p.id for p in roster.posts if p.role == rulebook.desk_role]
    if not desks:
        yield Weak(Weakness.NO_DESK, about=(rulebook.desk_role,))
    elif all(desk in dead for desk in desks):
        yield Weak(Weakness.DESK_UNREACHABLE, posts=tuple(desks))
    alive = {p.id for p in before.posts} - unreachable(before).keys() if before else set()
    yield from _weak(Weakness.LOST_REACH, sorted(alive & dead.keys()))
    for kind in (Weakness.VACANT, Weakness.NO_NUMBER):
        yield from _weak(kind, [post for post, why in dead.items() if why is kind])


def _weak(kind: Weakness, posts: Sequence[int]) -> Iterator[Weak]:
    if posts:
        yield Weak(kind, posts=tuple(posts))


def _roles(roster: Roster, rulebook: Rulebook) -> Iterator[Weak]:
    there = {(p.area, p.role) for p in roster.posts}
    anywhere = {role for _, role in there}
    names = {rulebook.county.key: rulebook.county.name, **{t.key: t.name for t in rulebook.county.townships}}
    calls = [(rule, role) for rule in rulebook.rules for call in rule.calls for role in call.roles]
    local = {(area, role) for rule, role in calls for area in rule.areas if (area, role) not in there}
    general = {role for rule, role in calls if not rule.areas and role not in anywhere}
    missing = [*(f"{names.get(area, area)} {role}" for area, role in sorted(local)), *sorted(general)]
    if missing:
        places = (*sorted(local), *((rulebook.county.key, role) for role in sorted(general)))
        yield Weak(Weakness.ROLE_MISSING, about=tuple(missing), places=places)
    known = {rulebook.desk_role, *(role for _, role in calls), *(w.role for r in rulebook.rules for w in r.proposals)}
    strange = [p for p in roster.posts if p.role not in known]
    if strange:
        about = tuple(sorted({p.role for p in strange}))
        yield Weak(Weakness.ROLE_UNCALLED, posts=tuple(p.id for p in strange), about=about)


def _ties(roster: Roster) -> Iterator[Weak]:
    above = {p.id: p.superior for p in roster.posts}
    yield from _weak(Weakness.SUPERIOR_CIRCLE, [post for post in above if _returns(post, above)])
    yield from _weak(Weakness.NO_SUPERIOR, [p.id for p in roster.posts if p.superior is None])
    selves = [p.id for p in roster.posts if p.deputy is not None and p.deputy == p.holder]
    yield from _weak(Weakness.DEPUTY_SELF, selves)
    yield from _weak(Weakness.NO_DEPUTY, [p.id for p in roster.posts if p.deputy is None])
    owners = Counter(c.e164 for p in roster.responders for c in p.contacts)
    sharing = [p.id for p in roster.responders if any(owners[c.e164] > 1 for c in p.contacts)]
    if sharing:
        yield Weak(Weakness.SHARED_NUMBER, people=tuple(sharing))
    names = Counter(p.name for p in roster.responders)
    namesakes = [p.id for p in roster.responders if names[p.name] > 1]
    if namesakes:
        yield Weak(Weakness.SAME_NAME, people=tuple(namesakes))


def _returns(post: int, above: Mapping[int, int | None]) -> bool:
    """Whether the way up from `post` leads back to it."""
    seen: set[int] = set()
    at = above[post]
    while at is not None and at != post and at not in seen:
        seen.add(at)
        at = above[at]
    return at == post
