"""Lists of townships as the data packages publish them, joined into a county's areas file.

Each list is read in the system that the person names. A code says nothing about its system, so it is never guessed; a
list that fits the other system better is refused.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callout.domain.alert import CodeSystem
from callout.domain.area import County
from callout.domain.errors import RuleError
from callout.rulebook.township_codes import BOTH, SYSTEMS, code_in

Codes = Mapping[str, str]
"""Name of a township → its nine digits, in one system."""

_GONE = re.compile(r"[（(]已?撤销[）)]$")
_CODE = re.compile(r"([1-9][0-9]{8})(0{3})?")


@dataclass(frozen=True, slots=True)
class Joined:
    """A county's townships by both lists."""

    county: str
    name: str
    stats: Codes
    mca: Codes

    @property
    def names(self) -> tuple[str, ...]:
        """All townships, in the order of their codes in 统计局's list, then those that only 民政部 has."""
        only = sorted(self.mca.keys() - self.stats.keys(), key=lambda name: self.mca[name])
        return (*sorted(self.stats, key=lambda name: self.stats[name]), *only)

    def text(self) -> str:
        """The areas file, without short names and places: those are the office's own."""
        lines = [
            f'county: {{gb2260: "{self.county}", name: {_word(self.name)}}}',
            "townships:",
            *(
                f"  - {{name: {_word(name)}, stats: {_code(self.stats, name)}, mca: {_code(self.mca, name)}}}"
                for name in self.names
            ),
        ]
        return "\n".join(lines) + "\n"

    def remarks(self, old: County | None) -> Iterator[str]:
        """What a person should look at: names in one list only, codes with two meanings, changes against the file."""
        if self.stats == self.mca:
            yield "两份名单完全相同，请核对是不是把同一份给了两次"
        if self.stats and self.mca:
            for system, mine, other in (("统计局", self.stats, self.mca), ("民政部", self.mca, self.stats)):
                if only := [name for name in self.names if name in mine and name not in other]:
                    yield f"只有{system}有：{'、'.join(only)}（同一乡镇写法不同的，请合成一行，两个代码都写上）"
        owners = {code: name for name, code in self.mca.items()}
        for name, code in self.stats.items():
            if owners.get(code, name) != name:
                yield f"{code} 在统计局是{name}，在民政部是{owners[code]}"
        yield from self._changed(old) if old else ()

    def _changed(self, old: County) -> Iterator[str]:
        had = {town.name: town for town in old.townships}
        for name in self.names:
            if name not in had:
                yield f"现用区划文件里没有{name}"
        yield from (f"现用区划文件里的{name}，两份数据都没有" for name in had if name not in self.names)
        for system, codes in zip(BOTH, (self.stats, self.mca), strict=True):
            for name in had.keys() & codes.keys():
                was = code_in(had[name], system)
                if was != codes[name]:
                    yield f"{name}的{SYSTEMS[system]}代码：现用 {was or '没有'}，数据里是 {codes[name]}"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[^\W\d_][\w（）()·]*", text) else json.dumps(text, ensure_ascii=False)


def _code(codes: Codes, name: str) -> str:
    return f'"{codes[name]}"' if name in codes else "null"


def townships(raw: bytes, county: str, system: CodeSystem, old: County | None) -> tuple[str, Codes]:
    """The county's name (empty where the list does not say it) and its townships, by a list in `system`.

    Raises RuleError in Chinese for what is no such list, has none of the county, or is of the other system.
    """
    name, pairs = _rows(raw, county, system)
    found: dict[str, str] = {}
    for town, code in pairs:
        match = _CODE.fullmatch(code)
        if match is None or not code.startswith(county) or _GONE.search(town):
            continue
        if found.setdefault(town, match[1]) != match[1]:
            raise RuleError(f"{SYSTEMS[system]}的数据里{town}有两个代码：{found[town]} 和 {match[1]}；请核对。")
    if not found:
        raise RuleError(f"{SYSTEMS[system]}的数据里没有 {county} 的乡镇（街道）；请核对区县代码和文件。")
    _of_its_system(found, system, old)
    return name, found


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


def _flat(text: str, document: Any) -> list[tuple[str, str]]:
    return _csv_rows(text) if document is None else [(str(row["name"]), str(row["code"])) for row in document]


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
            return "", _flat(text, json.loads(text) if text.lstrip()[:1] == "[" else None)
        return _tree_rows(json.loads(text), county, system)
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error):
        what = "应为 UTF-8 的 CSV（有 code、name 两列）或 JSON"
        raise RuleError(f"看不懂{SYSTEMS[system]}的数据；{what}。") from None


def _csv_rows(text: str) -> list[tuple[str, str]]:
    return [(row["name"].strip(), row["code"].strip()) for row in csv.DictReader(io.StringIO(text))]


def _tree_rows(document: Any, county: str, system: CodeSystem) -> tuple[str, list[tuple[str, str]]]:
    """民政部's {county: {county, townships: {name: code}}}."""
    if system is not CodeSystem.MCA:
        raise RuleError("这是民政部地名信息库的格式，不是统计局的；请用 --mca 读它。")
    own = document.get(county.ljust(12, "0"), {"county": "", "townships": {}})
    return own["county"], [(str(name), str(code)) for name, code in own["townships"].items()]
