"""静默测试: every number is tested by a text within so many days, a few each day, in working hours."""

from collections.abc import Collection, Mapping

from callout.domain.instant import DAY, MINUTE, Instant, clock_of, day_of
from callout.domain.roster_round import CLOSES, OPENS


def due_today(now: Instant, last: Instant | None) -> bool:
    """Whether today's test may begin: in working hours, and once a day."""
    return OPENS <= clock_of(now) < CLOSES and (last is None or day_of(last) != day_of(now))


def portion(people: Collection[int], asked: Mapping[int, Instant], now: Instant, days: int) -> list[int]:
    """Who is tested today: so many that everybody comes once in `days`, whoever was asked longest ago first."""
    waiting = [one for one in people if one not in asked or now - asked[one] >= days * DAY]
    share = -(-len(people) // days)
    return sorted(waiting, key=lambda one: (asked.get(one, Instant(0)), one))[:share]


def pace(many: int) -> int:
    """Texts a minute, so that today's are spread over what the working day has."""
    return max(1, -(-many // ((CLOSES - OPENS) // MINUTE)))
