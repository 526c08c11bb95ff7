"""Who takes part in a drill: an explicit list of numbers, the roster cut down to it, and who was left out."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from callout.domain.callout import Callout
from callout.domain.instant import Instant
from callout.domain.ladder import Ladder, Target
from callout.domain.moves import PostView, Try, next_try
from callout.domain.roster import Post, Responder, Roster


def cut_down(roster: Roster, listed: Collection[str], county: str) -> Roster:
    """The roster of a drill: the listed numbers, the people they reach, and the posts these people hold or stand in on.

    Whoever is not listed is not on it, neither as a deputy nor as a superior: no step can find them.
    """
    people = {p.id: p for p in (_reached(one, listed) for one in roster.responders) if p.contacts}
    on_shift = {shift.post for shift in roster.shifts if shift.responder in people}
    kept = {post.id for post in roster.posts if post.holder in people or post.id in on_shift}
    posts = tuple(_post(post, people, kept) for post in roster.posts if post.id in kept)
    shifts = tuple(s for s in roster.shifts if s.post in kept and s.responder in people)
    return Roster(f"{roster.version}/{county}", county, posts, tuple(people.values()), shifts)


def _reached(one: Responder, listed: Collection[str]) -> Responder:
    return replace(one, contacts=tuple(c for c in one.contacts if c.e164 in listed))


def _post(post: Post, people: Collection[int], kept: Collection[int]) -> Post:
    return replace(
        post,
        holder=post.holder if post.holder in people else None,
        deputy=post.deputy if post.deputy in people else None,
        superior=post.superior if post.superior in kept else None,
    )


class LeftOut(NamedTuple):
    """A step of a drill that was not taken because the person is not listed."""

    step: int
    target: Target
    responder: int


def left_out(callout: Callout, ladder: Ladder, view: PostView, taken: Try | None, now: Instant) -> list[LeftOut]:
    """Whom the real roster (`view`) would have called between the step that was due and the one that is taken."""
    last = len(ladder.steps) if taken is None else taken.step
    found: list[LeftOut] = []
    at = callout.step
    while at < last:
        real = next_try(replace(callout, step=at), ladder, view, now)
        if real is None or real.step >= last:
            break
        found.append(LeftOut(real.step, real.target, real.person.id))
        at = real.step + 1
    return found


def listed(roster: Roster, areas: Collection[str], people: Collection[int], numbers: Collection[str]) -> dict[str, int]:
    """The list that is meant, number by number, each with the person it reaches.

    Of a township whoever holds a post, stands in or has a shift there; of a person every number; of a number itself.
    """
    here = {post.id for post in roster.posts if post.area in areas}
    holders = {who for post in roster.posts if post.id in here for who in (post.holder, post.deputy)}
    meant = {*people, *holders, *(shift.responder for shift in roster.shifts if shift.post in here)}
    return {
        contact.e164: person.id
        for person in roster.responders
        for contact in person.contacts
        if person.id in meant or contact.e164 in numbers
    }


def scene(roster: Roster, listed: Mapping[str, int]) -> tuple[str, ...]:
    """The areas of the posts that these people hold or stand in on: where the warning of their drill is."""
    people = set(listed.values())
    on_shift = {shift.post for shift in roster.shifts if shift.responder in people}
    return tuple(sorted({post.area for post in roster.posts if post.holder in people or post.id in on_shift}))
