"""Charts of an analysis as SVG, drawn here and now: no script, no request, the same file from the same record."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from callout.domain.gauge import THOUSAND
from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.reports.effect import STEPS, Effect
from callout.reports.parts import Grouping
from callout.reports.thresholds import Verdict

WIDTH = 640
_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
COLOURS = {Level.BLUE: "#2f6fde", Level.YELLOW: "#d9a400", Level.ORANGE: "#e8710a", Level.RED: "#c5221f"}
INK, DONE, NOT = "#3c4043", "#188038", "#c5221f"
_OUTCOMES = [DONE, NOT, "#d9a400"]
_LINES = alt.Scale(domain=["现用", "可考虑"], range=[[1, 0], [4, 4]])
_VEGA_LITE = "6.1"
"""The grammar that both libraries speak."""


def places(effect: Effect, names: Sequence[tuple[str, str]]) -> str:
    """Answered and unanswered by township; `names`: area key and its name."""
    known = dict(names)
    rows = [
        {"乡镇": known.get(area, area), "情况": word, "岗次": many, "次序": order}
        for area, t in ((area, one.tally) for area, one in effect.parts[Grouping.AREA].items())
        for order, (word, many) in enumerate((("已应", t.answered), ("有叫未应", t.unreachable)))
        if many
    ]
    bars = chart(rows).mark_bar(size=12)
    return drawn(
        bars.encode(
            x=alt.X("岗次:Q", title="岗次", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("乡镇:N", title=None, sort=alt.EncodingSortField("岗次", "sum", "descending")),
            color=alt.Color("情况:N", title=None, scale=alt.Scale(domain=["已应", "有叫未应"], range=[DONE, NOT])),
            order=alt.Order("次序:Q"),
        ),
        "各乡镇应答情况",
    )


def spread(effect: Effect) -> str:
    """How long answers took."""
    edges = [edge // MINUTE for edge in STEPS]
    words = [f"≤{edge}分" for edge in edges] + [f">{edges[-1]}分"]
    rows = [{"用时": word, "岗次": many} for word, many in zip(words, effect.spread, strict=True)]
    base = chart(rows).encode(
        x=alt.X("用时:N", title="从开始叫到应答", sort=words, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("岗次:Q", title="岗次", axis=alt.Axis(tickMinStep=1)),
    )
    return drawn(base.mark_bar(color=DONE) + base.mark_text(dy=-6, color=INK).encode(text="岗次:Q"), "应答用时分布")


def trade_off(one: Verdict) -> str:
    """What other values of a threshold would have done; the full line is the one in force."""
    of, unit = one.threshold, one.threshold.quantity.unit
    counts = (("命中", "hits"), ("漏报", "misses"), ("空报", "empty"))
    rows = [
        {"值": each.milli / THOUSAND, "情况": word, "次数": getattr(each, name)}
        for each in one.curve
        for word, name in counts
    ]
    value = alt.X("值:Q", title=f"换成这个值（{unit}）", scale=alt.Scale(zero=False))
    lines = chart(rows).mark_line(point=True).encode(
        x=value,
        y=alt.Y("次数:Q", title="次数", axis=alt.Axis(tickMinStep=1, format="d")),
        color=alt.Color("情况:N", title=None, scale=alt.Scale(domain=[w for w, _ in counts], range=_OUTCOMES)),
    )  # fmt: skip
    marks = [{"值": one.now.milli / THOUSAND, "线": "现用"}]
    marks += [] if one.suggested is None else [{"值": one.suggested / THOUSAND, "线": "可考虑"}]
    rules = chart(marks).mark_rule(color=INK, size=1.5).encode(
        x=value, strokeDash=alt.StrokeDash("线:N", title=None, scale=_LINES)
    )  # fmt: skip
    return drawn(lines + rules, f"{of.place} {of.quantity} {of.hazard}{one.level.zh}：换一个值会怎样")


def chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """A chart of these rows, which travel inside it."""
    return alt.Chart(alt.InlineData(values=rows))


def drawn(drawing: alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart, title: str) -> str:
    """The drawing as SVG, in our width and font; one of several parts has its width in them."""
    wide = drawing if isinstance(drawing, (alt.VConcatChart, alt.HConcatChart)) else drawing.properties(width=WIDTH)
    whole = wide.properties(title=title).configure(font=_FONT).configure_view(strokeWidth=0)
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(), vl_version=_VEGA_LITE)
    return svg
