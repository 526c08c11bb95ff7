"""The ZIP in which 12379 clients get a message, `id_eventType_SEVERITY_STATUS.zip`: the XML in it is the message.

What the name says means nothing to us (half of the real ones spell CANCLE). Nothing is written to a disk; number, size
and ratio of the members are limited, and counted again while they are unpacked.
"""

import io
import struct
import zipfile
import zlib

from callout.domain.errors import Refusal
from callout.sources.xml import MAX_BYTES

MAX_MEMBERS = 20
"""Files in one archive; real ones hold a message and perhaps its attachments."""
MAX_RATIO = 100
"""Unpacked to packed size of a member above `SMALL`; a real message has 3 to 10."""
SMALL = 64 * 1024

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OSError)
"""What the library raises for archives that are none; NotImplementedError is a RuntimeError."""


def looks_like(raw: bytes) -> bool:
    """Whether the document is a ZIP."""
    return raw.startswith(_MAGIC)


def unpacked(raw: bytes) -> tuple[list[bytes], list[str]]:
    """The XML documents of the archive, and a Chinese sentence for each that cannot be had.

    Raises Refusal, and nothing else, for an archive that holds none.
    """
    if len(raw) > MAX_BYTES:
        raise Refusal(f"来文超过 {MAX_BYTES // 1024} KiB，没有读取，请让发送方检查文件。")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _members(archive)
    except _BROKEN:
        raise Refusal("来文是压缩包，但已损坏，解不开，请让发送方重发。") from None


def _members(archive: zipfile.ZipFile) -> tuple[list[bytes], list[str]]:
    listed = archive.infolist()
    if len(listed) > MAX_MEMBERS:
        raise Refusal(f"来文的压缩包里超过 {MAX_MEMBERS} 个文件，不是预警，没有读取，请让发送方检查。")
    found, refused = [], []
    for member in (one for one in listed if one.filename.lower().endswith(".xml")):
        try:
            found.append(_unpacked(archive, member))
        except Refusal as refusal:
            refused.append(str(refusal))
    if not found and not refused:
        raise Refusal("来文的压缩包里没有 XML 文件，不是预警，请让发送方检查。")
    return found, refused


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.flag_bits & _ENCRYPTED:
        raise Refusal("来文的压缩包加了密码，解不开，请让发送方去掉密码后重发。")
    if member.compress_type not in _METHODS:
        raise Refusal("来文的压缩包用了不认识的压缩方法，请让发送方用普通的 ZIP 重发。")
    try:
        with archive.open(member) as file:
            content = file.read(MAX_BYTES + 1)
    except _BROKEN:
        raise Refusal("来文的压缩包里有一个文件已损坏，解不开，请让发送方重发。") from None
    if len(content) > MAX_BYTES or len(content) > max(SMALL, MAX_RATIO * member.compress_size):
        raise Refusal("来文的压缩包里有一个文件解开后过大，不是预警，没有读取，请让发送方检查。")
    return content
