"""Telephone numbers as offices write them in a table, to and from E.164."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callout.domain.roster import ContactMethod, NumberKind

SEPARATOR = "、"
"""Between the numbers of one cell, as we write them."""
_LANDLINE_MARK = "固话"

_SPLIT = re.compile(r"[、，,；;/|]+")
_MARK = re.compile(r"[（(]?(?:固话|座机|办公)[)）]?[:：]?")
_PUNCTUATION = re.compile(r"[\s()\-.]")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_AREA = r"(?:10|2\d|[3-9]\d{2})"
_LANDLINE = re.compile(rf"(?:(?:\+|00)86|0|86(?=\d{{10}}))0?({_AREA}[1-9]\d{{6,7}})")
_WRITTEN = re.compile(r"\+86(10|2\d|[3-9]\d\d)([1-9]\d{6,7})")
_SAMPLE = re.compile(r"\+999\d{4,13}")
_SPREADSHEET = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+")
_EXTENSION = re.compile(r"转|分机|ext|x\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one cell holds: numbers in order, and what is wrong with it (Chinese sentences)."""

    contacts: tuple[ContactMethod, ...]
    errors: tuple[str, ...] = ()


def read_numbers(cell: str, *, landlines: bool = False) -> Numbers:
    """The numbers of a cell, already in half width. `landlines`: the column is meant for 固话."""
    contacts: list[ContactMethod] = []
    errors: list[str] = []
    for piece in _pieces(cell):
        found = _read(piece, landlines=landlines)
        if isinstance(found, str):
            errors.append(found)
        elif found.e164 in {each.e164 for each in contacts}:
            errors.append(f"号码“{piece}”写了两次；请删去一个")
        else:
            contacts.append(found)
    return Numbers(tuple(contacts), tuple(errors))


def write_numbers(contacts: Sequence[ContactMethod]) -> str:
    """The numbers in order of trial, each so that `read_numbers` gives it back."""
    return SEPARATOR.join(_write(each) for each in contacts)


def _pieces(cell: str) -> Iterator[str]:
    """One number each. A blank parts two numbers only where both halves are numbers."""
    for piece in (each.strip() for each in _SPLIT.split(cell)):
        parts = piece.split()
        if len(parts) > 1 and all(isinstance(_read(part), ContactMethod) for part in parts):
            yield from parts
        elif piece:
            yield piece


def _read(written: str, *, landlines: bool = False) -> ContactMethod | str:
    marked = landlines or bool(_MARK.search(written))
    bare = _PUNCTUATION.sub("", _MARK.sub("", written).lstrip("'"))
    if _SAMPLE.fullmatch(bare):
        return ContactMethod(bare, NumberKind.LANDLINE if marked else NumberKind.MOBILE)
    if found := _MOBILE.fullmatch(bare):
        return ContactMethod(f"+86{found[1]}", NumberKind.MOBILE)
    if (found := _LANDLINE.fullmatch(bare)) and _WRITTEN.fullmatch(f"+86{found[1]}"):
        return ContactMethod(f"+86{found[1]}", NumberKind.LANDLINE)
    return f"号码“{written[:40]}”{_why(written, bare)}"


def _why(written: str, bare: str) -> str:
    if _SPREADSHEET.fullmatch(written):
        return "被表格软件改成了科学计数法；请把这一列设为文本，重新填写"
    if _EXTENSION.search(written):
        return "带分机，系统不能拨；请改写直线或手机"
    if not re.fullmatch(r"\+?\d+", bare):
        return "里有不是数字的字；请只写号码"
    if re.fullmatch(r"1\d*", bare):
        return f"有 {len(bare)} 位，手机号应为 11 位，以 13 至 19 开头；请核对"
    if re.fullmatch(r"[2-9]\d{6,7}", bare):
        return "缺区号；固话请写成“023-”加号码的样子"
    return "认不出；手机写 11 位，固话要带区号"


def _write(contact: ContactMethod) -> str:
    if contact.kind is NumberKind.MOBILE:
        return contact.e164.removeprefix("+86")
    if found := _WRITTEN.fullmatch(contact.e164):
        return f"0{found[1]}-{found[2]}"
    return _LANDLINE_MARK + contact.e164
