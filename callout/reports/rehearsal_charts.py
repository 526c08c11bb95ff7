"""Charts of a rehearsal: answers by township, load of each gateway against its limit, human calls by minute."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from callout.domain.instant import MINUTE, Instant, beijing
from callout.reports.charts import drawn

_INK, _BLUE, _ORANGE, _RED = "#3c4043", "#2f6fde", "#e8710a", "#c5221f"
_SHARES = {"t50": "50%", "t90": "90%", "t99": "99%"}


def townships(rows: Sequence[Mapping[str, Any]]) -> str:
    """How long until 50, 90 and 99 per cent of each township had answered; what never came so far has no point."""
    points = [
        {"乡镇": row["name"], "已应": word, "分钟": round(seconds / 60, 1)}
        for row in rows
        for key, word in _SHARES.items()
        if (seconds := row[key]["median"]) is not None
    ]
    chart = alt.Chart(alt.InlineData(values=points)).mark_point(filled=True, size=60)
    return drawn(
        chart.encode(
            x=alt.X("分钟:Q", title="从开始叫到应答，分钟（中位的一次推演）"),
            y=alt.Y("乡镇:N", title=None, sort=alt.EncodingSortField("分钟", "max", "descending")),
            color=alt.Color("已应:N", scale=alt.Scale(domain=list(_SHARES.values()), range=[_BLUE, _ORANGE, _RED])),
        ),
        "各乡镇 50%、90%、99% 已应的时间",
    )


def load(gateway: Mapping[str, Any]) -> str:
    """Messages of one gateway by minute; the red line is what it can carry."""
    bars = alt.Chart(alt.InlineData(values=_minutes(gateway["by_minute"]))).mark_area(color=_BLUE, interpolate="step")
    chart = bars.encode(x=_time(), y=alt.Y("数:Q", title="每分钟条次（平均）"))
    limit = gateway["per_second"] * 60
    title = f"{gateway['name']}：每分钟负荷"
    if not limit:
        return drawn(chart, f"{title}（没有已知上限）")
    rule = alt.Chart(alt.InlineData(values=[{"上限": limit}])).mark_rule(color=_RED, strokeDash=[6, 4])
    return drawn(chart + rule.encode(y=alt.Y("上限:Q")), f"{title}，红线为上限 {limit:g}")


def human_calls(by_minute: Mapping[str, float]) -> str:
    """人工叫应 that arise in each minute."""
    bars = alt.Chart(alt.InlineData(values=_minutes(by_minute))).mark_area(color=_ORANGE, interpolate="step")
    return drawn(bars.encode(x=_time(), y=alt.Y("数:Q", title="每分钟新增（平均）")), "人工叫应：哪一分钟来多少件")


def desks(rows: Sequence[Mapping[str, Any]]) -> str:
    """How long items wait for one of so many officers."""
    points = [
        {"值班员": f"{row['officers']} 名", "等待": word, "分钟": round(seconds / 60, 1)}
        for row in rows
        for key, word in (("wait50_s", "一半在此之内有人认领"), ("wait90_s", "九成在此之内有人认领"))
        if (seconds := row["human"][key]["median"]) is not None
    ]
    chart = alt.Chart(alt.InlineData(values=points)).mark_bar()
    return drawn(
        chart.encode(
            x=alt.X("分钟:Q", title="人工叫应从产生到有人认领，分钟"),
            y=alt.Y("值班员:N", title=None, sort=None),
            yOffset=alt.YOffset("等待:N"),
            color=alt.Color("等待:N", title=None, scale=alt.Scale(range=[_BLUE, _ORANGE])),
        ),
        "几名值班员，等多久",
    )


def _time() -> alt.X:
    return alt.X("时刻:T", title=None, axis=alt.Axis(format="%m-%d %H:%M", labelAngle=0))


def _minutes(by_minute: Mapping[str, float]) -> list[dict[str, Any]]:
    """Every minute near a busy one, the quiet ones at 0, so that an area falls between two waves."""
    busy = {int(at): many for at, many in by_minute.items()}
    shown = sorted({near for at in busy for near in (at - 1, at, at + 1)})
    return [{"时刻": beijing(Instant(at * MINUTE), "%Y-%m-%dT%H:%M:%S"), "数": busy.get(at, 0.0)} for at in shown]
