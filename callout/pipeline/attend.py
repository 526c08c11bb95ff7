"""attend: a named officer takes, gives back or closes an item of the officer's list."""

from typing import Protocol

from callout.domain.errors import CalloutError
from callout.domain.human_call import TABLE, HumanCallEvent, HumanCallState
from callout.ports import Item

ItemKey = tuple[str, int, int, str, str]
"""(county, alert, post, kind, about)."""


class _List(Protocol):
    def find(self, key: ItemKey) -> Item | None: ...
    def move(self, item: Item, event: HumanCallEvent, officer: str, outcome: str = "") -> bool: ...


class AttendWork(Protocol):
    """What attend works on."""

    @property
    def humans(self) -> _List:
        """The officer's list."""


def claim(work: AttendWork, key: ItemKey, officer: str) -> None:
    """The officer works on it: the desk is not rung about it any more. Raises CalloutError where that cannot be."""
    _move(work, key, HumanCallEvent.CLAIMED, officer)


def release(work: AttendWork, key: ItemKey, officer: str) -> None:
    """The officer gives it back: it waits for somebody else. Raises CalloutError where that cannot be."""
    _move(work, key, HumanCallEvent.RELEASED, officer)


def note(work: AttendWork, key: ItemKey, officer: str, outcome: str) -> None:
    """What a call came to that does not end the item. Raises CalloutError where that cannot be."""
    if not outcome.strip():
        raise CalloutError("请写明这次联系的情况")
    _move(work, key, HumanCallEvent.NOTED, officer, outcome.strip())


def close(work: AttendWork, key: ItemKey, officer: str, outcome: str) -> None:
    """It is done, with an outcome in the officer's words. Raises CalloutError where that cannot be."""
    if not outcome.strip():
        raise CalloutError("办结要写明结果，例如：已电话联系本人，正在转移")
    _move(work, key, HumanCallEvent.CLOSED, officer, outcome.strip())


_CANNOT = {
    HumanCallState.OPEN: "还没有人认领",
    HumanCallState.CLAIMED: "已经有人认领，要换人请先退回",
    HumanCallState.CLOSED: "已经办结",
}


def _move(work: AttendWork, key: ItemKey, event: HumanCallEvent, officer: str, outcome: str = "") -> None:
    if not officer.strip():
        raise CalloutError("请写明值班人员姓名")
    item = work.humans.find(key)
    if item is None:
        raise CalloutError("人工叫应里没有这一项，请核对编号")
    if (item.state, event) not in TABLE:
        raise CalloutError(f"这一项{_CANNOT[item.state]}")
    if not work.humans.move(item, event, officer.strip(), outcome):
        raise CalloutError("这一项刚被别人改动，请重新查看后再操作")
