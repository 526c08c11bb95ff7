"""Counties and townships, each code beside the system that gives it meaning."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from callout.domain.alert import CodeSystem
from callout.domain.code_changes import NOTHING_KNOWN, CodeBook
from callout.domain.drill import base_of
from callout.domain.gauge import Gauge
from callout.domain.instant import HOUR, Millis
from callout.domain.level import Level

ASSUMED_VALIDITY: Mapping[Level, Millis] = MappingProxyType(
    {
        Level.BLUE: 24 * HOUR,
        Level.YELLOW: 12 * HOUR,
        Level.ORANGE: 6 * HOUR,
        Level.RED: 6 * HOUR,
    }
)
"""推定有效期 of an alert without `expires`, by level, where the county has set no other."""


@dataclass(frozen=True, slots=True)
class Township:
    """A 乡镇/街道 with its code in both official systems (None where a system does not list it)."""

    name: str
    stats: str | None
    mca: str | None
    aliases: tuple[str, ...] = ()
    """Shorter names in daily use, e.g. 石桥乡 for 石桥苗族土家族乡."""

    @property
    def key(self) -> str:
        """How callout names this township in every row: system and code, e.g. `stats:500156100`."""
        return f"{CodeSystem.STATS}:{self.stats}" if self.stats else f"{CodeSystem.MCA}:{self.mca}"

    def means(self, system: CodeSystem, code: str) -> bool:
        """Whether a message in `system` may mean it by this code."""
        return code in codes_in(system, self.stats, self.mca)


def codes_in(system: CodeSystem, stats: str | None, mca: str | None) -> frozenset[str]:
    """Of one unit's codes those that a message in `system` may mean; a system not declared may be either."""
    told = {CodeSystem.STATS: (stats,), CodeSystem.MCA: (mca,)}.get(system, (stats, mca))
    return frozenset(code for code in told if code)


@dataclass(frozen=True, slots=True)
class Abolished:
    """A 乡镇/街道 that is no more, and what its area belongs to now."""

    name: str
    stats: str | None
    mca: str | None
    now: tuple[str, ...] = ()
    """Names of the townships that are likely meant, the likeliest first; empty: nobody has said."""
    since: str = ""
    """When: YYYY or YYYY-MM; empty: not known."""
    basis: str = ""
    """By what that is known."""

    def says(self, code: str) -> str:
        """What became of the code, in words."""
        when = f"已于 {self.since} 撤销" if self.since else "已撤销"
        likely = f"，现多半是{'或'.join(self.now)}" if self.now else ""
        return f"区划代码 {code} 是{self.name}的，{when}{likely}{f'（{self.basis}）' if self.basis else ''}"


@dataclass(frozen=True, slots=True)
class Locality:
    """Something smaller than a township, or across several, that messages and rules name."""

    name: str
    kind: str
    """村(社区), 小流域 or 风险点."""
    areas: frozenset[str]
    """Keys of the townships it lies in."""
    stats: str | None = None
    """Of a village: its twelve digits in 统计局's system."""
    mca: str | None = None
    """Of a village: its twelve digits in 民政部's system."""

    def is_named(self, text: str) -> bool:
        """Whether what a message says names it, by its name or by a code as `code_word` writes it."""
        systems = (CodeSystem.STATS, CodeSystem.MCA, CodeSystem.UNDECLARED)
        words = (code_word(each, code) for each in systems for code in codes_in(each, self.stats, self.mca))
        return self.name in text or any(word in text for word in words)


def code_word(system: str, code: str) -> str:
    """A code as it stands among the words of a message."""
    return f"[{system}:{code}]"


@dataclass(frozen=True, slots=True)
class County:
    """A 区县 that this installation serves."""

    code: str
    """Six digits, GB/T 2260."""
    name: str
    townships: tuple[Township, ...]
    places: tuple[Locality, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    """Its rain and water gauges."""
    validity: Mapping[Level, Millis] = field(default_factory=lambda: ASSUMED_VALIDITY, hash=False)
    """How long an alert that names no end is taken to hold (推定), by level."""
    confirm: Mapping[Level, Millis] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """Levels whose alerts wait for an officer's word, and how long; the others go out at once."""
    office: str = ""
    """The office that issues warnings of its own; empty: the name of the county with 应急值班室."""
    abolished: tuple[Abolished, ...] = ()
    """Townships that it had."""
    codes: CodeBook = NOTHING_KNOWN
    """Codes of other places, of the past, and of the region."""

    @property
    def key(self) -> str:
        """How county-level posts name their area, e.g. `gb2260:500156`."""
        return f"{CodeSystem.GB2260}:{self.code}"

    @property
    def issuer(self) -> str:
        """Who issues this county's own warnings, as their headlines name it."""
        return self.office or f"{self.name}应急值班室"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which part of one county an alert covers."""

    county: str
    areas: frozenset[str]
    """Keys of the covered townships, plus the county's own key when anything is covered; empty: nobody can tell."""
    doubts: tuple[str, ...] = ()
    """Why a human must decide (Chinese sentences)."""
    levels: Mapping[str, Level] = field(default_factory=dict, hash=False)
    """Area key → its level, where one message gives several; areas not named here have the alert's own level."""
    settled: bool = False
    """The text gave several levels, and it was clear which township has which."""

    def highest(self, level: Level | None) -> Level | None:
        """The highest level given anywhere; `level` is the alert's own."""
        return next((each for each, _ in self.by_level(level)), level)

    def by_level(self, level: Level | None) -> Iterator[tuple[Level | None, "Coverage"]]:
        """The covered areas by their level, highest first; `level` is the alert's own."""
        given = {area: self.levels.get(area, level) for area in self.areas}
        for each in sorted(set(given.values()), key=lambda one: one.rank if one else 0, reverse=True):
            yield each, Coverage(self.county, frozenset(area for area in given if given[area] is each))

    def overlaps(self, areas: Iterable[str]) -> bool:
        """Whether a township is covered by both; the county's own key is in every coverage and says nothing."""
        return any(area in self.areas for area in areas if area != f"{CodeSystem.GB2260}:{base_of(self.county)}")
