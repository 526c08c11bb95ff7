"""Looking ahead in a story, with the engine's own rules, roster and wording."""

from sqlalchemy import select

from callout.cli.roster_import import in_force
from callout.domain.alert import Alert
from callout.domain.answer import answer_code
from callout.render.messages import Templates
from callout.reports.forecast import Looking, Stored, forecast
from callout.reports.outlook import Forecast
from callout.settings import Settings
from callout.store import schema
from callout.store.store import Work
from tests.scenarios.field import COUNTY, Field


def foresee(field: Field, alert: Alert, run: str = "actual") -> Forecast:
    """What would become of the alert if it came in now; the county must be touched."""

    [county] = field.app.store.read(lambda work: work.rosters.counties())
    rulebook = field.app.rulebooks.get(COUNTY, county.rulebook)

    def look(work: Work) -> Forecast | None:
        _, roster = in_force(work, COUNTY)
        following = len(work.ledger.connection.execute(select(schema.alert.c.id)).all()) + 1
        stored = Stored(work.ledger.connection, roster, following, answer_code(following))
        templates = Templates(Settings().templates)
        looking = Looking(rulebook, templates, field.clock.now(), run, stored)
        return forecast(looking, alert)

    seen = field.app.store.read(look)
    assert seen is not None
    return seen
