"""Charts of a rehearsal: answers by township, load of each gateway against its limit, human calls by minute.

A storm lasts for hours and its load for minutes: what runs by the minute is drawn after each warning, not from end to
end.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from callout.domain.instant import MINUTE, Instant, beijing
from callout.reports.charts import drawn
from callout.reports.words import LEVELS

_INK, _BLUE, _ORANGE, _RED = "#3c4043", "#2f6fde", "#e8710a", "#c5221f"
_WAVES, _SHOWN, _PANEL = 4, 40, 170
"""Warnings whose waves are drawn, minutes of each, and how wide that is."""
Waves = Sequence[tuple[str, int]]
"""What a warning is called, and the minute since 1970 in which it came."""
_TICKS = [0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 240, 480]
"""Minutes: one post that is reached after hours must not press the others together."""
_SHARES = {"t50": "50%", "t90": "90%", "t99": "99%"}


def townships(rows: Sequence[Mapping[str, Any]]) -> str:
    """How long until 50, 90 and 99 per cent of each township had answered; what never came so far has no point."""
    points = [
        {"乡镇": row["name"], "已应": word, "分钟": max(round(seconds / 60, 1), 0.1)}
        for row in rows
        for key, word in _SHARES.items()
        if (seconds := row[key]["median"]) is not None
    ]
    chart = alt.Chart(alt.InlineData(values=points)).mark_point(filled=True, size=60)
    return drawn(
        chart.encode(
            x=alt.X(
                "分钟:Q",
                title="从开始叫到应答，分钟（中位的一次推演；越往右一格代表的时间越长）",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=_TICKS, format="~g"),
            ),
            y=alt.Y("乡镇:N", title=None, sort=alt.EncodingSortField("分钟", "max", "descending")),
            color=alt.Color("已应:N", scale=alt.Scale(domain=list(_SHARES.values()), range=[_BLUE, _ORANGE, _RED])),
        ),
        "各乡镇 50%、90%、99% 已应的时间",
    )


def load(gateway: Mapping[str, Any], waves: Waves) -> str:
    """Messages of one gateway by minute after each warning; the red line is what it can carry."""
    limit = gateway["per_second"] * 60
    title = f"{gateway['name']}：每分钟负荷（平均）"
    said = f"{title}，红线为上限 {limit:g}" if limit else f"{title}，没有已知上限"
    return drawn(_by_wave(gateway["by_minute"], waves, _BLUE, limit), said)


def human_calls(by_minute: Mapping[str, float], waves: Waves) -> str:
    """人工叫应 that arise in each minute after each warning."""
    return drawn(_by_wave(by_minute, waves, _ORANGE, 0.0), "人工叫应：哪一分钟来多少件（平均）")


def waves_of(alerts: Sequence[Mapping[str, Any]]) -> Waves:
    """The warnings that ask most, in order of time: what each is called, and the minute in which it came."""
    most = sorted(alerts, key=lambda one: -(one["due"]["median"] or 0))[:_WAVES]
    named = sorted((one["sent"], one["hazard"], LEVELS.get(one["level"], "")) for one in most)
    return [(f"{beijing(Instant(at), '%m-%d %H:%M')} {hazard}{level}", at // MINUTE) for at, hazard, level in named]


def _by_wave(by_minute: Mapping[str, float], waves: Waves, colour: str, limit: float) -> Any:
    """One panel for each warning, all on one scale, each as long as it matters."""
    busy = {int(at): many for at, many in by_minute.items()}
    top = max([limit, *busy.values(), 1.0])
    panels = [_panel((name, _after(busy, begins, waves)), colour, limit, top) for name, begins in waves]
    return alt.hconcat(*panels)


def _after(busy: Mapping[int, float], begins: int, waves: Waves) -> list[float]:
    """Minute by minute from a warning until the next one comes."""
    following = min((at for _, at in waves if at > begins), default=begins + _SHOWN)
    return [busy.get(begins + after, 0.0) for after in range(min(_SHOWN, following - begins))]


def _panel(wave: tuple[str, Sequence[float]], colour: str, limit: float, top: float) -> Any:
    name, minutes = wave
    points = [{"分": at, "数": many} for at, many in enumerate(minutes)]
    along = alt.Scale(domain=[-0.5, len(points)])
    x = alt.X("分:Q", title=f"{name} 之后的分钟", axis=alt.Axis(tickMinStep=1), scale=along)
    y = alt.Y("数:Q", title=None, scale=alt.Scale(domain=[0, top]))
    bars = alt.Chart(alt.InlineData(values=points)).mark_bar(color=colour, width=4).encode(x=x, y=y)
    rule = alt.Chart(alt.InlineData(values=[{"数": limit}])).mark_rule(color=_RED, strokeDash=[6, 4])
    return (bars + rule.encode(y=y) if limit else bars).properties(width=_PANEL, height=160)


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
