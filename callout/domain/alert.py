"""The incoming warning message (预警信息), in the words of CAP 1.2."""

from dataclasses import dataclass
from enum import StrEnum

from callout.domain.instant import Instant
from callout.domain.level import Hazard, Level


class MsgType(StrEnum):
    """CAP `msgType`. UNKNOWN is ours: the source has no such field, so the message can never cancel."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"
    UNKNOWN = "Unknown"


class Status(StrEnum):
    """CAP `status`. Anything but ACTUAL never opens a real callout."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class CodeSystem(StrEnum):
    """Who gave an area its code. The same nine digits mean different townships in STATS and MCA."""

    GB2260 = "gb2260"
    """County level and above, six digits; both township systems agree here."""
    STATS = "stats"
    """国家统计局 (statistics bureau) township codes."""
    MCA = "mca"
    """民政部 (civil affairs) township codes."""
    UNDECLARED = "undeclared"
    """A township code from a message that does not say which system it uses."""


@dataclass(frozen=True, slots=True)
class Geocode:
    """One area code with the system that gives it meaning; trailing zeros are already cut."""

    system: CodeSystem
    value: str


@dataclass(frozen=True, slots=True)
class Area:
    """CAP `area`: a description for people and codes for machines."""

    desc: str
    geocodes: tuple[Geocode, ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
    """CAP `info` in the preferred language: what happens, how bad, where, until when."""

    event: str
    hazard: Hazard | None
    level: Level | None
    areas: tuple[Area, ...]
    effective: Instant | None = None
    onset: Instant | None = None
    expires: Instant | None = None
    headline: str = ""
    description: str = ""
    instruction: str = ""
    language: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning message. Never holds `senderName`: that is a forecaster's personal name."""

    identifier: str
    sender: str
    sent: Instant
    status: Status
    msg_type: MsgType
    infos: tuple[Info, ...]
    references: tuple[str, ...] = ()
    """Identifiers only: the times inside CMA's reference triples are wrong."""
    note: str = ""
    doubts: tuple[str, ...] = ()
    """Why a human must look at it (Chinese sentences); empty when the engine may act alone."""
    marks: tuple[str, ...] = ()
    """What was assumed while reading (Chinese sentences); shown beside the alert, never stops the engine."""

    @property
    def info(self) -> Info:
        """The first (preferred) info block."""
        return self.infos[0]
