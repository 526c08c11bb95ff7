"""What a shift hands over: everything that is open, in short lines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callout.domain.human_call import HumanCallState
from callout.domain.instant import beijing
from callout.domain.intake import AlertState
from callout.domain.stop_work import IN_FORCE, StopWorkState
from callout.reports.board import BoardStand
from callout.reports.desk_list import DeskLine
from callout.reports.relocation import RelocationLine, count
from callout.reports.shift_gaps import GapLine
from callout.reports.stop_board import StopLine
from callout.reports.words import HUMAN_CALL_KINDS, RELOCATION_STATES, STOP_WORK_STATES

MOST = 20
"""Items that are named; the rest is counted."""


@dataclass(frozen=True, slots=True)
class OpenThings:
    """One heading, and what is open under it."""

    heading: str
    lines: tuple[str, ...]
    address: str
    """The page that shows it."""


def open_things(
    stand: BoardStand,
    items: Sequence[DeskLine],
    stops: Sequence[StopLine],
    moves: Sequence[RelocationLine],
    gaps: Sequence[GapLine] = (),
) -> list[OpenThings]:
    """Everything that the next shift goes on with, headings without anything left out."""
    found = [
        OpenThings("生效预警", tuple(_alerts(stand)), "/"),
        OpenThings("人工叫应", tuple(_items(items)), "/desk"),
        OpenThings("熔断", tuple(_stops(stops)), "/stops"),
        OpenThings("转移", tuple(_moves(moves)), "/moves"),
        OpenThings("值班缺口", tuple(_gaps(gaps)), "/journal/handover"),
    ]
    return [one for one in found if one.lines]


def in_text(things: Sequence[OpenThings], note: str) -> str:
    """The handover as it is kept."""
    parts = [f"{one.heading}：\n" + "\n".join(f"- {line}" for line in one.lines) for one in things]
    said = [f"交班说明：{note.strip()}"] if note.strip() else []
    return "\n".join([*said, *parts] or ["没有未了结的事项"])


def _gaps(gaps: Sequence[GapLine]) -> Iterator[str]:
    """Without names: the handover is kept in the log, which nobody can change."""
    for one in gaps[:MOST]:
        begins, ends = (beijing(at, "%m-%d %H:%M") for at in (one.begins, one.ends))
        yield f"{one.title} {begins} 至 {ends} 没有人值班，到时{'叫任职人' if one.called else '没有人可叫'}"
    if len(gaps) > MOST:
        yield f"另有 {len(gaps) - MOST} 处，见 callout shifts gaps"


def _alerts(stand: BoardStand) -> Iterator[str]:
    for one in (one for one in stand.alerts if not one.overtaken):
        state = {AlertState.AWAITING: "，等人确认", AlertState.HELD: "，没有自动叫人"}.get(one.line.state, "")
        ends = f"，有效到 {beijing(one.line.expires_at, '%m-%d %H:%M')}" if one.line.expires_at else ""
        counts = f"应叫 {one.total.due}，已应 {one.total.answered}，在叫 {one.total.open}，未叫到 {one.total.unreached}"
        yield f"{one.headline}{ends}{state}：{counts}"


def _items(items: Sequence[DeskLine]) -> Iterator[str]:
    for one in items[:MOST]:
        by = f"；{one.claimed_by}处理中" if one.state is HumanCallState.CLAIMED else "，没有人认领"
        yield f"{one.level.zh} {one.title or one.headline or one.note}：{HUMAN_CALL_KINDS[one.kind]}{by}"
    if len(items) > MOST:
        yield f"另有 {len(items) - MOST} 项"


def _stops(stops: Sequence[StopLine]) -> Iterator[str]:
    open_ = [one for one in stops if one.state is StopWorkState.PROPOSED or one.state in IN_FORCE]
    marks = Counter(
        (one.key.code, one.headline or "由人建议", one.state, one.overdue, one.warning_over) for one in open_
    )
    for (code, about, state, overdue, over), many in marks.items():
        late = "，逾期没有现场回报" if overdue else ""
        ended = "，预警已结束" if over else ""
        yield f"{code} {many} 处，{STOP_WORK_STATES[state]}{late}{ended}（{about}）"


def _moves(moves: Sequence[RelocationLine]) -> Iterator[str]:
    total = count(moves)
    if not total.sites:
        return
    yield f"要转移 {total.people} 人，已转移 {total.moved_people} 人，还在 {total.left} 人；允许返回要单独决定"
    away = [one for one in moves if one.left]
    for one in away[:MOST]:
        yield f"{one.name}（{one.people} 人，{one.immobile} 人不能自己走）：{RELOCATION_STATES[one.state]}"
    if len(away) > MOST:
        yield f"另有 {len(away) - MOST} 处"
