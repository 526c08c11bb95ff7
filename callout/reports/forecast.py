"""What would become of an alert in one county: the engine's own decisions and selections, and nothing written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from callout.domain.alert import Alert, MsgType
from callout.domain.area import Coverage
from callout.domain.callout import CalloutKey, CalloutState, lane_of
from callout.domain.conditions import Facts
from callout.domain.confirming import put_off
from callout.domain.foresight import climb, fresh_callout, rulings
from callout.domain.human_call import HumanCallKind
from callout.domain.instant import Instant
from callout.domain.intake import AlertState, judge, marked, validity
from callout.domain.ladder import ChannelKind, Ladder
from callout.domain.level import Level
from callout.domain.matching import match
from callout.domain.measures import measure_of
from callout.domain.moves import VACANT, PostView, Try, bundle
from callout.domain.roster import NumberKind, Roster
from callout.domain.rule import GapKind, Matching, Rulebook
from callout.domain.split import concerned
from callout.ports import Renderer
from callout.render.sms import parts
from callout.reports.facts import facts_of
from callout.reports.outlook import Ask, Called, Demand, Forecast, Owed, Rung, Stop
from callout.reports.sheets import mask_number
from callout.reports.turning import lifting, not_called
from callout.reports.unsent import Head, Link
from callout.store.due_posts import DuePost, due_posts
from callout.store.foreseen import Foreseen, foresee
from callout.store.outgoing import meaning_of, with_another
from callout.store.people import resolve_posts

_GAPS = {GapKind.NO_PLAN: HumanCallKind.NO_PLAN, GapKind.NO_RULE: HumanCallKind.NO_RULE}
_UNUSABLE = {"vacant": HumanCallKind.VACANT, "no_number": HumanCallKind.NO_NUMBER}


@dataclass(frozen=True, slots=True)
class Stored:
    """The database side: a reading connection, the roster in force, and what the next alert would be."""

    db: Connection
    roster: Roster
    alert: int
    """The id that the alert would get."""
    code: str


@dataclass(frozen=True, slots=True)
class Looking:
    """From where one looks ahead."""

    rulebook: Rulebook
    renderer: Renderer
    now: Instant
    run: str
    stored: Stored | None
    """None: no database, so rules only."""


def forecast(looking: Looking, alert: Alert) -> Forecast | None:
    """What would become of `alert` if it came in now; None where it does not touch the county."""
    coverage = next(iter(concerned([looking.rulebook.county], alert)), None)
    if coverage is None:
        return None
    expires, assumed = validity(alert, looking.now, looking.rulebook.county.validity)
    judged = judge(alert, coverage, expires, looking.now)
    verdict = put_off(judged, (alert, coverage), expires, looking.now, looking.rulebook.county.confirm)
    db = looking.stored.db if looking.stored else None
    facts = facts_of(db, looking.rulebook.county, alert, coverage, looking.now)
    asks = tuple(Ask(kind, "", note) for kind, note in verdict.work)
    empty = Forecast(
        county=looking.rulebook.county.name,
        state=judged.state,
        confirm_by=verdict.confirm_by,
        areas=_areas(looking.rulebook, coverage),
        covered=tuple(sorted(coverage.areas)),
        expires=expires,
        assumed=assumed,
        marks=marked(alert, looking.now, [looking.rulebook.county]).marks,
        rulebook=looking.rulebook.version,
        roster=looking.stored.roster.version if looking.stored else "",
        asks=asks,
        rulings=rulings(looking.rulebook, facts, alert.sent, coverage),
        demands=(),
        called=(),
        stops=(),
        feedback=(),
    )
    if judged.state is not AlertState.RECEIVED:
        return empty
    night = _Night(looking, (alert, facts), expires, coverage)
    return night.lift(empty) if alert.msg_type is MsgType.CANCEL else night.fill(empty)


def _areas(rulebook: Rulebook, coverage: Coverage) -> tuple[str, ...]:
    return tuple(t.name for t in rulebook.county.townships if t.key in coverage.areas)


class _Night:
    """The calls that would follow if nobody answered."""

    def __init__(
        self, looking: Looking, said: tuple[Alert, Facts], expires: Instant | None, coverage: Coverage
    ) -> None:
        self._looking = looking
        self._coverage = coverage
        self._alert, self._facts = said
        self._expires = expires
        self._book = looking.rulebook
        self._measures = {rule.id: rule.measure for rule in looking.rulebook.rules}
        county = looking.rulebook.county
        self._places = {county.key: county.name, **{t.key: t.name for t in county.townships}}
        roster = looking.stored.roster if looking.stored else Roster("", "", (), ())
        names = {p.id: p.name for p in roster.responders}
        self._holders = {p.id: names.get(p.holder, "") if p.holder is not None else "" for p in roster.posts}
        self._told: set[int] = set()

    def lift(self, empty: Forecast) -> Forecast:
        """The forecast of an all-clear: the rules demand nothing."""
        stored = self._looking.stored
        earlier = lifting(self._foreseen(stored)) if stored else ()
        return replace(empty, rulings=(), earlier=tuple(earlier), lifts=True)

    def _foreseen(self, stored: Stored) -> Foreseen:
        return foresee(stored.db, self._alert, self._coverage, self._looking.now, self._expires)

    def fill(self, empty: Forecast) -> Forecast:
        """The forecast with everything that follows from the rules and the roster."""
        found = match(self._book, self._facts, self._coverage)
        due, earlier = self._begin(self._due(found))
        owed = self._owed(found, due)
        gaps = [Ask(_GAPS[gap.kind], self._places.get(gap.area, gap.area)) for gap in found.gaps]
        gaps += [Ask(_UNUSABLE[d.unusable], d.title) for d in due or () if d.unusable]
        return replace(
            empty,
            asks=(*empty.asks, *gaps),
            demands=tuple(self._demands(found, due)),
            called=self._called(due, {m.ladder.id: m.ladder for m in found.matches}, owed),
            stops=tuple(self._stops(found)),
            feedback=owed,
            earlier=earlier,
        )

    def _begin(self, due: list[DuePost] | None) -> tuple[list[DuePost] | None, tuple[str, ...]]:
        """Those due posts for which a ladder would be opened, and what becomes of the others."""
        stored = self._looking.stored
        if due is None or stored is None:
            return due, ()
        foreseen = self._foreseen(stored)
        begins = [foreseen.begins(one.post, one.area) for one in due]
        called = [one for one, state in zip(due, begins, strict=True) if state is CalloutState.TO_CALL]
        return called, not_called(begins)

    def _due(self, found: Matching) -> list[DuePost] | None:
        stored = self._looking.stored
        return due_posts(stored.db, self._book.county.code, stored.roster.version, found.matches) if stored else None

    def _demands(self, found: Matching, due: Sequence[DuePost] | None) -> list[Demand]:
        posts = Counter((one.area, one.role) for one in due or ())
        return [
            Demand(
                self._places.get(m.area, m.area),
                m.role,
                m.ladder.name,
                m.rule_ids,
                None if due is None else posts[m.area, m.role],
            )
            for m in found.matches
        ]

    def _owed(self, found: Matching, due: Sequence[DuePost] | None) -> tuple[Owed, ...]:
        """As after an answer: only who is called can answer, and owes."""
        posts = Counter((one.area, one.role) for one in due or ())
        asked = {(m.area, m.role) for m in found.matches}
        return tuple(
            Owed(
                self._places.get(d.area, d.area),
                d.role,
                d.kind,
                d.within,
                d.rule_id,
                None if due is None else posts[d.area, d.role],
            )
            for d in found.feedback
            if (posts[d.area, d.role] if due is not None else (d.area, d.role) in asked)
        )

    def _stops(self, found: Matching) -> list[Stop]:
        """As the plan stage: where the roster has no object, nothing is proposed."""
        stored = self._looking.stored
        objects = Counter((post.area, post.role) for post in (stored.roster.posts if stored else ()))
        return [
            Stop(self._places.get(p.area, p.area), p.code, p.role, p.rule_id, p.measure, many)
            for p in found.proposals
            if (many := objects[p.area, p.role] if stored else None) != 0
        ]

    def _called(
        self, due: Sequence[DuePost] | None, ladders: Mapping[str, Ladder], owed: Sequence[Owed]
    ) -> tuple[Called, ...]:
        stored = self._looking.stored
        if not stored or due is None:
            return ()
        code, now = self._book.county.code, self._looking.now
        views = resolve_posts(stored.db, [(code, d.post) for d in due], now)
        climbs = {
            d.post: self._climb(d, ladders[d.ladder], views.get((code, d.post), VACANT), stored.alert) for d in due
        }
        numbers = {(one.number.id, stored.alert) for steps in climbs.values() for _, one in steps}
        self._told = with_another(stored.db, sorted(numbers), now)
        first = self._first_texts([steps[0][1] for steps in climbs.values() if steps], {d.post: d for d in due})
        return tuple(
            Called(
                post=d.post,
                area=self._places.get(d.area, d.area),
                role=d.role,
                title=d.title,
                holder=_holder(views.get((code, d.post), VACANT)),
                ladder=ladders[d.ladder].name,
                rules=d.rules,
                unusable=d.unusable,
                rungs=tuple(
                    self._rung(at, one, first[d.post] if nth == 0 else self._text(at, [one], {d.post: d}))
                    for nth, (at, one) in enumerate(climbs[d.post])
                ),
                owes=tuple(o for o in owed if (o.area, o.role) == (self._places.get(d.area, d.area), d.role)),
            )
            for d in due
        )

    def _climb(self, due: DuePost, ladder: Ladder, view: PostView, alert: int) -> list[tuple[Instant, Try]]:
        key = CalloutKey(self._book.county.code, alert, due.post, 0)
        now = self._looking.now
        opened = fresh_callout(key, self._level(due), ladder, now, self._expires)
        return list(climb(opened, ladder, view, now))

    def _first_texts(self, tries: Sequence[Try], due: Mapping[int, DuePost]) -> dict[int, str]:
        """What is said first: posts that the same number answers for are told in one message, as the sender does."""
        texts: dict[int, str] = {}
        for _, group in bundle(tries, map(str, range(len(tries)))):
            text = self._text(self._looking.now, sorted(group, key=lambda t: t.callout.key.post), due)
            texts |= {one.callout.key.post: text for one in group}
        return texts

    def _text(self, at: Instant, tries: Sequence[Try], due: Mapping[int, DuePost]) -> str:
        first, info, stored = tries[0], self._alert.info, self._looking.stored
        posts = [due[one.callout.key.post] for one in tries]
        links = [self._link(one) for one in posts]
        head = Head(
            county_name=self._book.county.name,
            alert=stored.alert if stored else 1,
            hazard=info.hazard or "",
            level=info.level or "",
            headline=info.headline,
            instruction=info.instruction,
            code=stored.code if stored else "",
            claimed_at=at,
            sent=self._alert.sent,
            received_at=self._looking.now,
            expires=info.expires,
            expires_at=self._expires,
            target=first.target,
            run=self._looking.run,
        )
        several = first.channel is ChannelKind.SMS and first.number.id in self._told
        return self._looking.renderer.call(meaning_of(head, links, several=several), first.channel)

    def _link(self, due: DuePost) -> Link:
        measure = measure_of(due.rules, self._measures)
        return Link(due.title, self._holders.get(due.post, ""), measure, lane_of(self._level(due)))

    def _level(self, due: DuePost) -> Level:
        """The level where the post is, which may not be the highest of the message."""
        return self._coverage.levels.get(due.area, self._alert.info.level) or Level.RED

    def _rung(self, at: Instant, one: Try, text: str) -> Rung:
        landline = one.number.kind is NumberKind.LANDLINE
        costs = parts(text) if one.channel is ChannelKind.SMS else 0
        return Rung(at, one.target, one.channel, one.person.name, mask_number(one.number.e164), landline, text, costs)


def _holder(view: PostView) -> str:
    return view.holder.name if view.holder else ""
