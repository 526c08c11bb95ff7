"""A provider that is dead for minutes, on accelerated time: over real HTTP nobody is lost, and the desk rings."""

from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.instant import MINUTE, later
from callout.reports.account import Tally, account
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import Fault, Troubles
from callout.store import schema
from tests.channels.lines import Lines, tell
from tests.scenarios.field import BAIMA, DESK, GRID_1, GRID_2

DEAD = 10 * MINUTE
HASTY_SENDER = {"timeout_seconds": 0.3}
"""Half a minute of a story in which a hundred seconds pass in one."""


def total(lines: Lines) -> Tally:
    return lines.app.database.read(lambda db: account(db, lines.app.rulebooks)).total


@pytest.mark.long
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.UNAVAILABLE, Fault.RESET])
def test_a_provider_dead_for_ten_minutes_loses_nobody(tmp_path: Path, fault: Fault) -> None:
    """What it was given does not count as called; all are on the officer's list, and the desk rings when it is back."""

    async def story(lines: Lines) -> None:
        begun = lines.app.world.clock.now()
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: {lines.state(GRID_1), lines.state(GRID_2)} == {"exhausted"})
        await lines.until(lambda: lines.app.world.clock.now() >= later(begun, DEAD))
        assert (total(lines).called, total(lines).lost) == (0, 0)
        assert {post for post, _ in lines.human_calls()} >= {GRID_1, GRID_2}
        t = schema.attempt
        states = {state for (state,) in lines.rows(select(t.c.state).distinct())}
        assert {"unknown"} <= states <= {"unknown", "submitting", "claimed"}
        assert {repeated for (repeated,) in lines.rows(select(t.c.repeated).distinct())} == {0, 1}
        if fault is Fault.UNAVAILABLE:
            assert "503/20503" in {reason for (reason,) in lines.rows(select(t.c.reason).distinct())}
        lines.carrier.network.trouble.now = Troubles()
        await lines.until(lambda: [a for a in lines.attempts(DESK) if a[1] == "sent"])
        assert total(lines).lost == 0

    tell(
        tmp_path,
        story,
        cast={DESK: Temperament.PROMPT},
        sms=HASTY_SENDER,
        voice=HASTY_SENDER,
        troubles=Troubles(outage=fault),
    )


def test_a_storm_of_429_delays_and_drops_nobody(tmp_path: Path) -> None:
    """Half of the requests are turned away as too many: provably not processed, so they come again, and only once."""

    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: total(lines).called == total(lines).due)
        assert total(lines).due > 0
        assert lines.carrier.network.tally.counts["request fault 429"] > 0
        assert total(lines).lost == 0
        t = schema.attempt
        assert "unknown" not in {state for (state,) in lines.rows(select(t.c.state).distinct())}
        assert [row.repeated for row in lines.rows(select(t.c.repeated).where(t.c.repeated == 1))] == []

    tell(tmp_path, story, troubles=Troubles(requests={Fault.THROTTLED: 0.5}), speed=5.0)
