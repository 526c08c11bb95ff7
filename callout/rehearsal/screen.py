"""The demo on a terminal: one picture, drawn again and again while the night runs."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.layout import Layout
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from callout.domain.alert import Alert
from callout.domain.instant import beijing
from callout.domain.ladder import is_night
from callout.domain.level import Level
from callout.rehearsal.demo import Demo, Frame
from callout.rehearsal.pacing import Act, shown, wall
from callout.rehearsal.telling import Line, Tone, tell
from callout.reports.statistics import percent

LEVEL_STYLES = {
    Level.BLUE: "bold white on blue", Level.YELLOW: "bold black on yellow",
    Level.ORANGE: "bold black on dark_orange", Level.RED: "bold white on red",
}  # fmt: skip
TONE_STYLES: dict[Tone, str] = {
    "alert": "bold", "call": "", "answer": "green", "escalation": "yellow", "human": "magenta",
    "stop_work": "bold cyan", "desk": "bold magenta",
}  # fmt: skip
REDRAW = 0.1
"""Seconds between two pictures."""
_KEPT = 100
"""Lines in memory: more than a terminal shows."""
_AHEAD = 2


class View(Protocol):
    """Whoever shows a night."""

    def show(self, frame: Frame) -> None:
        """Something happened."""

    def rest(self) -> None:
        """Nothing more happens for a moment."""


async def play(demo: Demo, view: View, speed: float, now: Callable[[], float]) -> None:
    """Run the night before somebody's eyes; `speed` as in `pacing.wall`, `now` gives seconds of the wall clock."""
    acts = [
        Act(one.at, alert.info.level.rank if alert.info.level else 1)
        for one, alert in zip(demo.storm, demo.alerts, strict=True)
    ]
    begun = now()
    async for frame in demo.frames():
        early = wall(shown(frame.now, acts, demo.ends), speed) - (now() - begun)
        if early > 0:
            view.rest()
            await asyncio.sleep(early)
        view.show(frame)
    view.rest()


def badge(level: Level | None) -> Text:
    """The level as colour and word, so that it is read without colour too."""
    return Text(f" {level.zh if level else '级别未定'} ", LEVEL_STYLES[level] if level else "reverse")


def bar(due: int, called: int, answered: int, width: int) -> Text:
    """已应 █, 已叫未应 ▒, 未叫 ·. Full only when everybody answered."""
    if due == 0:
        return Text("·" * width, "dim")
    solid = answered * width // due
    grey = max(called * width // due, solid) - solid
    return Text.assemble(("█" * solid, "green"), ("▒" * grey, "yellow"), ("·" * (width - solid - grey), "dim"))


class Picture:
    """The whole terminal while the night runs; a context, so that the terminal is given back."""

    def __init__(self, demo: Demo, console: Console, now: Callable[[], float]) -> None:
        self._demo = demo
        self._now = now
        self._lines: deque[Line] = deque(maxlen=_KEPT)
        self._frame: Frame | None = None
        self._drawn_at = float("-inf")
        self._live = Live(console=console, screen=True, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, frame: Frame) -> None:
        """Take in the frame; draw unless a picture was drawn a moment ago."""
        self._frame = frame
        self._lines.extend(tell(frame.entries, self._demo.names, frame.counters.due))
        if self._now() - self._drawn_at >= REDRAW:
            self.rest()

    def rest(self) -> None:
        """Draw the newest frame."""
        if self._frame is not None:
            self._live.update(draw(self._demo, self._frame, self._lines), refresh=True)
            self._drawn_at = self._now()


def draw(demo: Demo, frame: Frame, lines: Sequence[Line]) -> Layout:
    """The picture of one frame, for a terminal of any size from 80×24 on."""
    known = [alert for alert in demo.alerts if alert.sent <= frame.now]
    parts: list[tuple[RenderableType, int | None]] = [
        (_head(demo, frame), 1),
        (_phase(frame), 1),
        (_in_force(known, frame), 1),
        (_rule("叫应进度"), 1),
        (_progress(known, frame), len(demo.alerts) + 1),
        (_totals(frame), 1),
        (_rule("最近"), 1),
        (_Tail(lines), None),
        (_rule("接下来"), 1),
        (_ahead(demo), _AHEAD),
        (_legend(), 1),
    ]
    layout = Layout()
    layout.split_column(*(Layout(part, size=size) for part, size in parts))
    return layout


def _head(demo: Demo, frame: Frame) -> Table:
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True, overflow="ellipsis")
    head.add_column(justify="right", no_wrap=True)
    head.add_row(
        f" 叫应演示  {demo.county}，合成名册 {len(demo.roster.responders)} 人",
        f"北京时间 {beijing(frame.now)} ",
        style="bold reverse",
    )
    return head


def _phase(frame: Frame) -> Text:
    phase = "夜间：橙色、红色先打电话再发短信" if is_night(frame.now) else "白天：先发短信再打电话"
    return _one_line(Text.assemble(" ", phase, ("    电话、短信和人都是模拟的，不会打给任何人", "dim")))


def _in_force(known: Sequence[Alert], frame: Frame) -> Text:
    """The newest warning as a badge, those that it took over from in words."""
    current = [alert for alert in known if alert.info.expires is None or alert.info.expires > frame.now]
    text = Text(" 生效预警  ")
    for at, alert in enumerate(reversed(current)):
        until = beijing(alert.info.expires, "%H:%M") if alert.info.expires else "未定"
        if at == 0:
            text.append(badge(alert.info.level)).append(f" {alert.info.hazard or ''} 至 {until}")
        else:
            text.append(f"    已升级：{alert.info.level.zh if alert.info.level else ''}（至 {until}）", "dim")
    return _one_line(text if current else text.append("无"))


def _progress(known: Sequence[Alert], frame: Frame) -> Table:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(width=7)
    for _ in range(4):
        table.add_column(justify="right", width=6)
    table.add_column(ratio=1)
    table.add_row(" 预警", "应叫", "已叫", "已应", "应答率", Text("█ 已应  ▒ 已叫未应  · 未叫", "dim"))
    counters = frame.counters
    for number, alert in enumerate(known, 1):
        counts = [by.get(number, 0) for by in (counters.due, counters.called, counters.answered)]
        table.add_row(badge(alert.info.level), *map(str, counts), percent(counts[2], counts[0]), _Bar(*counts))
    return table


def _totals(frame: Frame) -> Text:
    counters = frame.counters
    said = (
        f"升级到副职或上级 {counters.escalated} 岗",
        f"人工叫应待办 {counters.human_calls_open} 件",
        f"熔断建议 {counters.stop_work} 处，须由人决定",
    )
    return _one_line(Text(" " + "    ".join(said)))


def _ahead(demo: Demo) -> Text:
    coming = demo.ahead()[:_AHEAD]
    lines = [f" {beijing(one.at, '%H:%M:%S')}  {one.text}" for one in coming]
    return Text("\n".join(lines) or " 没有待办", no_wrap=True, overflow="ellipsis")


def _legend() -> Text:
    return _one_line(Text(" 人和号码均为示例（+999 是没有启用的国家码）；按 Ctrl+C 结束", "dim"))


def _rule(title: str) -> Rule:
    return Rule(Text(title), align="left", style="dim", characters="─")


def _one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


class _Bar:
    """A bar as wide as its column."""

    def __init__(self, due: int, called: int, answered: int) -> None:
        self._counts = due, called, answered

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield bar(*self._counts, max(options.max_width - 1, 1))


class _Tail:
    """The newest lines that fit."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        newest = list(self._lines)[-(options.height or options.size.height) :]
        for line in newest:
            told = Text.assemble((f" {beijing(line.at, '%H:%M:%S')}  ", "dim"), (line.text, TONE_STYLES[line.tone]))
            yield _one_line(told)
