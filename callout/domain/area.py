"""Counties and townships, each code beside the system that gives it meaning."""

from collections.abc import Iterable
from dataclasses import dataclass

from callout.domain.alert import CodeSystem


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


@dataclass(frozen=True, slots=True)
class County:
    """A 区县 that this installation serves."""

    code: str
    """Six digits, GB/T 2260."""
    name: str
    townships: tuple[Township, ...]

    @property
    def key(self) -> str:
        """How county-level posts name their area, e.g. `gb2260:500156`."""
        return f"{CodeSystem.GB2260}:{self.code}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which part of one county an alert covers."""

    county: str
    areas: frozenset[str]
    """Keys of the covered townships, plus the county's own key when anything is covered; empty: nobody can tell."""
    doubts: tuple[str, ...] = ()
    """Why a human must decide (Chinese sentences)."""

    def overlaps(self, areas: Iterable[str]) -> bool:
        """Whether a township is covered by both; the county's own key is in every coverage and says nothing."""
        return any(area in self.areas for area in areas if area != f"{CodeSystem.GB2260}:{self.county}")
