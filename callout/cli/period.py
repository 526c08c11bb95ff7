"""Days as people type them."""

from datetime import datetime, timedelta

from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, Instant, instant


def day(text: str, after: int = 0) -> Instant:
    """The first instant of that day in Beijing, or of one so many days after it. Raises CalloutError for no day."""
    try:
        return instant(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BEIJING) + timedelta(days=after))
    except ValueError:
        raise CalloutError(f"“{text}”不是日期，请写成 2026-07-01 这样") from None


def period(since: str, until: str) -> tuple[Instant, Instant]:
    """From the first day to the end of the last. Raises CalloutError where that is nothing."""
    begin, end = day(since), day(until, after=1)
    if end <= begin:
        raise CalloutError("--to 不能早于 --from")
    return begin, end
