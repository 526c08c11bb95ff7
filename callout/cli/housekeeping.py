"""What the engine does about the house itself while nothing else is to be done."""

import asyncio
import gc
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Engine

from callout.app import App
from callout.cli.canary import Canary
from callout.cli.connecting import connecting
from callout.cli.events import handing_out
from callout.cli.number_test import NumberTest
from callout.domain.instant import HOUR, MINUTE, SECOND, Instant, beijing
from callout.domain.retention import at_its_hour
from callout.pipeline.send import Sender
from callout.scheduler import Job, collect_rarely
from callout.settings import Settings
from callout.store.planner import count_grown
from callout.store.retention import PIECE, let_go, outlived

_EVERY, _LOOK = 10 * SECOND, 2 * SECOND
_SEALED = 1_000
"""Audit entries that are chained in one go."""
_FINISH_WITHIN = 15.0
"""Seconds; with what a stop waits for before, less than the 30 that Docker and systemd are told to wait."""


def beside(settings: Settings, app: App) -> tuple[Job, ...]:
    """All jobs beside the stages that the settings ask for. Raises RuleError or CalloutError before it starts."""
    return (
        *handing_out(settings, app),
        connecting(app),
        Job("answers", HOUR, partial(_forget_answers, app)),
        *((Job("retention", _EVERY, Retention(app).run_once),) if settings.retention_days else ()),
        *((Job("numbers", MINUTE, NumberTest(app).run_once),) if settings.number_test_days else ()),
        *((Job("canary", _LOOK, Canary(app).run_once),) if settings.canary_number else ()),
    )


def counting(engine: Engine) -> tuple[Job, ...]:
    """On a server: count what a storm writes beside the work, so that no red call waits for a count."""
    if engine.dialect.name != "postgresql":
        return ()
    return (Job("count", _LOOK, partial(asyncio.to_thread, count_grown, engine)),)


async def _forget_answers(app: App) -> int:
    """What programs were answered long ago."""
    return await asyncio.to_thread(app.store.write, lambda work: work.answers.forget())


@dataclass(slots=True)
class Retention:
    """Erases what has been kept long enough: looks once a night, then a piece at a time, beside the event loop.

    Several engines may do this at once: whatever is gone already is passed over.
    """

    app: App
    _night: str = ""
    _going: list[str] = field(default_factory=list)
    _gone: int = 0

    async def run_once(self) -> int:
        """One piece; returns how many values went."""
        if not at_its_hour(self.app.world.clock.now()):
            return 0
        return await asyncio.to_thread(self._piece)

    def _piece(self) -> int:
        app, days = self.app, self.app.settings.retention_days
        now = app.world.clock.now()
        if (tonight := beijing(now, "%Y-%m-%d")) != self._night:
            found = app.database.read(lambda db: outlived(db, now, days))
            if found is None:
                return 0
            self._night, self._going, self._gone = tonight, found, 0
        if not self._going:
            return 0
        piece, self._going = self._going[:PIECE], self._going[PIECE:]
        gone = app.store.write(lambda work: let_go(work.ledger, piece, days))
        self._gone += gone
        if not self._going and self._gone:
            app.database.fold_log()
            logging.getLogger(__name__).info("保存期限 天数=%d 已删除=%d", days, self._gone)
        return gone


@dataclass(slots=True)
class Sealing:
    """Chains the audit entries that wait, a few at a time: a red call must not stand behind a storm's.

    A thousand reds write some ten thousand entries, whose sealing is a sixth of all their work. While reds leave it
    waits, for a second at most: what is written lies under a seal within little more.
    """

    app: App
    _waits_since: Instant | None = None

    async def run_once(self) -> None:
        """All that wait, in pieces of some ten milliseconds."""
        now = self.app.world.clock.now()
        if not self.app.sender.hurried:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = now
        if self._waits_since is not None and 0 <= now - self._waits_since < SECOND:
            return
        while self.app.seal(_SEALED) == _SEALED:
            await asyncio.sleep(0)


def settle_in(app: App) -> None:
    """Do now what the first warning would wait for: read the rules, and leave them out of every search for rubbish."""
    app.rulebooks.counties()
    gc.collect()
    collect_rarely()


async def finish(sender: Sender) -> None:
    """Hand-overs under way end and are put on record: whoever they reach need not be called again. None is begun."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_FINISH_WITHIN):
            while sender.busy:
                await sender.run_once(frozenset())
