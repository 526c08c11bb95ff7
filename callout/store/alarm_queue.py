"""Alarms of the county's own gauges on their way from the store into the intake."""

from dataclasses import dataclass

from callout.store.store import Store


@dataclass(frozen=True, slots=True)
class AlarmQueue:
    """The port `Alarms` on the store."""

    store: Store

    def waiting(self) -> list[tuple[str, str]]:
        """(identifier, document) of those to be issued, oldest first."""
        return self.store.read(lambda work: work.gauges.to_issue())

    def issued(self, identifier: str, note: str) -> None:
        """The intake has it."""
        self.store.write(lambda work: work.gauges.issued(identifier, note))
