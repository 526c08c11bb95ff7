"""What the objects of a 熔断 were told of it, and what they said of themselves."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from callout.domain.attempt import AttemptState
from callout.domain.instant import Instant
from callout.domain.stop_reply import StopWord
from callout.domain.stop_work import StopWorkState
from callout.reports.words import RECEIPTS
from callout.store import schema

_FAILED = frozenset({"busy", "no_reply", "rejected", "machine", "switched_off", "expired", "undelivered", "failed",
                     "filtered", "suppressed", "no_texts", "dead"})  # fmt: skip
_STATES = {
    AttemptState.SENT: "已发出",
    AttemptState.REFUSED: "通道拒收，没有发出",
    AttemptState.UNKNOWN: "结果不明",
    AttemptState.WITHDRAWN: "没有发出",
}


@dataclass(frozen=True, slots=True)
class Object:
    """One post at which work stops, and what it was told last."""

    post: int
    title: str
    told: str
    """In words; empty = nothing was sent."""
    reached: bool
    """A provider took it and has not said that it failed."""
    said: str = ""
    """What it answered last, in words; empty = nothing that is understood. Never the word from the site."""
    said_at: Instant | None = None
    stopped: bool | None = None
    """By its own word; None = it has not said."""


class _Post(NamedTuple):
    """A post with what was sent to it, by decision."""

    post: int
    title: str
    told: dict[int, list[Any]]
    said: dict[tuple[int, str, int], Any]
    """(alert, code, order) → its last word that says more than 收到, else its last."""


PostsTold = Mapping[tuple[str, str, str], list[_Post]]
"""(county, area, role) → its posts."""


def objects_of(row: Any, posts: PostsTold) -> tuple[Object, ...]:
    """The objects of one 熔断, whose columns `row` has: told of its end where it is lifted, else of the order."""
    number = row.ending if row.state == StopWorkState.LIFTED else row.ordering
    return tuple(_object(post, number, row) for post in posts.get((row.county, row.area, row.role), ()))


def _object(post: _Post, number: int, row: Any) -> Object:
    tries = post.told.get(number, []) if number else []
    own = post.said.get((row.alert, row.code, row.ordering))
    stopped = {StopWord.STOPPED: True, StopWord.NOT_STOPPED: False}
    said = (StopWord(own.word).zh, Instant(own.at), stopped.get(StopWord(own.word))) if own else ("", None, None)
    good = [one for one in tries if one.state == AttemptState.SENT and one.receipt not in _FAILED]
    best = next(iter(good or tries), None)
    if best is None:
        return Object(post.post, post.title, "", False, *said)
    word = RECEIPTS.get(best.receipt) or _STATES.get(best.state, "等发送")
    return Object(post.post, post.title, word, bool(good), *said)


def posts_told(db: Connection, counties: Collection[str]) -> PostsTold:
    """(county, area, role) → its posts by the roster in force."""
    d, k, o, t, s = schema.duty, schema.county, schema.notice, schema.attempt, schema.stop_work
    wanted = select(s.c.county, s.c.area, s.c.role).where(s.c.county.in_(counties)).distinct().subquery()
    posts = db.execute(
        select(d.c.county, d.c.area, d.c.role, d.c.post, d.c.title)
        .join(k, and_(k.c.county == d.c.county, k.c.roster == d.c.roster))
        .join(wanted, and_(wanted.c.county == d.c.county, wanted.c.area == d.c.area, wanted.c.role == d.c.role))
        .order_by(d.c.post)
    ).all()
    sent = db.execute(
        select(o.c.county, o.c.id, o.c.post, t.c.state, t.c.receipt)
        .outerjoin(t, and_(t.c.county == o.c.county, t.c.notice == o.c.id))
        .where(o.c.county.in_(counties), o.c.kind.in_(["stop_ordered", "stop_lifted"]))
    )
    told: defaultdict[tuple[str, int], dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in sent:
        told[row.county, row.post][int(row.id.split(":")[1])].append(row)
    said = _words(db, counties)
    found: defaultdict[tuple[str, str, str], list[_Post]] = defaultdict(list)
    for row in posts:
        own = row.county, row.post
        found[row.county, row.area, row.role].append(_Post(row.post, row.title, told[own], said[own]))
    return found


def _words(db: Connection, counties: Collection[str]) -> Mapping[tuple[str, int], dict[tuple[int, str, int], Any]]:
    w = schema.stop_word
    found: defaultdict[tuple[str, int], dict[tuple[int, str, int], Any]] = defaultdict(dict)
    for row in db.execute(select(w).where(w.c.county.in_(counties)).order_by(w.c.at, w.c.ref)):
        there, of = found[row.county, row.post], (row.alert, row.code, row.ordering)
        if row.word != StopWord.READ or of not in there:
            there[of] = row
    return found
