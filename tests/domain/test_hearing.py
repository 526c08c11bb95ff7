"""What one inbound event does to the callouts it may answer."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.answer import Grade
from callout.domain.callout import Callout, CalloutKey, CalloutState
from callout.domain.hearing import OPEN, Heard, Hearing, hear_key, hear_reply
from callout.domain.instant import SECOND, Instant
from callout.domain.ladder import Target
from callout.domain.reply import read_reply

NOW = Instant(1_000_000)


def heard(
    post: int = 4, state: CalloutState = CalloutState.WAITING, *, alert: int = 1, age: int = 60, **more: Any
) -> Heard:
    """A callout told of `age` seconds ago; `more` replaces fields of the Heard."""
    one = Callout(CalloutKey("500156", alert, post, 0), state, 0, None, 0, "x", None, "a", False, 0)
    told = Heard(one, "a", Target.HOLDER, False, Instant(NOW - age * SECOND), f"A{alert}", None)
    return replace(told, **more)


def said(text: str, *told: Heard) -> Hearing:
    return hear_reply(read_reply(text), told, NOW)


def posts(some: tuple[Heard, ...]) -> list[int]:
    return [h.callout.key.post for h in some]


@pytest.mark.parametrize("state", [*OPEN, CalloutState.ANSWERED])
def test_an_answer_changes_whatever_is_not_answered_yet(state: CalloutState) -> None:
    """Also after exhaustion and after expiry; a second 收到 is only noted."""
    done = state is CalloutState.ANSWERED
    one = heard(state=state, grade=Grade.ACKNOWLEDGED if done else None)
    hearing = hear_key("1", [one])
    assert hearing.answered == (() if done else ((one, Grade.ACKNOWLEDGED),))
    assert hearing.noted == ((one,) if done else ())


@pytest.mark.parametrize(
    ("state", "was_late", "late"),
    [
        (CalloutState.WAITING, False, False),
        (CalloutState.EXHAUSTED, False, True),
        (CalloutState.EXPIRED_UNANSWERED, False, True),
        (CalloutState.ANSWERED, True, True),
    ],
)
def test_late_is_what_comes_after_the_end_of_the_ladder_and_stays_late(
    state: CalloutState, was_late: bool, late: bool
) -> None:
    """A better answer does not make a late post timely."""
    assert heard(state=state, was_late=was_late).late is late


def test_a_callout_that_a_newer_alert_replaced_takes_no_answer() -> None:
    """It is kept on record that somebody was reached."""
    one = heard(state=CalloutState.SUPERSEDED)
    assert (hear_key("1", [one]).answered, hear_key("1", [one]).noted) == ((), (one,))


@pytest.mark.parametrize(
    ("target", "shared"), [(Target.DEPUTY, False), (Target.SUPERIOR, False), (Target.HOLDER, True)]
)
def test_somebody_else_or_a_shared_number_gives_a_stand_in_answer(target: Target, shared: bool) -> None:
    """代答, whoever it was."""
    one = heard(target=target, shared=shared)
    assert hear_key("1", [one]).answered == ((one, Grade.PROXY),)


def test_the_person_improves_what_a_stand_in_said_and_a_second_stand_in_does_not() -> None:
    """Grades are never merged: the own answer follows the other one."""
    own = heard(state=CalloutState.ANSWERED, grade=Grade.PROXY)
    assert hear_key("1", [own]).answered == ((own, Grade.ACKNOWLEDGED),)
    boss = replace(own, target=Target.SUPERIOR)
    assert (hear_key("1", [boss]).answered, hear_key("1", [boss]).noted) == ((), (boss,))


def test_the_tried_way_that_proves_most_gives_the_grade() -> None:
    """A person who is also the superior of the post is heard as the person."""
    own, boss = heard(), heard(target=Target.SUPERIOR, attempt="b")
    assert said("1", boss, own).answered == ((own, Grade.ACKNOWLEDGED),)
    assert said("1", own, boss).answered == ((own, Grade.ACKNOWLEDGED),)


def test_cannot_come_is_no_answer_and_an_answered_post_goes_to_a_human() -> None:
    """Who first said 收到 and then 无法到岗 must be looked at."""
    one, done = heard(4), heard(5, CalloutState.ANSWERED, grade=Grade.ACKNOWLEDGED)
    hearing = hear_key("2", [one, done])
    assert (posts(hearing.cannot_come), posts(hearing.asked), hearing.answered) == ([4], [5], ())


@pytest.mark.parametrize("digit", ["0", "4", "9", "*", "#", "11", ""])
def test_any_other_key_is_no_answer(digit: str) -> None:
    """A pressed star proves nothing."""
    assert hear_key(digit, [heard()]) == Hearing()


def test_key_3_asks_for_a_human() -> None:
    """需要支援: nothing stops, somebody is to call back."""
    assert posts(hear_key("3", [heard()]).asked) == [4]


def test_a_key_answers_everything_spoken_in_the_call() -> None:
    """Two posts in one call: one key for both."""
    assert [h.callout.key.post for h, _ in hear_key("1", [heard(4), heard(5)]).answered] == [4, 5]


def test_a_text_that_is_no_answer_concerns_the_newest_message() -> None:
    """The officer finds it beside the alert that was spoken of last."""
    assert posts(said("水太大了，路在哪里？", heard(4, alert=1, age=90), heard(5, alert=2, age=40)).asked) == [5]


def test_a_bare_answer_counts_for_the_newest_alert_and_names_the_rest() -> None:
    """The person learns the code of what is still open."""
    older, newer = heard(alert=1, age=90), heard(alert=2, age=40)
    hearing = said("1", older, newer)
    assert (hearing.answered, hearing.rest, hearing.counted) == (((newer, Grade.ACKNOWLEDGED),), ("A1",), newer)


@pytest.mark.parametrize("text", ["1", "2"])
def test_what_counted_for_a_closed_alert_still_names_the_rest(text: str) -> None:
    """A quick 收到 right after a second message is taken for the first one, and the person is told so."""
    old = heard(alert=1, age=90, state=CalloutState.ANSWERED, grade=Grade.ACKNOWLEDGED)
    hearing = said(text, old, heard(alert=2, age=5))
    assert (hearing.answered, hearing.cannot_come, hearing.rest, hearing.counted) == ((), (), ("A2",), old)


def test_who_was_never_told_anything_answers_nothing() -> None:
    """A text from a number without any message finds no callout."""
    nothing = Hearing(grade=Grade.ACKNOWLEDGED)
    assert (said("1"), hear_key("1", [])) == (Hearing(), nothing)


states = st.sampled_from(list(CalloutState))
somebody = st.builds(
    heard,
    st.integers(1, 3),
    states,
    alert=st.integers(1, 3),
    age=st.integers(0, 120),
    target=st.sampled_from(Target),
    shared=st.booleans(),
    grade=st.sampled_from([None, Grade.PROXY, Grade.ACKNOWLEDGED]),
    attempt=st.sampled_from("abc"),
)


@given(st.sampled_from(["1", "2", "3", "全部收到", "A1", "2A2", "路断了"]), st.lists(somebody, max_size=6))
def test_no_reply_touches_a_callout_twice_or_one_it_was_not_told_of(text: str, told: list[Heard]) -> None:
    """Each callout is answered, refused, asked about or noted at most once, and only open ones change."""
    hearing = said(text, *told)
    changed = [*(h for h, _ in hearing.answered), *hearing.cannot_come]
    touched = [*changed, *hearing.asked, *hearing.noted]
    assert len({h.callout.key for h in touched}) == len(touched)
    assert all(h in told for h in touched)
    assert all(h.open for h in changed)
