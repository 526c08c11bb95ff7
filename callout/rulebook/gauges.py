"""The file of gauges and thresholds: its shape, what it becomes, and what in it cannot be used."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from callout.domain.area import County
from callout.domain.gauge import THOUSAND, Gauge, GaugeKind, Quantity
from callout.domain.instant import HOUR, MINUTE
from callout.domain.level import LEVELS_OF, Level
from callout.domain.threshold import RELEASE, VALID, Threshold
from callout.rulebook.document import Document, FileError, Loc, near
from callout.rulebook.entries import Strict
from callout.rulebook.words import HazardWord, Plain, Text, Within, no_repeats

FILE = "gauges.yaml"


def _quantity(value: object) -> Quantity:
    if value in {one.value for one in Quantity}:
        return Quantity(value)
    raise ValueError(f"没有“{value}”这个读数{near(str(value), list(Quantity))}；应为 {'、'.join(Quantity)}。")


def _kind(value: object) -> GaugeKind:
    if value in {one.value for one in GaugeKind}:
        return GaugeKind(value)
    raise ValueError(f"没有“{value}”这种测站；应为 {'、'.join(GaugeKind)}。")


QuantityWord = Annotated[
    Quantity, BeforeValidator(_quantity), WithJsonSchema({"enum": [one.value for one in Quantity]})
]
KindWord = Annotated[GaugeKind, BeforeValidator(_kind), WithJsonSchema({"enum": [one.value for one in GaugeKind]})]
Limit = Annotated[float, Field(gt=0, le=10_000)]


class GaugeEntry(Strict):
    """测站：一个雨量站或水位站"""

    id: Plain
    """站号：与来数里的写法一致，不重复。"""
    name: Text
    """名称。"""
    kind: KindWord
    """类别：雨量（毫米，每次是上次以来的雨）或水位（米）。"""
    township: Text
    """所在乡镇：区划文件里的全称。"""
    every: Within = 10 * MINUTE
    """间隔：多久读一次数，如“10分钟”；超过三个间隔没有读数，转人工。"""


class LimitsEntry(Strict):
    """各级阈值：达到这个数就到这一级"""

    blue: Limit | None = None
    """蓝色：毫米或米，不加引号。"""
    yellow: Limit | None = None
    """黄色。"""
    orange: Limit | None = None
    """橙色。"""
    red: Limit | None = None
    """红色。"""

    @property
    def by_level(self) -> dict[Level, int]:
        """Those that are given, from the lowest level up, in thousandths."""
        said = {level: getattr(self, level.value) for level in Level}
        return {level: round(limit * THOUSAND) for level, limit in said.items() if limit is not None}

    @model_validator(mode="after")
    def _rises(self) -> "LimitsEntry":
        limits = list(self.by_level.values())
        if not limits:
            raise ValueError("一级阈值也没有写；请至少写一级，如 {orange: 50}。")
        if limits != sorted(set(limits)):
            raise ValueError("级别越高，阈值应越大；请核对。")
        return self


class ThresholdEntry(Strict):
    """阈值：实测达到多少，就按哪个灾种、哪一级发起临灾叫应"""

    id: Plain
    """编号：本文件内不重复，会写进记录。"""
    reading: QuantityWord
    """读数：1、3、6、12、24小时雨量，水位，或 1、3小时水位涨幅。"""
    hazard: HazardWord
    """灾种：按哪个灾种的规则叫应，如 山洪。"""
    townships: Annotated[list[Text], Field(min_length=1), AfterValidator(no_repeats("乡镇"))]
    """乡镇：哪些乡镇用这一条，写全称。"""
    levels: LimitsEntry
    """各级阈值。"""
    release: Annotated[float, Field(ge=0.1, le=1)] = RELEASE
    """回落：降到阈值的这个比例以下，才算这一级过去；在它上下摆动不会反复叫应。"""
    valid: Within = VALID
    """有效期：一次报警有效多久，如“3小时”；到期前仍超阈值会续报。"""


class GaugesFile(Strict):
    """测站和阈值 gauges.yaml"""

    gauges: list[GaugeEntry] = Field(default=[])
    """测站。"""
    thresholds: list[ThresholdEntry] = Field(default=[])
    """阈值。"""


def gauges_of(entry: GaugesFile, county: County) -> tuple[Gauge, ...]:
    """The gauges; those of unknown townships are left out (they are mistakes)."""
    keys = {town.name: town.key for town in county.townships}
    return tuple(Gauge(g.id, g.name, g.kind, keys[g.township], g.every) for g in entry.gauges if g.township in keys)


def thresholds_of(entry: GaugesFile, county: County) -> tuple[Threshold, ...]:
    """The thresholds, one for each township."""
    keys = {town.name: town.key for town in county.townships}
    return tuple(
        Threshold(t.id, keys[name], name, t.reading, t.hazard, t.levels.by_level, t.release, t.valid)
        for t in entry.thresholds
        for name in t.townships
        if name in keys
    )


def gauge_mistakes(doc: Document, entry: GaugesFile, county: County) -> Iterator[FileError]:
    """Townships that nobody knows, what stands there twice, and thresholds that nothing measures."""
    towns = [town.name for town in county.townships]
    for key, ids in (("gauges", [g.id for g in entry.gauges]), ("thresholds", [t.id for t in entry.thresholds])):
        for at, ident in enumerate(ids):
            if ident in ids[:at]:
                yield doc.fail((key, at, "id"), f"“{ident}”写了两次；请改成不同的编号。")
    for at, gauge in enumerate(entry.gauges):
        yield from _town(doc, ("gauges", at, "township"), gauge.township, towns)
        if gauge.every > HOUR:
            yield doc.fail(("gauges", at, "every"), "间隔超过 1 小时的站不能用来临灾叫应；请核对。")
    for at, one in enumerate(entry.thresholds):
        for i, town in enumerate(one.townships):
            yield from _town(doc, ("thresholds", at, "townships", i), town, towns)
        yield from _limits(doc, at, one, _measured(entry.gauges))


def _measured(gauges: Sequence[GaugeEntry]) -> Mapping[GaugeKind, set[str]]:
    return {kind: {gauge.township for gauge in gauges if gauge.kind is kind} for kind in GaugeKind}


def _limits(doc: Document, at: int, one: ThresholdEntry, measured: Mapping[GaugeKind, set[str]]) -> Iterator[FileError]:
    for i, town in enumerate(one.townships):
        if town not in measured[one.reading.kind]:
            said = f"{town}没有{one.reading.kind}站，这条阈值永远不会达到；请在 gauges 里加站，或删去这个乡镇。"
            yield doc.fail(("thresholds", at, "townships", i), said)
    for level in one.levels.by_level:
        if level not in LEVELS_OF[one.hazard]:
            yield doc.fail(("thresholds", at, "levels", level.value), f"{one.hazard}没有{level.zh}预警；请改正。")


def _town(doc: Document, loc: Loc, name: str, towns: Sequence[str]) -> Iterator[FileError]:
    if name not in towns:
        yield doc.fail(loc, f"没有“{name}”这个乡镇{near(name, towns)}；请写区划文件里的全称。")
