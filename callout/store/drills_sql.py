"""What the store asks about drills, built once."""

from typing import Any

from sqlalchemy import and_, case, exists, func, literal, select

from callout.domain.callout import LIVE
from callout.domain.drill import DrillState, GivesWay
from callout.domain.intake import GOING_OUT, AlertState
from callout.store import schema
from callout.store.schema.columns import one_of, real

_D, _L = schema.drill, schema.drill_listed
_LAST_LANE = case(*[(_D.c.gives_way == way.value, literal(way.lane)) for way in GivesWay], else_=literal(-1))


def _overtaken() -> Any:
    a, ac = schema.alert, schema.alert_county
    going = one_of(ac.c.state, *GOING_OUT)
    came = and_(a.c.id == ac.c.alert, a.c.received_at >= _D.c.started_at, a.c.msg_type != "Cancel")
    return exists().where(ac.c.county == _D.c.base, going, ac.c.lane <= _LAST_LANE, came)


OVERTAKEN = select(_D.c.county).where(_D.c.state == DrillState.RUNNING.value, _overtaken())
"""Running drills that give way to a real warning which has come since they began."""
FIRST_OVERTAKEN = (
    select(func.min(_D.c.started_at)).select_from(_D).where(_D.c.state == DrillState.RUNNING.value, _overtaken())
)
FIRST_END = select(func.min(_D.c.ends)).where(_D.c.state == DrillState.RUNNING.value)


def select_going(base: str) -> Any:
    """Callouts of real warnings in a county that somebody still has to answer, or that are still to be opened."""
    c, ac = schema.callout, schema.alert_county
    live = select(c.c.alert).where(c.c.county == base, one_of(c.c.state, *LIVE), c.c.round == 0)
    opening = one_of(ac.c.state, AlertState.AWAITING, AlertState.RECEIVED, AlertState.PLANNING)
    return live.union_all(select(ac.c.alert).where(ac.c.county == base, opening))


def select_busy(county: str) -> Any:
    """Numbers on the list of a drill on which a real warning waits for an answer."""
    t, c, link = schema.attempt, schema.callout, schema.attempt_callout
    return (
        select(t.c.number)
        .join(_L, and_(_L.c.county == county, _L.c.number == t.c.number))
        .join(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id))
        .join(c, and_(*[c.c[n] == link.c[n] for n in schema.CALLOUT_KEY], one_of(c.c.state, *LIVE)))
        .where(real(t.c.county), t.c.notice == "")
    )
