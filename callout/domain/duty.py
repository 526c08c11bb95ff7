"""The flat duty table: what the roster says about each post once vacancies and dead ends are decided."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

from callout.domain.errors import RosterError
from callout.domain.roster import Post, Responder, Roster, Shift


@dataclass(frozen=True, slots=True)
class Duty:
    """One post, ready to be joined with the matches of an alert."""

    post: int
    area: str
    role: str
    title: str
    holder: int | None
    """Responder id; None = vacant."""
    deputy: int | None
    """Responder id."""
    superior: int | None
    """Post id."""
    usable: bool
    """Whether the holder, or somebody on any shift of the post, has at least one number."""
    why_unusable: Literal["", "vacant", "no_number"] = ""


def compile_duty(roster: Roster) -> tuple[Duty, ...]:
    """One Duty per post, in the roster's order; a post that nobody can be reached on stays in, marked.

    Raises RosterError for a repeated id and for a post or shift that names an unknown person or post.
    """
    responders = {person.id: person for person in roster.responders}
    _check_repeats(roster)
    _check_posts(roster.posts, responders.keys())
    _check_shifts(roster.shifts, {post.id for post in roster.posts}, responders.keys())
    on_shift: defaultdict[int, set[int]] = defaultdict(set)
    for shift in roster.shifts:
        on_shift[shift.post].add(shift.responder)
    return tuple(_duty(post, on_shift.get(post.id, set()), responders) for post in roster.posts)


def _duty(post: Post, on_shift: set[int], responders: dict[int, Responder]) -> Duty:
    people = on_shift if post.holder is None else {post.holder, *on_shift}
    usable = any(responders[person].contacts for person in people)
    why: Literal["", "vacant", "no_number"] = "" if usable else "no_number" if people else "vacant"
    return Duty(post.id, post.area, post.role, post.title, post.holder, post.deputy, post.superior, usable, why)


def _check_repeats(roster: Roster) -> None:
    _check_unique("岗位", (post.id for post in roster.posts))
    _check_unique("责任人", (person.id for person in roster.responders))


def _check_unique(what: str, ids: Iterable[Hashable]) -> None:
    seen: set[Hashable] = set()
    for row, each in enumerate(ids, 1):
        if each in seen:
            raise RosterError(f"{what}第 {row} 行：编号 {each} 重复；请给每一行一个不同的编号。")
        seen.add(each)


def _check_posts(posts: tuple[Post, ...], people: Iterable[int]) -> None:
    known, ids = set(people), {post.id for post in posts}
    for row, post in enumerate(posts, 1):
        where = f"岗位第 {row} 行（{post.title}）"
        if post.holder is not None and post.holder not in known:
            raise RosterError(f"{where}：任职人 {post.holder} 不在责任人名单里；请补录此人，或把岗位改为空缺。")
        if post.deputy is not None and post.deputy not in known:
            raise RosterError(f"{where}：副职 {post.deputy} 不在责任人名单里；请补录此人，或清空副职。")
        if post.superior is not None and post.superior not in ids:
            raise RosterError(f"{where}：上级岗位 {post.superior} 不在岗位表里；请补录该岗位，或清空上级岗位。")


def _check_shifts(shifts: tuple[Shift, ...], posts: set[int], people: Iterable[int]) -> None:
    known = set(people)
    for row, shift in enumerate(shifts, 1):
        if shift.post not in posts:
            raise RosterError(f"值班表第 {row} 行：岗位 {shift.post} 不在岗位表里；请改正岗位编号，或删去这一班。")
        if shift.responder not in known:
            raise RosterError(f"值班表第 {row} 行：值班人 {shift.responder} 不在责任人名单里；请补录此人，或换人值班。")
