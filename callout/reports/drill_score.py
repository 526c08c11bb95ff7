"""A drill scored against the plan's own limits: who answered in time, late or never, and what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from callout.domain.drill import TESTED, Drill, DrillState
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, SECOND, Instant, beijing, later
from callout.domain.ladder import Target
from callout.ports import Rulebooks
from callout.reports.course import limits
from callout.reports.effect import Effect, report
from callout.reports.effect_sheets import part_name
from callout.reports.gathering import Scope, alert_lines, due_pairs
from callout.reports.pairs import Pair
from callout.reports.parts import Change, Grouping, Limits, Part, change
from callout.reports.statistics import percent
from callout.reports.tables import Cell, Table
from callout.reports.words import LEVELS, TARGETS
from callout.store import schema
from callout.store.store import Work

IN_FIRST, IN_LADDER, LATE, NEVER = "第一步限时内", "阶梯限时内", "超时", "没有应答"
_SINCE: Instant = Instant(0)
_COUNTS = ("应叫", "已叫", "已应", "应答率", IN_FIRST, IN_LADDER, LATE, NEVER, "中位数秒", "P95秒")


@dataclass(frozen=True, slots=True)
class Person:
    """What one post did."""

    alert: int
    post: int
    title: str
    area: str
    level: str
    verdict: str
    took_s: int | None
    limit_s: int | None
    """The wait of the first step: how long the plan lets the person be silent."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Somebody whom the plan would have called, had they been listed."""

    post: str
    target: Target
    who: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Score:
    """One drill, scored."""

    drill: Drill
    listed: int
    whole: Effect
    people: Sequence[Person]
    beyond: Sequence[Beyond]
    last: Drill | None
    """The one before it in this county."""
    since_last: Change | None


def exercises(work: Work, county: str) -> list[Drill]:
    """The drills of a county, the newest first, without the tests of the line (线路自检): drills of one phone."""
    return [one for one in work.drills.held_in(county) if not one.name.startswith(TESTED)]


def score(db: Connection, rulebooks: Rulebooks, drill: Drill, last: Drill | None, listed: int) -> Score:
    """The score of a drill. Raises CalloutError where it called nobody."""
    whole = _effect(db, rulebooks, drill)
    if whole is None:
        raise CalloutError(f"演练“{drill.name}”还没有叫过人，没有可以评分的")
    before = _effect(db, rulebooks, last) if last else None
    return Score(
        drill,
        listed,
        whole,
        _people(db, rulebooks, drill),
        _beyond(db, drill),
        last if before else None,
        change(whole.whole, before.whole) if before else None,
    )


def _effect(db: Connection, rulebooks: Rulebooks, drill: Drill) -> Effect | None:
    until = later(drill.started_at or drill.begins, 366 * 24 * 60 * MINUTE)
    return next(iter(report(db, rulebooks, _SINCE, until, drill.county).effects), None)


def _people(db: Connection, rulebooks: Rulebooks, drill: Drill) -> list[Person]:
    scope = Scope(db, drill.county)
    lines = alert_lines(scope)
    pairs = due_pairs(scope, lines, rulebooks)
    waits = limits(db, drill.county, [line.alert for line in lines])
    d, ac = schema.duty, schema.alert_county
    rows = db.execute(
        select(ac.c.alert, d.c.post, d.c.title)
        .select_from(ac)
        .join(d, and_(d.c.county == ac.c.county, d.c.roster == ac.c.roster))
        .where(ac.c.county == drill.county)
    )
    titles = {(r.alert, r.post): r.title for r in rows}
    found = [_person(pair, titles.get(pair.key[1:], ""), waits.get(pair.key[1:])) for pair in pairs]
    return sorted(found, key=lambda one: (one.area, one.title, one.alert))


def _person(pair: Pair, title: str, waits: Limits | None) -> Person:
    took = None if pair.took is None else round(pair.took / SECOND)
    limit = round(waits.first / SECOND) if waits else None
    return Person(pair.line.alert, pair.post, title, pair.area, pair.level or "", _verdict(pair, waits), took, limit)


def _verdict(pair: Pair, waits: Limits | None) -> str:
    if pair.took is None or waits is None:
        return NEVER
    if pair.took <= waits.first:
        return IN_FIRST
    return IN_LADDER if pair.took <= waits.all else LATE


def _beyond(db: Connection, drill: Drill) -> list[Beyond]:
    b, d, p, x = schema.drill_beyond, schema.duty, schema.responder, schema.personal
    k = schema.county
    base = and_(k.c.county == drill.base)
    rows = db.execute(
        select(b, d.c.title, x.c.value.label("name"))
        .select_from(b)
        .join(k, base)
        .outerjoin(d, and_(d.c.county == k.c.county, d.c.roster == k.c.roster, d.c.post == b.c.post))
        .outerjoin(p, and_(p.c.county == k.c.county, p.c.roster == k.c.roster, p.c.id == b.c.responder))
        .outerjoin(x, x.c.commitment == p.c.name)
        .where(b.c.county == drill.county)
        .order_by(b.c.at, b.c.post, b.c.step)
    )
    return [Beyond(r.title or "", Target(r.target), r.name or "", Instant(r.at)) for r in rows]


def tables(it: Score, names: Mapping[str, str]) -> list[Table]:
    """The score as tables; `names`: area key → name."""
    whole, parts = it.whole.whole, it.whole.parts
    return [
        Table("总数", ("项目", "内容"), _summary(it, whole)),
        *(
            Table(along.zh, (along.zh, *_COUNTS), [
                (part_name(along, name, names), *_counts(one)) for name, one in parts[along].items()
            ])
            for along in (Grouping.LEVEL, Grouping.AREA, Grouping.ROLE)
        ),
        Table("各人", ("乡镇", "岗位", "级别", "结果", "用时秒", "第一步限时秒"), [
            (names.get(one.area, one.area), one.title, LEVELS.get(one.level, ""), one.verdict, one.took_s, one.limit_s)
            for one in it.people
        ]),
        Table("名单之外没有做的", ("时间", "为哪个岗位", "本应叫", "姓名"), [
            (beijing(one.at), one.post, TARGETS[one.target], one.who) for one in it.beyond
        ]),
    ]  # fmt: skip


def counted(one: Part) -> dict[str, Cell]:
    """The counts of a part by their names."""
    return dict(zip(_COUNTS, _counts(one), strict=True))


def _counts(one: Part) -> tuple[Cell, ...]:
    t = one.tally
    in_time, late = one.in_ladder - one.in_first, t.answered - one.in_ladder
    rate = percent(t.answered, t.due - t.informed, "—")
    return t.due, t.called, t.answered, rate, one.in_first, in_time, late, t.due - t.answered, t.median_s, t.p95_s


def _summary(it: Score, one: Part) -> list[tuple[Cell, ...]]:
    drill = it.drill
    depth = "，".join(f"{TARGETS[target]} {it.whole.course.depth.get(target, 0)}" for target in Target)
    against = "没有上一次可比"
    if it.last and it.since_last:
        low, high = (round(100 * each) for each in it.since_last.span)
        points = round(100 * it.since_last.by)
        against = f"与“{it.last.name}”比，应答率 {points:+d} 个百分点（95% 区间 {low:+d} 至 {high:+d}）"
    return [
        ("演练", f"【演练】{drill.name}（{drill.county}）"),
        ("决定人", drill.ordered_by),
        ("方式", ("事先通知" if drill.announced else "双盲") + ("，真实通道" if drill.live else "，模拟通道")),
        ("时间", f"{_at(drill.started_at)} 至 {_at(drill.ended_at)}"),
        ("怎样结束", drill.why or ("正在进行" if drill.state is DrillState.RUNNING else "")),
        ("名单上的号码", it.listed),
        *zip(_COUNTS, _counts(one), strict=True),
        ("升级深度（每个岗位叫到谁为止）", depth),
        ("名单之外没有打的", len(it.beyond)),
        ("抄送", "演练中一律不发"),
        ("和上一次比", against),
    ]


def _at(at: Instant | None) -> str:
    return beijing(at) if at else "—"


def markdown(title: str, them: Sequence[Table]) -> str:
    """The tables as Markdown."""
    lines = [f"# {title}", ""]
    for one in them:
        lines += [f"## {one.title}", "", _row(one.heads), _row(["---"] * len(one.heads))]
        lines += [*map(_row, one.rows), ""]
    return "\n".join(lines)


def _row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(("" if c is None else str(c)).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
