"""扩展码: digits behind our number by which a reply names the text that it answers. Derived: nothing is kept."""

import hashlib
from collections.abc import Iterable


def extension(attempt: str, digits: int) -> str:
    """The digits for the text of this attempt, always the same; empty where there are none to give."""
    if not digits:
        return ""
    drawn = int.from_bytes(hashlib.sha256(attempt.encode()).digest()[:8], "big")
    return str(drawn % 10**digits).zfill(digits)


def named_by(dialled: str, attempts: Iterable[str]) -> str:
    """The one of these attempts that the digits name; empty where it is none, or more than one."""
    named = [one for one in attempts if dialled and extension(one, len(dialled)) == dialled]
    return named[0] if len(named) == 1 else ""
