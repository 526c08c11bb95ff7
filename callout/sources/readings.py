"""Readings of gauges as they come from outside: CSV as offices export it, or JSON as devices send it."""

import csv
import io
import json
from collections.abc import Mapping

from callout.domain.errors import Refusal
from callout.domain.instant import Instant
from callout.pipeline.measure import Came
from callout.sources.times import moment

AT_MOST = 20_000
"""Readings of one document."""
_COLUMNS = {
    "站号": "gauge",
    "gauge": "gauge",
    "时间": "at",
    "at": "at",
    "值": "value",
    "读数": "value",
    "value": "value",
}
_HIGHEST = 1 << 53


def read_csv(raw: bytes) -> list[Came]:
    """Columns 站号, 时间 (Beijing time unless a zone is written), 值. Raises Refusal, naming the line."""
    try:
        rows = list(csv.reader(io.StringIO(_text(raw), newline="")))
    except csv.Error:
        raise Refusal("不是有效的 CSV。") from None
    names = [_COLUMNS.get(cell.strip(), "") for cell in rows[0]] if rows else []
    missing = [word for word, name in (("站号", "gauge"), ("时间", "at"), ("值", "value")) if name not in names]
    if missing:
        raise Refusal(f"表头缺少：{'、'.join(missing)}；应为 站号,时间,值。")
    lines = [(at, dict(zip(names, row, strict=False))) for at, row in enumerate(rows[1:], 2) if any(row)]
    return _bounded([_one(each, f"第 {at} 行") for at, each in lines])


def read_any(raw: bytes) -> list[Came]:
    """JSON (one reading alone too) or CSV, told apart by how it begins. Raises Refusal."""
    return read_json(raw) if raw.lstrip()[:1] in (b"{", b"[") else read_csv(raw)


def read_json(raw: bytes) -> list[Came]:
    """{"readings": [{"gauge", "at", "value"}, …]}, the list alone, or one of it. `at`: ISO 8601. Raises Refusal."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal("不是有效的 JSON。") from None
    many = said.get("readings", [said] if "gauge" in said else None) if isinstance(said, dict) else said
    if not isinstance(many, list):
        raise Refusal("应有 readings，是一串 {gauge, at, value}。")
    return _bounded([_one(each, f"第 {at} 条") for at, each in enumerate(many, 1)])


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("文件编码认不出；请另存为“CSV UTF-8”。")


def _bounded(came: list[Came]) -> list[Came]:
    if len(came) > AT_MOST:
        raise Refusal(f"有 {len(came)} 条读数，超过 {AT_MOST} 条；请分几次送。")
    return came


def _one(said: object, where: str) -> Came:
    if not isinstance(said, Mapping):
        raise Refusal(f"{where}不是 {{gauge, at, value}}。")
    gauge, value = said.get("gauge"), _number(said.get("value"))
    if not isinstance(gauge, str) or not gauge.strip() or len(gauge) > 60:  # noqa: PLR2004 - a station's code
        raise Refusal(f"{where}没有站号。")
    at = _moment(said.get("at"))
    if at is None:
        raise Refusal(f"{where}的时间看不懂；请写成 2026-08-02 23:10:00。")
    if value is None:
        raise Refusal(f"{where}的值不是数字；没有读数的请不要送。")
    return Came(gauge.strip(), at, value)


def _moment(said: object) -> Instant | None:
    return moment(said.strip()) if isinstance(said, str) else None


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        value = float(said)
    except (ValueError, OverflowError):
        return None
    return value if abs(value) < _HIGHEST else None
