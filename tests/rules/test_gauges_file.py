"""Gauges and thresholds as an office writes them: the sample reads, and every mistake has file, line, key and mend."""

import pytest

from callout.domain.gauge import GaugeKind, Quantity
from callout.domain.level import Hazard, Level
from callout.rulebook.reading import examine, read_files
from callout.settings import Settings

FILES = read_files(Settings().rules)
TEXT = FILES["gauges.yaml"]


def test_the_sample_is_read() -> None:
    book, mistakes = examine(FILES, "500156")
    assert mistakes == []
    assert book
    assert {g.kind for g in book.county.gauges} == set(GaugeKind)
    [hour] = [t for t in book.thresholds if t.id == "一小时雨量" and t.place == "白马镇"]
    assert (hour.quantity, hour.hazard, hour.release) == (Quantity.RAIN_1, Hazard.FLASH_FLOOD, 0.8)
    assert dict(hour.limits) == {Level.YELLOW: 30_000, Level.ORANGE: 50_000, Level.RED: 80_000}
    assert "示例" in TEXT.splitlines()[1]


def test_a_county_without_gauges_needs_no_file() -> None:
    book, mistakes = examine({name: text for name, text in FILES.items() if name != "gauges.yaml"}, "500156")
    assert (mistakes, book and book.thresholds) == ([], ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("township: 江口镇", "township: 江口乡", "没有“江口乡”这个乡镇；相近的有：江口镇"),
        ("kind: 水位", "kind: 风速", "没有“风速”这种测站"),
        ("id: 示例R2", "id: 示例R1", "“示例R1”写了两次"),
        ("1小时雨量,", "2小时雨量,", "没有“2小时雨量”这个读数"),
        ("hazard: 地质灾害", "hazard: 大水", "没有“大水”这个灾种"),
        ("{yellow: 30, orange: 50, red: 80}", "{yellow: 30, orange: 50, red: 40}", "级别越高，阈值应越大"),
        ("{yellow: 30, orange: 50, red: 80}", "{}", "一级阈值也没有写"),
        ("{yellow: 30, orange: 50, red: 80}", "{yellow: -1}", "levels.yellow"),
        ("[白马镇], levels: {orange: 182.5", "[江口镇], levels: {orange: 182.5", "江口镇没有水位站"),
        ("hazard: 地质灾害", "hazard: 干旱", "干旱没有黄色预警"),
        ("every: 10分钟", "every: 3小时", "间隔超过 1 小时"),
        ("release: 0.99", "release: 1.5", "release"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place_and_mend(old: str, new: str, said: str) -> None:
    assert old in TEXT
    book, mistakes = examine({**FILES, "gauges.yaml": TEXT.replace(old, new, 1)}, "500156")
    assert book is None
    found = "\n".join(map(str, mistakes))
    assert said in found
    assert "gauges.yaml 第" in found


def test_a_file_that_is_no_yaml_is_named() -> None:
    _, mistakes = examine({**FILES, "gauges.yaml": "gauges: [\n"}, "500156")
    assert "gauges.yaml" in str(mistakes[0])
