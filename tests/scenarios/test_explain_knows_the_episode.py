"""explain knows what was said before: whom a repetition calls anew, and that an all-clear calls nobody."""

from callout.domain.alert import MsgType
from callout.domain.instant import MINUTE, later
from callout.domain.level import Level
from tests.scenarios.conftest import Opener
from tests.scenarios.field import DAY, make_alert, standard_roster
from tests.scenarios.foreseeing import foresee

LIFTED = "武隆区气象台解除暴雨橙色预警"


def test_a_repetition_calls_only_those_who_have_no_ladder_and_no_answer(open_county: Opener) -> None:
    """Below red: whoever is being called goes on, and explain says so as the engine does it."""
    field = open_county(DAY, standard_roster())
    field.take_in(make_alert(DAY, Level.ORANGE, identifier="first"))
    field.wait(60)
    again = make_alert(later(DAY, MINUTE), Level.ORANGE, identifier="again", references=("first",))
    seen = foresee(field, again)
    assert seen.called == ()
    assert [line for line in seen.earlier if "接着叫" in line]


def test_an_all_clear_calls_nobody_and_says_whom_it_stops(open_county: Opener) -> None:
    field = open_county(DAY, standard_roster())
    field.take_in(make_alert(DAY, Level.ORANGE, identifier="first"))
    running = len(field.states())
    clear = make_alert(
        later(DAY, MINUTE),
        Level.ORANGE,
        identifier="clear",
        references=("first",),
        msg_type=MsgType.CANCEL,
        headline=LIFTED,
    )
    seen = foresee(field, clear)
    assert (seen.called, seen.lifts) == ((), True)
    assert f"还在叫的 {running} 岗停止" in seen.earlier[0]


def test_an_all_clear_of_an_unknown_warning_lifts_nothing(open_county: Opener) -> None:
    field = open_county(DAY, standard_roster())
    clear = make_alert(
        DAY,
        Level.ORANGE,
        identifier="clear",
        references=("never seen",),
        msg_type=MsgType.CANCEL,
        headline=LIFTED,
    )
    seen = foresee(field, clear)
    assert seen.called == ()
    assert "没有收到" in seen.earlier[0]


def test_a_first_warning_is_not_touched_by_what_has_nothing_to_do_with_it(open_county: Opener) -> None:
    field = open_county(DAY, standard_roster())
    seen = foresee(field, make_alert(DAY, Level.ORANGE))
    assert seen.called
    assert seen.earlier == ()
