"""A JSON document is one record, a list of them, or lines of them: taken apart here, each record read by its form."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callout.domain.alert import Alert
from callout.domain.errors import Refusal
from callout.ports import Part, Reading
from callout.sources import alarm, jsontext, nmc, qweather, weathercomcn, wmo
from callout.sources.jsontext import Record

AT_MOST = 5000
"""Records of one document; all warnings in force in China are about a thousand."""

FORMS: tuple[tuple[frozenset[str], Callable[[Record], Alert]], ...] = (
    (alarm.KEYS, alarm.read),
    (wmo.KEYS, wmo.read),
    (nmc.LIST_KEYS, nmc.read_list),
    (nmc.ALARM_KEYS, nmc.read_alarm),
    (qweather.OLD_KEYS, qweather.read_old),
    (qweather.NEW_KEYS, qweather.read_new),
    (weathercomcn.DETAIL_KEYS, weathercomcn.read_detail),
    (weathercomcn.LIST_KEYS, weathercomcn.read_list),
)
"""Which keys make a record one of which form; the first that fits reads it."""

_LISTS = (("warning",), ("alerts",), ("alarm",), ("data", "alarm"), ("data", "page", "list"))
"""Where the known answers keep their list of records."""


@dataclass(frozen=True, slots=True)
class _Entry:
    where: str
    record: object
    raw: bytes | None = None


def read(raw: bytes) -> Reading:
    """All alerts of a JSON document, and a sentence for each record that cannot be read.

    Raises Refusal when the document itself cannot be read. One record alone is kept with the whole document.
    """
    jsontext.bounded(raw)
    texts = jsontext.lines(raw)
    if texts is not None:
        return _read(list(_line_entries(texts)))
    root = jsontext.parse(raw)
    entries = _entries(root)
    if entries is not None:
        return _read(entries)
    return Reading((Part(_alert(root), raw),))


def _read(entries: list[_Entry]) -> Reading:
    if len(entries) > AT_MOST:
        raise Refusal(f"来文有 {len(entries)} 条记录，超过 {AT_MOST} 条，没有读取，请让发送方检查文件。")
    parts, refused = [], []
    for entry in entries:
        try:
            record = jsontext.parse(entry.raw) if entry.raw is not None else entry.record
            parts.append(Part(_alert(record), entry.raw or jsontext.written(record)))
        except Refusal as refusal:
            refused.append(f"{entry.where}没有读懂：{refusal}")
    return Reading(tuple(parts), tuple(refused))


def _alert(value: object) -> Alert:
    record = jsontext.fields_of(value)
    for keys, reader in FORMS:
        if keys <= record.keys():
            return reader(record)
    raise Refusal("来文是 JSON，但不是认识的格式（WMO 中继、weather.com.cn、NMC、和风天气），请让发送方检查文件。")


def _line_entries(texts: list[bytes]) -> Iterator[_Entry]:
    return (_Entry(f"第 {number} 行", None, text) for number, text in enumerate(texts, 1) if text)


def _entries(root: object) -> list[_Entry] | None:
    """The records of a listing; None when the document is no listing."""
    if isinstance(root, list):
        return _numbered(root)
    record = jsontext.fields_of(root)
    if "warnings" in record:
        return list(_by_area(jsontext.fields_of(record["warnings"])))
    for path in _LISTS:
        found = _at(record, path)
        if isinstance(found, list):
            return _numbered(found)
    return None


def _at(record: Record, path: tuple[str, ...]) -> object:
    found: object = record
    for name in path:
        found = jsontext.fields_of(found).get(name) if isinstance(found, dict) else None
    return found


def _numbered(records: list[object]) -> list[_Entry]:
    return [_Entry(f"第 {number} 条", record) for number, record in enumerate(records, 1)]


def _by_area(areas: Record) -> Iterator[_Entry]:
    """WMO snapshot: lists by area code. The code goes into each record, which can then stand alone."""
    for code, records in areas.items():
        for number, record in enumerate(records if isinstance(records, list) else [records], 1):
            alone = {"adcode": code, **record} if isinstance(record, dict) else record
            yield _Entry(f"区划 {code[:20]} 第 {number} 条", alone)
