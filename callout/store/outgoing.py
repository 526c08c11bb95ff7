"""Everything a claimed attempt needs to become words: read from the rows, so that a restart reads the same."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, func, or_, select

from callout.domain.answer import answer_code
from callout.domain.attempt import Attempt, AttemptState
from callout.domain.callout import LIVE, CalloutKey, level_of
from callout.domain.drill import DRILL, REMEMBERED
from callout.domain.episode import Turn
from callout.domain.headline import issuer
from callout.domain.instant import Instant
from callout.domain.intake import late
from callout.domain.ladder import ChannelKind, Target
from callout.domain.level import Level
from callout.domain.made_often import words
from callout.domain.meaning import DrillWords, Meaning, MessageKind, NoticeKind, StopWords
from callout.ports import Outgoing
from callout.store import schema
from callout.store.batch import fenced, packed, row_source
from callout.store.prepared import fetch
from callout.store.remaining import PhoneKey, Remaining, remaining
from callout.store.schema import CALLOUT_KEY
from callout.store.schema.columns import one_of, real

_issuer = lru_cache(64)(issuer)
_TARGETS, _CHANNELS, _STATES = words(Target), words(ChannelKind), words(AttemptState)
_OF_ATTEMPT = (
    *("county", "id", "alert", "notice", "target", "channel", "number", "responder", "repeated", "state", "rev"),
    *("wait", "provider", "claimed_at", "instead"),
)
_KIND: Mapping[str, MessageKind] = {
    Target.HOLDER: MessageKind.CALL,
    Target.DEPUTY: MessageKind.DEPUTY,
    Target.SUPERIOR: MessageKind.SUPERIOR,
}


def load_outgoing(db: Connection, keys: Iterable[tuple[str, str]], now: Instant) -> list[Outgoing]:
    """The attempts with these (county, id) keys, in that order, with everything their words need at `now`."""
    wanted = list(keys)
    if not wanted:
        return []
    dialect = db.dialect.name
    heads = {(r.county, r.id): r for r in fetch(db, _select_heads(dialect), packed(wanted))}
    links: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in fetch(db, _select_links(dialect), packed(wanted)):
        links[row.county, row.attempt].append(row)
    # A ladder may speak another alert's words: what counts as one warning is the callout's own alert.
    texts = ((heads[key].number, own[0].alert) for key, own in links.items() if heads[key].channel == ChannelKind.SMS)
    several = with_another(db, texts, now)
    ended = [(h.county, h.number) for h in heads.values() if h.notice_kind == NoticeKind.ALL_CLEAR]
    left = remaining(db, ended, now)
    outgoing = [_outgoing(heads[key], links[key], several) for key in wanted]
    return [_listing(one, left) for one in outgoing]


def _listing(one: Outgoing, left: Mapping[PhoneKey, Remaining]) -> Outgoing:
    """An all-clear with what still holds for this phone."""
    rest = left.get((one.attempt.county, one.attempt.number))
    if one.notice is not NoticeKind.ALL_CLEAR or rest is None:
        return one
    return replace(one, meaning=replace(one.meaning, **asdict(rest)))


def with_another(db: Connection, texts: Iterable[tuple[int, int]], now: Instant) -> set[int]:
    """Those of the (number, alert) texts whose number was told of another alert that is still open: it needs a code.

    So is a drill that was not answered, even when it is over: for a while a bare answer may be meant for it.
    """
    some = list(texts)
    if not some:
        return set()
    values = packed(some) | {"since": now - REMEMBERED}
    return {r.number for r in fetch(db, _select_several(db.dialect.name), values)}


@cache
def _select_heads(dialect: str) -> Select[Any]:
    """Alert 0 (a ring of the desk about a document that nobody can read) has no rows of its own."""
    t, a, k, n, x = schema.attempt, schema.alert, schema.county, schema.number, schema.personal
    ac, o, rv = schema.alert_county, schema.notice, schema.roster_version
    v = row_source(dialect, t.c.county, t.c.id)
    return (
        select(
            *[t.c[name] for name in _OF_ATTEMPT],
            a.c.hazard,
            a.c.level,
            a.c.headline,
            a.c.sent,
            a.c.received_at,
            a.c.sender,
            a.c.instruction,
            a.c.code,
            a.c.expires,
            func.coalesce(a.c.run, rv.c.run, case((~real(t.c.county), DRILL))).label("run"),
            ac.c.expires_at,
            k.c.name.label("county_name"),
            x.c.value.label("e164"),
            o.c.detail.label("notice_detail"),
            o.c.kind.label("notice_kind"),
            o.c.expires_at.label("notice_ends"),
        )
        .select_from(v)
        .join(t, and_(t.c.county == v.c.county, t.c.id == v.c.id))
        .join(k, k.c.county == t.c.county)
        .outerjoin(a, a.c.id == t.c.alert)
        .outerjoin(ac, and_(ac.c.county == t.c.county, ac.c.alert == t.c.alert))
        .outerjoin(rv, and_(rv.c.county == k.c.county, rv.c.version == k.c.roster))
        .outerjoin(n, n.c.id == t.c.number)
        .outerjoin(x, x.c.commitment == n.c.commitment)
        .outerjoin(o, and_(o.c.county == t.c.county, o.c.id == t.c.notice))
    )


@cache
def _select_links(dialect: str) -> Select[Any]:
    link, c, d, ac, m, p, x, k = (
        schema.attempt_callout,
        schema.callout,
        schema.duty,
        schema.alert_county,
        schema.rule_match,
        schema.responder,
        schema.personal,
        schema.county,
    )
    # An alert that a human must look at first was not matched to a roster.
    roster = func.coalesce(func.nullif(ac.c.roster, ""), k.c.roster)
    v = row_source(dialect, link.c.county, link.c.attempt)
    own = (
        select(link, c.c.lane, roster.label("roster"))
        .select_from(v)
        .join(link, and_(link.c.county == v.c.county, link.c.attempt == v.c.attempt))
        .join(c, and_(*[c.c[n] == link.c[n] for n in CALLOUT_KEY]))
        .join(k, k.c.county == link.c.county)
        .outerjoin(ac, and_(ac.c.county == link.c.county, ac.c.alert == link.c.alert))
    )
    # Unfenced, PostgreSQL looks for the post in every roster that there is.
    i = fenced(dialect, own).subquery("own")
    return (
        select(i, d.c.title, m.c.measure, x.c.value.label("name"))
        .outerjoin(d, and_(d.c.county == i.c.county, d.c.roster == i.c.roster, d.c.post == i.c.post))
        .outerjoin(
            m, and_(m.c.county == i.c.county, m.c.alert == i.c.alert, m.c.area == d.c.area, m.c.role == d.c.role)
        )
        .outerjoin(p, and_(p.c.county == i.c.county, p.c.roster == i.c.roster, p.c.id == d.c.holder))
        .outerjoin(x, x.c.commitment == p.c.name)
        .order_by(i.c.county, i.c.attempt, i.c.post)
    )


@cache
def _select_several(dialect: str) -> Select[Any]:
    """Numbers that were sent another alert which is still open: only these need an answer code."""
    t, link, c = schema.attempt, schema.attempt_callout, schema.callout
    v = row_source(dialect, t.c.number, t.c.alert)
    unanswered_drill = and_(~real(c.c.county), c.c.grade == "")
    return (
        select(t.c.number)
        .distinct()
        .select_from(v)
        .join(t, t.c.number == v.c.number)
        .join(link, and_(link.c.county == t.c.county, link.c.attempt == t.c.id, link.c.alert != v.c.alert))
        .join(c, and_(*[c.c[n] == link.c[n] for n in CALLOUT_KEY]))
        .where(or_(one_of(c.c.state, *LIVE), and_(unanswered_drill, t.c.claimed_at > bindparam("since"))))
    )


def _outgoing(head: Any, links: Sequence[Any], several: set[int]) -> Outgoing:
    keys = tuple(CalloutKey(r.county, r.alert, r.post, r.round) for r in links)
    target = _TARGETS[head.target]
    attempt = Attempt(
        head.county,
        head.id,
        head.alert,
        keys,
        head.notice,
        target,
        _CHANNELS[head.channel],
        head.number,
        head.responder,
        bool(head.repeated),
        _STATES[head.state],
        head.rev,
        head.wait,
        head.provider,
        head.claimed_at,
        head.instead,
    )
    notice = NoticeKind(head.notice_kind) if head.notice else None
    meaning = meaning_of(head, links, several=head.number in several)
    # Work for the desk and most notices outlive the alert: a gateway must not drop them because it has ended.
    ends = head.notice_ends if notice else None if meaning.kind is MessageKind.DESK else head.expires_at
    return Outgoing(attempt, head.e164 or "", meaning, ends, notice)


def meaning_of(head: Any, links: Sequence[Any], *, several: bool) -> Meaning:
    """What an attempt must say; `head` and `links` have the columns selected above.

    `several`: its number was told of another alert that is open.
    """
    titles = tuple(r.title for r in links if r.title)
    names = tuple(f"{r.title}（{r.name}）" if r.name else r.title for r in links if r.title)
    desk = any(r.round > 0 for r in links)
    told = json.loads(head.notice_detail) if head.notice else {}
    silent = () if head.target == Target.HOLDER else names
    return Meaning(
        county=head.county_name,
        hazard=head.hazard or ("未知灾种" if head.alert else ""),
        level=_level(head, links, told),
        area=head.county_name,
        issued_at=head.claimed_at if head.sent is None else head.sent,
        # A validity that was only assumed (推定) is not told to people as the issuer's word.
        expires_at=None if head.expires is None else head.expires_at,
        measure=next((r.measure for r in links if r.measure), head.instruction or ""),
        issuer=_issuer(head.headline or ""),
        titles=tuple(told.get("titles", titles)),
        silent=tuple(told.get("silent", silent)),
        code=(head.code or answer_code(0)) if several or head.notice else "",
        rest=tuple(told.get("rest", ())),
        kind=MessageKind.DESK if desk else _KIND[head.target],
        run=head.run,
        wanted=tuple(told.get("wanted", ())),
        tested=bool(told.get("tested")),
        due_at=told.get("due_at"),
        possibly_repeated=bool(head.repeated),
        late=not head.notice and head.sent is not None and late(head.sent, head.received_at),
        stop=StopWords(**told.get("stop", {})),
        drill=DrillWords(**told.get("drill", {})),
        lowered=told.get("turn") == Turn.DOWNGRADE,
    )


def _level(head: Any, links: Sequence[Any], told: Mapping[str, Any]) -> Level | None:
    """The level where these people are, which may not be the highest of the message; of several, the highest."""
    lanes = [told["lane"]] if "lane" in told else [r.lane for r in links if r.round == 0]
    if lanes:
        return level_of(min(lanes))
    return Level(head.level) if head.level else None
