"""Real faults that need no root, in a shorter form than `python -m tests.drills.faults`: nobody is lost."""

import pytest

from tests.drills.dead_provider import provider_dies
from tests.drills.faults import server_stops, web_killed


@pytest.mark.long
def test_a_server_that_stops_amid_a_warning_loses_nobody() -> None:
    assert [(one["lost"], one["due"] > 100) for one in server_stops(away=5)] == [(0, True)] * 2


@pytest.mark.long
def test_pages_killed_under_webhooks_keep_what_they_gave_thanks_for() -> None:
    [found] = web_killed()
    assert (found["lost"], found["called"] == found["due"]) == (0, True)


@pytest.mark.long
def test_a_provider_killed_amid_a_warning_loses_nobody_and_all_are_called_when_it_is_back() -> None:
    [found] = provider_dies(away=15)
    assert (found["lost"], found["called"] == found["due"] > 100, found["unknown"] > 0) == (0, True, True)
