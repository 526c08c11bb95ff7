"""Files of offices on their way through the control socket: bytes as a word of a request or an answer, and back."""

import base64
import binascii
import zlib

from callout.domain.errors import CalloutError, RosterError
from callout.rulebook.roster_table import MOST_BYTES


def packed(raw: bytes) -> str:
    """Bytes as a word."""
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def unpacked(body: str) -> bytes:
    """The file; raises CalloutError for anything that is none, before it can fill the memory."""
    try:
        raw = zlib.decompressobj().decompress(base64.b64decode(body, validate=True), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise CalloutError("参数 body 应是压缩后的 base64") from None
    if len(raw) > MOST_BYTES:
        raise RosterError(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，不像名册；请核对")
    return raw


def answered(body: str) -> bytes:
    """A file that our own engine has given out, of whatever size."""
    return zlib.decompress(base64.b64decode(body))
