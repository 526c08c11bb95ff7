"""connect: calls that officers asked for are put through by a provider that can, their own phone first."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from callout.domain.desk_call import DeskCall, DeskCallEvent
from callout.domain.ladder import ChannelKind
from callout.ports import Bridge, Clock, Connects, Outcome, Provider, Submission, Summary, Writer

E = DeskCallEvent
_EVENT = {
    Outcome.ACCEPTED: E.ACCEPTED,
    Outcome.REFUSED: E.REFUSED,
    Outcome.THROTTLED: E.REFUSED,
    Outcome.UNKNOWN: E.DOUBTFUL,
}
NO_WAY = "没有能先打给您、再接通对方的语音通道"


class DeskCalls(Protocol):
    """Calls of officers on record."""

    def due(self) -> list[DeskCall]:
        """Those that were asked for."""

    def dead(self) -> list[DeskCall]:
        """Those that a process was placing when it died."""

    def find(self, calls: Sequence[DeskCall]) -> list[DeskCall]:
        """The same as they stand now, in the same order."""

    def move(self, call: DeskCall, event: DeskCallEvent, end: Submission, provider: str = ...) -> bool:
        """Note what happened; False where it has changed meanwhile."""


class ConnectWork(Protocol):
    """What connect works on."""

    @property
    def desk_calls(self) -> DeskCalls:
        """Calls of officers."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """What the connect stage stands on."""

    store: Writer[ConnectWork]
    providers: Sequence[Provider]
    clock: Clock
    timeout: float = 15.0
    """Seconds after which a hand-over counts as UNKNOWN."""


def way(providers: Sequence[Provider], run: str, *numbers: str) -> Connects | None:
    """The first provider that may and can put these two phones together."""
    for one in providers:
        channel = one.channel
        if one.takes(run) and isinstance(channel, Connects) and all(_reaches(one, number) for number in numbers):
            return channel
    return None


def _reaches(one: Provider, number: str) -> bool:
    able = one.channel.abilities(number)
    return bool(number) and able.connects and able.reaches and one.carries(ChannelKind.VOICE, number)


async def run_once(connecting: Connecting) -> Summary:
    """Place what was asked for; what a dead process was placing is in doubt."""
    store = connecting.store
    dead, due = store.read(lambda work: (work.desk_calls.dead(), work.desk_calls.due()))
    for one in dead:
        end = Submission(Outcome.UNKNOWN, reason="进程中断")
        store.write(lambda work, one=one, end=end: work.desk_calls.move(one, E.DOUBTFUL, end))  # type: ignore[misc]
    await asyncio.gather(*(_place(connecting, one) for one in due))
    return Summary("connect", len(dead) + len(due))


async def _place(connecting: Connecting, one: DeskCall) -> None:
    store, channel = connecting.store, way(connecting.providers, one.run, one.officer, one.person)
    if channel is None:
        refused = Submission(Outcome.REFUSED, reason=NO_WAY)
        store.write(lambda work: work.desk_calls.move(one, E.REFUSED, refused))
        return
    begun = Submission(Outcome.UNKNOWN)
    if not store.write(lambda work: work.desk_calls.move(one, E.CALLING, begun, channel.name)):
        return
    end = await _submit(connecting, channel, one)

    def record(work: ConnectWork) -> None:
        [now] = work.desk_calls.find([one])
        work.desk_calls.move(now, _EVENT[end.outcome], end)

    store.write(record)


async def _submit(connecting: Connecting, channel: Connects, one: DeskCall) -> Submission:
    try:
        async with asyncio.timeout(connecting.timeout):
            return await channel.connect(Bridge(one.key.id, one.officer, one.person))
    except Exception as error:
        return Submission(Outcome.UNKNOWN, reason=type(error).__name__)
