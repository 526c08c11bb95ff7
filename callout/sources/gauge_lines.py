"""Where readings of gauges come from without being pushed: an address that is asked (gauge_broker.py: a broker).

What is heard goes on record at once; what is remembered (ETags, what waits) is convenience and dies with the process.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from callout.domain.errors import Refusal
from callout.domain.listening import GaugeAddress, GaugeBroker
from callout.pipeline.measure import Came, Taken
from callout.ports import Clock, Document, Random, Settlement
from callout.sources.http import Answer, NoAnswerError, Web
from callout.sources.pulse import Pulse
from callout.sources.readings import read_any

Keep = Callable[[Sequence[Came], str], Awaitable[Taken]]
"""Puts readings on record, each once; the text says where they come from."""

MAX_BYTES = 4 * 1024 * 1024
"""Of an answer."""
_NOTHING = "没有一条能用的读数"
_LOG = logging.getLogger("callout.sources.gauges")


class Line(Protocol):
    """One of them."""

    @property
    def endpoint(self) -> GaugeAddress | GaugeBroker:
        """What it listens to."""

    @property
    def pulse(self) -> Pulse:
        """Whether it is heard."""

    async def listen(self, web: Web) -> None:
        """Keep what has come, and ask if it is time. Raises nothing for what the other side does."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """A line as the intake sees it: it hands over no documents, but its silence is told like that of any source."""

    pulse: Pulse

    def poll(self) -> Iterator[Document]:
        """Nothing: a threshold makes the warnings."""
        yield from ()

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:
        """Nothing to put away."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Puts the readings of one line on record."""

    name: str
    keep: Keep

    async def all(self, came: Sequence[Came]) -> str:
        """Keep them. Why not one of them can be used, in words; empty where one can."""
        taken = await self.keep(came, f"gauges:{self.name}")
        if taken.refused:
            _LOG.warning("%s：%d 条读数没有采用，第一条：%s", self.name, len(taken.refused), taken.refused[0])
        if taken.new or taken.known:
            return ""
        return taken.refused[0] if taken.refused else _NOTHING


class GaugePage:
    """An address that answers with readings, JSON or CSV."""

    def __init__(self, endpoint: GaugeAddress, key: str, keep: Keep, clock: Clock, random: Random) -> None:
        self.endpoint = endpoint
        self.pulse = Pulse(endpoint, clock, random)
        self._keeping = Keeping(endpoint.name, keep)
        self._headers = {endpoint.header: key} if key else {}
        self._answer = Answer(None)
        self._digest = ""
        self._why = _NOTHING
        """What was wrong with the last answer; empty where its readings were taken."""

    async def listen(self, web: Web) -> None:
        """Ask if it is time. Raises nothing for what the server does."""
        if not self.pulse.is_due:
            return
        try:
            answer = await web.get(self.endpoint.url, {**self._headers, **self._answer.conditions}, MAX_BYTES)
            await self._take(answer)
        except (NoAnswerError, Refusal) as error:
            self.pulse.bad(str(error).rstrip("。"))
            return
        if self._why:
            self.pulse.bad(self._why)
        else:
            self.pulse.good()

    async def _take(self, answer: Answer) -> None:
        """Only what was read and kept need not be asked for again."""
        if answer.body is None:
            return
        digest = hashlib.sha256(answer.body).hexdigest()
        if digest != self._digest:
            self._why = await self._keeping.all(read_any(answer.body))
        self._answer, self._digest = answer, digest
