"""drill: 演练 begin by a human's word, and end by a human's word, in time, or before a real warning."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from callout.domain.alert import Alert, Status
from callout.domain.area import County
from callout.domain.drill import START, TESTED, Drill, DrillEvent, DrillState
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, Instant, beijing
from callout.domain.issuing import Act, Draft, Earlier, alert_of, identifier_of
from callout.domain.roster import Roster
from callout.ports import Document, DrillWork, Summary, Writer

_ENGINE = "engine"
STATES: Mapping[DrillState, str] = {
    DrillState.PLANNED: "计划中",
    DrillState.RUNNING: "正在进行",
    DrillState.OVER: "已结束",
}
NEEDS_SWITCH = (
    "这里接着真实通道，演练要真的发短信、打电话，须先设 CALLOUT_DRILL_LIVE=1 并重启引擎；"
    "只想走一遍，请用 callout rehearse 或 callout tabletop"
)
"""Where phones are real and nobody has allowed drills to ring them."""
_WHY = {
    DrillEvent.TIMED_OUT: "到了计划的结束时间",
    DrillEvent.OVERTAKEN: "来了真实预警，演练让路",
}


@dataclass(frozen=True, slots=True)
class Drilling:
    """What the drill stage stands on."""

    store: Writer[DrillWork]
    counties: Callable[[], list[County]]
    issue: Callable[[Alert, Document], object]
    """Takes in a message as if it had come from outside; sent twice, it is one."""


def run_once(drilling: Drilling) -> Summary:
    """End the drills whose time is over, and those that give way to a real warning."""
    ending = drilling.store.read(lambda work: work.drills.to_end(work.at))
    return Summary("drill", sum(end(drilling, one, event, _ENGINE, _WHY[event]) for one, event in ending))


@dataclass(frozen=True, slots=True)
class Order:
    """A named human starts a drill."""

    county: str
    """What it is in the rows."""
    typed: str
    """Its name, typed once more."""
    officer: str
    live: bool
    """Its real phones may ring."""
    roster: Roster | None = None
    """Whom it calls; None: those of its county who are listed."""


def start(drilling: Drilling, order: Order) -> Drill:
    """Its phones may ring, and its warning comes in. Raises CalloutError, and starts nothing, where it may not."""

    def work(work: DrillWork) -> tuple[Drill, Instant]:
        drill = _startable(work, order)
        work.drills.start(drill, order.officer, live=order.live, roster=order.roster)
        return replace(drill, started_at=work.at), work.at

    drill, at = drilling.store.write(work)
    _take_in(drilling, drill, Act.NEW, at)
    return drill


def _startable(work: DrillWork, order: Order) -> Drill:
    drill = work.drills.find(order.county)
    if drill is None:
        raise CalloutError(f"没有演练 {order.county}，请用 callout drill status 核对")
    problems = (
        (drill.state is not START, f"演练“{drill.name}”{STATES[drill.state]}，不能再启动"),
        (order.typed.strip() != drill.name, f"输入的名称与“{drill.name}”不一致，没有启动，没有拨打任何电话"),
        (work.at < drill.begins, f"计划 {beijing(drill.begins)} 开始，还没有到时间"),
        (work.at >= drill.ends, "计划的结束时间已过，请重新计划"),
        (drill.base in work.drills.running(), "本区县已有一次演练在进行，请先结束它"),
        (work.drills.going(drill.base), "有真实预警正在叫应，不能开始演练"),
        (not work.drills.listed(drill.county), "参加人员名单是空的，不能启动"),
    )
    for there, sentence in problems:
        if there:
            raise CalloutError(sentence)
    return drill


def end(drilling: Drilling, drill: Drill, event: DrillEvent, actor: str, why: str) -> bool:
    """Nobody is called any more; False when somebody was first.

    Whoever was called is told so, except where a real warning came: its words must stand alone.
    """
    at = drilling.store.read(lambda work: work.at)
    if event is not DrillEvent.OVERTAKEN and drill.started_at is not None:
        _take_in(drilling, drill, Act.ALL_CLEAR, at)

    def close(work: DrillWork) -> bool:
        if not work.drills.move(drill, event, actor, why):
            return False
        work.drills.close(drill.county)
        return True

    return drilling.store.write(close)


def _take_in(drilling: Drilling, drill: Drill, act: Act, at: Instant) -> None:
    [county] = [one for one in drilling.counties() if one.code == drill.base]
    alert = message(drill, county, act, at)
    raw = json.dumps(asdict(alert), ensure_ascii=False, sort_keys=True, indent=1).encode()
    drilling.issue(alert, Document(f"{alert.identifier}.json", "drill", raw))


def message(drill: Drill, county: County, act: Act, at: Instant) -> Alert:
    """The warning of a drill, or its end, with CAP status Exercise."""
    first = identifier_of(county, drill.county)
    hours = max(1, -(-(drill.ends - at) // HOUR))
    draft = Draft(act, drill.hazard, drill.level, drill.areas, hours, f"{drill.name}，这是演练", drill.name)
    earlier = Earlier(first, (), drill.hazard, drill.level, drill.areas) if act.lifts else None
    identifier = f"{first}_over" if act.lifts else first
    alert = alert_of(draft, county, earlier, identifier, at)
    ends = None if act.lifts else drill.ends
    mark = TESTED if drill.name.startswith(TESTED) else ""
    infos = tuple(replace(one, expires=ends, headline=mark + one.headline) for one in alert.infos)
    return replace(alert, status=Status.EXERCISE, infos=infos)
