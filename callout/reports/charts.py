"""Charts of an analysis as SVG, drawn here and now: no script, no request, the same file from the same record."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from callout.domain.instant import MINUTE, beijing
from callout.domain.level import Level
from callout.reports.effect import STEPS, Effect
from callout.reports.process import ends
from callout.reports.words import LEVELS

WIDTH = 640
_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
_COLOURS = {Level.BLUE: "#2f6fde", Level.YELLOW: "#d9a400", Level.ORANGE: "#e8710a", Level.RED: "#c5221f"}
_INK, _DONE, _NOT = "#3c4043", "#188038", "#c5221f"
_VEGA_LITE = "6.1"
"""The grammar that both libraries speak."""


def storm(effect: Effect) -> str:
    """Every warning of the process from its issue to its end, on one line of time."""
    rows = [
        {
            "预警": f"{line.hazard or '未定'}{LEVELS.get(line.level or '', '')} {beijing(line.sent, '%m-%d %H:%M')}",
            "起": beijing(line.sent, "%Y-%m-%dT%H:%M:%S"),
            "止": beijing(ends(line), "%Y-%m-%dT%H:%M:%S"),
            "级别": _COLOURS.get(line.level, _INK) if line.level else _INK,
        }
        for line in effect.process.lines
    ]
    bars = _chart(rows).mark_bar(size=14)
    return drawn(
        bars.encode(
            x=alt.X("起:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelAngle=0)),
            x2="止:T",
            y=alt.Y("预警:N", title=None, sort=None),
            color=alt.Color("级别:N", scale=None),
        ),
        f"预警时间线：{len(rows)} 条",
    )


def places(effect: Effect, names: Sequence[tuple[str, str]]) -> str:
    """Answered and unanswered by township; `names`: area key and its name."""
    known = dict(names)
    rows = [
        {"乡镇": known.get(area, area), "情况": word, "岗次": many, "次序": order}
        for area, t in effect.per_area.items()
        for order, (word, many) in enumerate((("已应", t.answered), ("有叫未应", t.unreachable)))
        if many
    ]
    bars = _chart(rows).mark_bar(size=12)
    return drawn(
        bars.encode(
            x=alt.X("岗次:Q", title="岗次", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("乡镇:N", title=None, sort=alt.EncodingSortField("岗次", "sum", "descending")),
            color=alt.Color("情况:N", title=None, scale=alt.Scale(domain=["已应", "有叫未应"], range=[_DONE, _NOT])),
            order=alt.Order("次序:Q"),
        ),
        "各乡镇应答情况",
    )


def spread(effect: Effect) -> str:
    """How long answers took."""
    edges = [edge // MINUTE for edge in STEPS]
    words = [f"≤{edge}分" for edge in edges] + [f">{edges[-1]}分"]
    rows = [{"用时": word, "岗次": many} for word, many in zip(words, effect.spread, strict=True)]
    base = _chart(rows).encode(
        x=alt.X("用时:N", title="从开始叫到应答", sort=words, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("岗次:Q", title="岗次", axis=alt.Axis(tickMinStep=1)),
    )
    return drawn(base.mark_bar(color=_DONE) + base.mark_text(dy=-6, color=_INK).encode(text="岗次:Q"), "应答用时分布")


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def drawn(chart: alt.Chart | alt.LayerChart, title: str) -> str:
    """The chart as SVG, in our width and font."""
    whole = chart.properties(width=WIDTH, title=title).configure(font=_FONT).configure_view(strokeWidth=0)
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(), vl_version=_VEGA_LITE)
    return svg
