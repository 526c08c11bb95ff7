"""Without a database the proof sees the same people on the same numbers as the sender does at claim time."""

from datetime import datetime
from functools import partial

from callout.domain.duty import compile_duty
from callout.domain.instant import BEIJING, HOUR, instant, later
from callout.domain.matching import match
from callout.domain.moves import PostView
from callout.domain.proof.rungs import shape_of
from callout.domain.proof.space import everywhere, facts, survey
from callout.domain.roster_views import roster_views
from callout.rulebook.roster import roster_sample
from callout.store.due_posts import due_posts
from callout.store.people import resolve_posts
from tests.scenarios.field import open_field

BEFORE, DURING = instant(datetime(2025, 1, 1, tzinfo=BEIJING)), instant(datetime(2026, 8, 2, 10, tzinfo=BEIJING))


def seen(view: PostView) -> list[object]:
    """Everybody with their numbers, whatever ids the numbers have."""
    people = (view.holder, view.deputy, view.superior)
    return [p and (p.id, p.name, [(n.e164, n.kind, n.usable, n.texts, n.shared) for n in p.numbers]) for p in people]


def test_views_and_due_posts_are_those_of_the_engine(tmp_path) -> None:  # type: ignore[no-untyped-def]
    field = open_field(f"sqlite:///{tmp_path}/views.sqlite3", DURING)
    try:
        book = field.app.use_rules()
        roster = roster_sample(book.county, 400, 3, book)
        field.app.use_roster(roster, "示例·测试")
        ids, ours = [post.id for post in roster.posts], roster_views(roster)
        for at in (BEFORE, DURING, later(DURING, 12 * HOUR), later(DURING, 26 * HOUR)):
            theirs = field.app.database.read(partial(resolve_posts, posts=[("500156", i) for i in ids], now=at))
            mine = ours([*ids, 0], at)
            assert {post: seen(view) for post, view in mine.items()} == {i: seen(theirs["500156", i]) for i in ids}
            assert {i: shape_of(mine[i]) for i in ids} == {i: shape_of(theirs["500156", i]) for i in ids}
        case = survey(book).cases[2]
        found = match(book, facts(case, DURING), everywhere(book)).matches
        places = {(one.area, one.role) for one in found}
        due = field.app.database.read(lambda db: due_posts(db, "500156", roster.version, found))
        assert [one.post for one in due] == [d.post for d in compile_duty(roster) if (d.area, d.role) in places]
    finally:
        field.app.close()
