"""What comes in beside answers to warnings: rounds of the roster, answers to a 熔断, phones of officers' calls."""

from collections.abc import Sequence

from callout.ports import InboundRow
from callout.store.desk_calls import DeskCallRows
from callout.store.roster_rounds import ConfirmingRows
from callout.store.stop_words import StopWordRows


class AsideRows:
    """Takes from what came in what no warning can claim."""

    def __init__(self, confirmations: ConfirmingRows, desk_calls: DeskCallRows, stops: StopWordRows) -> None:
        self._listeners = (confirmations, desk_calls, stops)

    def hear(self, rows: Sequence[InboundRow]) -> tuple[list[tuple[InboundRow, str]], Sequence[InboundRow]]:
        """Those of these events that are taken here, each with what it was taken for; and the others."""
        taken: list[tuple[InboundRow, str]] = []
        for one in self._listeners:
            own, rows = one.hear(rows)
            taken += own
        return taken, rows
