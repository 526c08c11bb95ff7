"""What a text reply means: the whole text must stand in a closed table, else a human reads it."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from callout.domain.answer import CODE_DIGITS, CODE_LETTERS, Grade, Reply
from callout.domain.feedback import FeedbackKind

__all__ = ["Reply", "read_reply"]

_TABLE: Mapping[str, Grade] = MappingProxyType(
    {
        "1": Grade.ACKNOWLEDGED,
        "收到": Grade.ACKNOWLEDGED,
        "已收到": Grade.ACKNOWLEDGED,
        "已到岗": Grade.ACKNOWLEDGED,
        "已落实": Grade.ACKNOWLEDGED,
        "2": Grade.CANNOT_COME,
        "无法到岗": Grade.CANNOT_COME,
        "3": Grade.CONTACT,
        "需要支援": Grade.CONTACT,
    }
)
_FEEDBACK: Mapping[str, FeedbackKind] = MappingProxyType(
    {"已到岗": FeedbackKind.ON_POST, "已落实": FeedbackKind.MEASURES}
)
"""Words that are 应 and the report that the plan asks for."""
_CODE_ALONE = ""
_ALL = "全部收到"
_SUPPORT = frozenset({"3", "需要支援"})
_OPT_OUT = frozenset({"STOP", "TD", "退订"})
_OPT_IN = frozenset({"START", "恢复", "恢复订阅"})

_DIGITS = "零一二三四五六七八九"
_UNITS = MappingProxyType({"万": 10_000, "千": 1_000, "百": 100, "十": 10})
_NUMERAL = _DIGITS + "两" + "".join(_UNITS)

_SIMPLER = str.maketrans("無崗轉訂兩萬實戶〇", "无岗转订两万实户零")
_TWO = str.maketrans("两", "二")
_SEPARATORS = re.compile(r"[\s。.,、!~;:]+")
_SPACE = re.compile(rf"(?<![0-9{_NUMERAL}]) | (?![0-9{_NUMERAL}])")

_CODE = f"[{CODE_LETTERS}][{CODE_DIGITS}]"
_EDGE_CODE = re.compile(rf"^{_CODE} ?|{_CODE}\Z")
_LONE_CODE = re.compile(rf"(?<![A-Z0-9]){_CODE}(?![A-Z0-9])")
_COUNT = rf"(?:[0-9]{{1,6}}|[{_NUMERAL}]{{1,16}})"
_MOVED = re.compile(rf"已转移(?:({_COUNT})户)?({_COUNT})人")


def read_reply(text: str) -> Reply:
    """The meaning of one inbound text. Never fails: what the closed table does not hold is a CONTACT."""
    spaced = _spaced(text)
    plain = _SPACE.sub("", spaced)
    if plain in _OPT_OUT:
        return Reply(Grade.CONTACT, plain, opt_out=True)
    if plain in _OPT_IN:
        return Reply(Grade.CONTACT, plain, opt_in=True)
    edges = [code.strip() for code in _EDGE_CODE.findall(plain)]
    known = _known(plain, _EDGE_CODE.sub("", plain), _only(edges)) if len(edges) <= 1 else None
    return known or Reply(Grade.CONTACT, plain, _only(_LONE_CODE.findall(spaced)))


def _only(codes: list[str]) -> str | None:
    return codes[0] if len(codes) == 1 else None


def _known(plain: str, body: str, code: str | None) -> Reply | None:
    """The meaning of a text that the closed table holds, with at most one answer code; None for any other text."""
    if body == _ALL and not code:
        return Reply(Grade.ACKNOWLEDGED, plain, all=True)
    if body == _CODE_ALONE and code:
        return Reply(Grade.ACKNOWLEDGED, plain, code)
    moved = _moved(body)
    if moved is not None:
        return Reply(Grade.ACKNOWLEDGED, plain, code, *moved)
    grade = _TABLE.get(body)
    return Reply(grade, plain, code, support=body in _SUPPORT, feedback=_FEEDBACK.get(body)) if grade else None


def _spaced(text: str) -> str:
    """One width, one case, simplified characters; every run of separators is one space."""
    wide = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in wide if unicodedata.category(c) != "Cf")
    return _SEPARATORS.sub(" ", seen.upper().translate(_SIMPLER))


def _moved(body: str) -> tuple[int, int | None] | None:
    """(people, households) where the text says nothing else; None for any other text."""
    found = _MOVED.fullmatch(body)
    if not found:
        return None
    households, people = (None if said is None else _count(said) for said in found.groups())
    if people is None or (found[1] and households is None):
        return None
    return people, households


def _count(said: str) -> int | None:
    return int(said) if said.isascii() else _number(said.translate(_TWO))


def _number(spelled: str) -> int | None:
    """The value of a well-formed Chinese numeral below 100 million; None for any other string of its characters."""
    full = re.sub(rf"(?<![{_DIGITS[1:]}])十", "一十", spelled)
    total = section = digit = 0
    for sign in full:
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        elif sign == "万":
            total, section, digit = (section + digit) * _UNITS[sign], 0, 0
        else:
            section, digit = section + digit * _UNITS[sign], 0
    value = total + section + digit
    return value if _spelled(value) == full else None


def _spelled(value: int) -> str:
    """The one full spelling of a number: 零, 一十, 一百零五 …"""
    for sign, unit in _UNITS.items():
        if value >= unit:
            high, low = divmod(value, unit)
            gap = "零" if 0 < low < unit // 10 else ""
            return _spelled(high) + sign + gap + (_spelled(low) if low else "")
    return _DIGITS[value]
