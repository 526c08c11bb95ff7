"""Running counts of a night, folded from the audit entries as they come. The account is made without them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callout.domain.audit import Entry
from callout.domain.callout import CalloutState
from callout.domain.human_call import HumanCallState

WARNING_ROUND = "0"
"""How an entry refers to a callout that warns; higher rounds ring the desk."""

PairKey = tuple[int, int]
"""(alert, post)."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Where the night stands. The mappings are by alert id."""

    due: Mapping[int, int]
    called: Mapping[int, int]
    answered: Mapping[int, int]
    escalated: int
    human_calls_open: int
    stop_work: int
    """熔断 proposals."""
    over: frozenset[int]
    """Alerts whose validity has ended."""


@dataclass(slots=True)
class Counting:
    """The fold itself. `due` is set from outside: it is never counted from callouts."""

    due: Mapping[int, int] = field(default_factory=dict)
    _behind: defaultdict[str, set[PairKey]] = field(default_factory=lambda: defaultdict(set))
    """Callouts that an attempt under way speaks for."""
    _upward: set[str] = field(default_factory=set)
    """Attempts to a deputy or a superior."""
    _called: set[PairKey] = field(default_factory=set)
    _escalated: set[PairKey] = field(default_factory=set)
    _called_by_alert: Counter[int] = field(default_factory=Counter)
    _answered_by_alert: Counter[int] = field(default_factory=Counter)
    _waiting: set[tuple[int, int, str]] = field(default_factory=set)
    _stop_work: int = 0
    _over: set[int] = field(default_factory=set)

    def see(self, entries: Iterable[Entry]) -> None:
        """Count these entries in."""
        for entry in entries:
            self._see(entry)

    def _see(self, entry: Entry) -> None:
        match entry.event:
            case "attempt.claimed" if not is_to_holder(entry):
                self._upward.add(entry.ref)
            case "callout.claimed" if entry.ref == WARNING_ROUND:
                self._behind[entry.attempt].add((entry.alert, entry.post))
            case "attempt.accepted":
                self._accepted(entry.ref)
            case "callout.answered" if entry.ref == WARNING_ROUND and entry.before != CalloutState.ANSWERED:
                self._answered_by_alert[entry.alert] += 1
            case "callout.renewed" if entry.before == CalloutState.ANSWERED:
                self._answered_by_alert[entry.alert] -= 1
            case "stop_work.proposed":
                self._stop_work += 1
            case "alert_county.ended":
                self._over.add(entry.alert)
            case event if event.startswith("human_call."):
                self._waits(entry)

    def _accepted(self, attempt: str) -> None:
        pairs = self._behind.pop(attempt, set())
        self._called_by_alert.update(alert for alert, _ in pairs - self._called)
        self._called |= pairs
        if attempt in self._upward:
            self._escalated |= pairs

    def _waits(self, entry: Entry) -> None:
        item = entry.alert, entry.post, entry.ref
        (self._waiting.discard if entry.after == HumanCallState.CLOSED else self._waiting.add)(item)

    def counters(self) -> Counters:
        """The counts so far."""
        return Counters(
            dict(self.due),
            dict(self._called_by_alert),
            dict(self._answered_by_alert),
            len(self._escalated),
            len(self._waiting),
            self._stop_work,
            frozenset(self._over),
        )


def is_to_holder(claimed: Entry) -> bool:
    """Whether an `attempt.claimed` calls the person on the post; its detail names channel and target."""
    return claimed.detail.split(" ")[1:2] not in (["deputy"], ["superior"])
