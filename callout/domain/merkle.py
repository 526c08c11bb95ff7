"""Merkle tree hash over a list of byte strings, as RFC 9162 section 2.1.1 defines it, with SHA-256."""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of no leaves."""

_LEAF, _NODE = b"\x00", b"\x01"


def root(leaves: Sequence[bytes]) -> bytes:
    """The 32-byte root. Changing, deleting, inserting or swapping leaves changes it."""
    # Pairing level by level and lifting a lone last node unchanged is the split at the largest power of two.
    level = [sha256(_LEAF + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [sha256(_NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else EMPTY_ROOT
