"""Copies of the end of a warning: who is to be told, and when everybody who was called has been."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, select

from callout.domain.alert import MsgType
from callout.domain.broadcast import START, Audience, Copy, CopyKey, CopyState
from callout.domain.instant import Instant, later
from callout.domain.intake import AlertState
from callout.domain.lifting_copy import HOLDS, liftings
from callout.domain.meaning import NoticeKind
from callout.store import schema
from callout.store.episodes import EpisodeKey, standing_in

_B, _A, _AC, _O = schema.broadcast, schema.alert, schema.alert_county, schema.notice
_HEARD = (CopyState.SENDING, CopyState.SENT, CopyState.ACKNOWLEDGED, CopyState.UNKNOWN)
"""States of a copy that somebody may have heard."""


def missing_liftings(db: Connection, now: Instant, audiences: Sequence[Audience]) -> list[Copy]:
    """A copy of each Cancel that was carried out of late, for each audience that got what it ended."""
    carried_out = (
        select(_AC.c.county, _AC.c.episode, _AC.c.alert, _A.c.run)
        .join(_A, _A.c.id == _AC.c.alert)
        .where(
            _AC.c.state == AlertState.CARRIED_OUT,
            _A.c.msg_type == MsgType.CANCEL.value,
            _A.c.received_at > later(now, -HOLDS),
        )
    )
    cancels = {(r.county, r.alert): r for r in db.execute(carried_out)}
    if not cancels:
        return []
    episodes: set[EpisodeKey] = {(r.county, r.episode) for r in cancels.values()}
    got, known = _got(db, episodes, [one.name for one in audiences])
    by_name = {one.name: one for one in audiences}
    found = []
    for (county, episode), (_, said) in standing_in(db, episodes).items():
        for one in liftings(said, got[county, episode]):
            cancel, key = cancels.get((county, one.cancel)), CopyKey(county, one.cancel, one.endpoint)
            audience = by_name[one.endpoint]
            if cancel and key not in known and (not audience.real or cancel.run == "actual"):
                found.append(Copy(key, START, later(now, HOLDS), 0))
    return found


def _got(
    db: Connection, episodes: set[EpisodeKey], endpoints: Sequence[str]
) -> tuple[dict[EpisodeKey, dict[str, list[int]]], set[CopyKey]]:
    """By episode and endpoint what may have been heard of it, words of its end that wait included; and all keys."""
    rows = db.execute(
        select(_B.c.county, _B.c.alert, _B.c.endpoint, _B.c.state, _AC.c.episode, _A.c.msg_type)
        .join(_AC, and_(_AC.c.county == _B.c.county, _AC.c.alert == _B.c.alert))
        .join(_A, _A.c.id == _B.c.alert)
        .where(_AC.c.episode.in_({episode for _, episode in episodes}), _B.c.endpoint.in_(list(endpoints)))
    )
    got: dict[EpisodeKey, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    known = set()
    for row in rows:
        known.add(CopyKey(row.county, row.alert, row.endpoint))
        if row.msg_type == MsgType.CANCEL or row.state in _HEARD:
            got[row.county, row.episode][row.endpoint].append(row.alert)
    return got, known


def telling(now: Instant) -> ColumnElement[bool]:
    """Whether people who were called are still to be told of the end that a copy speaks of."""
    return (
        select(_O.c.id)
        .where(
            schema.notice_to_send,
            _O.c.county == _B.c.county,
            _O.c.alert == _B.c.alert,
            _O.c.kind == NoticeKind.ALL_CLEAR.value,
            _O.c.next_at <= now,
        )
        .exists()
    )


def ended_lane() -> ColumnElement[int]:
    """The lane of the highest level of the episode that has ended."""
    other = _AC.alias("other")
    ended = [AlertState.LIFTED.value, AlertState.OVER.value]
    return (
        select(func.min(other.c.lane))
        .where(other.c.county == _AC.c.county, other.c.episode == _AC.c.episode, other.c.state.in_(ended))
        .correlate(_AC)
        .scalar_subquery()
    )


def ended_for(db: Connection, county: str, cancel: int, endpoint: str) -> tuple[tuple[CopyKey, Instant], ...]:
    """What this endpoint may have got of the episode that the Cancel ended, oldest first."""
    of = _AC.alias("of")
    rows = db.execute(
        select(_B.c.alert, _A.c.sent)
        .join(_AC, and_(_AC.c.county == _B.c.county, _AC.c.alert == _B.c.alert))
        .join(_A, _A.c.id == _B.c.alert)
        .join(of, and_(of.c.county == _B.c.county, of.c.alert == cancel, of.c.episode == _AC.c.episode))
        .where(
            _B.c.county == county,
            _B.c.endpoint == endpoint,
            _B.c.state.in_(_HEARD),
            _A.c.msg_type != MsgType.CANCEL.value,
        )
        .order_by(_A.c.sent, _B.c.alert)
    )
    return tuple((CopyKey(county, row.alert, endpoint), Instant(row.sent)) for row in rows)
