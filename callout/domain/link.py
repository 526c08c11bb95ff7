"""The short link in a text: whom it belongs to, and what the page behind it brings back.

A link names the attempt whose text held it, by the first bytes of its id, and carries a mark that only the holder of
the key can make. It proves what a reply from that phone proves, and nothing about anybody else.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from callout.domain.attempt import county_of
from callout.domain.drill import base_of, drill_code, drill_number, is_drill
from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import HOUR, Instant, later

LIFE = 48 * HOUR
"""How long after its text was handed over a link still opens, as long as a text is read as a reply."""
SHORTEST_KEY = 16
"""Characters of the secret at least."""
MOST_PEOPLE = 99_999
_COUNTY, _DRILL, _START, _MARK = 3, 5, 4, 8
"""Bytes of the county's code, of the number of a drill, of the attempt's id and of the mark."""
SIGNS, DRILL_SIGNS = 24, 32
"""Letters and digits in all, of a link and of a drill's."""


class Choice(StrEnum):
    """What somebody can press on the page."""

    RECEIVED = "1"
    MOVING = "moving"
    """应, and people are being moved: how many so far may be said with it."""
    CANNOT_COME = "2"
    SUPPORT = "3"

    @property
    def zh(self) -> str:
        """The word on the button."""
        return {"1": "收到", "moving": "正在转移", "2": "无法到岗", "3": "需要支援"}[self.value]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came back from the page, or a key that was pressed in a call."""

    key: str
    """As a key of a phone: 1, 2 or 3."""
    report: Report | None = None
    """People moved, where it says so."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look for the attempt that a link may belong to."""

    county: str
    start: str
    """How the id of the attempt begins."""


def written(choice: Choice, people: int | None) -> str:
    """How it is kept: the choice, and people moved so far where it says so."""
    return f"{choice}:{people}" if choice is Choice.MOVING and people is not None else choice.value


def read_pressed(body: str) -> Pressed:
    """What `written` kept. Any other text is a key as a phone sends it."""
    choice, _, people = body.partition(":")
    if choice != Choice.MOVING:
        return Pressed(body)
    return Pressed(Choice.RECEIVED.value, Report(FeedbackKind.MOVED, int(people)) if people else None)


def in_words(body: str) -> str:
    """For people: 收到, 正在转移（已转移 12 人）."""
    choice, _, people = body.partition(":")
    return Choice(choice).zh + (f"（已转移 {people} 人）" if people else "")


def token(key: bytes, attempt: str) -> str:
    """What stands at the end of the link in the text of this attempt."""
    county, fresh = county_of(attempt), attempt.partition(".")[2]
    start = bytes.fromhex(fresh[: 2 * _START])
    drill = drill_number(county).to_bytes(_DRILL) if is_drill(county) else b""
    where = int(base_of(county)).to_bytes(_COUNTY) + drill
    return base64.b32encode(where + start + _mark(key, attempt)).decode().lower()


def place_of(text: str) -> Place | None:
    """Where to look; None for what was never a link of ours."""
    raw = _bytes(text)
    if raw is None:
        return None
    start, drill = raw[-_MARK - _START : -_MARK], raw[_COUNTY : -_MARK - _START]
    base = f"{int.from_bytes(raw[:_COUNTY]):06}"
    county = drill_code(base, int.from_bytes(drill)) if drill else base
    return Place(county, f"{county}.{start.hex()}")


def whose(key: bytes, text: str, attempts: Iterable[str]) -> str | None:
    """The one of these attempts whose link this is; None where it is nobody's."""
    mark = (_bytes(text) or b"")[-_MARK:]
    return next((one for one in attempts if hmac.compare_digest(mark, _mark(key, one))), None)


def ends(submitted: Instant) -> Instant:
    """When the link of a text that was handed over then opens nothing any more."""
    return later(submitted, LIFE)


def _mark(key: bytes, attempt: str) -> bytes:
    return hmac.digest(key, b"link:" + attempt.encode(), sha256)[:_MARK]


def _bytes(text: str) -> bytes | None:
    if len(text) not in (SIGNS, DRILL_SIGNS):
        return None
    try:
        return base64.b32decode(text, casefold=True)
    except (binascii.Error, ValueError):
        return None
