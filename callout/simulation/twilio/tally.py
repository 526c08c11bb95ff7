"""What the carrier did, in counts, and what the phones got."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from callout.domain.instant import Instant

SYNTHETIC = "+999"
_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Got:
    """One thing that happened at a phone."""

    at: Instant
    to: str
    what: str
    """text, call, said, key, hung_up."""
    words: str
    sid: str


class Tally:
    """Counts for the status page; and a journal of synthetic phones, for whoever tests with them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._journal: deque[Got] = deque(maxlen=_KEPT)

    def count(self, what: str, *more: object) -> None:
        """One more of these."""
        self.counts[" ".join((what, *map(str, more)))] += 1

    def got(self, one: Got) -> None:
        """Note what happened at a phone; a number that could be somebody's is never noted."""
        if one.to.startswith(SYNTHETIC):
            self._journal.append(one)

    def journal(self, to: str = "") -> list[dict[str, Any]]:
        """What happened at the phones, or at one of them, in order."""
        return [asdict(one) for one in self._journal if to in ("", one.to)]
