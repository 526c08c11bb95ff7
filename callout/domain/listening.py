"""How sources of warnings and of readings are listened to: when they are asked again, when silence is an alarm.

Pure decisions.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callout.domain.instant import MINUTE, SECOND, Instant, Millis, beijing, later

LONGEST_PAUSE: Millis = 2 * MINUTE
"""However often a source has failed, it is asked again after so long (or its own interval, where that is longer): what
it has to say when it comes back may be red."""
_SPREAD = 0.1
_DOUBLINGS_AT_MOST = 20


class EndpointKind(StrEnum):
    """What stands at the address."""

    FEED = "feed"
    """An RSS or Atom index; each item links to one document."""
    DOCUMENT = "document"
    """One document, JSON or XML, that is replaced by newer ones."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A source of warnings that is asked again and again. Its address is its key: nothing else is trusted."""

    noun: ClassVar[str] = "预警源"
    loss: ClassVar[str] = "其间的预警可能收不到，请查看网络和来源，并从其他途径核对预警"
    name: str
    kind: EndpointKind
    url: str
    every: Millis = MINUTE
    silent_after: Millis = 15 * MINUTE
    """Without a good answer for so long, a human is rung."""
    county: str = ""
    """Area code that the address is about, for documents that name none."""
    header: str = "Authorization"
    key_env: str = ""
    """Environment variable that holds the token for `header`; empty: no token."""


_READINGS = "测站来源"
_UNMEASURED = "其间的雨量、水位收不到，到了阈值也不会叫应，请查看网络和来源，并向当地村组核实雨情水情"


@dataclass(frozen=True, slots=True)
class GaugeAddress:
    """An address that answers with readings of gauges and is asked again and again."""

    noun: ClassVar[str] = _READINGS
    loss: ClassVar[str] = _UNMEASURED
    name: str
    url: str
    every: Millis = MINUTE
    silent_after: Millis = 30 * MINUTE
    """Without a usable reading for so long, a human is rung."""
    header: str = "Authorization"
    key_env: str = ""


@dataclass(frozen=True, slots=True)
class GaugeBroker:
    """An MQTT broker whose topics carry readings of gauges."""

    noun: ClassVar[str] = _READINGS
    loss: ClassVar[str] = _UNMEASURED
    every: ClassVar[Millis] = 0
    """It is not asked: it says."""
    name: str
    host: str
    topics: tuple[str, ...]
    port: int = 8883
    silent_after: Millis = 30 * MINUTE
    user: str = ""
    key_env: str = ""
    """Environment variable that holds the password."""
    tls: bool = True
    session: str = ""
    """Our name at the broker, by which it keeps what comes while we are away; empty: it keeps nothing."""


Heeded = Endpoint | GaugeAddress | GaugeBroker


def introduced(one: Heeded) -> str:
    """What is listened to, in one line for the officer who starts the engine."""
    asked = f"每 {one.every // SECOND} 秒问一次" if one.every else "一直听着"
    missing = "没有好的回答" if isinstance(one, Endpoint) else "没有能用的读数"
    return f"{one.noun}：{one.name}，{asked}，{one.silent_after // MINUTE} 分钟{missing}就转人工"


@dataclass(frozen=True, slots=True)
class Hearing:
    """That a source has fallen silent, or is heard again."""

    source: str
    silent: bool
    since: Instant
    """The last good answer, or the start of the engine."""
    why: str = ""
    """What the last bad answer was (a Chinese clause)."""
    noun: str = Endpoint.noun
    loss: str = Endpoint.loss
    """What this means, and what to do."""

    @property
    def about(self) -> str:
        """What tells this silence apart from an earlier one of the same source."""
        return f"{self.source}@{beijing(self.since, '%Y%m%d%H%M%S')}"

    @property
    def note(self) -> str:
        """One sentence for the officer."""
        why = f"（{self.why}）" if self.why else ""
        return f"{self.noun}“{self.source}”从 {beijing(self.since, '%m-%d %H:%M')} 起没有好的回答{why}，{self.loss}"


def asked_again(now: Instant, every: Millis, failures: int, chance: float) -> Instant:
    """When a source is asked again after `failures` bad answers in a row; `chance` (0 ≤ x < 1) spreads the askers.

    Good answers keep the interval. Each failure doubles the pause, up to LONGEST_PAUSE, and half of it is left to
    chance, so that a source that comes back is not asked by everybody at once.
    """
    if not failures:
        return later(now, every + round(every * _SPREAD * chance))
    longest = max(every, LONGEST_PAUSE)
    pause = min(longest, every * 2 ** min(failures - 1, _DOUBLINGS_AT_MOST))
    return later(now, pause // 2 + round(pause // 2 * chance))


def is_silent(now: Instant, last_good: Instant, silent_after: Millis) -> bool:
    """Whether the silence has lasted long enough to ring a human."""
    return now - last_good >= silent_after
