"""效能分析: how well a period was called, by process, place, role, channel and hour, and what stands out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from callout.domain.instant import MINUTE, Instant, Millis
from callout.domain.ladder import ChannelKind, is_night
from callout.domain.level import Level
from callout.ports import Rulebooks
from callout.reports.account import Tally, nearest_rank, tally
from callout.reports.course import Course, course, limits, plans
from callout.reports.findings import Finding, findings
from callout.reports.gathering import Scope, alert_lines, due_pairs
from callout.reports.pairs import AlertLine, Pair, Reason, lost_pairs, reason
from callout.reports.parts import Change, Grouping, Part, Parts, apart, change, part
from callout.reports.process import Process, processes
from callout.reports.thresholds import Verdict
from callout.store import schema

STEPS: tuple[Millis, ...] = tuple(minutes * MINUTE for minutes in (1, 2, 3, 5, 10, 20, 30))
"""Upper edges of the distribution of times to answer; the last class is open."""
MOST, HALF = 90, 50


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one warning went out, in seconds; None where it never did."""

    line: AlertLine
    counts: Tally
    first_ring_s: int | None
    """From our receipt of the warning to the first hand-over to a provider."""
    half_s: int | None
    most_s: int | None
    """From the opening of the callouts to 90 % of everybody due having answered."""


@dataclass(frozen=True, slots=True)
class Way:
    """What one channel did."""

    attempts: int
    sent: int
    unknown: int
    refused: int
    answered: int
    """Answers that came back on it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The analysis of one process."""

    process: Process
    per_alert: tuple[Speed, ...]
    parts: Parts
    whole: Part
    """All of it, beside the plan's limits and the last process as its parts are."""
    ways: Mapping[str, Way]
    spread: tuple[int, ...]
    """Answers by time taken: one count for each of STEPS, and the slower ones."""
    reasons: Mapping[Reason, int]
    course: Course
    answered_at: tuple[Instant, ...]
    """When each answer came."""
    before: "Effect | None" = None
    """The last process of the same kind of run, whether it lies in the period or not."""

    @property
    def total(self) -> Tally:
        """Its counts."""
        return self.whole.tally

    def changes(self, grouping: Grouping) -> Mapping[str, Change]:
        """What became of each part against the last process, where both had anybody to ask."""
        ours, theirs = self.parts[grouping], self.before.parts[grouping] if self.before else {}
        found = {name: change(one, theirs.get(name), len(ours)) for name, one in ours.items()}
        return {name: one for name, one in found.items() if one}

    @property
    def change(self) -> Change | None:
        """What became of the whole against the last process."""
        return change(self.whole, self.before.whole) if self.before else None


@dataclass(frozen=True, slots=True)
class Report:
    """All processes of a period, newest first, and what stands out in the whole of it."""

    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...]
    titles: Mapping[tuple[str, int], str]
    about: Mapping[str, str] = field(default_factory=dict)
    """What an export says of itself: when, under which seal."""
    judged: tuple[Verdict, ...] = ()
    """The thresholds that spoke in the period, or should have."""


def report(db: Connection, rulebooks: Rulebooks, since: Instant, until: Instant, county: str) -> Report:
    """What the record says about the warnings issued from `since` to before `until` in one county."""
    scope = Scope(db, county)
    lines = alert_lines(scope)
    wanted = [line for line in lines if since <= line.sent < until]
    pairs = due_pairs(scope, lines, rulebooks)
    chosen = {(line.county, line.alert) for line in wanted}
    ours, lost = [p for p in pairs if p.key[:2] in chosen], {p.key for p in lost_pairs(pairs)}
    roles, titles = _posts(db, county)
    facts = _Facts(_by_alert(pairs), lost, roles, plans(db, county), _rings(db, county), _ways(db, county))
    last = {one.run: one for one in processes(lines) if one.lines[-1].sent < since}
    effects = list[Effect]()
    for process in sorted(processes(wanted), key=lambda each: each.begins):
        earlier = [one for one in effects if one.process.run == process.run]
        before = earlier[-1] if earlier else _effect(db, last[process.run], facts) if process.run in last else None
        effects.append(replace(_effect(db, process, facts), before=before))
    said = findings([p for p in ours if p.line.run == "actual"], titles)
    return Report(tuple(reversed(effects)), tuple(said), titles)


@dataclass(frozen=True, slots=True)
class _Facts:
    pairs: Mapping[tuple[str, int], Sequence[Pair]]
    """By county and alert."""
    lost: set[tuple[str, int, int]]
    roles: Mapping[tuple[str, int], str]
    plans: Mapping[tuple[int, int], Sequence[str]]
    rings: Mapping[tuple[str, int], Instant]
    ways: Mapping[tuple[str, int], Mapping[str, Way]]

    def of(self, line: AlertLine) -> Sequence[Pair]:
        """Everybody due about one warning."""
        return self.pairs.get((line.county, line.alert), ())


def _by_alert(pairs: Iterable[Pair]) -> dict[tuple[str, int], list[Pair]]:
    groups: defaultdict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.key[:2]].append(pair)
    return groups


def _effect(db: Connection, process: Process, facts: _Facts) -> Effect:
    ours = [pair for line in process.lines for pair in facts.of(line)]
    alerts = [line.alert for line in process.lines]
    waits = limits(db, process.county, alerts)
    keys: Mapping[Grouping, Callable[[Pair], Iterable[str]]] = {
        Grouping.LEVEL: lambda pair: [pair.level or ""],
        Grouping.TIME: lambda pair: ["night" if is_night(pair.at) else "day"],
        Grouping.AREA: lambda pair: [pair.area],
        Grouping.ROLE: lambda pair: [facts.roles.get((pair.line.county, pair.post), "")],
        Grouping.PLAN: lambda pair: facts.plans.get(pair.key[1:], ()),
    }
    parts = {
        along: {name: part(some, facts.lost, waits) for name, some in apart(ours, of).items()}
        for along, of in keys.items()
    }
    parts[Grouping.LEVEL] = _in_order(parts[Grouping.LEVEL])
    reasons = Counter(reason(pair) for pair in ours if pair.unreachable)
    return Effect(
        process,
        tuple(_speed(line, facts) for line in process.lines),
        parts,
        part(ours, facts.lost, waits),
        _sum_ways(facts.ways.get(key, {}) for key in process.keys),
        spread(ours),
        {why: reasons[why] for why in Reason if reasons[why]},
        course(db, process.county, alerts),
        tuple(sorted(p.course.answered_at for p in ours if p.took is not None and p.course and p.course.answered_at)),
    )


def _in_order(levels: Mapping[str, Part]) -> dict[str, Part]:
    return {level: levels[level] for level in (*Level, "") if level in levels}


def _speed(line: AlertLine, facts: _Facts) -> Speed:
    own = facts.of(line)
    rung = facts.rings.get((line.county, line.alert))
    first = None if rung is None or line.received_at is None else (rung - line.received_at) // 1000
    return Speed(line, tally(own, facts.lost), first, share_answered(own, HALF), share_answered(own, MOST))


def share_answered(pairs: Sequence[Pair], percent: int) -> int | None:
    """Seconds after which that share of everybody due had answered; None where it never came so far."""
    return share_of(answer_times(pairs), len(pairs), percent)


def answer_times(pairs: Iterable[Pair]) -> list[Millis]:
    """How long each answer took, the quickest first."""
    return sorted(took for pair in pairs if (took := pair.took) is not None)


def share_of(times: Sequence[Millis], due: int, percent: int) -> int | None:
    """`share_answered` of so many pairs, from their `answer_times`."""
    needed = -(-due * percent // 100)
    return nearest_rank(times[:needed], 100) if 0 < needed <= len(times) else None


def spread(pairs: Iterable[Pair]) -> tuple[int, ...]:
    """How many answers took up to each of STEPS, and longer."""
    counts = [0] * (len(STEPS) + 1)
    for pair in pairs:
        if pair.took is not None:
            counts[next((n for n, edge in enumerate(STEPS) if pair.took <= edge), len(STEPS))] += 1
    return tuple(counts)


def _posts(db: Connection, county: str) -> tuple[dict[tuple[str, int], str], dict[tuple[str, int], str]]:
    """Role and title of every post that any roster version knew; the newest version wins."""
    d, v = schema.duty, schema.roster_version
    rows = db.execute(
        select(d.c.county, d.c.post, d.c.role, d.c.title)
        .join(v, (v.c.county == d.c.county) & (v.c.version == d.c.roster))
        .where(d.c.county == county)
        .order_by(v.c.loaded_at)
    ).all()
    return {(r.county, r.post): r.role for r in rows}, {(r.county, r.post): r.title for r in rows}


def _rings(db: Connection, county: str) -> dict[tuple[str, int], Instant]:
    t = schema.attempt
    rows = db.execute(
        select(t.c.county, t.c.alert, func.min(t.c.submitted_at).label("first"))
        .where(t.c.county == county, t.c.notice == "", t.c.submitted_at.is_not(None))
        .group_by(t.c.county, t.c.alert)
    )
    return {(r.county, r.alert): Instant(r.first) for r in rows}


def _ways(db: Connection, county: str) -> dict[tuple[str, int], dict[str, Way]]:
    t, g = schema.attempt, schema.answer
    rows = db.execute(
        select(t.c.county, t.c.alert, t.c.channel, t.c.state, func.count().label("many"))
        .where(t.c.county == county, t.c.notice == "")
        .group_by(t.c.county, t.c.alert, t.c.channel, t.c.state)
    ).all()
    back = db.execute(
        select(t.c.county, t.c.alert, t.c.channel, func.count().label("many"))
        .join(g, (g.c.county == t.c.county) & (g.c.attempt == t.c.id))
        .where(t.c.county == county, g.c.grade.in_(("acknowledged", "proxy")))
        .group_by(t.c.county, t.c.alert, t.c.channel)
    )
    answered = {(r.county, r.alert, r.channel): r.many for r in back}
    states: defaultdict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for r in rows:
        states[r.county, r.alert, r.channel][r.state] += r.many
    found: defaultdict[tuple[str, int], dict[str, Way]] = defaultdict(dict)
    for (where, alert, channel), s in states.items():
        back_here = answered.get((where, alert, channel), 0)
        found[where, alert][channel] = Way(s.total(), s["sent"], s["unknown"], s["refused"], back_here)
    return found


def _sum_ways(each: Iterable[Mapping[str, Way]]) -> dict[str, Way]:
    names = ("attempts", "sent", "unknown", "refused", "answered")
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ways in each:
        for channel, way in ways.items():
            sums[channel].update({name: getattr(way, name) for name in names})
    return {kind.value: Way(**{name: sums[kind][name] for name in names}) for kind in ChannelKind if kind in sums}
