"""An attempt that nobody makes, as the renderer needs it."""

from dataclasses import dataclass

from callout.domain.instant import Instant
from callout.domain.ladder import Target


@dataclass(frozen=True, slots=True)
class Head:
    """An attempt that nobody makes, with the columns that its words are made from."""

    county_name: str
    alert: int
    hazard: str
    level: str
    headline: str
    instruction: str
    code: str
    claimed_at: Instant
    sent: Instant
    received_at: Instant
    expires: Instant | None
    expires_at: Instant | None
    target: Target
    run: str
    repeated: int = 0
    notice: str = ""
    notice_detail: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A post that the attempt would speak of, with the columns that its words are made from."""

    title: str
    name: str
    measure: str
    lane: int
    round: int = 0
