"""What relocation shows: everybody who is to be moved, by handles such as `3-Z001`, counted by township."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from callout.cli.screen import say, warn
from callout.cli.stop_list import Places
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.length import roughly
from callout.domain.relocation import RelocationState
from callout.reports.relocation import RelocationCount, RelocationLine, by_area, count, lines
from callout.reports.words import RELOCATION_STATES

Handles = Annotated[
    list[str] | None,
    typer.Argument(help="编号（预警号-对象编号），见 callout relocation list；不写则按条件选", metavar="[编号…]"),
]
State = Annotated[str, typer.Option("--state", help="只选这种状态：待转移 已转移 拒绝 失联 擅自返回", metavar="状态")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ones are meant; what is empty does not matter."""

    handles: Sequence[str]
    alert: int | None
    areas: Sequence[str]
    states: Collection[RelocationState]


def states_of(said: str, usual: Sequence[RelocationState]) -> Sequence[RelocationState]:
    """The state that a word names; without one the usual ones. Raises CalloutError for another word."""
    if not said:
        return usual
    known = {zh: RelocationState(state) for state, zh in RELOCATION_STATES.items()}
    if said not in known:
        raise CalloutError(f"没有“{said[:20]}”这种状态；应为 {' '.join(known)}")
    return (known[said],)


def chosen(db: Connection, where: Places, wanted: Wanted) -> list[RelocationLine]:
    """Those that are meant. Raises CalloutError for an unknown handle."""
    found = [
        one
        for one in lines(db, where.county, wanted.alert, wanted.states)
        if not wanted.areas or one.area in wanted.areas
    ]
    if not wanted.handles:
        return found
    known = {handle(one): one for one in found}
    for name in wanted.handles:
        if name not in known:
            raise CalloutError(f"没有 {name[:60]} 这个转移对象，请用 callout relocation list 核对编号")
    return [known[name] for name in dict.fromkeys(wanted.handles)]


def handle(one: RelocationLine) -> str:
    """How it is named on the screen: alert and site."""
    return f"{one.alert}-{one.key.site}"


def show_lines(found: Sequence[RelocationLine], where: Places, now: Instant) -> None:
    """Each under its township, the counts before them."""
    total = count(found)
    say(f"转移 {total.sites} 处 {total.households} 户 {total.people} 人：{_figures(total)}", bold=True)
    for key, some in groupby(sorted(found, key=lambda one: one.area), key=lambda one: one.area):
        say(f"{where.name(key)}  {_figures(by_area(found)[key])}")
        for one in some:
            _show_one(one, now)


def _figures(total: RelocationCount) -> str:
    parts = {"已转": f"{total.moved_people} 人", "还在": f"{total.left} 人", "拒绝": total.refused,
             "失联": total.unreachable, "擅自返回": total.returned, "逾期": total.late}  # fmt: skip
    return "，".join(f"{name} {value}" for name, value in parts.items() if value)


def _show_one(one: RelocationLine, now: Instant) -> None:
    state = RELOCATION_STATES[one.state] + ("，逾期" if one.late else "")
    away = f"，已转 {one.moved_people} 人" if one.moved_people >= 0 else ""
    left = f"，剩 {roughly(one.next_at - now)}" if one.next_at and one.next_at > now else ""
    slow = f"（不能行走 {one.immobile} 人）" if one.immobile else ""
    text = f"  {handle(one)}  {one.kind} {one.name}  {one.people} 人{slow}  {state}{away}{left}"
    (say if one.state is RelocationState.MOVED else warn)(text)
    keeper = f"对接：{one.keeper or '没有对接责任人'}"
    there = f"去：{one.shelter_name or one.shelter or '没有安置点'}"
    say(
        "      "
        + "  ".join(part for part in (one.place, keeper, there, f"路线：{one.route}" if one.route else "") if part)
    )
    if one.officer:
        said = "，".join(part for part in (one.by, one.word) if part)
        say(f"      {beijing(one.changed_at, '%m-%d %H:%M')} {said or '已报'}（{one.officer} 记录）")


def as_json(one: RelocationLine, where: Places) -> dict[str, Any]:
    """The same for programs."""
    more = {
        "handle": handle(one),
        "site": one.key.site,
        "area_name": where.name(one.area),
        "state_zh": RELOCATION_STATES[one.state],
    }
    return more | asdict(one) | {"key": list(one.key), "late": one.late, "left": one.left}
