"""The pictures: they fit, they align, and they can be read without colour."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from callout.domain.instant import HOUR, Instant, beijing
from callout.rehearsal.closing import Places, closing, where
from callout.rehearsal.demo import Demo, Frame
from callout.rehearsal.lines import AGAIN, Lines
from callout.rehearsal.screen import Picture, badge, bar, draw, play
from callout.rehearsal.telling import Line, Tone, tell
from tests.rehearsal.nights import night, run

SIZES = [(80, 24), (120, 40)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    one = night(tmp_path_factory.mktemp("night"))
    yield one
    one.app.close()


@pytest.fixture(scope="module")
def frames(demo: Demo) -> list[Frame]:
    return run(demo)


@pytest.fixture(scope="module")
def lines(demo: Demo, frames: list[Frame]) -> list[Line]:
    return [line for frame in frames for line in tell(frame.entries, demo.names, frame.counters.due)]


def console(width: int, height: int) -> Console:
    return Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)


def rows(on: Console) -> list[str]:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_fills_the_terminal_and_never_more(
    demo: Demo, frames: list[Frame], lines: list[Line], width: int, height: int
) -> None:
    for frame in (frames[0], frames[len(frames) // 2], frames[-1]):
        on = console(width, height)
        on.print(draw(demo, frame, lines), height=height)
        shown = rows(on)
        assert len(shown) == height
        assert {cell_len(row) for row in shown} == {width}


def test_the_picture_says_when_what_and_what_comes_next(demo: Demo, frames: list[Frame], lines: list[Line]) -> None:
    on = console(80, 24)
    on.print(draw(demo, frames[-1], lines), height=24)
    text = "\n".join(rows(on))
    assert "北京时间 2026-08-03 09:10:00" in text
    assert "白天" in text
    assert all(word in text for word in ("蓝色", "黄色", "橙色", "应叫", "已叫", "已应", "接下来", lines[-1].text))


def test_a_warning_in_force_is_named_and_those_before_it_too(demo: Demo, frames: list[Frame]) -> None:
    orange = next(frame for frame in frames if len(frame.counters.due) == 3)
    on = console(80, 24)
    on.print(draw(demo, orange, []), height=24)
    force = next(row for row in rows(on) if "生效预警" in row)
    assert "橙色  暴雨 至 09:10" in force
    assert "已升级：黄色（至 05:00）" in force
    assert "夜间" in "\n".join(rows(on))


def test_nothing_in_force_is_said(demo: Demo, frames: list[Frame]) -> None:
    on = console(80, 24)
    on.print(draw(demo, replace(frames[-1], now=Instant(demo.ends + HOUR)), []), height=24)
    assert any("生效预警  无" in row for row in rows(on))


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [
        ((10, 10, 10), "█" * 20),
        ((10, 10, 5), "█" * 10 + "▒" * 10),
        ((10, 5, 0), "▒" * 10 + "·" * 10),
        ((1000, 1000, 999), "█" * 19 + "▒"),
        ((0, 0, 0), "·" * 20),
        ((10, 0, 10), "█" * 20),
    ],
)
def test_a_bar_is_full_only_when_everybody_answered(counts: tuple[int, int, int], drawn: str) -> None:
    assert bar(*counts, 20).plain == drawn


def test_a_level_is_a_word_with_a_colour() -> None:
    assert badge(None).plain.strip() == "级别未定"


def test_the_last_screen_fits_a_small_terminal(demo: Demo, frames: list[Frame]) -> None:
    assert frames
    on = console(80, 24)
    on.print(closing(demo, demo.account()))
    places = where(Places("/tmp/callout-demo-abcdefgh/demo.db", Path("/tmp/callout-demo-abcdefgh/export")), new=True)
    shown = [*rows(on), *places]
    assert len(shown) <= 24
    assert max(map(cell_len, shown)) <= 80
    assert any("漏叫且无人跟进（lost）" in row for row in shown)
    assert any(row.strip().startswith("export CALLOUT_DATABASE_URL=sqlite:////tmp/") for row in places)


def test_a_kept_database_needs_no_new_name() -> None:
    assert not any("export " in row for row in where(Places("x.db", Path("out")), new=False))


def test_plain_lines_tell_what_matters_and_the_counts_now_and_then(demo: Demo, frames: list[Frame]) -> None:
    written: list[str] = []
    with Lines(demo, written.append) as view:
        for frame in frames:
            view.show(frame)
        view.rest()
    assert written[0] == f"{beijing(demo.alerts[0].sent)}  收到暴雨蓝色预警，有效至 01:20"
    assert written.count("2026-08-03 09:10:00  暴雨橙色预警到期") == 1
    assert any("应叫" in line and "已应" in line for line in written)
    assert len(written) < 60
    assert not any("短信叫" in line for line in written)


def test_what_is_true_all_night_is_written_now_and_then_with_how_often(
    demo: Demo, frames: list[Frame], lines: list[Line]
) -> None:
    rung = "值班室没人接，叫带班领导"
    at = [line.at for line in lines if line.text == rung]
    written: list[str] = []
    view = Lines(demo, written.append)
    for frame in frames:
        view.show(frame)
    said = [line for line in written if rung in line]
    assert said[0] == f"{beijing(at[0])}  {rung}"
    expected, last = [""], 0
    for nth, moment in enumerate(at):
        if moment - at[last] >= AGAIN:
            expected.append(f"（其间又 {nth - last - 1} 次）" if nth - last > 1 else "")
            last = nth
    assert [line.rpartition("领导")[2] for line in said] == expected
    assert 1 < len(said) < len(at)


def test_a_second_warning_in_the_same_words_is_written_as_well(demo: Demo) -> None:
    written: list[str] = []
    view = Lines(demo, written.append)
    tones: list[Tone] = ["alert", "desk"]
    for tone in tones:
        for at in (0, 1):
            view._tell(Line(Instant(at), tone, tone, major=True))
    assert [text.rpartition("  ")[2] for text in written] == ["alert", "alert", "desk"]


class Slow:
    """A clock that passes one second each time somebody looks, and a view that counts its rests."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.shown: list[Instant] = []
        self.rests = 0

    def now(self) -> float:
        self.seconds += 1
        return self.seconds

    def show(self, frame: Frame) -> None:
        self.shown.append(frame.now)

    def rest(self) -> None:
        self.rests += 1


def test_whoever_is_late_never_waits(tmp_path: Path) -> None:
    demo, slow = night(tmp_path, people=50), Slow()
    asyncio.run(play(demo, slow, 1.0, slow.now))
    demo.app.close()
    assert slow.shown[-1] == demo.ends
    assert slow.rests <= 1 + 30


def test_the_live_picture_is_drawn_at_intervals_and_gives_the_terminal_back(demo: Demo, frames: list[Frame]) -> None:
    on = console(80, 24)
    ticks = iter(range(1000))
    with Picture(demo, on, lambda: next(ticks) * 0.04) as picture:
        picture.rest()
        for frame in frames[:20]:
            picture.show(frame)
    shown = "\n".join(rows(on))
    assert 0 < shown.count("叫应演示") < 20
    assert "\x1b[?1049h" in shown
    assert shown.rstrip("\n").endswith(("\x1b[?25h", "\x1b[?1049l"))
