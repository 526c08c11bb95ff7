"""Every step that would be taken for each post that one warning asks, if nobody ever answered: who, how and when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callout.domain.area import Coverage
from callout.domain.callout import CalloutKey
from callout.domain.conditions import Facts
from callout.domain.foresight import climb, fresh_callout
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind, Ladder, Target
from callout.domain.level import Level
from callout.domain.matching import match
from callout.domain.moves import PostView
from callout.domain.roster import Roster
from callout.domain.roster_views import roster_views
from callout.domain.rule import Rulebook


@dataclass(frozen=True, slots=True)
class Reach:
    """One step of a ladder, as the engine would take it."""

    at: Instant
    target: Target
    channel: ChannelKind
    person: int
    name: str
    number: str
    shared: bool
    """Somebody else is reached by this number too."""
    only: bool
    """The person has no other number."""
    texts: bool = True
    """The number takes texts."""


def reaches(
    rulebook: Rulebook, roster: Roster, facts: Facts, where: Coverage, span: tuple[Instant, Instant]
) -> Mapping[int, tuple[Reach, ...]]:
    """By post that the rules ask there: the steps within `span`, which begins at the opening; none where vacant."""
    opened, last = span
    ladders = {(one.area, one.role): one.ladder for one in match(rulebook, facts, where).matches}
    asked = {post.id: ladders[post.area, post.role] for post in roster.posts if (post.area, post.role) in ladders}
    views, level = roster_views(roster)(asked, opened), facts.level or Level.RED
    return {post: tuple(_climbed(views[post], ladder, (level, opened, last))) for post, ladder in asked.items()}


def _climbed(view: PostView, ladder: Ladder, when: tuple[Level, Instant, Instant]) -> Iterator[Reach]:
    level, opened, last = when
    for at, one in climb(fresh_callout(CalloutKey("", 0, 0, 0), level, ladder, opened, None), ladder, view, opened):
        if at > last:
            return
        person, number = one.person, one.number
        only = len(person.numbers) == 1
        yield Reach(
            at,
            one.target,
            one.channel,
            person.id,
            person.name,
            number.e164,
            number.shared,
            only,
            number.takes_texts,
        )
