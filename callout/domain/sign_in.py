"""Signing in: which passwords will do, and how often somebody may try."""

from collections.abc import Sequence
from dataclasses import dataclass

from callout.domain.instant import DAY, HOUR, MINUTE, Instant, later

SESSION = 12 * HOUR
"""One shift. The board stays open all night, so a session ends by the clock and not by idleness."""
CODE_WITHIN = 5 * MINUTE
"""How long the second step of signing in may take."""
WINDOW = 15 * MINUTE
FROM_HERE = 5
"""Failures for one name from one address within the window."""
FROM_ADDRESS = 30
"""Failures from one address, whatever the names."""
FOR_NAME = 50
"""Failures for one name from everywhere; an address from which it was signed in before is not held up by these."""
REMEMBERED = 30 * DAY
SHORTEST = 10
LONGEST = 200
_VARIED = 5


@dataclass(frozen=True, slots=True)
class Try:
    """One try to sign in that is on record."""

    at: Instant
    login: str
    """Empty for a name that nobody has: what was typed may have been a password."""
    address: str
    opened: bool


def wait_until(tries: Sequence[Try], login: str, address: str, now: Instant) -> Instant | None:
    """When this name may be tried again from this address; None = now."""
    recent = [one for one in tries if one.at > now - WINDOW and not one.opened]
    here = [one for one in recent if one.address == address]
    known = any(one.opened and one.login == login and one.address == address for one in tries)
    ours = [one for one in here if one.login == login]
    everywhere = [] if known else [one for one in recent if one.login == login and login]
    waits = [_freed(ours, FROM_HERE), _freed(here, FROM_ADDRESS), _freed(everywhere, FOR_NAME)]
    ends = [end for end in waits if end is not None and end > now]
    return max(ends, default=None)


def _freed(failures: Sequence[Try], most: int) -> Instant | None:
    """When fewer than `most` of these lie within the window."""
    if len(failures) < most:
        return None
    return later(sorted(one.at for one in failures)[-most], WINDOW)


def weakness(password: str, login: str) -> str:
    """Why this password will not do, as one sentence; empty where it will."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符"
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 个字符"
    if login.lower() in password.lower():
        return "密码里不要有登录名"
    if len(set(password)) < _VARIED:
        return "密码里不同的字符太少"
    return ""
