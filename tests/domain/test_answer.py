"""What each grade stops, and for which callouts a reply counts."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.answer import EFFECTS, MINIMUM_AGE, Candidate, Credit, Grade, Reply, answer_code, credit
from callout.domain.instant import MINUTE, SECOND, Instant
from callout.domain.reply import read_reply

DOCUMENTED = """
grade              | stops_person | stops_post | deputy_at_once | counts | closes | opens | in_rate
submitted          | no           | no         | no             | no     | no     | no    | no
delivered          | no           | no         | no             | no     | no     | no    | no
read               | no           | no         | no             | no     | no     | no    | no
heard_part         | no           | no         | no             | no     | no     | no    | no
heard_whole        | no           | no         | no             | no     | no     | no    | no
acknowledged       | yes          | yes        | no             | yes    | yes    | no    | yes
confirmed_by_human | yes          | yes        | no             | yes    | yes    | no    | yes
proxy              | no           | yes        | no             | once   | no     | yes   | post
cannot_come        | yes          | no         | yes            | no     | no     | yes   | contact
contact            | no           | no         | no             | no     | no     | yes   | contact
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in DOCUMENTED.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_table_cell_by_cell(row: list[str]) -> None:
    cells = [{True: "yes", False: "no"}.get(value, value) for value in asdict(EFFECTS[Grade(row[0])]).values()]
    assert cells == row[1:]


def test_the_table_holds_every_grade() -> None:
    assert [row[0] for row in ROWS] == list(Grade) == list(EFFECTS)


def test_answer_codes_cycle_after_216_and_look_like_no_number() -> None:
    codes = [answer_code(seq) for seq in range(216)]
    assert codes[:10] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B1"]
    assert codes[-1] == "Z9"
    assert len(set(codes)) == 216
    assert not any(c[0] in "IO" or c[1] == "0" for c in codes)
    assert answer_code(216) == "A1"


CAME = Instant(1_783_000_000_000)


def message(key: str, alert: int, age: int, still_open: bool = True) -> Candidate:
    return Candidate(key, alert, answer_code(alert), Instant(CAME - age), still_open)


RED = message("red", 1, 10 * MINUTE)
ORANGE = message("orange", 2, MINUTE)
FRESH = message("fresh", 3, MINIMUM_AGE - 1)


def test_one_alert_takes_a_bare_answer_at_any_age() -> None:
    assert credit(read_reply("1"), [FRESH], CAME) == Credit(("fresh",), 3, ())


def test_two_posts_of_one_person_are_credited_together() -> None:
    other = replace(RED, callout="red, second post", submitted_at=Instant(CAME - SECOND))
    assert credit(read_reply("收到"), [RED, other], CAME) == Credit(("red", "red, second post"), 1, ())


def test_two_messages_of_one_callout_give_one_key() -> None:
    again = replace(RED, submitted_at=Instant(CAME - MINUTE))
    assert credit(read_reply("收到"), [RED, again], CAME).keys == ("red",)


def test_several_alerts_the_newest_old_enough_is_meant_and_the_rest_is_named() -> None:
    assert credit(read_reply("1"), [ORANGE, FRESH, RED], CAME) == Credit(("orange",), 2, ("A4", "A2"))


def test_thirty_seconds_are_old_enough() -> None:
    old = replace(FRESH, submitted_at=Instant(CAME - MINIMUM_AGE))
    assert credit(read_reply("1"), [RED, old], CAME).keys == ("fresh",)


def test_no_message_old_enough_is_a_contact() -> None:
    second = message("second", 4, SECOND)
    assert credit(read_reply("1"), [FRESH, second], CAME) == Credit((), None, ("A4", "A5"))


def test_a_message_submitted_after_the_reply_came_is_not_answered_by_it() -> None:
    coming = message("coming", 5, -1)
    assert credit(read_reply("1"), [coming], CAME) == Credit((), None, ("A6",))
    assert credit(read_reply("1"), [FRESH, coming], CAME).keys == ("fresh",)
    assert credit(read_reply("全部收到"), [RED, coming], CAME) == Credit(("red",), 1, ("A6",))


def test_an_answer_code_names_its_alert_at_any_age() -> None:
    assert credit(read_reply("A4 收到"), [RED, ORANGE, FRESH], CAME) == Credit(("fresh",), 3, ("A2", "A3"))


def test_an_unknown_code_is_a_contact_even_if_one_alert_is_open() -> None:
    assert credit(read_reply("B9 收到"), [RED], CAME) == Credit((), None, ("A2",))


def test_a_question_with_letters_that_are_no_code_still_finds_its_alert() -> None:
    question = read_reply("K1 路断了")
    assert (question.grade, question.code) == (Grade.CONTACT, "K1")
    assert credit(question, [RED], CAME).keys == ("red",)


def test_a_code_used_again_after_a_cycle_means_the_newer_alert() -> None:
    reused = message("reused", 1 + 216, MINUTE)
    assert credit(read_reply("A2"), [RED, reused], CAME).keys == ("reused",)


def test_all_counts_for_every_alert() -> None:
    assert credit(read_reply("全部收到"), [RED, ORANGE, FRESH], CAME) == Credit(("red", "orange", "fresh"), None, ())


def test_a_late_answer_counts() -> None:
    closed = replace(RED, open=False)
    assert credit(read_reply("1"), [closed], CAME) == Credit(("red",), 1, ())


def test_a_second_answer_to_a_closed_alert_does_not_slip_to_an_open_one() -> None:
    answered = replace(ORANGE, open=False)
    assert credit(read_reply("1"), [RED, answered], CAME) == Credit(("orange",), 2, ("A2",))


def test_nothing_submitted_is_a_contact() -> None:
    assert credit(read_reply("1"), [], CAME) == Credit((), None, ())


CANDIDATES = st.lists(
    st.builds(
        message,
        st.uuids().map(str),
        st.integers(0, 5),
        st.one_of(st.integers(-60, 120).map(lambda s: s * SECOND), st.integers(-60_000, 120_000)),
        st.booleans(),
    ),
    max_size=8,
)
REPLIES = st.sampled_from(["1", "2", "3", "收到 A1", "A3", "全部收到", "哪里？", "B7"]).map(read_reply)


@given(REPLIES, CANDIDATES)
def test_whole_alerts_are_credited_and_the_open_rest_is_named(reply: Reply, candidates: list[Candidate]) -> None:
    given = credit(reply, candidates, CAME)
    credited = {c.alert for c in candidates if c.callout in given.keys}
    assert set(given.rest) == {c.code for c in candidates if c.open and c.alert not in credited}
    assert given.alert == (credited.pop() if len(credited) == 1 else None)
    if not reply.all:
        assert all((c.callout in given.keys) == (c.alert == given.alert) for c in candidates)


@given(CANDIDATES)
def test_a_bare_answer_among_several_alerts_is_never_for_a_fresh_one(candidates: list[Candidate]) -> None:
    given = credit(read_reply("1"), candidates, CAME)
    heard = [c for c in candidates if c.submitted_at <= CAME]
    if len({c.alert for c in heard}) > 1:
        old = [c for c in heard if CAME - c.submitted_at >= MINIMUM_AGE]
        newest = max((c.submitted_at for c in old), default=None)
        assert (given.alert is None) == (not old)
        assert not old or any(c.alert == given.alert and c.submitted_at == newest for c in old)
