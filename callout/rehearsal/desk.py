"""What the simulated officer (值班员) does, done to the record by the writes that a human's commands use."""

from collections.abc import Mapping, Sequence
from typing import Any

from callout.domain.callout import CalloutKey, CalloutState
from callout.domain.errors import CalloutError
from callout.domain.hearing import Heard
from callout.domain.human_call import HumanCallState
from callout.pipeline import acknowledge, attend
from callout.pipeline.attend import ItemKey
from callout.ports import InboundKind, InboundRow, Item
from callout.simulation.officer import Action, ActionKind
from callout.store import schema
from callout.store.store import Store, Work
from callout.store.transaction import AUDIT_COLUMNS

OFFICER = "示例·值班员"
OUTCOMES = {
    "reached_by_phone": "电话叫通，本人确认",
    "door_knock_ordered": "已派人上门",
    "replacement_sent": "已另派人到岗",
    "roster_gap_noted": "名册缺口已登记",
    "plan_missing_noted": "缺方案已登记",
    "rule_missing_noted": "缺规则已登记",
    "alert_read": "已阅处",
    "people_informed": "已通知有关人员",
    "sender_asked": "已向来文单位问清",
    "decision_asked": "已报有权决定的领导",
    "site_asked": "已派人到现场查看",
    "feedback_asked": "已电话催报",
    "source_checked": "已查预警源和网络",
    "maintainer_told": "已告知维护人员",
    "gauge_checked": "已派人核对站点读数",
    "keeper_asked": "已向负责转移的人问清人数",
    "other_shelter_opened": "已开放另一处安置点",
}
"""The simulated officer's outcomes in the words of a record."""
_WARNING = 0
"""The round of a callout that warns; higher ones ring the desk."""


FEW = 20
"""So many items are read one by one; where more have changed the whole list is."""
_ABOUT_ITEMS, _CLOSED = f"{schema.human_call.name}.", HumanCallState.CLOSED.value
_EVENT, _COUNTY, _ALERT, _POST, _REF, _AFTER = map(
    AUDIT_COLUMNS.index, ("event", "county", "alert", "post", "ref", "after")
)


def waiting(work: Work) -> dict[ItemKey, Item]:
    """The officer's list: everything that is not closed, by its key."""
    return {item.key: item for item in work.humans.not_closed()}


class OfficersList:
    """The officer's list of a run that has its database to itself: what its own writes note says which items to look
    at again, so that a long list is not read at every moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._items: dict[ItemKey, Item] | None = None
        self._touched: dict[ItemKey, bool] = {}
        """Items that were written since, and whether they are closed now."""
        store.noted = self._hear

    @property
    def has_news(self) -> bool:
        """Whether the record has moved an item since it was read last."""
        return self._items is None or bool(self._touched)

    def read(self) -> Mapping[ItemKey, Item]:
        """Everything that is not closed, by its key."""
        touched, self._touched = self._touched, {}
        if self._items is None or len(touched) > FEW:
            self._items = self._store.read(waiting)
        elif touched:
            self._refresh(self._items, touched)
        return self._items

    def _refresh(self, items: dict[ItemKey, Item], touched: Mapping[ItemKey, bool]) -> None:
        for key in touched:
            items.pop(key, None)
        left = [key for key, closed in touched.items() if not closed]
        if left:
            found = self._store.read(lambda work: {key: work.humans.find(key) for key in left})
            items.update({key: item for key, item in found.items() if item})

    def _hear(self, entries: Sequence[tuple[Any, ...]]) -> None:
        for one in entries:
            if one[_EVENT].startswith(_ABOUT_ITEMS):
                kind, _, about = one[_REF].partition(":")
                self._touched[one[_COUNTY], one[_ALERT], one[_POST], kind, about] = one[_AFTER] == _CLOSED


def act(work: Work, action: Action) -> None:
    """Claim or close one item; where the person confirmed on the phone, that is their answer.

    An item that was closed meanwhile is left alone: what the officer did a moment before may have settled it.
    """
    try:
        if action.kind is ActionKind.CLAIM:
            attend.claim(work, action.key, OFFICER)
            return
        attend.close(work, action.key, OFFICER, OUTCOMES[action.outcome])
    except CalloutError:  # and nothing was written
        return
    heard = _callout(work, action.key) if action.confirmed else None
    if heard is not None and heard.open and heard.callout.state is not CalloutState.SUPERSEDED:
        event = ":".join(("officer", *map(str, action.key)))
        row = InboundRow(event, InboundKind.KEY, "", 0, "电话", "", work.at, 0)
        acknowledge.confirm(work, heard, row, OFFICER)


def _callout(work: Work, key: ItemKey) -> Heard | None:
    """The warning that the item is about, as the officer speaks of it."""
    county, alert, post, _, _ = key
    return work.hears.find(CalloutKey(county, alert, post, _WARNING))
