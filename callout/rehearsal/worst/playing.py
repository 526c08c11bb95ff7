"""One combination played by the engine: which posts nobody reached in time, and what the record says of each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from callout.domain.callout import CalloutKey
from callout.domain.level import Level
from callout.domain.roster import Roster
from callout.rehearsal.observing import HIGH, DueOnce, Seen, observe
from callout.rehearsal.play import Stage, through
from callout.rehearsal.setting import Setting
from callout.rehearsal.worst.failures import Failures
from callout.rehearsal.worst.weather import Shape
from callout.reports.timeline import Moment, course
from callout.store import schema

_TOLD = 3
"""Posts whose course is told."""


@dataclass(frozen=True, slots=True)
class Course:
    """What the record of the rehearsal says about one post that nobody reached in time."""

    post: int
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What one combination came to."""

    shape: Shape
    failures: Failures
    due: int
    missed: frozenset[int]
    """Posts that had not answered an orange or red warning after 30 minutes, or never answered at all."""
    courses: tuple[Course, ...]


class Ground:
    """One prepared database for all rehearsals with one plan and one roster."""

    def __init__(self, setting: Setting, seed: int) -> None:
        """`setting`: with the storm that begins first, for rules and roster are put in force just before it."""
        self._seed = seed
        self._stage = Stage(setting)
        self.roster: Roster = setting.roster
        self.runs = 0

    def close(self) -> None:
        """Forget it."""
        self._stage.close()

    def play(self, setting: Setting, shape: Shape, failures: Failures) -> Played:
        """Play this setting; its plan and roster are those of the ground."""
        self._stage.setting = setting
        self.runs += 1
        with self._stage.open(self._seed) as (app, driver, network):
            asyncio.run(through(driver, setting))
            seen = Seen(app.rulebooks, setting, self._seed, network, driver.taken, DueOnce())

            def look(db: Connection) -> Played:
                facts = observe(db, seen)
                missed = frozenset(facts["late"]) | {int(post) for post in facts["never"]}
                told = tuple(_course(db, post) for post in sorted(missed)[:_TOLD])
                return Played(shape, failures, facts["total"]["asked"], missed, told)

            return app.database.read(look)


def _course(db: Connection, post: int) -> Course:
    """The callout of the highest warning that asked this post, the last of them."""
    c, a = schema.callout, schema.alert
    asked = (
        select(c.c.county, c.c.alert, c.c.post, c.c.round, c.c.opened_at, a.c.level)
        .join(a, a.c.id == c.c.alert)
        .where(c.c.post == post, c.c.round == 0)
        .order_by(c.c.alert)
    )
    rows = db.execute(asked).all()
    if not rows:
        return Course(post, ())
    high: Sequence[str] = [level.value for level in HIGH]
    row = max(rows, key=lambda one: (one.level in high, Level(one.level).rank if one.level else 0, one.alert))
    return Course(post, tuple(course(db, CalloutKey(row.county, row.alert, row.post, row.round), row.opened_at)))
