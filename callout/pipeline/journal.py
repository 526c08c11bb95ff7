"""journal: a named officer writes the duty log, hands the shift over with all that is open, or takes it over."""

from collections.abc import Collection
from typing import Protocol

from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallEvent
from callout.domain.instant import Instant
from callout.domain.journal import EntryKind, NewEntry, check
from callout.ports import Item


class Handover(Protocol):
    """A handover that waits."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def officer(self) -> str:
        """Who hands over."""


class _Journal(Protocol):
    def write(self, new: NewEntry) -> int: ...
    def open_handover(self, county: str) -> Handover | None: ...


class _List(Protocol):
    def claimed(self, county: str, officer: str) -> Collection[Item]: ...
    def move(self, item: Item, event: HumanCallEvent, officer: str, outcome: str = "") -> bool: ...


class JournalWork(Protocol):
    """What journal works on."""

    @property
    def at(self) -> Instant:
        """Now."""

    @property
    def journal(self) -> _Journal:
        """The duty log."""

    @property
    def humans(self) -> _List:
        """The officer's list."""


def write(work: JournalWork, new: NewEntry) -> int:
    """Add an entry. Raises CalloutError for one that says too little."""
    check(new, work.at)
    return work.journal.write(new)


def hand_over(work: JournalWork, county: str, text: str, officer: str) -> int:
    """The shift ends: what is open is kept as it is now. Raises CalloutError while an earlier one waits."""
    waits = work.journal.open_handover(county)
    if waits is not None:
        raise CalloutError(f"上一次交班（第 {waits.id} 条）还没有人接班")
    return write(work, NewEntry(county, EntryKind.HANDOVER, work.at, 0, 0, "", text, "", officer))


def take_over(work: JournalWork, county: str, officer: str) -> int:
    """The next shift goes on; what the former officer had claimed is free again, so that the desk is rung about it.

    Returns how many items that were. Raises CalloutError where nothing waits, or the same officer would take over.
    """
    waits = work.journal.open_handover(county)
    if waits is None:
        raise CalloutError("没有等接班的交班记录：可能刚有人接班")
    if waits.officer == officer:
        raise CalloutError("接班要由另一位值班人员来做")
    text = f"已阅第 {waits.id} 条交班记录，接班"
    write(work, NewEntry(county, EntryKind.TAKEOVER, work.at, 0, waits.id, "", text, "", officer))
    left = work.humans.claimed(county, waits.officer)
    return sum(work.humans.move(item, HumanCallEvent.RELEASED, officer) for item in left)
