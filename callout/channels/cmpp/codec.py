"""CMPP on the wire: bytes to messages and back, the login, and the words of a message."""

import hashlib
from typing import TypeVar

from callout.channels.cmpp.pdus import HEADER, MESSAGES, Connect, Field, Pdu, Version
from callout.channels.line import Broken
from callout.domain.instant import Instant, beijing

_BY_COMMAND = {kind.COMMAND: kind for kind in MESSAGES}
P = TypeVar("P", bound=Pdu)


def encode(pdu: Pdu, version: Version, sequence: int) -> bytes:
    """The whole message. Raises ValueError for a value that does not fit its field."""
    body = pack(pdu, version)
    head = (HEADER + len(body), pdu.COMMAND, sequence)
    return b"".join(number.to_bytes(4, "big") for number in head) + body


def pack(pdu: Pdu, version: Version) -> bytes:
    """The fields alone."""
    return b"".join(_put(field, getattr(pdu, field.name), field.size(version)) for field in _layout(pdu, version))


def decode(frame: bytes, version: Version) -> tuple[int, Pdu | None]:
    """Sequence number and message; None for a command that we do not know. Raises Broken."""
    if len(frame) < HEADER or int.from_bytes(frame[:4], "big") != len(frame):
        raise Broken("wrong Total_Length")
    command, sequence = int.from_bytes(frame[4:8], "big"), int.from_bytes(frame[8:12], "big")
    kind = _BY_COMMAND.get(command)
    return sequence, unpack(kind, frame[HEADER:], version) if kind else None


def unpack(kind: type[P], body: bytes, version: Version) -> P:
    """The fields of a body. Raises Broken when it is too short."""
    values: dict[str, int | str | bytes] = {}
    at = 0
    for field in _layout(kind, version):
        size = field.size(version)
        if field.kind == "content":
            at, size = at + 1, int.from_bytes(body[at : at + 1], "big")
        piece = body[at : at + size]
        if len(piece) < size:
            raise Broken(f"{kind.__name__} ends inside {field.name}")
        values[field.name] = _get(field, piece)
        at += size
    if values.get("dest_count", 1) != 1:
        raise Broken("more than one number")
    return kind(**values)


def _layout(of: Pdu | type[Pdu], version: Version) -> list[Field]:
    return [field for field in of.LAYOUT if field.size(version)]


def _put(field: Field, value: int | str | bytes, size: int) -> bytes:
    match value:
        case int():
            return value.to_bytes(size, "big")
        case str():
            raw = value.encode("ascii")
        case bytes():
            raw = value
    if field.kind == "content":
        return len(raw).to_bytes(1, "big") + raw
    if len(raw) > size:
        raise ValueError(f"{field.name} holds {size} bytes, not {len(raw)}")
    return raw.ljust(size, b"\0")


def _get(field: Field, piece: bytes) -> int | str | bytes:
    if field.kind == "int":
        return int.from_bytes(piece, "big")
    return piece.partition(b"\0")[0].decode("latin-1").strip() if field.kind == "text" else piece


def login(source: str, secret: str, version: Version, at: Instant) -> Connect:
    """The login of a service: MD5 over source, nine NULs, secret and MMDDhhmmss (Beijing time)."""
    stamp = beijing(at, "%m%d%H%M%S")
    return Connect(source, authenticator(source, secret, stamp), version, int(stamp))


def authenticator(source: str, secret: str, stamp: str) -> bytes:
    """AuthenticatorSource as the protocol defines it."""
    told = source.encode() + bytes(9) + secret.encode() + stamp.encode()
    return hashlib.md5(told, usedforsecurity=False).digest()


def valid_until(at: Instant) -> str:
    """ValId_Time: absolute, in Beijing time (32 quarters of an hour ahead of UTC)."""
    return beijing(at, "%y%m%d%H%M%S") + "032+"


def text_of(content: bytes, msg_fmt: int) -> str:
    """The words of a Msg_Content; what cannot be decoded shows as the replacement character."""
    codec = {8: "utf-16-be", 15: "gb18030", 0: "ascii"}.get(msg_fmt, "latin-1")
    return content.decode(codec, "replace")
