import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from callout.domain.duty import compile_duty
from callout.domain.errors import RosterError
from callout.domain.roster import NumberKind, Roster
from callout.domain.rule import Rulebook
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample

SIZE = 4000


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return parse(read_files(Path(__file__).parents[2] / "rules"), "500156")


@pytest.fixture(scope="module")
def sample(book: Rulebook) -> Roster:
    return roster_sample(book.county, SIZE, 7, book)


@pytest.mark.parametrize("people", [50, 51, 333])
def test_it_has_exactly_the_people_asked_for_and_holds_together(book: Rulebook, people: int) -> None:
    roster = roster_sample(book.county, people, 1, book)
    assert len(roster.responders) == people
    assert len(compile_duty(roster)) == len(roster.posts)


def test_too_few_people_are_refused(book: Rulebook) -> None:
    with pytest.raises(RosterError, match="至少 50 人，现为 49 人"):
        roster_sample(book.county, 49, 1, book)


def test_equal_seeds_give_equal_rosters_and_others_do_not(book: Rulebook) -> None:
    first = roster_sample(book.county, 200, 1, book)
    assert first == roster_sample(book.county, 200, 1, book)
    assert first.responders != roster_sample(book.county, 200, 2, book).responders


def test_every_name_title_and_number_is_marked_as_made_up(sample: Roster) -> None:
    assert all(re.fullmatch(r"示例·[^·]+·\S+\d{4,}", person.name) for person in sample.responders)
    assert all(post.title.startswith("示例·") for post in sample.posts)
    numbers = [contact.e164 for person in sample.responders for contact in person.contacts]
    assert all(re.fullmatch(r"\+999500156\d{7}", number) for number in numbers)


def test_every_role_of_the_rules_has_posts_where_it_is_called(book: Rulebook, sample: Roster) -> None:
    there = {(post.area, post.role) for post in sample.posts}
    for rule in book.rules:
        for area in rule.areas:
            assert {(area, role) for call in rule.calls for role in call.roles} <= there
    towns = {area for area, role in there if role == "学校安全责任人"}
    assert towns == {township.key for township in book.county.townships}
    assert {area for area, role in there if role == "区教委值班室"} == {book.county.key}


def test_troubles_of_real_lists_are_in_it(sample: Roster) -> None:
    duties = compile_duty(sample)
    why = Counter(duty.why_unusable for duty in duties)
    assert 0.004 < why["vacant"] / len(duties) < 0.02
    assert 0.004 < sum(not person.contacts for person in sample.responders) / SIZE < 0.02
    assert 0.1 < sum(len(person.contacts) > 1 for person in sample.responders) / SIZE < 0.5
    kinds = Counter(contact.kind for person in sample.responders for contact in person.contacts)
    assert 0.03 < kinds[NumberKind.LANDLINE] / SIZE < 0.3
    shared = Counter(contact.e164 for person in sample.responders for contact in person.contacts)
    assert sum(uses > 1 for uses in shared.values()) > 10
    held = Counter(post.holder for post in sample.posts if post.holder)
    assert sum(posts == 2 for posts in held.values()) > 10


def test_deputies_and_superiors(book: Rulebook, sample: Roster) -> None:
    posts = {post.id: post for post in sample.posts}
    desk, office, leader, *industries = [post for post in sample.posts if post.area == book.county.key]
    assert (desk.role, desk.superior, office.superior, leader.superior) == (
        book.desk_role,
        office.id,
        leader.id,
        None,
    )
    assert {post.superior for post in industries} == {office.id}
    assert sample.responders[(desk.deputy or 0) - 1].name == "示例·武隆·带班领导0005"
    for post in sample.posts:
        assert post.deputy is None or post.deputy != post.holder
        if post.area != book.county.key:
            above = posts[post.superior or 0]
            wanted = (book.county.key, office.role) if post.role == "党政主要负责人" else (post.area, "党政主要负责人")
            assert (above.area, above.role) == wanted
    assert sum(post.deputy is None for post in sample.posts) < len(sample.posts) / 100


def test_a_vacant_post_in_a_township_without_people_has_no_deputy(book: Rulebook) -> None:
    roster = roster_sample(book.county, 60, 96, book)
    peopled = {post.area for post in roster.posts if post.holder}
    lonely = [post for post in roster.posts if post.area not in peopled]
    assert [(post.holder, post.deputy) for post in lonely] == [(None, None)]


def test_the_desk_is_manned_round_the_clock_by_its_officers(book: Rulebook, sample: Roster) -> None:
    desk = next(post for post in sample.posts if post.role == book.desk_role)
    assert {shift.post for shift in sample.shifts} == {desk.id}
    assert {shift.responder for shift in sample.shifts} == {1, 2, 3, 4}
    assert all(before.ends == after.begins for before, after in pairwise(sample.shifts))


def test_a_county_with_little_but_a_desk_still_gets_a_roster(book: Rulebook) -> None:
    only = next(rule for rule in book.rules if rule.areas == {book.county.key})
    bare = Rulebook("v", book.county, (only,), book.ladders, frozenset(), book.desk_role, "desk")
    with pytest.raises(RosterError, match="没有乡镇岗位"):
        roster_sample(book.county, 50, 1, bare)
