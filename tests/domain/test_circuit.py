"""The breaker of a provider: opened by what fails, tried again by one message, closed by a clear end."""

import pytest

from callout.domain.circuit import IN_A_ROW, LATELY, OF_LATELY, PAUSES, TRIAL, Circuit, CircuitState, country
from callout.domain.instant import SECOND, Instant, later

NOW = Instant(1_000_000)
S = CircuitState


def after(*clear: bool, at: Instant = NOW) -> Circuit:
    """A circuit after these hand-overs."""
    circuit = Circuit()
    for one in clear:
        circuit = circuit.handed(at).ended(at, clear=one, reason="TimeoutError")
    return circuit


def test_so_many_doubtful_ones_in_a_row_open_it() -> None:
    assert after(*[False] * (IN_A_ROW - 1)).state is S.CLOSED
    opened = after(*[False] * IN_A_ROW)
    assert (opened.state, opened.reason, opened.trips) == (S.OPEN, "TimeoutError", 1)
    assert not opened.admits(NOW)


def test_so_many_of_the_last_open_it_too() -> None:
    mixed = [True, False] * OF_LATELY
    assert after(*mixed[:-1]).state is S.CLOSED
    assert after(*mixed).state is S.OPEN
    assert len(after(*[True] * 50).lately) == LATELY


def test_our_own_mistake_opens_it_at_once() -> None:
    opened = Circuit().ended(NOW, clear=True, fatal="401 20003")
    assert (opened.state, opened.reason) == (S.OPEN, "401 20003")


def test_after_a_pause_one_message_is_the_trial_and_others_stay_away() -> None:
    opened = after(*[False] * IN_A_ROW)
    then = later(NOW, PAUSES[0])
    assert (opened.admits(Instant(then - 1)), opened.admits(then)) == (False, True)
    trying = opened.handed(then)
    assert (trying.state, trying.admits(then)) == (S.HALF_OPEN, False)
    assert trying.admits(later(then, TRIAL))
    assert trying.handed(later(then, TRIAL)).state is S.HALF_OPEN


def test_a_trial_with_a_clear_end_closes_it_and_all_is_forgotten() -> None:
    then = later(NOW, PAUSES[0])
    closed = after(*[False] * IN_A_ROW).handed(then).ended(then, clear=True)
    assert (closed.state, closed.trips, closed.reason) == (S.CLOSED, 0, "")
    assert closed.ended(then, clear=False).state is S.CLOSED


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5, 6])
def test_each_failed_trial_lengthens_the_pause_up_to_a_minute(times: int) -> None:
    circuit, at = after(*[False] * IN_A_ROW), NOW
    for _ in range(times - 1):
        at = circuit.next_trial()
        circuit = circuit.handed(at).ended(at, clear=False, reason="x")
    assert circuit.next_trial() - at == PAUSES[min(times, len(PAUSES)) - 1]


def test_a_crowd_that_is_handed_over_all_the_same_is_no_trial_and_lengthens_no_pause() -> None:
    circuit = after(*[False] * IN_A_ROW)
    for second in range(9):
        at = later(NOW, second * SECOND)
        circuit = circuit.handed(at).ended(at, clear=False, reason="x")
    assert (circuit.state, circuit.trips, circuit.next_trial()) == (S.OPEN, 1, later(NOW, PAUSES[0]))
    trying = circuit.handed(circuit.next_trial())
    assert trying.handed(later(trying.since, SECOND)) == trying
    assert circuit.handed(NOW).ended(NOW, clear=True).state is S.CLOSED


def test_what_ends_while_it_is_open_says_nothing_new_unless_it_is_good() -> None:
    opened = after(*[False] * IN_A_ROW)
    still = opened.ended(later(NOW, 1), clear=False)
    assert (still.since, still.trips) == (NOW, 1)
    assert opened.ended(later(NOW, 1), clear=True).state is S.CLOSED


@pytest.mark.parametrize(("number", "code"), [
    ("+8600000000", "+86"), ("+85200000", "+852"), ("+85300000", "+853"), ("+88600000", "+886"), ("+9990000", "+999"),
    ("+1000", "+1"), ("+7000", "+7"), ("+44000", "+44"), ("+42000", "+420"), ("+66000", "+66"), ("+67000", "+670"),
    ("", ""), ("110", ""),
])  # fmt: skip
def test_a_number_names_its_country(number: str, code: str) -> None:
    assert country(number) == code
