"""Points in time and warning levels."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.instant import BEIJING, Instant, beijing, instant, later, moment
from callout.domain.level import Hazard, Level
from tests.scenarios.field import make_alert

instants = st.integers(0, 4_102_444_800_000).map(Instant)


@given(instants)
def test_an_instant_survives_the_way_through_a_datetime(at: Instant) -> None:
    """Whole milliseconds, no drift."""
    assert instant(moment(at)) == at
    assert moment(at).tzinfo is UTC


def test_beijing_time_is_eight_hours_ahead_all_year() -> None:
    """China has one civil time, without summer time."""
    assert beijing(Instant(0)) == "1970-01-01 08:00:00"
    assert beijing(instant(datetime(2026, 7, 1, 12, 5, tzinfo=BEIJING)), "%H:%M") == "12:05"


def test_a_time_without_a_zone_has_no_instant() -> None:
    """A naive datetime is refused, never guessed."""
    with pytest.raises(ValueError, match="naive"):
        instant(datetime(2026, 8, 2, 10, 0))  # noqa: DTZ001 - that is the point


@given(instants, st.integers(-1_000_000, 1_000_000))
def test_later_adds_milliseconds(at: Instant, by: int) -> None:
    """Lengths of time are milliseconds too."""
    assert later(at, by) - at == by


def test_levels_rise_from_blue_to_red() -> None:
    """Ⅳ to Ⅰ: the rank rises with the danger, and every level has its Chinese name."""
    assert [(level.rank, level.zh) for level in Level] == [(1, "蓝色"), (2, "黄色"), (3, "橙色"), (4, "红色")]


def test_a_hazard_is_the_word_that_headlines_use() -> None:
    """灾种 are told apart by their Chinese names."""
    assert Hazard("暴雨") is Hazard.RAINSTORM
    assert all(not hazard.value.isascii() for hazard in Hazard)


def test_the_first_info_of_an_alert_is_the_one_that_counts() -> None:
    """CAP allows several; the preferred language stands first."""
    alert = make_alert(Instant(0))
    assert alert.info is alert.infos[0]
