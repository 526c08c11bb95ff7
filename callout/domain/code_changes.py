"""区划码 that are no longer in use or that nobody knows: which unit is likely meant, and which county must be asked.

A code of this kind decides nothing: the alert is held for a human, who is told the likely unit.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from callout.domain.alert import Alert

_COUNTY = re.compile(r"[1-9][0-9]{3}(?!00)[0-9]{2}(?:[0-9]{3}|[0-9]{6}|[0-9]{8})?")
"""A code of a county or of something in it: 6, 9, 12 or 14 digits."""


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A 区划码 that was abolished."""

    old: str
    """Six digits."""
    name: str
    since: str
    """When: YYYY or YYYY-MM."""
    now: Mapping[str, str] = field(hash=False)
    """Code → name of the units to which its area belongs now, the likeliest first."""
    note: str = ""
    source: str = ""

    def says(self) -> str:
        """One sentence: what became of the code."""
        units = "或".join(f"{name}（{code}）" for code, name in self.now.items())
        more = f"；{self.note}" if self.note else ""
        basis = f"，依据{self.source}" if self.source else ""
        return f"区划码 {self.old}（{self.name}）已于 {self.since} 撤销，现多半是{units}{more}{basis}"


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What an installation knows of 区划码 beyond its own county."""

    changes: tuple[CodeChange, ...] = ()
    listed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """Six-digit codes in use in the region, with the province's own; empty: no code can be called unknown."""
    as_of: str = ""
    """Where the list comes from, and of which day it is."""

    def questions(self, county: str, alert: Alert) -> tuple[str, ...]:
        """Why a human of `county` must look at an alert that names no area of it; empty: it is not about the county."""
        return tuple(dict.fromkeys(said for code in _codes(alert) for said in self._questions(county, code, alert)))

    def likely(self, alert: Alert) -> str:
        """What became of abolished codes that the alert names, whomever they concern."""
        old = {each.old: each for each in self.changes}
        return "；".join(old[code].says() for code in _codes(alert) if code in old)

    def _questions(self, county: str, code: str, alert: Alert) -> Iterator[str]:
        for change in self.changes:
            if (code, county) == (change.old, change.old):
                continue
            if code == change.old and county in change.now:
                yield f"{change.says()}。请人工确认是否涉及本级"
            elif county == change.old and code in change.now:
                yield f"{change.says()}。本级仍用旧码，来文用 {code}；请人工确认，并更新区划文件"
        if self._unknown(code):
            said = f"区划码 {code} 不在已知的区县代码里（{self.as_of}），{self._guess(code, alert)}"
            yield f"{said}。请人工确认是否涉及本级"

    def _unknown(self, code: str) -> bool:
        known = {*self.listed, *(change.old for change in self.changes)}
        return code not in known and any(each[:4] == code[:4] for each in self.listed)

    def _guess(self, code: str, alert: Alert) -> str:
        """The unit that the text names, else the one that the first digits name."""
        texts = " ".join((alert.info.headline, *(area.desc for info in alert.infos for area in info.areas)))
        named = [name for unit, name in self.listed.items() if not unit.endswith("00") and name in texts]
        if named:
            return f"文字写的是{'、'.join(named)}，多半是它"
        above = self.listed.get(f"{code[:4]}00") or self.listed.get(f"{code[:2]}0000")
        return f"按前几位多半是{above}下的单位" if above else f"按前几位与 {self._nearest(code)} 同属一地"

    def _nearest(self, code: str) -> str:
        near = min((each for each in self.listed if each[:4] == code[:4]), key=lambda each: abs(int(each) - int(code)))
        return f"{self.listed[near]}（{near}）"


NOTHING_KNOWN = CodeBook()
"""Of a county without a list: no code is abolished or unknown."""


def _codes(alert: Alert) -> Iterator[str]:
    """The county part of every code that the alert names, once each."""
    values = (one.value for info in alert.infos for area in info.areas for one in area.geocodes)
    yield from dict.fromkeys(value[:6] for value in values if _COUNTY.fullmatch(value))
