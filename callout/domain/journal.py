"""The duty log: consultations, the 三个一 of a weather process, notes, and the handover from shift to shift."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, HOUR, Instant

LONGEST = 4_000
LATEST: int = 30 * DAY
"""How far back an entry may be dated."""


class EntryKind(StrEnum):
    """What an entry is about."""

    CONSULTATION = "consultation"
    """会商 (1+7+N): who sat together, and what they found."""
    WEATHER = "weather"
    """一轮天气: how the process is judged."""
    MEETING = "meeting"
    """一会调度: the meeting that set the work in motion."""
    PAPER = "paper"
    """一文部署: the document that ordered it, with its number."""
    NOTE = "note"
    """Anything else that the next shift must know."""
    HANDOVER = "handover"
    """交班: what was open when a shift ended."""
    TAKEOVER = "takeover"
    """接班: the next shift has read it and goes on."""

    @property
    def zh(self) -> str:
        """As the office says it."""
        return _WORDS[self]


_WORDS = {
    EntryKind.CONSULTATION: "会商（1+7+N）",
    EntryKind.WEATHER: "一轮天气",
    EntryKind.MEETING: "一会调度",
    EntryKind.PAPER: "一文部署",
    EntryKind.NOTE: "值班记事",
    EntryKind.HANDOVER: "交班",
    EntryKind.TAKEOVER: "接班",
}
THREE_ONES = (EntryKind.WEATHER, EntryKind.MEETING, EntryKind.PAPER)
WRITTEN_BY_HAND = (EntryKind.CONSULTATION, *THREE_ONES, EntryKind.NOTE)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written. Nothing is ever altered: what was wrong is put right by another entry."""

    county: str
    kind: EntryKind
    at: Instant
    """When it took place."""
    alert: int
    """The warning that it is about; 0 = none."""
    of: int
    """The handover that a takeover answers; 0 = none."""
    attendees: str
    """Who took part: names, so they lie in the erasable table."""
    text: str
    ref: str
    """Number of a document."""
    officer: str

    @property
    def digest(self) -> str:
        """What the record holds of it, so that no word of it can be changed afterwards."""
        said = (self.county, self.kind, self.at, self.alert, self.of, self.text, self.ref, self.officer)
        return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def check(new: NewEntry, now: Instant) -> None:
    """Raises CalloutError for an entry that says too little or is dated wrongly."""
    if not new.text.strip():
        raise CalloutError("请写内容")
    if len(new.text) > LONGEST:
        raise CalloutError(f"内容太长，请控制在 {LONGEST} 字以内")
    if new.kind is EntryKind.CONSULTATION and not new.attendees.strip():
        raise CalloutError("会商要写明哪些单位、哪些人参加")
    if new.kind is EntryKind.PAPER and not new.ref.strip():
        raise CalloutError("一文部署要写明文号")
    if new.at > now + HOUR // 12:
        raise CalloutError("时间写在了将来，请核对")
    if new.at < now - LATEST:
        raise CalloutError("时间早于 30 天前，请核对")


def missing_ones(written: Iterable[EntryKind]) -> tuple[EntryKind, ...]:
    """Those of the 三个一 that nobody has entered."""
    known = set(written)
    return tuple(one for one in THREE_ONES if one not in known)
