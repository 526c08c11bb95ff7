"""stop_work: named humans propose, order, decline, confirm and lift 熔断. Nothing here ever happens by itself."""

from collections.abc import Sequence
from typing import Protocol

from callout.domain.callout import lane_of
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.stop_work import (
    TABLE,
    Decision,
    StopWork,
    StopWorkEvent,
    StopWorkKey,
    StopWorkState,
    Wish,
)
from callout.ports import StopWorkDesk

E = StopWorkEvent
Seen = tuple[StopWorkKey, int]
"""A 熔断 and the revision in which it was shown to whoever decides."""


class _List(Protocol):
    def open(self, new: Sequence[NewHumanCall], lane: int) -> object: ...


class StopWorkWork(Protocol):
    """What stop_work works on."""

    @property
    def stops(self) -> StopWorkDesk:
        """熔断."""

    @property
    def humans(self) -> _List:
        """The officer's list."""


_RUNS = {"actual": "实战", "demo": "演示", "drill": "演练", "rehearsal": "推演"}
_CANNOT = {
    StopWorkState.PROPOSED: "还没有决定",
    StopWorkState.ORDERED: "已经决定执行，要结束请用解除",
    StopWorkState.CONFIRMED: "现场已经确认，要结束请用解除",
    StopWorkState.LIFT_PROPOSED: "已经建议解除，等检查和决定",
    StopWorkState.INSPECTED: "恢复前检查已过，等决定解除",
    StopWorkState.DECLINED: "已经决定不执行",
    StopWorkState.SUPERSEDED: "已由新建议或在执行的同一熔断接替",
    StopWorkState.LIFTED: "已经解除",
}


def propose(work: StopWorkWork, wish: Wish, decision: Decision, run: str) -> list[StopWork]:
    """A human proposes. It waits for a decision like a rule's proposal. Raises CalloutError where that cannot be."""
    _named(decision, "依据")
    for area in wish.areas:
        known = work.stops.same(wish.county, wish, area, run)
        if known:
            raise CalloutError(f"{name(known)}：同一对象的熔断{_CANNOT[known.state]}，不必再建议")
    made = work.stops.wish(wish, decision, run)
    item = NewHumanCall(
        wish.county,
        wish.alert,
        0,
        HumanCallKind.STOP_UNDECIDED,
        made[0].undecided,
        f"{wish.code} {len(made)} 处",
    )
    work.humans.open([item], lane_of(made[0].level))
    return made


def order(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named human with 职务 and 依据 orders them. Raises CalloutError, and writes nothing, where one cannot be."""
    if not decision.title.strip():
        raise CalloutError("决定熔断要写明决定人的职务，例如：--title 副区长")
    _decide(work, chosen, E.ORDERED, decision, run)


def decline(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named human decides against them, with a reason."""
    _decide(work, chosen, E.DECLINED, decision, run)


def confirm(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named person saw them closed on site."""
    _decide(work, chosen, E.CONFIRMED, decision, run)


def propose_lift(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named human asks to end them; they stay stopped."""
    _decide(work, chosen, E.LIFT_PROPOSED, decision, run)


def inspect(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named human has looked at the places; they stay stopped until somebody decides."""
    if not decision.check.strip():
        raise CalloutError("请写明恢复前检查了什么，例如：边坡和用电已查，无险情")
    _decide(work, chosen, E.INSPECTED, decision, run)


def refuse_lift(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """It is not safe yet: they stay stopped, for a reason."""
    _decide(work, chosen, E.LIFT_REFUSED, decision, run)


def lift(work: StopWorkWork, chosen: Sequence[Seen], decision: Decision, run: str) -> None:
    """A named human ends them by a decision of its own, after a check. No alert's end ever does this."""
    if not decision.title.strip():
        raise CalloutError("解除熔断要写明决定人的职务，例如：--title 副区长")
    if not decision.check.strip():
        raise CalloutError("解除熔断要写明恢复前检查，例如：--check 边坡和用电已查，无险情")
    _decide(work, chosen, E.LIFTED, decision, run)


def _decide(work: StopWorkWork, chosen: Sequence[Seen], event: StopWorkEvent, decision: Decision, run: str) -> None:
    _named(decision, "理由" if event in (E.DECLINED, E.LIFT_REFUSED) else "依据")
    if not chosen:
        raise CalloutError("没有选中任何熔断，请用 callout stop-work list 核对")
    found = {one.key: one for one in work.stops.find([key for key, _ in chosen])}
    for key, rev in chosen:
        _allowed(found.get(key), rev, event, run)
    chosen_ones = list(found.values())
    for untold in work.stops.decide(chosen_ones, event, decision):
        work.humans.open([untold], lane_of(chosen_ones[0].level))


def _allowed(one: StopWork | None, rev: int, event: StopWorkEvent, run: str) -> None:
    if one is None:
        raise CalloutError("没有这个熔断，请用 callout stop-work list 核对编号")
    if one.run != run:
        raise CalloutError(f"{name(one)}是{_RUNS[one.run]}的熔断，不能在{_RUNS[run]}中处理")
    if (one.state, event) not in TABLE:
        raise CalloutError(f"{name(one)}{_CANNOT[one.state]}")
    if one.rev != rev:
        raise CalloutError(f"{name(one)}刚被别人改动，什么都没有写入；请重新查看后再操作")


def name(one: StopWork) -> str:
    """How an error speaks of it."""
    return (
        f"预警 {one.key.alert} 的{one.key.code}（{one.key.role}）"
        if one.key.alert
        else f"{one.key.code}（{one.key.role}）"
    )


def _named(decision: Decision, basis: str) -> None:
    if not decision.officer.strip():
        raise CalloutError("请写明值班人员姓名")
    if not decision.by.strip():
        raise CalloutError("请写明是谁：--by 姓名")
    if not decision.basis.strip():
        raise CalloutError(f"请写明{basis}")
