"""Which township a code means in which of the two official systems, said where somebody has mixed them."""

from collections.abc import Iterator
from typing import Protocol

from callout.domain.alert import CodeSystem
from callout.domain.area import County, Township

SYSTEMS = {CodeSystem.STATS: "统计局", CodeSystem.MCA: "民政部", CodeSystem.GB2260: "国标"}
BOTH = (CodeSystem.STATS, CodeSystem.MCA)


class Coded(Protocol):
    """A unit with a code in each of the systems, or in one of them."""

    @property
    def stats(self) -> str | None:
        """统计局."""

    @property
    def mca(self) -> str | None:
        """民政部."""


def code_in(unit: Coded, system: CodeSystem) -> str | None:
    """The unit's code in one of the systems."""
    return unit.stats if system is CodeSystem.STATS else unit.mca


def meant(county: County, code: str, name: str) -> str:
    """What the code means in each system, and which code the named township has; begins with ； where there is any."""
    means = [f"{code} 在{SYSTEMS[s]}是{t.name}" for s, t in _owners(county, code)]
    has = [
        f"{t.name}的{SYSTEMS[s]}代码是 {own}"
        for t in county.townships
        if name in (t.name, *t.aliases)
        for s in BOTH
        if (own := code_in(t, s))
    ]
    return "".join(f"；{part}" for part in ("，".join(means), "，".join(has)) if part)


def _owners(county: County, code: str) -> Iterator[tuple[CodeSystem, Township]]:
    return ((s, t) for s in BOTH for t in county.townships if code_in(t, s) == code)
