"""Merkle tree hash over a list of byte strings, as RFC 9162 section 2.1 defines it, with SHA-256."""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of no leaves."""

_LEAF, _NODE = b"\x00", b"\x01"


def leaf(entry: bytes) -> bytes:
    """The 32 bytes by which one entry stands in the tree."""
    return sha256(_LEAF + entry).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The 32-byte root. Changing, deleting, inserting or swapping leaves changes it."""
    return root_of([leaf(each) for each in leaves])


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves that are hashed already."""
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else EMPTY_ROOT


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """What proves the leaf at `index` beside its root (RFC 9162 section 2.1.3). Raises IndexError for no such leaf."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    level, found = list(hashes), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _above(level), index // 2
    return found


def climb(hashed: bytes, index: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to; None where the path does not fit a tree of `size` leaves."""
    left = list(beside)
    if not 0 <= index < size:
        return None
    while size > 1:
        if index ^ 1 < size:
            if not left:
                return None
            other = left.pop(0)
            hashed = _node(other, hashed) if index % 2 else _node(hashed, other)
        index, size = index // 2, (size + 1) // 2
    return None if left else hashed


def absent(now: Sequence[bytes], then: Sequence[bytes]) -> frozenset[int] | None:
    """Places of the sealed leaves that are not there; None where what is there is not what was sealed, in its order."""
    left = iter(now)
    following, gone = next(left, None), set[int]()
    for place, leaf in enumerate(then):
        if leaf == following:
            following = next(left, None)
        else:
            gone.add(place)
    return frozenset(gone) if following is None else None


def _above(level: Sequence[bytes]) -> list[bytes]:
    # Pairing level by level and lifting a lone last node unchanged is the split at the largest power of two.
    pairs = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return pairs + list(level[len(pairs) * 2 :])


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
