"""Times as senders write them."""

import re
from datetime import datetime

from callout.domain.instant import BEIJING, Instant, instant

_TIME = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


def moment(written: str) -> Instant | None:
    """The instant of `2026-08-02T20:17:57+08:00`, with T or a blank, with - or /; None if unreadable.

    Without a zone it is Beijing time. Only years 2000 to 2099, so that no later arithmetic can leave the calendar.
    """
    dashed = written.replace("/", "-")
    if not _TIME.fullmatch(dashed):
        return None
    try:
        at = datetime.fromisoformat(dashed)
    except ValueError:
        return None
    return instant(at if at.tzinfo else at.replace(tzinfo=BEIJING))
