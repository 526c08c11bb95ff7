"""The analysis as tables: for a workbook."""

from collections.abc import Iterable, Mapping

from callout.domain.gauge import THOUSAND
from callout.domain.instant import MINUTE, beijing
from callout.domain.ladder import Target
from callout.reports import thresholds, words
from callout.reports.account import Tally
from callout.reports.course import NO_PRICES
from callout.reports.effect import STEPS, Effect, Report
from callout.reports.parts import Change, Grouping, Part
from callout.reports.statistics import percent
from callout.reports.tables import Cell, Table

_TALLY = ("应叫", "已叫", "叫应率", "已应", "应答率", "本人应答", "代答",
          "迟答", "升级", "有叫未应", "漏叫", "中位数秒", "P95秒")  # fmt: skip
_BESIDE = (
    "岗位数",
    "有限时",
    "第一步限时内",
    "阶梯限时内",
    "比上轮应答率（百分点）",
    "95%区间（按岗位数）",
    "超出偶然",
)
TIMES = {"day": "白天", "night": "夜间（22时至6时）"}


def sheets(it: Report, names: Mapping[str, str], prices: Mapping[str, int] = NO_PRICES) -> list[Table]:
    """Every table of the analysis, all processes below each other."""
    told: list[tuple[Cell, ...]] = [
        (n, names.get(f.about, f.about), f.text, f.mend) for n, f in enumerate(it.findings, 1)
    ]
    return [
        Table("建议", ("次序", "关于", "发现", "建议"), told),
        Table("总数", ("过程", "总数", *_TALLY, *_BESIDE), [_line(e, "本轮", e.whole, e.change) for e in it.effects]),
        *(
            Table(along.zh, ("过程", along.zh, *_TALLY, *_BESIDE), [*_lines(it.effects, along, names)])
            for along in Grouping
        ),
        _alerts(it),
        _ways(it),
        _bills(it, prices),
        _others(it),
        Table("阈值", thresholds.HEADS, [thresholds.as_row(one) for one in it.judged]),
        _curves(it),
    ]


def _curves(it: Report) -> Table:
    """What other values of each threshold would have done."""
    found: list[tuple[Cell, ...]] = [
        (one.threshold.place, one.threshold.quantity.value, one.threshold.hazard.value, one.level.zh,
         f"{each.milli / THOUSAND:g}", one.threshold.quantity.unit, each.hits, each.misses, each.empty)
        for one in it.judged
        for each in one.curve
    ]  # fmt: skip
    return Table("阈值曲线", ("乡镇", "阈值", "灾种", "级别", "换成", "单位", "命中", "漏报", "空报"), found)


def _of(effect: Effect) -> str:
    mark = "" if effect.process.run == "actual" else f"【{words.RUNS.get(effect.process.run, effect.process.run)}】"
    return mark + beijing(effect.process.begins, "%Y-%m-%d %H:%M")


def _lines(effects: Iterable[Effect], along: Grouping, names: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
    for effect in effects:
        changes = effect.changes(along)
        for name, one in effect.parts[along].items():
            yield _line(effect, part_name(along, name, names), one, changes.get(name))


def part_name(along: Grouping, name: str, names: Mapping[str, str]) -> str:
    """A part as people call it; `names`: area key → name."""
    known = {Grouping.LEVEL: words.LEVELS, Grouping.TIME: TIMES, Grouping.AREA: names}.get(along, {})
    return known.get(name, name) or "未定"


def _line(effect: Effect, name: str, one: Part, change: Change | None) -> tuple[Cell, ...]:
    return (_of(effect), name, *_tally(one.tally), one.posts, one.timed, one.in_first, one.in_ladder, *_change(change))


def _change(one: Change | None) -> tuple[Cell, ...]:
    """In points of percent."""
    if one is None:
        return None, None, None
    return points(one.by), f"{points(one.span[0])} 至 {points(one.span[1])}", "是" if one.certain else ""


def points(share: float) -> str:
    """A difference of shares: +3.1, −12.0."""
    return f"{share * 100:+.1f}".replace("-", "−")


def _tally(t: Tally) -> tuple[Cell, ...]:
    return (
        t.due, t.called, percent(t.called, t.due), t.answered, percent(t.answered, t.due - t.informed),
        t.answered_in_person, t.answered_by_another, t.late, t.escalated, t.unreachable, t.lost, t.median_s, t.p95_s,
    )  # fmt: skip


def _alerts(it: Report) -> Table:
    heads = ("过程", "预警", "灾种", "级别", "发布时间", "应叫", "已应", "应答率", "首呼秒", "半数已应秒", "九成已应秒")
    found: list[tuple[Cell, ...]] = [
        (_of(e), s.line.identifier, s.line.hazard or "未定", words.LEVELS.get(s.line.level or "", "未定"),
         beijing(s.line.sent), s.counts.due, s.counts.answered,
         percent(s.counts.answered, s.counts.due - s.counts.informed), s.first_ring_s, s.half_s, s.most_s)
        for e in it.effects
        for s in e.per_alert
    ]  # fmt: skip
    return Table("每条预警", heads, found)


def _ways(it: Report) -> Table:
    heads = ("过程", "通道", "次数", "已接收", "结果不明", "拒收", "带回应答")
    found: list[tuple[Cell, ...]] = [
        (_of(e), words.CHANNELS.get(name, name), w.attempts, w.sent, w.unknown, w.refused, w.answered)
        for e in it.effects
        for name, w in e.ways.items()
    ]
    return Table("通道", heads, found)


def _bills(it: Report, prices: Mapping[str, int]) -> Table:
    heads = ("过程", "通道", "次数", "计费条数（短信分条、电话一通一条）", "单价分", "费用分")
    found: list[tuple[Cell, ...]] = [
        (_of(e), name or "未记录", bill.attempts, bill.parts, prices.get(name), bill.fen(prices.get(name, 0)))
        for e in it.effects
        for name, bill in e.course.bills.items()
    ]
    return Table("费用", heads, found)


def _others(it: Report) -> Table:
    """Every further figure, one a line."""
    found: list[tuple[Cell, ...]] = []
    for e in it.effects:
        found += [(_of(e), *line) for line in _further(e)]
    return Table("其他", ("过程", "项目", "内容", "数"), found)


def _further(e: Effect) -> Iterable[tuple[str, str, Cell]]:
    edges = [f"{edge // MINUTE}分以内" for edge in STEPS] + [f"{STEPS[-1] // MINUTE}分以上"]
    yield from (("应答用时分布", edge, many) for edge, many in zip(edges, e.spread, strict=True))
    yield from (("有叫未应的原因", words.REASONS[why], many) for why, many in e.reasons.items())
    yield from (("最远叫到", words.TARGETS[target], e.course.depth[target]) for target in Target)
    yield from (("人工叫应", words.HUMAN_CALL_KINDS[kind], many) for kind, many in e.course.human_calls.items())
    yield "上门或当面", "岗次", e.course.doors
    for kind, t in e.course.feedback.items():
        yield from (
            ("反馈应报", kind.value, t.due),
            ("反馈已报", kind.value, t.given),
            ("反馈逾期", kind.value, t.overdue),
        )
