"""The county's own gauges as a source of warnings: alarms that wait are handed to the intake like any document."""

from collections.abc import Iterator
from dataclasses import dataclass

from callout.ports import Alarms, Document, Settlement

ORIGIN = "gauge"


@dataclass(frozen=True, slots=True)
class GaugeSource:
    """Alarms that thresholds raised."""

    alarms: Alarms

    def poll(self) -> Iterator[Document]:
        """Those that wait, oldest first."""
        for identifier, document in self.alarms.waiting():
            yield Document(identifier, ORIGIN, document.encode())

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:  # noqa: ARG002 - the note is kept elsewhere
        """The intake has it; what it refused, it has given to a human."""
        self.alarms.issued(document.name, "refused" if outcome is Settlement.REFUSED else "issued")
