"""A silent round: everybody is asked whether they still hold their post. It takes nothing from a callout."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from callout.domain.roster_round import times, whom
from callout.store import schema
from callout.store.roster_reading import read_roster
from tests.scenarios.conftest import Opener
from tests.scenarios.field import COUNTY, SMS, Field

OFFICER = "示例值班员"
LEADER = 2
"""The leader of 白马, with the phone of that serial."""


@pytest.fixture
def county(open_county: Opener) -> Field:
    return open_county()


def ask(field: Field, per_minute: int = 60) -> int:
    """Start a round; returns how many are asked."""

    def work(writing):  # type: ignore[no-untyped-def]
        [row] = writing.rosters.counties()
        roster = read_roster(writing.ledger.connection, COUNTY, row.roster)
        titles = {p.holder: [p.title] for p in roster.posts if p.holder}
        numbers, _ = whom(titles, writing.confirmations.lines(COUNTY, row.roster))
        when = times(writing.at, len(numbers), per_minute)
        people = [
            (person, number, at, titles[person]) for (person, number), at in zip(numbers.items(), when, strict=True)
        ]
        writing.confirmations.start(COUNTY, people, OFFICER)
        return len(people)

    return int(field.app.store.write(work))


def states(field: Field) -> dict[int, str]:
    f = schema.confirmation
    return {r.responder: r.state for r in field.rows(select(f))}


def asked(field: Field) -> list[int]:
    return [serial for serial, channel in field.new() if channel is SMS]


def everybody_answers(field: Field) -> None:
    field.wait(31)
    for serial in field.states():
        field.reply(serial, "收到")


def questions(field: Field) -> list[int]:
    """When the round asked somebody."""
    return [at for at, text in field.phones.got if "请确认您仍是" in text.text]


def test_everybody_is_asked_by_text_and_answers_are_kept_with_their_time(county: Field) -> None:
    many = ask(county)
    county.wait(10)
    assert len(asked(county)) == many
    text = county.last(LEADER, SMS).text
    assert "不是预警，不必到岗" in text
    assert "请确认您仍是" in text
    county.wait(60)
    county.reply(LEADER, "在任")
    county.reply(3, "不在任。")
    county.reply(4, "我上个月调走了")
    assert (states(county)[LEADER], states(county)[3], states(county)[4]) == ("confirmed", "denied", "said")
    f = schema.confirmation
    [row] = county.rows(select(f).where(f.c.responder == LEADER))
    assert row.answered_at == county.clock.now()
    assert len(county.audit("confirmation.confirmed")) == 1


def test_it_is_no_callout_and_opens_nothing_for_a_human(county: Field) -> None:
    ask(county)
    county.wait(10)
    county.reply(LEADER, "2")
    assert county.rows(select(schema.callout)) == []
    assert county.human_calls() == []
    assert states(county)[LEADER] == "denied"
    county.wait(3600)
    assert len(county.new()) == len(states(county))  # nobody is asked twice, nobody is rung


def test_a_bare_answer_belongs_to_an_open_warning(county: Field) -> None:
    ask(county)
    county.wait(10)
    county.alert()
    county.wait(31)
    county.reply(LEADER, "收到")
    assert county.callout(LEADER).state == "answered"
    assert states(county)[LEADER] == "asked"
    county.reply(LEADER, "在任")
    assert states(county)[LEADER] == "confirmed"
    assert county.human_calls() == []


def test_words_of_the_round_leave_a_running_ladder_alone(county: Field) -> None:
    ask(county)
    county.wait(10)
    county.alert()
    county.wait(31)
    county.reply(LEADER, "在任")
    assert states(county)[LEADER] == "confirmed"
    assert county.callout(LEADER).state == "waiting"


def test_after_the_warning_a_bare_answer_goes_to_what_was_said_last(county: Field) -> None:
    county.alert(hours=1)
    everybody_answers(county)
    county.wait(3600)
    county.new()
    ask(county)
    county.wait(10)
    county.reply(LEADER, "收到")
    assert states(county)[LEADER] == "confirmed"
    county.reply(LEADER, "收到")  # said yes already: nothing more happens
    assert states(county)[LEADER] == "confirmed"


def test_whoever_was_wrong_may_say_so(county: Field) -> None:
    ask(county)
    county.wait(10)
    county.reply(LEADER, "不在任")
    county.reply(LEADER, "在任")
    assert states(county)[LEADER] == "confirmed"
    county.reply(LEADER, "谢谢")
    assert states(county)[LEADER] == "confirmed"


def test_a_text_before_the_question_answers_nothing(county: Field) -> None:
    ask(county, per_minute=1)
    late = max(states(county))
    county.reply(late, "在任")
    assert states(county)[late] == "asked"


def test_who_has_opted_out_gets_no_text(county: Field) -> None:
    county.reply(LEADER, "退订")
    ask(county)
    county.wait(10)
    assert LEADER not in asked(county)


def test_a_text_in_doubt_is_not_followed_by_a_call(county: Field) -> None:
    county.phones.script = lambda message: "unknown" if message.e164.endswith("0000002") else ""
    ask(county)
    county.wait(2 * 3600)
    assert {channel for _, channel in county.new()} == {SMS}


def test_nobody_is_asked_while_a_warning_runs_and_the_round_goes_on_at_its_pace_afterwards(county: Field) -> None:
    """Two are asked, then a warning comes; the others are asked when it is over, one a minute as before."""
    many = ask(county, per_minute=1)
    county.wait(61)
    county.alert(hours=1, identifier="rain")
    county.wait(59 * 60)
    assert len(questions(county)) == 2
    county.wait(4 * 3600)
    when = questions(county)
    assert len(when) == many
    assert when[2] - when[1] > 59 * 60_000
    assert min(b - a for a, b in pairwise(when[2:])) >= 60_000
    assert len(county.audit("notice.put_off")) < 40, "put to the end of the queue, not looked at every second"


def test_what_is_asked_late_is_answered_by_what_comes_after_it(county: Field) -> None:
    """A bare answer after the late question is the round's, though a warning was told of in between."""
    ask(county, per_minute=60)
    county.alert(hours=1, identifier="rain")
    assert questions(county) == []
    everybody_answers(county)
    assert (county.callout(LEADER).state, states(county)[LEADER]) == ("answered", "asked")
    county.wait(3 * 3600)
    assert len(questions(county)) == len(states(county))
    county.reply(LEADER, "1")
    assert states(county)[LEADER] == "confirmed"
