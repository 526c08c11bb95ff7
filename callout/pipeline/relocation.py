"""relocation: a named officer enters who is moved, refuses, cannot be reached or went back, and lets people return."""

from collections.abc import Sequence
from typing import Protocol

from callout.domain.callout import lane_of
from callout.domain.errors import CalloutError
from callout.domain.human_call import NewHumanCall
from callout.domain.level import Level
from callout.domain.relocation import TABLE, Relocation, RelocationEvent, RelocationKey, RelocationState, Word
from callout.ports import RelocationDesk

E = RelocationEvent
Seen = tuple[RelocationKey, int]
"""One of them and the revision in which it was shown to whoever speaks about it."""


class _List(Protocol):
    def open(self, new: Sequence[NewHumanCall], lane: int) -> object: ...


class RelocationWork(Protocol):
    """What relocation works on."""

    @property
    def relocations(self) -> RelocationDesk:
        """转移."""

    @property
    def humans(self) -> _List:
        """The officer's list."""


_IS = {
    RelocationState.TO_MOVE: "还没有转移",
    RelocationState.MOVED: "已经转移",
    RelocationState.REFUSED: "已记为拒绝转移",
    RelocationState.UNREACHABLE: "已记为联系不上",
    RelocationState.RETURNED: "已记为擅自返回",
    RelocationState.RELEASED: "转移已经结束",
}


def demand(work: RelocationWork, county: str, about: tuple[int, int, str], sites: Sequence[str], officer: str) -> None:
    """A named officer asks for these sites to be moved. `about` = (episode, alert, run); 0, 0 = about no warning."""
    if not officer.strip():
        raise CalloutError("请写明值班人员姓名")
    episode, alert, run = about
    known = {site.id: site for site in work.relocations.plans.plan(county).sites}
    unknown = [site for site in sites if site not in known]
    if unknown or not sites:
        raise CalloutError(
            f"转移台账里没有 {'、'.join(unknown)[:60] or '选中的对象'}；请用 callout relocation plan 核对编号"
        )
    red = lane_of(Level.RED)
    wanted = [(known[site], red) for site in dict.fromkeys(sites)]
    work.humans.open(work.relocations.begin(county, (episode, alert), run, wanted, officer.strip()), red)


def moved(work: RelocationWork, chosen: Sequence[Seen], word: Word, run: str) -> None:
    """They are away: all of them, or `word.people` of the one that is chosen."""
    if word.people >= 0 and len(chosen) > 1:
        raise CalloutError("人数要逐处填报：写了人数时一次只选一处")
    _tell(work, chosen, E.MOVED, word, run)


def refused(work: RelocationWork, chosen: Sequence[Seen], word: Word, run: str) -> None:
    """They will not go."""
    _tell(work, chosen, E.REFUSED, word, run)


def unreachable(work: RelocationWork, chosen: Sequence[Seen], word: Word, run: str) -> None:
    """Nobody can reach them."""
    _tell(work, chosen, E.UNREACHABLE, word, run)


def returned(work: RelocationWork, chosen: Sequence[Seen], word: Word, run: str) -> None:
    """They went back too early."""
    _tell(work, chosen, E.RETURNED, word, run)


def release(work: RelocationWork, chosen: Sequence[Seen], word: Word, run: str) -> None:
    """A named human lets them return, or ends it, after a check. No alert's end ever does this."""
    if not word.by.strip() or not word.title.strip():
        raise CalloutError("允许返回要写明决定人和职务，例如：--by 姓名 --title 副区长")
    if not word.reason.strip():
        raise CalloutError("允许返回要写明返回前检查，例如：--check 边坡已查，无险情")
    _tell(work, chosen, E.RELEASED, word, run)


def _tell(work: RelocationWork, chosen: Sequence[Seen], event: RelocationEvent, word: Word, run: str) -> None:
    if not word.officer.strip():
        raise CalloutError("请写明值班人员姓名")
    if not chosen:
        raise CalloutError("没有选中任何转移对象，请用 callout relocation list 核对")
    found = {one.key: one for one in work.relocations.find([key for key, _ in chosen])}
    for key, rev in chosen:
        _allowed(found.get(key), key, rev, event, run)
    items = work.relocations.tell(list(found.values()), event, word)
    alert = max(one.alert for one in found.values())
    items += work.relocations.overfull(chosen[0][0].county, alert) if event is E.MOVED else []
    work.humans.open(items, min(lane_of(one.level) for one in found.values()))


def _allowed(one: Relocation | None, key: RelocationKey, rev: int, event: RelocationEvent, run: str) -> None:
    if one is None:
        raise CalloutError(f"没有转移对象 {key.site}，请用 callout relocation list 核对编号")
    if one.run != run:
        raise CalloutError(f"{key.site} 不是本次运行（{run}）的转移，不能在这里处理")
    if (one.state, event) not in TABLE:
        raise CalloutError(f"{key.site} {_IS[one.state]}，不能再这样记")
    if one.rev != rev:
        raise CalloutError(f"{key.site} 刚被别人改动，什么都没有写入；请重新查看后再操作")
