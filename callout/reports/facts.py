"""What the conditions of rules would see of a message that nobody has kept yet."""

from dataclasses import asdict

from sqlalchemy import Connection

from callout.domain.alert import Alert
from callout.domain.area import County, Coverage
from callout.domain.conditions import Facts
from callout.domain.instant import Instant
from callout.domain.surroundings import surroundings, words_of
from callout.store.alerts import AlertRows
from callout.store.around import around
from callout.store.transaction import Ledger


def facts_of(db: Connection | None, county: County, alert: Alert, coverage: Coverage, now: Instant) -> Facts:
    """The facts as the plan stage would find them at `now`; without a database only what the message itself says."""
    info = alert.info
    text = words_of(info.headline, info.description, [asdict(area) for one in alert.infos for area in one.areas])
    if db is None:
        here = surroundings(county, coverage, text, {}, {})
    else:
        episode = AlertRows(Ledger(db, now)).episode_of(coverage, alert)
        here = around(db, county, coverage, (episode, text), now)
    return Facts(info.hazard, info.level, alert.sent, info.headline, here)
