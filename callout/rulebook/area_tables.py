"""Lists of townships and villages as the data packages publish them; area_joining.py makes an areas file of them.

Each list is read in the system that the person names. A code says nothing about its system, so it is never guessed; a
list that fits the other system better is refused.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from callout.domain.alert import CodeSystem
from callout.domain.area import County
from callout.domain.errors import RuleError
from callout.rulebook.township_codes import BOTH, SYSTEMS, code_in

Codes = Mapping[str, str]
"""Name of a township → its nine digits, in one system."""

_GONE = re.compile(r"[（(]已?撤销[）)]$")
_CODE = re.compile(r"([1-9][0-9]{8})(0{3})?")
_VILLAGE = re.compile(r"[1-9][0-9]{8}(?!000)[0-9]{3}")
_COMMITTEE = re.compile(r"(.+?)(村民委员会|村委会|居民委员会|居委会)")


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of a county's townships, in one system."""

    name: str = ""
    """The county's; empty where the list does not say it."""
    codes: Codes = field(default_factory=dict)
    gone: Codes = field(default_factory=dict)
    """Those that the list marks as abolished."""


def townships(raw: bytes, county: str, system: CodeSystem, old: County | None) -> Listed:
    """The county's townships, by a list in `system`.

    Raises RuleError in Chinese for what is no such list, has none of the county, or is of the other system.
    """
    name, pairs = _rows(raw, county, system)
    found: dict[str, str] = {}
    gone: dict[str, str] = {}
    for town, code in pairs:
        match = _CODE.fullmatch(code)
        if match is None or not code.startswith(county):
            continue
        if _GONE.search(town):
            gone[_GONE.sub("", town)] = match[1]
        elif found.setdefault(town, match[1]) != match[1]:
            raise RuleError(f"{SYSTEMS[system]}的数据里{town}有两个代码：{found[town]} 和 {match[1]}；请核对。")
    if not found:
        raise RuleError(f"{SYSTEMS[system]}的数据里没有 {county} 的乡镇（街道）；请核对区县代码和文件。")
    _of_its_system(found, system, old)
    return Listed(name, found, gone)


def villages(raw: bytes, county: str, system: CodeSystem, towns: Codes) -> dict[str, str]:
    """Twelve digits → name of every village and community of these townships, by a list in `system`.

    Raises RuleError where it has none of the county, or where the codes do not lie under those of the townships.
    """
    _, pairs = _rows(raw, county, system)
    found = {code: _village(name) for name, code in pairs if _VILLAGE.fullmatch(code) and code.startswith(county)}
    if not found:
        raise RuleError(f"{SYSTEMS[system]}的数据里没有 {county} 的村（社区）；请核对区县代码和文件。")
    strange = sorted({code[:9] for code in found} - set(towns.values()))
    if strange:
        said = f"{len(strange)} 个乡镇代码不在{SYSTEMS[system]}的乡级名单里，如 {strange[0]}"
        raise RuleError(f"{SYSTEMS[system]}的村级数据与乡级名单对不上：{said}；请核对体系，两份用同一年的。")
    return found


def _village(name: str) -> str:
    """As people say it: 芋荷村村民委员会 is 芋荷村, and so is 芋荷村委会."""
    found = _COMMITTEE.fullmatch(name)
    stem, committee = found.groups() if found else (name, "")
    if stem.endswith(("村", "社区")):
        return stem
    return f"{stem}村" if committee.startswith("村") else name


def counties(raw: bytes, province: str) -> Codes:
    """Six digits → name of every county of the province with these two digits; of the province itself where it is said.

    The county level has one system; packages write it as code and name, or as 民政部's tree of provinces.
    """
    try:
        text = raw.decode("utf-8-sig")
        document = json.loads(text) if text.lstrip()[:1] in "[{" else None
        pairs = _tree(document["provinces"]) if isinstance(document, dict) else _flat(text, document)
        found = {code[:6]: name for name, code in pairs if re.fullmatch(rf"{province}[0-9]{{4}}(0{{6}})?", code)}
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error):
        raise RuleError("看不懂县级名单；应为 UTF-8 的 CSV（有 code、name 两列）或 JSON。") from None
    if not found:
        raise RuleError(f"名单里没有 {province} 开头的区县代码；请核对文件。")
    return dict(sorted(found.items()))


def _tree(provinces: Any) -> Iterator[tuple[str, str]]:
    for name, province in provinces.items():
        yield name, province["code"]
        for city in province["cities"].values():
            yield from city["counties"].items()


def _flat(text: str, document: Any, begins: str = "") -> list[tuple[str, str]]:
    """Only what `begins` so: a list of all China has 600,000 villages."""
    rows = csv.DictReader(io.StringIO(text)) if document is None else document
    pairs = ((str(row["name"]).strip(), str(row["code"]).strip()) for row in rows)
    return [pair for pair in pairs if pair[1].startswith(begins)]


def _of_its_system(found: Codes, system: CodeSystem, old: County | None) -> None:
    other = CodeSystem.MCA if system is CodeSystem.STATS else CodeSystem.STATS
    fits = dict.fromkeys(BOTH, 0)
    for town in old.townships if old else ():
        for each in BOTH:
            fits[each] += found.get(town.name) is not None and found.get(town.name) == code_in(town, each)
    if fits[other] > fits[system]:
        mine, its = SYSTEMS[system], SYSTEMS[other]
        said = f"与现用区划文件的{its}代码有 {fits[other]} 个一致，与{mine}代码只有 {fits[system]} 个"
        raise RuleError(f"这份数据像是{its}的，不是{mine}的：{said}；请核对选项。")


def _rows(raw: bytes, county: str, system: CodeSystem) -> tuple[str, list[tuple[str, str]]]:
    try:
        text = raw.decode("utf-8-sig")
        if text.lstrip()[:1] != "{":
            return "", _flat(text, json.loads(text) if text.lstrip()[:1] == "[" else None, county)
        return _tree_rows(json.loads(text), county, system)
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error):
        what = "应为 UTF-8 的 CSV（有 code、name 两列）或 JSON"
        raise RuleError(f"看不懂{SYSTEMS[system]}的数据；{what}。") from None


def _tree_rows(document: Any, county: str, system: CodeSystem) -> tuple[str, list[tuple[str, str]]]:
    """民政部's {county: {county, townships: {name: code}}}."""
    if system is not CodeSystem.MCA:
        raise RuleError("这是民政部地名信息库的格式，不是统计局的；请用 --mca 读它。")
    own = document.get(county.ljust(12, "0"), {"county": "", "townships": {}})
    return own["county"], [(str(name), str(code)) for name, code in own["townships"].items()]
