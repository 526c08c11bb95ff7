"""A storm on one page: from its first warning to its last all-clear, with what was done below it, as SVG."""

from collections.abc import Iterator
from typing import Any

import altair as alt

from callout.domain.instant import SECOND, Instant, beijing, later
from callout.domain.intake import AlertState
from callout.domain.level import Level
from callout.reports.charts import COLOURS, DONE, INK, NOT, WIDTH, chart, drawn
from callout.reports.effect import Effect
from callout.reports.pairs import AlertLine
from callout.reports.process import ends
from callout.reports.words import LEVELS

_MARKS = {"首呼": INK, "九成已应": DONE, "解除": "#1a73e8", "人工叫应": NOT, "最后一次解除通知": "#1a73e8"}


def storm_line(effect: Effect) -> str:
    """Warnings as bars; first ring, 90 % answered, liftings, human calls and the last all-clear as marks; below, how
    many had answered."""
    x = alt.X("起:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelAngle=0, labelOverlap=True))
    y = alt.Y("预警:N", title=None, sort=None)
    bars = chart([*_bars(effect)]).mark_bar(size=14, opacity=0.85).encode(
        x=x, x2="止:T", y=y, color=alt.Color("颜色:N", scale=None)
    )  # fmt: skip
    scale = alt.Scale(domain=[*_MARKS], range=[*_MARKS.values()])
    marks = chart([*_marks(effect)]).mark_point(filled=True, size=70, opacity=1, stroke="white").encode(
        x=x, y=y, color=alt.Color("事项:N", title=None, scale=scale),
        shape=alt.Shape("事项:N", title=None, scale=alt.Scale(domain=[*_MARKS])),
    )  # fmt: skip
    steps = chart([*_steps(effect)]).mark_line(interpolate="step-after", color=DONE).encode(
        x=x, y=alt.Y("已应:Q", title=f"已应（应叫 {effect.total.due} 岗次）", axis=alt.Axis(tickMinStep=1))
    )  # fmt: skip
    above = (bars + marks).resolve_scale(color="independent", shape="independent").properties(width=WIDTH)
    both = alt.vconcat(above, steps.properties(width=WIDTH, height=120)).resolve_scale(x="shared")
    return drawn(both, f"过程时间线：{len(effect.process.lines)} 条预警")


def _name(line: AlertLine) -> str:
    return f"{line.hazard or '未定'}{LEVELS.get(line.level or '', '')} {beijing(line.sent, '%m-%d %H:%M')}"


def _time(at: Instant) -> str:
    return beijing(at, "%Y-%m-%dT%H:%M:%S")


def _lifts(line: AlertLine) -> bool:
    """Whether the message lifts others, and is no warning itself."""
    return line.state is AlertState.CARRIED_OUT


def _bars(effect: Effect) -> Iterator[dict[str, Any]]:
    for line in effect.process.lines:
        if not _lifts(line):
            colour = COLOURS.get(line.level, INK) if isinstance(line.level, Level) else INK
            yield {"预警": _name(line), "起": _time(line.sent), "止": _time(ends(line)), "颜色": colour}


def _marks(effect: Effect) -> Iterator[dict[str, Any]]:
    def mark(line: AlertLine, what: str, at: Instant) -> dict[str, Any]:
        return {"预警": "人工叫应、解除" if what in ("解除", "人工叫应", "最后一次解除通知") else _name(line),
                "事项": what, "起": _time(at)}  # fmt: skip

    last = effect.process.lines[-1]
    for speed in effect.per_alert:
        line = speed.line
        if _lifts(line):
            yield mark(line, "解除", line.sent)
        if speed.first_ring_s is not None and line.received_at is not None:
            yield mark(line, "首呼", later(line.received_at, speed.first_ring_s * SECOND))
        if speed.most_s is not None:
            yield mark(line, "九成已应", later(line.received_at or line.sent, speed.most_s * SECOND))
    yield from (mark(last, "人工叫应", at) for at in effect.course.human_at)
    if effect.course.ends is not None:
        yield mark(last, "最后一次解除通知", effect.course.ends)


def _steps(effect: Effect) -> Iterator[dict[str, Any]]:
    yield {"起": _time(effect.process.begins), "已应": 0}
    yield from ({"起": _time(at), "已应": many} for many, at in enumerate(effect.answered_at, 1))
