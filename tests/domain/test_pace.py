"""How fast providers, senders and numbers may be used."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callout.domain.abilities import Abilities, Receipts, Window
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, later
from callout.domain.pace import UNLIMITED, UNREACHED, Bucket, For, PerPart, fits, held_by_drill, takes, together, widest

DAY = Instant(1_785_636_000_000)
"""10:00 in Beijing."""
NIGHT = later(DAY, 13 * HOUR)


def test_a_bucket_without_a_rate_never_runs_dry() -> None:
    bucket = Bucket(0.0)
    assert bucket.room(DAY) == UNLIMITED
    assert bucket.taken(DAY) == bucket
    assert bucket.next_at(DAY) == DAY


@settings(max_examples=40)
@given(st.floats(0.2, 500), st.lists(st.integers(0, 700), max_size=200))
def test_no_second_sees_more_than_the_rate_and_what_was_saved_up(rate: float, pauses: list[int]) -> None:
    bucket, now, gone = Bucket(rate), DAY, list[Instant]()
    for pause in pauses:
        now = later(now, pause)
        while bucket.room(now):
            bucket, gone = bucket.taken(now), [*gone, now]
    for start in gone:
        assert sum(0 <= at - start < SECOND for at in gone) <= rate + bucket.capacity + 1


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0, 100.0])
def test_the_next_token_comes_when_it_was_promised(rate: float) -> None:
    bucket, now = Bucket(rate), DAY
    while bucket.room(now):
        bucket = bucket.taken(now)
    then = bucket.next_at(now)
    assert bucket.room(Instant(then - 1)) == 0 or rate > 500
    assert bucket.room(then) == 1


def test_a_provider_that_said_too_much_is_left_alone_until_then() -> None:
    for rate in (0.0, 5.0):
        shut = Bucket(rate).shut(later(DAY, SECOND))
        assert shut.room(DAY) == 0
        assert shut.next_at(DAY) >= later(DAY, SECOND)
        assert shut.room(later(DAY, 3 * SECOND)) > 0


@settings(max_examples=40)
@given(st.floats(0.2, 50), st.lists(st.tuples(st.integers(0, 700), st.integers(1, 5)), max_size=100))
def test_a_text_of_several_parts_uses_up_as_many_and_what_was_not_there_is_waited_for(
    rate: float, texts: list[tuple[int, int]]
) -> None:
    """No more parts have gone than the rate allows, beside the first burst, when the next text goes."""
    bucket, now, parts = Bucket(rate), DAY, 0
    for pause, many in texts:
        now = max(later(now, pause), bucket.next_at(now))
        assert parts <= rate * (now - DAY) / SECOND + bucket.capacity + 1
        bucket, parts = bucket.taken(now).taken(now, many - 1) if many > 1 else bucket.taken(now), parts + many
    assert bucket.room(bucket.next_at(now)) >= 1


def test_after_three_parts_at_one_a_second_the_next_goes_after_three_seconds() -> None:
    bucket = Bucket(1.0).taken(DAY, 3)
    assert bucket.next_at(DAY) == later(DAY, 3 * SECOND)
    assert (bucket.room(later(DAY, 2900)), bucket.room(later(DAY, 3 * SECOND))) == (0, 1)


def test_what_several_providers_take_together_and_when_nobody_has_a_road() -> None:
    able = Abilities(frozenset(), Receipts.NONE, per_second=3.0)
    slow = replace(able, per_sender=1.0, senders=("a", "b"))
    away = replace(able, reaches=False)
    assert (together([]), together([away]), together([replace(able, per_second=0.0), able])) == (0.0, UNREACHED, 0.0)
    assert (together([able, away]), isinstance(together([able]), PerPart)) == (3.0, False)
    assert (together([able, slow]), isinstance(together([able, slow]), PerPart)) == (5.0, True)


ALIYUN = (Window(1, MINUTE), Window(5, HOUR), Window(20, 24 * HOUR))


@pytest.mark.parametrize(
    ("minutes_ago", "red", "fits_in"),
    [
        ([], False, True),
        ([0.5], True, False),  # one a minute, whoever asks
        ([1.0], True, True),
        ([2, 3, 4], False, True),
        ([2, 3, 4, 5], False, False),  # the last of the hour is kept for red
        ([2, 3, 4, 5], True, True),
        ([2, 3, 4, 5, 6], True, False),
    ],
)
def test_a_number_is_called_as_often_as_it_may_be_and_red_gets_the_last(
    minutes_ago: list[float], red: bool, fits_in: bool
) -> None:
    earlier = [Instant(int(DAY - ago * MINUTE)) for ago in minutes_ago]
    assert fits(ALIYUN, earlier, DAY, For.RED if red else For.REAL) is fits_in


@pytest.mark.parametrize(("many", "fits_in"), [(0, True), (1, True), (2, False)])
def test_a_drill_leaves_half_of_each_window_to_what_is_real(many: int, fits_in: bool) -> None:
    earlier = [Instant(int(DAY - (2 + ago) * MINUTE)) for ago in range(many)]
    assert fits(ALIYUN, earlier, DAY, For.DRILL) is fits_in
    assert fits(ALIYUN, earlier, DAY, For.RED) is True


def test_a_drill_takes_the_only_call_of_a_minute_while_nothing_real_goes_on_and_not_otherwise() -> None:
    assert fits(ALIYUN, [], DAY, For.DRILL) is True
    assert fits(ALIYUN, [], DAY, For.DRILL_AMID) is False
    assert fits((Window(2, MINUTE),), [], DAY, For.DRILL_AMID) is True


def test_what_is_real_waits_for_a_drills_call_a_minute_at_most() -> None:
    """A drill's attempt in a wider limit counts like any other, and a drill waits for nobody."""
    soon = Instant(DAY - 20 * SECOND)
    assert held_by_drill(ALIYUN, [(soon, True)], DAY, For.REAL) == later(DAY, 40 * SECOND)
    assert held_by_drill(ALIYUN, [(soon, False)], DAY, For.REAL) is None
    assert held_by_drill(ALIYUN, [(soon, True)], DAY, For.DRILL) is None
    assert held_by_drill((Window(1, HOUR),), [(soon, True)], DAY, For.RED) is None


@pytest.mark.parametrize(("now", "fits_in"), [(DAY, True), (NIGHT, False)])
def test_a_limit_of_the_night_holds_at_night(now: Instant, fits_in: bool) -> None:
    assert fits((Window(1, 8 * HOUR, night_only=True),), [Instant(now - HOUR)], now, For.RED) is fits_in


def test_how_far_back_attempts_must_be_known() -> None:
    assert (widest(ALIYUN), widest(())) == (24 * HOUR, 0)


@pytest.mark.parametrize(
    ("count", "rate", "seconds"), [(0, 1, 0), (500, 0, 0), (1, 1, 0), (500, 1, 499), (100, 10, 9.5)]
)
def test_when_a_backlog_will_be_through(count: int, rate: float, seconds: float) -> None:
    assert takes(count, rate) == seconds * SECOND
