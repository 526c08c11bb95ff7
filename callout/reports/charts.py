"""Charts of an analysis as SVG, drawn here and now: no script, no request, the same file from the same record."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from callout.domain.instant import MINUTE
from callout.domain.level import Level
from callout.reports.effect import STEPS, Effect

WIDTH = 640
_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
COLOURS = {Level.BLUE: "#2f6fde", Level.YELLOW: "#d9a400", Level.ORANGE: "#e8710a", Level.RED: "#c5221f"}
INK, DONE, NOT = "#3c4043", "#188038", "#c5221f"
_VEGA_LITE = "6.1"
"""The grammar that both libraries speak."""


def places(effect: Effect, names: Sequence[tuple[str, str]]) -> str:
    """Answered and unanswered by township; `names`: area key and its name."""
    known = dict(names)
    rows = [
        {"乡镇": known.get(area, area), "情况": word, "岗次": many, "次序": order}
        for area, t in effect.per_area.items()
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


def chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """A chart of these rows, which travel inside it."""
    return alt.Chart(alt.InlineData(values=rows))


def drawn(drawing: alt.Chart | alt.LayerChart | alt.VConcatChart, title: str) -> str:
    """The drawing as SVG, in our width and font; one of several parts has its width in them."""
    wide = drawing if isinstance(drawing, alt.VConcatChart) else drawing.properties(width=WIDTH)
    whole = wide.properties(title=title).configure(font=_FONT).configure_view(strokeWidth=0)
    svg: str = vl_convert.vegalite_to_svg(whole.to_dict(), vl_version=_VEGA_LITE)
    return svg
