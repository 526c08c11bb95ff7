"""JSON from strangers: parsed by the standard library within limits of our own, and its fields picked by name.

The standard library's parser runs no code and resolves nothing; what it would let pass (depth, repeated keys, NaN,
endless numbers, half characters) is refused here, so no other parser is needed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from callout.domain.errors import Refusal
from callout.domain.instant import Instant
from callout.sources.times import moment
from callout.sources.xml import MAX_BYTES

MAX_DEPTH = 20
"""Deepest nesting that is read; real documents have 6 levels."""
MAX_DIGITS = 40
"""Longest number that is read; identifiers come as numbers of up to 30 digits."""

Record = Mapping[str, object]

_BOM = b"\xef\xbb\xbf"
_JSONP = re.compile(rb"(?:var\s+)?[A-Za-z_$][\w$.]{0,63}\s*(?:=|\()\s*(?=[{\[])")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def looks_like(raw: bytes) -> bool:
    """Whether the document is JSON, JSON lines, or JSON wrapped in a script (`var x={…};`, `x({…})`)."""
    start = raw[: 2 * MAX_DIGITS].removeprefix(_BOM).lstrip()
    return start.startswith((b"{", b"[")) or bool(_JSONP.match(start))


def parse(raw: bytes) -> object:
    """What the text holds. Raises Refusal, and nothing else."""
    bounded(raw)
    bare = _unwrapped(raw)
    if _depth(bare) > MAX_DEPTH:
        raise Refusal(f"来文的 JSON 嵌套超过 {MAX_DEPTH} 层，不是预警，请让发送方检查文件。")
    try:
        text = bare.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("来文的 JSON 不是 UTF-8 编码，请让发送方用 UTF-8 重发。") from None
    return _loaded(text)


def bounded(raw: bytes) -> None:
    """Raises Refusal for a document that is too long to be looked at."""
    if len(raw) > MAX_BYTES:
        raise Refusal(f"来文超过 {MAX_BYTES // 1024} KiB，没有读取，请让发送方检查文件。")


def lines(raw: bytes) -> list[bytes] | None:
    """The lines of a JSON-lines document (one `{…}` a line), None when it is no such document."""
    found = [line.strip() for line in raw.removeprefix(_BOM).splitlines()]
    full = [line for line in found if line]
    return found if len(full) > 1 and all(line.startswith(b"{") for line in full) else None


def written(record: object) -> bytes:
    """The record as compact JSON: how one record of a listing is kept."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def fields_of(value: object) -> Record:
    """The value as a record. Raises Refusal when it is none."""
    if not isinstance(value, Mapping):
        raise Refusal("来文里应是“键: 值”的记录，实际不是，请让发送方检查文件。")
    return value


def text(record: Record, name: str) -> str:
    """The text of a field without surrounding blanks; empty when it is absent or null."""
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refusal(f"来文的 {name} 应是文字，实际不是，请让发送方改正后重发。")
    return _CONTROL.sub("", str(value)).strip()


def required(record: Record, name: str) -> str:
    """The text of a field without which the record cannot be handled."""
    found = text(record, name)
    if not found:
        raise Refusal(f"来文缺少 {name}，请让发送方补上后重发。")
    return found


def names(record: Record, name: str) -> tuple[str, ...]:
    """A list of texts; empty when it is absent or null."""
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Refusal(f"来文的 {name} 应是列表，实际不是，请让发送方改正后重发。")
    return tuple(found for number, _ in enumerate(value) if (found := text({name: value[number]}, name)))


def sent(record: Record, name: str) -> Instant:
    """The time of issue, required: the order of messages hangs on it."""
    at = moment(required(record, name))
    if at is None:
        raise Refusal(f"来文的 {name} 不是可读的时间，请让发送方改正后重发。")
    return at


def time(record: Record, name: str, doubts: list[str]) -> Instant | None:
    """An optional time; an unreadable one is None and adds to `doubts`."""
    found = text(record, name)
    at = moment(found)
    if found and at is None:
        doubts.append(f"{name} 不是可读的时间，需人工核对")
    return at


def _unwrapped(raw: bytes) -> bytes:
    bare = raw.removeprefix(_BOM).strip()
    wrapper = _JSONP.match(bare)
    return bare[wrapper.end() :].rstrip(b"; \t\r\n)") if wrapper else bare


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _loaded(text: str) -> object:
    try:
        value = json.loads(
            text, object_pairs_hook=_record, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
        )
        written(value)
    except json.JSONDecodeError as error:
        raise Refusal(f"来文不是完整的 JSON（第 {error.lineno} 行出错），请让发送方用 UTF-8 重发。") from None
    except (UnicodeEncodeError, RecursionError, ValueError):
        raise Refusal("来文的 JSON 含有不成字的字符或过深的嵌套，请让发送方检查文件。") from None
    return value


def _record(pairs: list[tuple[str, object]]) -> Record:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("来文的 JSON 里同一个键写了两次，不知以哪个为准，请让发送方改正后重发。")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Refusal(f"来文的 JSON 里有超过 {MAX_DIGITS} 位的数字，请让发送方检查文件。")
    return int(digits)


def _fraction(digits: str) -> str:
    """Kept as written: no field of a warning is reckoned with, and 1e999 has no value."""
    return digits[: 2 * MAX_DIGITS]


def _constant(name: str) -> NoReturn:
    raise Refusal(f"来文的 JSON 里有 {name}，不是数字，请让发送方改正后重发。")
