"""What an answer is, and what it stops: each grade by itself, then the moment in which it stops everything."""

import pytest

from callout.domain.instant import HOUR, MINUTE
from callout.domain.roster import Responder
from callout.pipeline.acknowledge import confirm
from callout.ports import Message
from tests.pipeline.night import by_phone, heard
from tests.scenarios.baima import CALL, TEXT, between_claim_and_submit, changed, only, post, understand
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    DEPUTY,
    DESK,
    GRID_1,
    GRID_2,
    LEADER_BAIMA,
    Field,
    number,
    standard_roster,
)

HOURS = HOUR // 1000
MINUTES = MINUTE // 1000


@pytest.mark.parametrize("word", ["delivered", "read"])
def test_a_message_that_the_phone_has_or_has_shown_stops_nothing(field: Field, word: str) -> None:
    """送达 and 已读 are no answer: the person is rung when the time has come, and counts as silent."""
    only(field, GRID_1)
    field.receipt(GRID_1, word)
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]
    assert field.callout(GRID_1).grade == ""


@pytest.mark.parametrize("word", ["heard_part", "heard_whole"])
def test_a_call_that_was_listened_to_without_a_key_stops_nothing(field: Field, word: str) -> None:
    """听完 is no 应: the deputy is called in turn."""
    only(field, GRID_1)
    field.wait(90)
    field.receipt(GRID_1, word, CALL)
    field.wait(90)
    assert field.new() == [(GRID_1, CALL), (DEPUTY, CALL)]
    assert field.states()[GRID_1] == "waiting"


def test_a_reply_stops_the_persons_ladder_and_the_escalation(field: Field) -> None:
    """收到: neither the person nor deputy nor superior is called again, and nothing is left for a human."""
    only(field, GRID_1)
    field.reply(GRID_1, "收到")
    field.wait(2 * HOURS)
    assert field.new() == []
    assert (field.callout(GRID_1).state, field.callout(GRID_1).grade) == ("answered", "acknowledged")
    assert field.human_calls() == []


def test_a_key_stops_the_persons_ladder_and_the_escalation(field: Field) -> None:
    """1 in the call is as good as a text."""
    only(field, GRID_1)
    field.wait(90)
    field.key(GRID_1, "1")
    field.wait(2 * HOURS)
    assert field.new() == [(GRID_1, CALL)]
    assert field.callout(GRID_1).grade == "acknowledged"


def test_any_other_key_is_no_answer(field: Field) -> None:
    """A star proves nothing."""
    only(field, GRID_1)
    field.wait(90)
    field.key(GRID_1, "*")
    assert (field.states()[GRID_1], field.human_calls()) == ("waiting", [])


def test_an_answer_after_exhaustion_counts_is_marked_late_and_closes_the_officers_item(field: Field) -> None:
    """Late is better than never, and the record tells the difference."""
    only(field, GRID_1)
    field.wait(90 + 90 + 120 + 120)
    assert (field.states()[GRID_1], field.human_calls()) == ("exhausted", [(GRID_1, "exhausted")])
    field.reply(GRID_1, "1")
    assert (field.states()[GRID_1], field.callout(GRID_1).late, field.human_calls()) == ("answered", 1, [])


def test_an_answer_after_expiry_counts_and_is_marked_late(field: Field) -> None:
    """The validity of a warning is over, the person is not lost."""
    only(field, GRID_1, hours=0.05)
    field.wait(0.05 * HOURS)
    assert field.states()[GRID_1] == "expired_unanswered"
    field.reply(GRID_1, "1")
    assert (field.states()[GRID_1], field.callout(GRID_1).late, field.human_calls()) == ("answered", 1, [])


def test_an_answer_in_time_is_not_late(field: Field) -> None:
    """Only what comes after the end of the ladder is."""
    only(field, GRID_1)
    assert field.callout(GRID_2).late == 0


def test_what_a_human_caller_heard_stops_everything(field: Field) -> None:
    """人工确认: the officer has it from the person, by phone or face to face."""
    only(field, GRID_1)
    field.app.store.write(lambda work: confirm(work, heard(work, GRID_1), by_phone(work.at), "示例·值班员"))
    field.wait(2 * HOURS)
    assert field.new() == []
    assert field.callout(GRID_1).grade == "confirmed_by_human"


def test_the_deputys_answer_stops_the_escalation_and_leaves_the_person_to_a_human(field: Field) -> None:
    """代答: the superior is not called, but the silent person stays on the officer's list."""
    only(field, GRID_1)
    field.wait(180)
    field.key(DEPUTY, "1")
    assert (field.callout(GRID_1).state, field.callout(GRID_1).grade) == ("answered", "proxy")
    assert field.human_calls() == [(GRID_1, "person_silent")]
    field.wait(119)
    assert field.new() == [(GRID_1, CALL), (DEPUTY, CALL)]


def test_the_superiors_answer_is_a_stand_in_answer_too(field: Field) -> None:
    """Whoever is not the person."""
    only(field, GRID_2)
    field.wait(180)
    field.key(LEADER_BAIMA, "1")
    assert (field.callout(GRID_2).grade, field.human_calls()) == ("proxy", [(GRID_2, "person_silent")])


def test_a_shared_number_proves_only_that_somebody_was_there(open_county: Opener) -> None:
    """Two people behind one number: the posts are answered, both people stay with the human."""
    people = tuple(
        p if p.id != GRID_2 else Responder(GRID_2, p.name, (number(GRID_1),)) for p in standard_roster().responders
    )
    field = open_county(roster=standard_roster(responders=people))
    only(field, GRID_1, GRID_2)
    field.reply(GRID_1, "1")
    assert {field.callout(post).grade for post in (GRID_1, GRID_2)} == {"proxy"}
    assert field.human_calls() == [(GRID_1, "person_silent"), (GRID_2, "person_silent")]


def test_the_persons_own_answer_improves_the_stand_ins(field: Field) -> None:
    """The item is closed, and who stood in learns that the person is there after all."""
    only(field, GRID_1)
    field.wait(180)
    field.key(DEPUTY, "1")
    field.new()
    field.reply(GRID_1, "1")
    assert (field.callout(GRID_1).grade, field.human_calls()) == ("acknowledged", [])
    assert field.new() == [(DEPUTY, TEXT)]


def test_cannot_come_calls_the_deputy_at_once_and_tells_the_officer(field: Field) -> None:
    """无法到岗 is no answer: nobody waits for the next step, and the person is not called again."""
    only(field, GRID_1)
    field.reply(GRID_1, "2")
    assert field.new() == [(DEPUTY, CALL)]
    assert (field.states()[GRID_1], field.human_calls()) == ("waiting", [(GRID_1, "cannot_come")])
    field.wait(119)
    assert field.new() == []


def test_a_superior_who_cannot_come_leaves_the_rest_to_a_human(field: Field) -> None:
    """After the last step there is nobody else to call."""
    only(field, GRID_2)
    field.wait(180)
    field.key(LEADER_BAIMA, "2")
    assert field.states()[GRID_2] == "exhausted"
    assert field.human_calls() == [(GRID_2, "cannot_come"), (GRID_2, "exhausted")]


def test_a_question_goes_to_the_officer_and_the_ladder_goes_on(field: Field) -> None:
    """Somebody was reached; that is not 应."""
    only(field, GRID_1)
    field.reply(GRID_1, "是哪条河？")
    assert field.human_calls() == [(GRID_1, "asked")]
    field.wait(90)
    assert field.new() == [(GRID_1, CALL)]


def test_a_cry_for_help_outlives_the_answer(field: Field) -> None:
    """收到 closes what was silence; what somebody reported stays until a human has read it."""
    only(field, GRID_1)
    field.reply(GRID_1, "1人受伤")
    field.reply(GRID_1, "1")
    assert (field.states()[GRID_1], field.human_calls()) == ("answered", [(GRID_1, "asked")])


def test_no_submit_starts_after_the_answer_is_on_record(field: Field) -> None:
    """The answer came while the next call was already claimed: the call is withdrawn, and not a byte of it leaves."""
    only(field, GRID_1)

    def answer() -> None:
        field.reply(GRID_1, "1", settle=False)
        understand(field)

    between_claim_and_submit(field, answer)
    field.wait(90)
    assert field.new() == []
    assert [a.state for a in field.attempts() if a.channel == CALL] == ["withdrawn"]


def test_after_cannot_come_no_submit_to_the_person_starts(field: Field) -> None:
    """What was claimed for the one who cannot come is withdrawn as well."""
    only(field, GRID_1)

    def refuse() -> None:
        field.reply(GRID_1, "2", settle=False)
        understand(field)

    between_claim_and_submit(field, refuse)
    field.wait(90)
    assert field.new() == [(DEPUTY, CALL)]


def test_calls_that_ring_for_nothing_are_hung_up(field: Field) -> None:
    """The text came while two phones were ringing: both are ended, each once."""
    only(field, GRID_1)
    field.wait(180)
    ringing = [field.last(GRID_1, CALL).attempt, field.last(DEPUTY, CALL).attempt]
    field.key(DEPUTY, "1")
    assert field.phones.hung_up == ringing[:1]
    field.reply(GRID_1, "1")
    assert field.phones.hung_up == ringing


def test_the_call_that_gave_the_answer_is_not_hung_up(field: Field) -> None:
    """It ends by itself after its last words."""
    only(field, GRID_1)
    field.wait(90)
    field.key(GRID_1, "1")
    assert field.phones.hung_up == []


def test_a_call_that_still_speaks_for_somebody_else_rings_on(field: Field) -> None:
    """One call to the superior lists two silent people; the answer of one does not end it."""
    field.app.use_roster(changed("r2", post(GRID_1, deputy=None)), "示例")
    only(field, GRID_1, GRID_2)
    field.wait(180)
    call = field.last(LEADER_BAIMA, CALL).attempt
    field.reply(GRID_1, "1")
    assert call not in field.phones.hung_up
    field.reply(GRID_2, "1")
    assert call in field.phones.hung_up


def test_a_provider_that_cannot_hang_up_holds_nobody_back(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call rings out by itself, and the stand-down goes out all the same."""

    async def broken(attempt: str, ref: str) -> None:
        raise ConnectionError(attempt, ref)

    monkeypatch.setattr(field.phones, "hang_up", broken)
    only(field, GRID_1)
    field.wait(180)
    field.new()
    field.reply(GRID_1, "1")
    assert field.new() == [(DEPUTY, TEXT)]


def test_whoever_was_escalated_to_is_stood_down(field: Field) -> None:
    """Deputy and superior learn by name of the post that it has answered; nobody else is told."""
    only(field, GRID_1)
    field.wait(180 + 120)
    field.new()
    field.reply(GRID_1, "1")
    assert sorted(field.new()) == [(LEADER_BAIMA, TEXT), (DEPUTY, TEXT)]
    words: Message = field.last(DEPUTY, TEXT)
    assert "示例·白马镇网格员一已应答" in words.text
    assert not words.wants_answer


def test_who_gave_the_answer_is_not_told_of_it(field: Field) -> None:
    """The superior answers; only the deputy is stood down."""
    only(field, GRID_1)
    field.wait(180 + 120)
    field.new()
    field.key(LEADER_BAIMA, "1")
    assert field.new() == [(DEPUTY, TEXT)]


def test_the_desk_that_takes_a_ring_has_not_answered_its_own_warning(field: Field) -> None:
    """The office was rung about open work; the item about its own silence stays."""
    only(field, DESK)
    field.wait(180 + 120)
    assert field.last(DESK, CALL).text.find("有待办事项") > 0
    field.key(DESK, "1")
    assert (field.states()[DESK], field.human_calls()) == ("exhausted", [(DESK, "exhausted")])
