"""Points in time. Everywhere in callout an instant is whole milliseconds since 1970-01-01 UTC."""

from datetime import UTC, datetime, timedelta, timezone
from typing import NewType

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01 UTC; the only form of time in the engine and in the database."""

Millis = int
"""A length of time in milliseconds."""

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one civil time, without summer time; a zone database is not needed."""


NEVER_YET = Instant(0)
"""Before everything that has happened."""


def instant(moment: datetime) -> Instant:
    """The instant of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return Instant(round(moment.timestamp() * 1000))


def moment(at: Instant) -> datetime:
    """The aware UTC datetime of an instant."""
    return datetime.fromtimestamp(at / 1000, UTC)


def beijing(at: Instant, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Beijing wall time as text, for people."""
    return moment(at).astimezone(BEIJING).strftime(form)


_EAST: Millis = 8 * HOUR
"""By how much clocks in Beijing are ahead of UTC."""


def day_of(at: Instant) -> int:
    """The day in Beijing, counted."""
    return (at + _EAST) // DAY


def clock_of(at: Instant) -> Millis:
    """The time of day in Beijing, from midnight."""
    return (at + _EAST) % DAY


def later(at: Instant, by: Millis) -> Instant:
    """The instant `by` milliseconds after `at`."""
    return Instant(at + by)
