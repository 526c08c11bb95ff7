"""A written storm: YAML with times, hazards, levels and areas → documents as the national system 12379 sends them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from pydantic import BaseModel, ConfigDict, Field

from callout.domain.area import County
from callout.domain.errors import RuleError
from callout.domain.instant import BEIJING, Instant, beijing, instant
from callout.domain.level import Hazard, Level
from callout.rulebook.document import Document, load
from callout.sources.codes import CN12379

_LEVELS = {level.zh[0]: level for level in Level}
_NUMERALS = {Level.BLUE: "IV级/一般", Level.YELLOW: "III级/较重", Level.ORANGE: "II级/严重", Level.RED: "I级/特别严重"}
KINDS = {"发布": "Alert", "变更": "Update", "解除": "Cancel"}
_CODES = {hazard: code for code, hazard in CN12379.items()}
_OFFICE = "41600000"
_TIME = r"^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$"


class WarningEntry(BaseModel):
    """One warning of the storm."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    at: str = Field(pattern=_TIME)
    until: str = Field(default="", pattern=r"^$|" + _TIME)
    hazard: str
    level: str
    areas: list[str] = Field(default_factory=list)
    kind: str = "发布"
    of: int = 0
    text: str = ""


class StormFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    storm: str
    about: str = ""
    warnings: list[WarningEntry] = Field(min_length=1)


def read_storm_file(path: Path, county: County) -> tuple[str, list[bytes]]:
    """Its name and its documents. Raises RuleError with file, line and key for the first thing that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise RuleError(f"{path.name}：读不出来；请检查文件和权限，编码应是 UTF-8。") from None
    return _read(path.name, text, county)


def written(name: str, text: str, county: County) -> list[bytes]:
    """The documents of a storm that was written by a program. Raises RuleError as `read_storm_file` does."""
    return _read(name, text, county)[1]


def _read(name: str, text: str, county: County) -> tuple[str, list[bytes]]:
    document = load(name, text)
    found, mistakes = document.read(StormFile)
    if found is None:
        raise mistakes[0]
    return found.storm, list(_written(document, found.warnings, county))


@dataclass(frozen=True, slots=True)
class _Said:
    """One warning with everything looked up."""

    sent: Instant
    until: Instant | None
    hazard: Hazard
    level: Level
    areas: tuple[tuple[str, str], ...]
    """Names and codes."""
    kind: str
    identifier: str
    of: str
    text: str


def _written(document: Document, warnings: Sequence[WarningEntry], county: County) -> Iterator[bytes]:
    firsts: list[str] = []
    for at, entry in enumerate(warnings):
        said = _said(_At(document, at), entry, county, firsts)
        firsts.append(said.of or said.identifier)
        yield _document(said, county)


@dataclass(frozen=True, slots=True)
class _At:
    document: Document
    number: int

    def fail(self, key: str, message: str) -> RuleError:
        return self.document.fail(("warnings", self.number, key), message)


def _said(place: _At, entry: WarningEntry, county: County, firsts: Sequence[str]) -> _Said:
    hazard = next((h for h in Hazard if h == entry.hazard), None)
    level, sent = _LEVELS.get(entry.level[:1]), _time(place, "at", entry.at)
    if hazard is None:
        raise place.fail("hazard", f"不认识灾种“{entry.hazard}”；请用{'、'.join(Hazard)}之一。")
    if level is None:
        raise place.fail("level", "级别应是 蓝、黄、橙、红 之一；请改正。")
    if entry.kind not in KINDS:
        raise place.fail("kind", f"应是{'、'.join(KINDS)}之一；请改正。")
    if not 0 <= entry.of <= place.number or (entry.kind != "发布" and not entry.of):
        raise place.fail("of", "变更和解除要用 of 写明是前面第几条预警；请改正。")
    return _Said(
        sent,
        _time(place, "until", entry.until) if entry.until else None,
        hazard,
        level,
        _areas(place, entry.areas, county),
        entry.kind,
        # The serial keeps two warnings of one second apart.
        f"{county.code}{_OFFICE}_{beijing(sent, '%Y%m%d%H%M%S')}_{place.number + 1:04d}",
        firsts[entry.of - 1] if entry.of else "",
        entry.text,
    )


def _time(place: _At, key: str, text: str) -> Instant:
    try:
        return instant(datetime.fromisoformat(text).replace(tzinfo=BEIJING))
    except ValueError:
        raise place.fail(key, f"没有“{text}”这个时间；请改正。") from None


def _areas(place: _At, names: Sequence[str], county: County) -> tuple[tuple[str, str], ...]:
    """The townships named; none named: the whole county."""
    if not names:
        return ((county.name, f"{county.code}000000"),)
    known = {name: town for town in county.townships for name in (town.name, *town.aliases)}
    unknown = next((name for name in names if name not in known), None)
    if unknown:
        raise place.fail("areas", f"{county.name}没有乡镇“{unknown}”；请改正，全区请不写 areas。")
    return tuple((name, f"{known[name].stats or known[name].mca}000") for name in names)


def _document(said: _Said, county: County) -> bytes:
    office, what = f"{county.name}气象台", f"{said.hazard}{said.level.zh}预警"
    done = {"发布": "发布", "变更": "变更发布", "解除": "解除"}[said.kind]
    where = "、".join(name for name, _ in said.areas)
    text = said.text or f"{office}{beijing(said.sent, '%m月%d日%H时%M分')}{done}{what}：{where}。（推演自编文字）"
    fields = {
        "identifier": said.identifier,
        "sender": f"{county.name}气象局",
        "senderCode": f"{county.code}{_OFFICE}",
        "sendTime": _stamp(said.sent),
        "status": "Actual",
        "msgType": KINDS[said.kind],
        "references": said.of,
    }
    info = {
        "language": "zh-CN",
        "eventType": _CODES.get(said.hazard, ""),
        "event": said.hazard,
        "severity": said.level.capitalize(),
        "effective": _stamp(said.sent),
        "expires": _stamp(said.until) if said.until else "",
        "headline": f"{office}{done}{what}[{_NUMERALS[said.level]}]",
        "description": text,
    }
    area = f"<area>{_xml({'areaDesc': _joined(said.areas, 0), 'geocode': _joined(said.areas, 1)})}</area>"
    return f"<alert>{_xml(fields)}<info>{_xml(info)}{area}</info></alert>".encode()


def _joined(areas: Sequence[tuple[str, str]], part: int) -> str:
    return ",".join(area[part] for area in areas)


def _xml(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())


def _stamp(at: Instant) -> str:
    return beijing(at, "%Y-%m-%d %H:%M:%S") + "+08:00"
