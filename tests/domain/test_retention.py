"""How long personal values are kept, and when they go."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from callout.domain.instant import BEIJING, DAY, HOUR, MINUTE, Instant, instant, later
from callout.domain.retention import at_its_hour, kept_since
from callout.settings import Settings


def test_what_a_long_storm_used_first_is_kept_as_long_as_what_it_used_last() -> None:
    now, began = Instant(1_000 * DAY), Instant(900 * DAY)
    assert kept_since(now, 90, None) == now - 90 * DAY
    assert kept_since(now, 90, began) == began
    assert kept_since(now, 90, Instant(950 * DAY)) == now - 90 * DAY


def test_its_hours_are_those_of_the_beijing_night() -> None:
    one = instant(datetime(2026, 8, 3, 1, tzinfo=BEIJING))
    found = [at_its_hour(later(one, by)) for by in (-MINUTE, 0, 4 * HOUR - MINUTE, 4 * HOUR)]
    assert found == [False, True, True, False]


def test_it_is_off_unless_asked_for_and_never_short() -> None:
    assert Settings().retention_days == 0
    assert Settings(retention_days=30).retention_days == 30
    with pytest.raises(ValidationError, match="不小于 30"):
        Settings(retention_days=29)
