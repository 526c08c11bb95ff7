"""What the stories about answers and ladders share: one township is warned, and only some of its people stay silent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from callout.domain.ladder import ChannelKind
from callout.domain.level import Level
from callout.domain.roster import Post, Roster
from callout.pipeline import acknowledge
from callout.pipeline.send import Sender
from callout.store.store import Store, Work
from tests.scenarios.field import BAIMA, DESK, GRID_1, GRID_2, LEADER_BAIMA, Field, standard_roster

T = TypeVar("T")
WARNED = (DESK, LEADER_BAIMA, GRID_1, GRID_2)
"""Posts that an orange or red warning for 白马 calls."""
TEXT, CALL = ChannelKind.SMS, ChannelKind.VOICE


def only(field: Field, *silent: int, level: Level = Level.ORANGE, **more: Any) -> int:
    """白马 is warned and everybody answers at once but the holders of these posts; returns the alert's id."""
    alert = field.alert(level, areas=[BAIMA], **more).alert
    for post in WARNED:
        if post not in silent:
            field.reply(post, "全部收到")
    field.new()
    return alert


def changed(version: str, *posts: Post, **more: Any) -> Roster:
    """The standard roster in another version, with these posts in place of those of the same id."""
    given = {p.id: p for p in posts}
    standard = standard_roster().posts
    known = {p.id for p in standard}
    return standard_roster(
        version=version,
        posts=(*(given.get(p.id, p) for p in standard), *(p for p in posts if p.id not in known)),
        **more,
    )


def post(number: int, **changes: Any) -> Post:
    """A post of the standard roster with changes."""
    return replace(next(p for p in standard_roster().posts if p.id == number), **changes)


def understand(field: Field) -> None:
    """Only the acknowledge stage runs."""
    acknowledge.run_once(field.app.acknowledging)


@dataclass
class Interrupted:
    """A store in whose first gap between claim and `submitting` something happens."""

    store: Store
    happens: Callable[[], None]
    waits: bool = field(default=True)

    def write(self, work: Callable[[Work], T]) -> T:
        done = self.store.write(work)
        if done and self.waits:
            self.waits = False
            self.happens()
        return done

    def read(self, work: Callable[[Work], T]) -> T:
        return self.store.read(work)


def between_claim_and_submit(field: Field, happens: Callable[[], None]) -> None:
    """The next thing that the sender claims is on its way when `happens` runs."""
    field.app.sender = Sender(replace(field.app.sender.sending, store=Interrupted(field.app.store, happens)))
