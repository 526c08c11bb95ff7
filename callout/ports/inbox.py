"""What the stages see of inbound events: as they lie there, and as they are kept."""

from collections.abc import Sequence
from typing import Protocol

from callout.domain.call_facts import NO_FACTS, CallFacts
from callout.domain.instant import Instant
from callout.domain.made_often import made_often
from callout.ports.channels import Inbound, InboundKind


@made_often(frozen=True, slots=True)
class InboundRow:
    """An inbound event on record that nobody has understood yet."""

    event: str
    kind: InboundKind
    attempt: str
    number: int
    body: str
    """Key or receipt word; for replies the commitment of the text."""
    text: str
    """Reply text; empty for others."""
    came_at: Instant
    rev: int
    ref: str = ""
    """The provider's own id of the attempt, where the provider does not carry ours."""
    provider: str = ""
    facts: CallFacts = NO_FACTS

    @property
    def unmatched(self) -> bool:
        """Whether it names an attempt that nobody has told us yet: it waits until the hand-over has ended."""
        return self.kind is not InboundKind.REPLY and not self.attempt and bool(self.ref)

    @property
    def speaker(self) -> tuple[str, object]:
        """Whom or what it comes from: of one speaker, the next event must see what this one changed.

        The end of a call is told by the network, a key in it by the person.
        """
        return ("number", self.number) if self.number else (self.kind, self.attempt or self.event)

    @property
    def proof(self) -> str:
        """The salted commitment to what a reply said; empty for what is no reply."""
        return self.body if self.kind is InboundKind.REPLY else ""


def first_of_each(rows: Sequence[InboundRow]) -> list[InboundRow]:
    """The first event of each speaker."""
    first: dict[tuple[str, object], InboundRow] = {}
    for row in rows:
        first.setdefault(row.speaker, row)
    return list(first.values())


class Inbox(Protocol):
    """Inbound events inside one transaction."""

    def accept(self, events: Sequence[Inbound]) -> int: ...
    def take(self, events: Sequence[Inbound]) -> list[InboundRow]: ...
    def keep(self, waiting: Sequence[InboundRow], understood: Sequence[tuple[InboundRow, str]]) -> None: ...
    @property
    def waits(self) -> bool: ...
    def pending(self, limit: int) -> list[InboundRow]: ...
    def close(self, rows: Sequence[tuple[InboundRow, str]]) -> None: ...
