"""桌面推演: real officers work the real desk on a rehearsal, at a pace that they choose. The phones are simulated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from callout.app import App, World, build
from callout.domain.instant import MINUTE, SECOND, Instant, Millis, beijing, later
from callout.domain.ladder import ChannelKind
from callout.pipeline.receive import receive
from callout.ports import Inbound, InboundKind
from callout.rehearsal.desk import OFFICER
from callout.rehearsal.setting import RUN, Setting
from callout.rehearsal.storm import Incoming
from callout.simulation.clock import VirtualClock
from callout.simulation.gateways import Network
from callout.simulation.ids import SeededIds
from callout.simulation.phones import Phones

FASTEST = 60
AFTER: Millis = 6 * MINUTE
"""From one surprise to the next."""
SETTLED: Millis = 2 * MINUTE
"""A surprise comes from somebody who got a text so long ago at least."""


class Surprise(StrEnum):
    """What the instructor lets happen: a reply from one of those who were called."""

    REFUSAL = "2"
    """无法到岗."""
    WRONG_NUMBER = "你打错了，我不是这个人"
    BRIDGE_OUT = "收到，但是桥断了，车过不去，怎么办"


NAMES = {Surprise.REFUSAL: "拒绝", Surprise.WRONG_NUMBER: "号码错误", Surprise.BRIDGE_OUT: "桥断了"}


@dataclass(frozen=True, slots=True)
class Happened:
    """A surprise that was let loose; only the instructor's window tells of it."""

    at: Instant
    surprise: Surprise

    @property
    def line(self) -> str:
        """For the instructor."""
        return f"{beijing(self.at, '%H:%M')} 注入意外：{NAMES[self.surprise]}"


@dataclass(slots=True)
class Tabletop:
    """One storm before real officers. `beat` is called by whoever keeps the real time."""

    app: App
    setting: Setting
    clock: VirtualClock
    network: Network
    pace: int
    surprises: Sequence[Surprise]
    chance: Random
    _waiting: list[Incoming] = field(init=False)
    _began: Instant = field(init=False)
    _left: list[Surprise] = field(default_factory=list)
    """Of the surprises, those still to come before the next warning."""
    _warned: Instant = field(init=False)
    """When the newest warning came in."""
    _next: Instant | None = field(default=None)

    def __post_init__(self) -> None:
        self._waiting, self._began = list(self.setting.storm.incoming), self.clock.now()
        self._warned = self._began

    @property
    def banner(self) -> str:
        """What stands on every page."""
        return f"【推演】桌面推演，{self.pace} 倍速：没有一条是真的，不会拨出任何电话"

    @property
    def over(self) -> bool:
        """Whether the last warning has run out."""
        return self.clock.now() >= self.setting.storm.ends

    async def beat(self, elapsed: float) -> list[Happened]:
        """Move the clock to `elapsed` real seconds after the beginning, and let the engine do what is due.

        Time stands still while the engine works: a fast pace must not make a commit look slow.
        """
        now = later(self._began, round(elapsed * self.pace * SECOND))
        self.clock.advance(max(now, self.clock.now()))
        while self._waiting and self._waiting[0].at <= self.clock.now():
            receive(self.app.intake, self._waiting.pop(0).document)
            self._warned, self._left, self._next = self.clock.now(), list(self.surprises), None
        self.app.take_in(self.network.due(self.clock.now()))
        happened = self._surprise()
        await self.app.settle()
        return happened

    def _surprise(self) -> list[Happened]:
        """The next surprise, where its time has come and somebody was called long enough ago.

        They come anew with each warning, from somebody who was told of it by text; in the night that may be few.
        """
        now = self.clock.now()
        told = sorted(self.network.told(ChannelKind.SMS, self._warned, later(now, -SETTLED))) if self._left else []
        if not told:
            return []
        self._next = self._next or later(now, AFTER // 2)
        if now < self._next:
            return []
        which, self._next = self._left.pop(0), later(now, AFTER)
        name = f"surprise:{now}:{which.name}"
        self.app.take_in([Inbound(name, InboundKind.REPLY, now, which.value, e164=self.chance.choice(told))])
        return [Happened(now, which)]


def prepare(setting: Setting, url: str, pace: int, surprises: Sequence[Surprise], seed: int = 1) -> Tabletop:
    """Rules, roster and simulated phones on an empty database. Raises ValueError for a pace outside 1 to 60."""
    if not 1 <= pace <= FASTEST:
        raise ValueError(f"pace must be 1 to {FASTEST}")
    clock = VirtualClock(setting.storm.opens)
    network = Network(clock, Phones(seed, habits=setting.habits), setting.gateways)
    app = build(setting.settings(url), World(clock, SeededIds(seed), network.providers(), RUN))
    app.use_rules()
    app.use_roster(setting.roster, OFFICER)
    return Tabletop(app, setting, clock, network, pace, surprises, Random(seed))  # noqa: S311 - repeatable on purpose
