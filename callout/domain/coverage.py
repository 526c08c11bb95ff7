"""Which townships of a county an alert covers. In doubt both candidates: a repeated call beats a missed one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info
from callout.domain.area import Abolished, County, Coverage, Township, codes_in
from callout.domain.headline import geocode

NO_AREA = "来文没有可用的区划码，需人工确定范围"
"""The doubt of an alert that has no area code at all."""

_LENGTHS = (2, 4, 6, 9, 12)
"""Digits of a province, city, county, township and village code."""

_SYSTEMS = {CodeSystem.STATS: "统计局", CodeSystem.MCA: "民政部"}


@dataclass(frozen=True, slots=True)
class _Finding:
    townships: tuple[Township, ...] = ()
    doubt: str = ""


def cover(county: County, info: Info) -> Coverage | None:
    """What `info` covers of `county`; None when neither a code nor a name touches it.

    A code of the county, its city or its province covers every township. `doubts` is filled when a human must say
    which township is meant; the candidates are covered meanwhile.
    """
    findings = [finding for area in info.areas for finding in _findings(county, area)]
    keys = frozenset(township.key for finding in findings for township in finding.townships)
    if not keys:
        return None
    doubts = tuple(dict.fromkeys(finding.doubt for finding in findings if finding.doubt))
    return Coverage(county.code, keys | {county.key}, doubts)


def undecidable(alert: Alert) -> bool:
    """Whether the message names no area by code; where no county finds its name in it either, a human must look."""
    return not any(area.geocodes for info in alert.infos for area in info.areas)


def placed(alert: Alert, place: str) -> Alert:
    """The alert of a source that was asked about one place: its area where the message itself names none by code."""
    code = geocode(place)
    if code is None or not undecidable(alert):
        return alert
    infos = tuple(replace(info, areas=(Area(_described(info), (code,)),)) for info in alert.infos)
    doubts = tuple(doubt for doubt in alert.doubts if doubt != NO_AREA)
    return replace(
        alert, infos=infos, doubts=doubts, marks=(*alert.marks, f"来文没有区划码，按来源设定的 {place} 处理")
    )


def _described(info: Info) -> str:
    return "、".join(area.desc for area in info.areas if area.desc)


def _findings(county: County, area: Area) -> Iterator[_Finding]:
    codes = [_digits(one) for one in area.geocodes]
    if not any(codes):
        yield _by_name(county, area.desc)
        return
    for one, code, desc in zip(area.geocodes, codes, _parallel(area), strict=True):
        if code:
            yield _by_code(county, one.system, code, desc)


def _digits(one: Geocode) -> str:
    """The code in its proper length, whether or not its trailing zeros were cut; empty when it is no code."""
    if not re.fullmatch(r"[1-9][0-9]{0,13}", one.value):
        return ""
    bare = one.value[:12].rstrip("0")
    return bare.ljust(next(length for length in _LENGTHS if len(bare) <= length), "0")


def _parallel(area: Area) -> list[str]:
    """One description per code where the parts run in parallel, else the whole text for each."""
    parts = re.split(r"[,，、;；]", area.desc)
    return parts if len(parts) == len(area.geocodes) else [area.desc] * len(area.geocodes)


def _by_code(county: County, system: CodeSystem, code: str, desc: str) -> _Finding:
    if county.code.startswith(code):
        return _Finding(county.townships)
    if not code.startswith(county.code):
        return _Finding()
    return _by_unit_code(county, system, code, desc)


def _by_unit_code(county: County, system: CodeSystem, code: str, desc: str) -> _Finding:
    """A township's code, or a village's: a village that the county knows lies where the county says that it lies."""
    villages = [place for place in county.places if code in codes_in(system, place.stats, place.mca)]
    if not villages:
        code = code[:9]
    inside = frozenset[str]().union(*(village.areas for village in villages))
    listed = [t for t in county.townships if (t.key in inside if villages else t.means(system, code))]
    named = [township for township in county.townships if _is_named(township, desc)]
    agreed = [township for township in listed if township in named]
    if agreed:
        return _Finding(tuple(agreed))
    if named and listed:
        doubt = f"区划代码 {code} 对应{_names(listed)}，文字却写{_names(named)}；已都列入，请人工确认是哪一个。"
        return _Finding((*listed, *named), doubt)
    gone = [one for one in county.abolished if code in codes_in(system, one.stats, one.mca)]
    if gone and not listed:
        return _by_abolished(county, gone, code, named)
    if not named and not listed:
        doubt = f"{county.name}没有区划代码为 {code} 的乡镇（街道）{_in_the_other_system(county, system, code)}；"
        doubt += f"已按全{county.name[-1]}列入，请人工确认范围。"
        return _Finding(county.townships, doubt)
    if len(listed) > 1:
        doubt = f"区划代码 {code} 未说明体系，可能是{_names(listed)}；已都列入，请人工确认是哪一个。"
        return _Finding(tuple(listed), doubt)
    return _Finding((*listed, *named))


def _by_abolished(county: County, gone: Sequence[Abolished], code: str, named: Sequence[Township]) -> _Finding:
    """The likely units are covered meanwhile, as in every doubt, and a human is told which they are."""
    now = {name for one in gone for name in one.now}
    likely = [township for township in county.townships if township.name in now or township in named]
    where = _names(likely) if likely else f"全{county.name[-1]}"
    doubt = f"{'；'.join(one.says(code) for one in gone)}；已按{where}列入，请人工确认是哪一个。"
    return _Finding(tuple(likely) or county.townships, doubt)


def _in_the_other_system(county: County, system: CodeSystem, code: str) -> str:
    """The unit that is likely meant, where the code exists in the system that the message did not declare."""
    if system not in _SYSTEMS:
        return ""
    other = CodeSystem.MCA if system is CodeSystem.STATS else CodeSystem.STATS
    meant = [township for township in county.townships if township.means(other, code)]
    return f"（来文写明{_SYSTEMS[system]}代码；在{_SYSTEMS[other]}是{_names(meant)}，多半写错了体系）" if meant else ""


def _names(townships: Iterable[Township]) -> str:
    return "或".join(township.name for township in townships)


def _is_named(township: Township, text: str) -> bool:
    return any(name in text for name in (township.name, *township.aliases))


def _by_name(county: County, text: str) -> _Finding:
    """Names alone. Township names repeat all over China: without the county's name beside it a human must look."""
    stem = re.sub(r"(?<=..)[区县市旗]$", "", county.name)
    named = tuple(township for township in county.townships if _is_ours(county, township, text))
    if stem in text:
        return _Finding(named or county.townships)
    if named:
        doubt = f"只有地名“{text}”，没有区划代码和{county.name}字样；已按{_names(named)}列入，请人工确认。"
        return _Finding(named, doubt)
    return _Finding()


def _is_ours(county: County, township: Township, text: str) -> bool:
    """Whether the text names the township and does not put another county right before it."""
    for name in (township.name, *township.aliases):
        before, found, _ = text.partition(name)
        if found and (before.endswith(county.name) or not before.endswith(("区", "县", "旗"))):
            return True
    return False
