"""The messages of CMPP 2.0 and 3.0, field by field, as the published protocol lists them.

Both versions have the same messages; they differ in widths and in a few fields. One table of fields says both.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

HEADER = 12
"""Bytes: Total_Length, Command_Id, Sequence_Id."""


class Version(IntEnum):
    """The two versions that carriers speak."""

    V20 = 0x20
    V30 = 0x30


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its bytes in 2.0 and in 3.0; 0 where the version lacks it."""

    name: str
    v20: int
    v30: int
    kind: str = "int"
    """int, text (padded with NUL), bytes, or content (a length byte, then so many bytes)."""

    def size(self, version: Version) -> int:
        """Its bytes in this version."""
        return self.v20 if version is Version.V20 else self.v30


def _int(name: str, size: int, v30: int | None = None) -> Field:
    return Field(name, size, size if v30 is None else v30)


def _text(name: str, v20: int, v30: int | None = None) -> Field:
    return Field(name, v20, v20 if v30 is None else v30, "text")


_CONTENT = Field("content", 1, 1, "content")


@dataclass(frozen=True, slots=True)
class Pdu:
    """One message, without its sequence number."""

    COMMAND: ClassVar[int]
    LAYOUT: ClassVar[tuple[Field, ...]] = ()


@dataclass(frozen=True, slots=True)
class Connect(Pdu):
    """Log in."""

    COMMAND: ClassVar[int] = 0x00000001
    LAYOUT: ClassVar[tuple[Field, ...]] = (
        _text("source", 6),
        Field("authenticator", 16, 16, "bytes"),
        _int("version", 1),
        _int("timestamp", 4),
    )
    source: str
    authenticator: bytes
    version: int
    timestamp: int
    """MMDDhhmmss as a number."""


@dataclass(frozen=True, slots=True)
class ConnectResp(Pdu):
    """0 is welcome; 3 is a wrong password."""

    COMMAND: ClassVar[int] = 0x80000001
    LAYOUT: ClassVar[tuple[Field, ...]] = (
        _int("status", 1, 4),
        Field("authenticator", 16, 16, "bytes"),
        _int("version", 1),
    )
    status: int
    authenticator: bytes = bytes(16)
    version: int = Version.V20


@dataclass(frozen=True, slots=True)
class Terminate(Pdu):
    """Log out."""

    COMMAND: ClassVar[int] = 0x00000002


@dataclass(frozen=True, slots=True)
class TerminateResp(Pdu):
    """Logged out."""

    COMMAND: ClassVar[int] = 0x80000002


@dataclass(frozen=True, slots=True)
class Submit(Pdu):
    """One SMS (or one part of a long one) to one number."""

    COMMAND: ClassVar[int] = 0x00000004
    LAYOUT: ClassVar[tuple[Field, ...]] = (
        _int("msg_id", 8),
        _int("pk_total", 1),
        _int("pk_number", 1),
        _int("registered_delivery", 1),
        _int("msg_level", 1),
        _text("service_id", 10),
        _int("fee_user_type", 1),
        _text("fee_terminal", 21, 32),
        _int("fee_terminal_type", 0, 1),
        _int("tp_pid", 1),
        _int("tp_udhi", 1),
        _int("msg_fmt", 1),
        _text("msg_src", 6),
        _text("fee_type", 2),
        _text("fee_code", 6),
        _text("valid_time", 17),
        _text("at_time", 17),
        _text("src_id", 21),
        _int("dest_count", 1),
        _text("dest", 21, 32),
        _int("dest_type", 0, 1),
        _CONTENT,
        _text("reserve", 8, 20),
    )
    dest: str
    content: bytes
    src_id: str
    msg_src: str
    service_id: str = ""
    valid_time: str = ""
    pk_total: int = 1
    pk_number: int = 1
    tp_udhi: int = 0
    msg_fmt: int = 8
    registered_delivery: int = 1
    msg_level: int = 9
    fee_user_type: int = 2
    fee_terminal: str = ""
    fee_terminal_type: int = 0
    fee_type: str = "01"
    fee_code: str = "000000"
    tp_pid: int = 0
    at_time: str = ""
    dest_count: int = 1
    dest_type: int = 0
    msg_id: int = 0
    reserve: str = ""
    """LinkID in 3.0."""


@dataclass(frozen=True, slots=True)
class SubmitResp(Pdu):
    """The gateway's own id of a submit, and what it made of it: 0 is taken."""

    COMMAND: ClassVar[int] = 0x80000004
    LAYOUT: ClassVar[tuple[Field, ...]] = (_int("msg_id", 8), _int("result", 1, 4))
    msg_id: int
    result: int = 0


@dataclass(frozen=True, slots=True)
class Deliver(Pdu):
    """What comes from a phone, or (registered_delivery = 1) a report about a submit."""

    COMMAND: ClassVar[int] = 0x00000005
    LAYOUT: ClassVar[tuple[Field, ...]] = (
        _int("msg_id", 8),
        _text("dest", 21),
        _text("service_id", 10),
        _int("tp_pid", 1),
        _int("tp_udhi", 1),
        _int("msg_fmt", 1),
        _text("src", 21, 32),
        _int("src_type", 0, 1),
        _int("registered_delivery", 1),
        _CONTENT,
        _text("reserve", 8, 20),
    )
    msg_id: int
    dest: str
    src: str
    content: bytes
    registered_delivery: int = 0
    msg_fmt: int = 8
    tp_udhi: int = 0
    tp_pid: int = 0
    service_id: str = ""
    src_type: int = 0
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class DeliverResp(Pdu):
    """Taken (0), or not: then the gateway sends it again."""

    COMMAND: ClassVar[int] = 0x80000005
    LAYOUT: ClassVar[tuple[Field, ...]] = (_int("msg_id", 8), _int("result", 1, 4))
    msg_id: int
    result: int = 0


@dataclass(frozen=True, slots=True)
class ActiveTest(Pdu):
    """Are you there."""

    COMMAND: ClassVar[int] = 0x00000008


@dataclass(frozen=True, slots=True)
class ActiveTestResp(Pdu):
    """Yes."""

    COMMAND: ClassVar[int] = 0x80000008
    LAYOUT: ClassVar[tuple[Field, ...]] = (_int("reserved", 1),)
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class StatusReport(Pdu):
    """The content of a Deliver that is a status report; no message of its own."""

    COMMAND: ClassVar[int] = 0
    LAYOUT: ClassVar[tuple[Field, ...]] = (
        _int("msg_id", 8),
        _text("stat", 7),
        _text("submit_time", 10),
        _text("done_time", 10),
        _text("dest", 21, 32),
        _int("smsc_sequence", 4),
    )
    msg_id: int
    stat: str
    submit_time: str = ""
    done_time: str = ""
    dest: str = ""
    smsc_sequence: int = 0


MESSAGES: tuple[type[Pdu], ...] = (
    Connect,
    ConnectResp,
    Terminate,
    TerminateResp,
    Submit,
    SubmitResp,
    Deliver,
    DeliverResp,
    ActiveTest,
    ActiveTestResp,
)
