"""Who is asked in a round of the roster, and on which number."""

from callout.domain.instant import HOUR, SECOND, Instant, later
from callout.domain.roster import NumberKind
from callout.domain.roster_round import Asked, Cannot, ConfirmState, Line, tally, times, whom

MOBILE, LANDLINE = NumberKind.MOBILE, NumberKind.LANDLINE


def test_a_landline_never_gets_a_text_and_the_first_fit_mobile_is_asked() -> None:
    lines = [Line(1, 10, LANDLINE), Line(1, 11, MOBILE, dead=True), Line(1, 12, MOBILE), Line(1, 13, MOBILE)]
    assert whom([1], lines) == ({1: 12}, {})


def test_whoever_cannot_be_asked_is_named_with_the_reason() -> None:
    lines = [
        Line(1, 10, LANDLINE),
        Line(2, 11, MOBILE, dead=True),
        Line(3, 12, MOBILE, opted_out=True),
        Line(4, 13, MOBILE, shared=True),
        Line(5, 14, MOBILE, textless=True),
        Line(6, 15, MOBILE, shared=True),
        Line(6, 16, MOBILE, opted_out=True),
        Line(99, 17, MOBILE),
    ]
    asked, cannot = whom([1, 2, 3, 4, 5, 6], lines)
    assert asked == {}
    assert cannot == {
        1: Cannot.NO_MOBILE, 2: Cannot.DEAD, 3: Cannot.OPTED_OUT, 4: Cannot.SHARED, 5: Cannot.DEAD, 6: Cannot.SHARED,
    }  # fmt: skip


def test_a_round_is_counted_by_what_was_said() -> None:
    one = Asked(1, ConfirmState.DENIED, Instant(1), Instant(2))
    assert tally([one]) == {**dict.fromkeys(ConfirmState, 0), ConfirmState.DENIED: 1}


MIDNIGHT = Instant(1_785_600_000_000)
"""2 August 2026, 00:00 in Beijing."""


def test_nobody_is_asked_out_of_hours() -> None:
    assert later(Instant(MIDNIGHT - (MIDNIGHT + 8 * HOUR) % (24 * HOUR)), 0) == MIDNIGHT
    assert times(MIDNIGHT, 1, 60) == [later(MIDNIGHT, 9 * HOUR)]
    assert times(later(MIDNIGHT, 22 * HOUR), 1, 60) == [later(MIDNIGHT, 33 * HOUR)]
    hours = {(at + 8 * HOUR) // HOUR % 24 for at in times(MIDNIGHT, 1200, 1)}
    assert hours == set(range(9, 18))


def test_so_many_are_asked_a_minute() -> None:
    first, second = times(later(MIDNIGHT, 10 * HOUR), 2, 30)
    assert second - first == 2 * SECOND
