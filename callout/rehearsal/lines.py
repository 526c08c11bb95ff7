"""The demo where nobody watches a terminal: plain lines, only what matters."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from callout.domain.instant import HOUR, Instant, beijing
from callout.rehearsal.demo import Demo, Frame
from callout.rehearsal.telling import Line, tell

EVERY = HOUR // 2
"""How much of the night passes between two lines of counts."""
AGAIN = 2 * HOUR
"""So long after it a line about the desk is written again, with how often it was true meanwhile: it rings all night."""


class Lines:
    """Writes major events as they come, and now and then how the newest warning stands."""

    def __init__(self, demo: Demo, write: Callable[[str], None]) -> None:
        self._demo = demo
        self._write = write
        self._counted_at = 0
        self._said = ""
        self._told: dict[str, tuple[Instant, int]] = {}
        """When each line was written last, and how often it was left out since."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, frame: Frame) -> None:
        """Write what is worth a line."""
        for line in tell(frame.entries, self._demo.names, frame.counters.due):
            if line.major:
                self._tell(line)
        if frame.now - self._counted_at >= EVERY:
            self._count(frame)

    def _tell(self, line: Line) -> None:
        at, since = self._told.get(line.text, (None, 0))
        if line.tone == "desk" and at is not None and line.at - at < AGAIN:
            self._told[line.text] = at, since + 1
            return
        self._told[line.text] = line.at, 0
        self._write(f"{beijing(line.at)}  {line.text}" + (f"（其间又 {since} 次）" if since else ""))

    def _count(self, frame: Frame) -> None:
        self._counted_at = frame.now
        newest, counters = max(frame.counters.due, default=0), frame.counters
        if newest == 0:
            return
        called, answered = counters.called.get(newest, 0), counters.answered.get(newest, 0)
        said = (
            f"{self._demo.names.warning(newest)}  应叫 {counters.due[newest]}  已叫 {called}  已应 {answered}  "
            f"人工叫应待办 {counters.human_calls_open}"
        )
        if said != self._said:
            self._write(f"{beijing(frame.now)}  {said}")
        self._said = said

    def rest(self) -> None:
        """Lines have nothing to draw."""
