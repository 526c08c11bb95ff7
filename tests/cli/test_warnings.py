"""warnings as an officer types them: what waits for a word, and the word."""

import pytest

from callout.app import SystemClock
from callout.cli.control import open_app
from callout.domain.confirming import LEADER_WITHIN
from callout.domain.issuing import Act, Draft, alert_of, identifier_of
from callout.domain.level import Hazard, Level
from callout.pipeline.receive import Issued, issue
from callout.ports import Document, everywhere
from callout.settings import Settings
from callout.simulation.carrier import Carrier
from tests.cli.office import OFFICER, Office

WHO = ("--officer", OFFICER)


@pytest.fixture
def waiting(office: Office) -> Office:
    """Two warnings of our own wait for a word: a red one and an orange one."""
    settings = Settings(database_url=f"sqlite:///{office.database}")
    app = open_app(settings, everywhere(Carrier(SystemClock(), 1)))
    [county] = app.rulebooks.counties()
    now = app.world.clock.now()
    for nth, level in enumerate((Level.RED, Level.ORANGE), 1):
        draft = Draft(Act.NEW, Hazard.RAINSTORM, level, (), 6, "雨很大", "会商")
        alert = alert_of(draft, county, None, identifier_of(county, f"2026080210000{nth}_a"), now)
        document = Document(f"{nth}.json", "form", f"{nth}".encode())
        issue(app.intake, Issued(alert, document, {level: LEADER_WITHIN}))
    app.close()
    return office


def states(office: Office) -> dict[int, str]:
    found = office("warnings", "list", "--json").document["warnings"]
    return {one["alert"]: one["state"] for one in found}


def test_what_waits_is_listed_first_and_goes_out_by_a_word(waiting: Office) -> None:
    shown = waiting("warnings", "list")
    assert "等确认" in shown.out
    assert "前没有人确认就自动叫应" in shown.out
    refused = waiting("warnings", "confirm", "1", *WHO)
    assert refused.code != 0
    assert "--level 红色" in refused.err
    assert states(waiting) == {1: "awaiting", 2: "awaiting"}
    assert waiting("warnings", "confirm", "1", *WHO, "--level", "红色").code == 0
    assert waiting("warnings", "decline", "2", *WHO, "--why", "误发").code == 0
    assert states(waiting)[1] != "awaiting"
    assert "awaiting" not in states(waiting).values()
    again = waiting("warnings", "confirm", "2", *WHO)
    assert "已经不在等确认" in again.err
    assert "没有等确认" in waiting("warnings", "list").out or "生效" in waiting("warnings", "list").out


def test_an_office_without_warnings_says_so(office: Office) -> None:
    office("roster", "sample", "--people", "50")
    assert "没有等确认的预警" in office("warnings", "list").out
