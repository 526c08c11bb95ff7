"""Approved templates: a provider that takes no free text gets a template's code and the words that fill its gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Charset(StrEnum):
    """Which characters a variable may hold."""

    ANY = "any"
    PLAIN = "plain"
    """No 【】, no address of a page, no line break, no decoration: what the Chinese clouds' reviews let through."""
    DIGITS = "digits"


class Overflow(StrEnum):
    """What becomes of a value that is too long."""

    REFUSE = "refuse"
    """The message is not sent this way: half a warning may be a wrong one."""
    CUT = "cut"
    """It is cut, and ends in …"""


@dataclass(frozen=True, slots=True)
class Variable:
    """One gap of a template."""

    name: str
    value: str
    """Jinja over `m`, the Meaning: the same words as in templates/."""
    longest: int = 20
    charset: Charset = Charset.PLAIN
    overflow: Overflow = Overflow.REFUSE


@dataclass(frozen=True, slots=True)
class Form:
    """One approved template of one provider, for one kind of message (a MessageKind or a NoticeKind)."""

    code: str
    words: str
    """The text as it was approved, with ${name} for each gap."""
    variables: tuple[Variable, ...] = ()


NO_FORMS: Mapping[str, Form] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filled:
    """A template's code with what fills its gaps, by name and in order: providers want one or the other."""

    code: str
    named: Mapping[str, str]
    ordered: tuple[str, ...]
