"""broadcast: copies to offices, loudspeakers and groups, after the people who are called one by one."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callout.domain.broadcast import TABLE, Copy, CopyEvent, CopyKey
from callout.domain.machine import follow
from callout.ports import Clock, Outcome, Submission, Summary, Writer
from callout.ports.copies import About, CopyEndpoint, CopyWords, CopyWork, Leaflet, Written

_EVENT = {
    Outcome.ACCEPTED: CopyEvent.ACCEPTED,
    Outcome.REFUSED: CopyEvent.REFUSED,
    Outcome.THROTTLED: CopyEvent.REFUSED,
    Outcome.UNKNOWN: CopyEvent.DOUBTFUL,
}
BATCH = 50
_NUMBER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """What the broadcast stage stands on."""

    store: Writer[CopyWork]
    endpoints: Sequence[CopyEndpoint]
    words: CopyWords
    clock: Clock
    timeout: float = 30.0
    """Seconds after which a hand-over counts as UNKNOWN."""
    _by_name: dict[str, CopyEndpoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({one.audience.name: one for one in self.endpoints})

    @property
    def ways(self) -> Mapping[str, CopyEndpoint]:
        """The endpoints by name."""
        return self._by_name


async def run_once(broadcasting: Broadcasting) -> Summary:
    """Open what is new, send what is due, record what became of it."""
    b = broadcasting
    audiences = [one.audience for one in b.endpoints]
    new, dead = b.store.read(lambda work: (work.copies.missing(audiences), work.copies.dead()))
    if new or dead:
        b.store.write(lambda work: _open(work, new, dead))
    due = b.store.read(lambda work: work.copies.due(list(b.ways), BATCH))
    if due:
        await _send(b, due)
    return Summary("broadcast", len(new) + len(dead) + len(due))


async def _send(b: Broadcasting, due: Sequence[Written]) -> None:
    now = b.clock.now()
    over = [one.copy for one in due if one.over or one.copy.expires_at <= now]
    fresh = [one for one in due if one.copy not in over]
    going = b.store.write(lambda work: _begin(work, over, [one.copy for one in fresh]))
    sending = [one for one in fresh if one.copy.key in going]
    ends = await asyncio.gather(*(_hand_over(b, one) for one in sending))
    b.store.write(lambda work: _record(work, sending, ends))


def acknowledged(broadcasting: Broadcasting, leaflet: str, device: str) -> bool:
    """A device says that it has a copy; False where there is no such copy, or it cannot be acknowledged."""
    key = _key(leaflet)
    return key is not None and broadcasting.store.write(lambda work: _acknowledge(work, key, device))


def _acknowledge(work: CopyWork, key: CopyKey, device: str) -> bool:
    copy = work.copies.find(key)
    if copy is None or (copy.state, CopyEvent.ACKNOWLEDGED) not in TABLE:
        return False
    return bool(work.copies.move([copy], CopyEvent.ACKNOWLEDGED, device))


def _open(work: CopyWork, new: Sequence[Copy], dead: Sequence[Copy]) -> None:
    work.copies.open(new)
    work.copies.move(dead, CopyEvent.DOUBTFUL, "进程中断")


def _begin(work: CopyWork, over: Sequence[Copy], fresh: Sequence[Copy]) -> set[CopyKey]:
    work.copies.move(over, CopyEvent.EXPIRED)
    return work.copies.move(fresh, CopyEvent.SENDING)


async def _hand_over(b: Broadcasting, one: Written) -> Submission:
    try:
        async with asyncio.timeout(b.timeout):
            return await b.ways[one.copy.key.endpoint].way.submit(_leaflet(b, one))
    except Exception as error:
        # Whatever went wrong, bytes may have left: only UNKNOWN is true.
        return Submission(Outcome.UNKNOWN, reason=type(error).__name__)


def _leaflet(b: Broadcasting, one: Written) -> Leaflet:
    meaning, copy = one.meaning, one.copy
    title, text = b.words.copy(meaning, lifting=one.lifting)
    level = meaning.level.name.lower() if meaning.level and not one.lifting else ""
    plain = Leaflet(leaflet_id(copy.key), title, text, level, copy.expires_at, b.clock.now(), one.lifting)
    about = About(meaning, copy.key.county, tuple((leaflet_id(key), at) for key, at in one.ended))
    return replace(plain, documents=b.words.documents(plain, about))


def _record(work: CopyWork, sent: Sequence[Written], ends: Sequence[Submission]) -> None:
    for one, end in zip(sent, ends, strict=True):
        begun = replace(one.copy, state=follow(TABLE, one.copy.state, CopyEvent.SENDING), rev=one.copy.rev + 1)
        work.copies.move([begun], _EVENT[end.outcome], end.reason)


def leaflet_id(key: CopyKey) -> str:
    """The id of a copy for those who receive it."""
    return f"{key.county}.{key.alert}.{key.endpoint}"


def _key(leaflet: str) -> CopyKey | None:
    county, _, rest = leaflet.partition(".")
    alert, _, endpoint = rest.partition(".")
    return CopyKey(county, int(alert), endpoint) if _NUMBER.fullmatch(alert) else None
