"""How long personal values are kept by themselves, and at what hour they go."""

from callout.domain.instant import DAY, HOUR, Instant, later

FEWEST_DAYS = 30
"""Younger values never go by age: the review of a storm needs them."""
_FROM, _UNTIL = 1, 5
"""Hours of the Beijing night in which they go."""


def at_its_hour(now: Instant) -> bool:
    """Whether this is the time of night for it."""
    return _FROM <= (now + 8 * HOUR) // HOUR % 24 < _UNTIL


def kept_since(now: Instant, days: int, first: Instant | None) -> Instant:
    """What was last of use before this instant goes. `first`: when the first of the storms began that closed within
    these days; None = none did. Whatever a storm used is kept until so many days after its end."""
    ago = later(now, -days * DAY)
    return ago if first is None else min(ago, first)
