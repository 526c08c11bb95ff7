"""Posts of a roster resolved to people and numbers without a database: what the sender would see at claim time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from callout.domain.instant import Instant
from callout.domain.moves import Number, Person, PostView
from callout.domain.roster import Post, Responder, Roster, Shift

Views = Callable[[Iterable[int], Instant], Mapping[int, PostView]]
"""Post ids and a time → who would be called then; posts that the roster does not know are missing."""


def roster_views(roster: Roster) -> Views:
    """Views of a roster that nobody has loaded: every number is taken for alive and takes texts."""
    posts = {post.id: post for post in roster.posts}
    people = _people(roster.responders)
    shifts: defaultdict[int, list[Shift]] = defaultdict(list)
    for shift in roster.shifts:
        shifts[shift.post].append(shift)

    def on_post(post: Post, at: Instant) -> Person | None:
        standing = (shift.responder for shift in shifts.get(post.id, ()) if shift.begins <= at < shift.ends)
        who = next(standing, post.holder)
        return people.get(who) if who is not None else None

    def view(post: Post, at: Instant) -> PostView:
        boss = posts.get(post.superior) if post.superior is not None else None
        deputy = people.get(post.deputy) if post.deputy is not None else None
        return PostView(post.title, roster.version, on_post(post, at), deputy, on_post(boss, at) if boss else None)

    return lambda wanted, at: {one: view(posts[one], at) for one in wanted if one in posts}


def _people(responders: Iterable[Responder]) -> dict[int, Person]:
    known = tuple(responders)
    owners = Counter(e164 for person in known for e164 in {contact.e164 for contact in person.contacts})
    ids: dict[str, int] = {}
    return {
        person.id: Person(
            person.id,
            person.name,
            tuple(
                Number(ids.setdefault(c.e164, len(ids) + 1), c.kind, owners[c.e164] > 1, True, "", c.e164)
                for c in person.contacts
            ),
        )
        for person in known
    }
