"""The statements of the board: counts of callouts, and their timers, grouped in the database."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, select

from callout.domain.attempt import AttemptState
from callout.domain.callout import CalloutState
from callout.domain.user import Scope
from callout.reports.desk_list import within
from callout.store import schema


def select_tallies(scope: Scope, alerts: Collection[int]) -> Select[Any]:
    """Callouts by alert, area, lane, state and whether a provider took an attempt.

    A callout that an earlier one goes on for stands as that one does, two steps far: no storm has needed more.
    """
    c, d, ac = schema.callout, schema.duty, schema.alert_county
    one, two = c.alias("one"), c.alias("two")
    own = case((c.c.state == CalloutState.INFORMED, 0), else_=c.c.carried_by)
    source = (
        c.join(ac, and_(ac.c.county == c.c.county, ac.c.alert == c.c.alert))
        .join(d, and_(d.c.county == c.c.county, d.c.roster == ac.c.roster, d.c.post == c.c.post))
        .outerjoin(one, _same_post(one, c, own))
        .outerjoin(two, _same_post(two, c, one.c.carried_by))
    )
    called = exists(_sent(c, func.coalesce(two.c.alert, one.c.alert, c.c.alert)))
    each = (
        select(
            c.c.county,
            c.c.alert,
            d.c.area,
            c.c.lane,
            func.coalesce(two.c.state, one.c.state, c.c.state).label("state"),
            case((called, 1), else_=0).label("called"),
        )
        .select_from(source)
        .where(c.c.round == 0, c.c.alert.in_(alerts), within(scope, c.c.county, d.c.area, d.c.role))
        .subquery()
    )
    return select(each, func.count().label("many")).group_by(*each.columns)


def _same_post(other: Any, c: Any, alert: Any) -> Any:
    return and_(other.c.county == c.c.county, other.c.alert == alert, other.c.post == c.c.post, other.c.round == 0)


def _sent(c: Any, alert: Any) -> Select[Any]:
    t, link = schema.attempt, schema.attempt_callout
    return (
        select(t.c.id)
        .join(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id))
        .where(
            link.c.county == c.c.county,
            link.c.alert == alert,
            link.c.post == c.c.post,
            link.c.round == 0,
            t.c.state == AttemptState.SENT,
        )
        .correlate_except(t, link)
    )


def select_timers(scope: Scope, alerts: Collection[int]) -> Select[Any]:
    """Ladders that run, by alert, ladder, step and state: the first and the last time at which a step is due."""
    c, d, ac = schema.callout, schema.duty, schema.alert_county
    here = and_(d.c.county == c.c.county, d.c.roster == ac.c.roster, d.c.post == c.c.post)
    return (
        select(
            *(c.c.county, c.c.alert, c.c.ladder, c.c.step, c.c.state),
            func.min(c.c.next_at).label("first"),
            func.max(c.c.next_at).label("last"),
            func.count().label("many"),
        )
        .join(ac, and_(ac.c.county == c.c.county, ac.c.alert == c.c.alert))
        .join(d, here)
        .where(c.c.round == 0, c.c.alert.in_(alerts), c.c.next_at.is_not(None))
        .where(within(scope, c.c.county, d.c.area, d.c.role))
        .group_by(c.c.county, c.c.alert, c.c.ladder, c.c.step, c.c.state)
    )
