"""stop-work: 熔断 proposed, ordered, declined, confirmed on site and lifted by named humans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.apart import keep_apart
from callout.cli.control import Args, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.screen import Json, fail, options, say, show_json
from callout.cli.stop_list import Areas, Code, Filter, OfAlert, Places, as_json, chosen, places, show, warn_of_return
from callout.cli.stop_options import (
    MOST_MINUTES,
    Confirming,
    Declining,
    Inspecting,
    Lifting,
    Ordering,
    Proposing,
    ProposingLift,
)
from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, MINUTE, Instant, instant
from callout.domain.rule import StopWorkCode
from callout.domain.stop_work import CONFIRM_WITHIN, IN_FORCE, OPEN, Decision, StopWorkKey, StopWorkState, Wish
from callout.pipeline import stop_work
from callout.reports.stop_told import posts_told
from callout.settings import Settings
from callout.store.store import Work

app = typer.Typer(
    help="熔断：建议、决定、不执行、现场确认、建议解除、检查、解除；预警结束不会自动解除熔断",
    no_args_is_help=True,
)

_LONGEST = 500
_LONGEST_NAME = 40
_MOST = 500
"""熔断 in one decision."""


@app.command("list")
def show_all(
    alert: OfAlert = None,
    area: Areas = None,
    code: Code = "",
    as_document: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="连同不执行的、已接替的和已解除的")] = False,
) -> None:
    """列出未了结的熔断：待决定的、已决定的、现场已确认的"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        wanted = Filter(
            (), alert, [where.key(a) for a in area or ()], code, tuple(StopWorkState) if everything else OPEN
        )
        now = store.read(lambda work: work.at)
        rows, told = store.database.read(lambda db: (chosen(db, where, wanted), posts_told(db, [where.county])))
    if as_document:
        show_json({"now": now, "stop_work": as_json(rows, told, where)})
    elif rows:
        say(f"熔断 {len(rows)} 处。决定：callout stop-work order 编号 --by … --title … --basis … --officer …")
        show(rows, told, where, now)
    else:
        say("没有未了结的熔断")


@app.command()
@options(Proposing)
def propose(given: Proposing) -> None:
    """由人建议熔断；没有人决定时，系统会叫值班室"""
    settings = Settings()
    args = {
        "alert": given.alert,
        "areas": list(given.area),
        "code": given.code,
        "object": given.object,
        "measure": given.measure,
        "basis": given.basis,
        "by": given.by,
        "title": given.title,
        "officer": given.officer,
    }
    with route(settings) as way:
        result = way.ask(PROPOSE, args)
    for handle in result["handles"]:
        say(f"已建议 {handle}，等有权的人决定")


@app.command()
@options(Ordering)
def order(given: Ordering) -> None:
    """决定执行：由有权的人作出，写明职务和依据"""
    more = {
        "effective_at": _time(given.effective),
        "exceptions": given.exceptions,
        "confirm_within": given.confirm_within,
    }
    _decide(_Act("决定执行", ORDER, (StopWorkState.PROPOSED,)), given, more)


@app.command()
@options(Declining)
def decline(given: Declining) -> None:
    """决定不执行一项建议，写明理由；以后仍可改为执行"""
    _decide(_Act("不执行", DECLINE, (StopWorkState.PROPOSED,)), given, {"basis": given.reason})


@app.command()
@options(Confirming)
def confirm(given: Confirming) -> None:
    """现场确认：有人看到确已停下"""
    more = {"basis": given.seen, "evidence": given.photo}
    _decide(_Act("现场确认", CONFIRM, (StopWorkState.ORDERED,)), given, more)


@app.command("propose-lift")
@options(ProposingLift)
def propose_lift(given: ProposingLift) -> None:
    """建议解除：对象仍停着，等检查和决定"""
    _decide(_Act("建议解除", PROPOSE_LIFT, (StopWorkState.CONFIRMED,)), given, {})


@app.command()
@options(Inspecting)
def inspect(given: Inspecting) -> None:
    """恢复前检查：有人到现场查过；对象仍停着，等决定"""
    more = {"basis": given.result, "check": given.check}
    _decide(_Act("检查已过", INSPECT, (StopWorkState.LIFT_PROPOSED,)), given, more)


@app.command("refuse-lift")
@options(Declining)
def refuse_lift(given: Declining) -> None:
    """不同意解除：继续停着，写明理由"""
    states = (StopWorkState.LIFT_PROPOSED, StopWorkState.INSPECTED)
    _decide(_Act("继续执行", REFUSE_LIFT, states), given, {"basis": given.reason})


@app.command()
@options(Lifting)
def lift(given: Lifting) -> None:
    """解除熔断：单独决定，写明恢复前检查"""
    more = {"effective_at": _time(given.effective), "check": given.check}
    _decide(_Act("解除", LIFT, IN_FORCE), given, more)


@dataclass(frozen=True, slots=True)
class _Act:
    """One kind of decision."""

    name: str
    verb: Verb
    states: Sequence[StopWorkState]
    """Which ones the conditions of the command choose; a handle may name any."""


def _decide(act: _Act, given: Any, more: Args) -> None:
    """Show what is meant, ask, and have exactly that decided."""
    settings = Settings()
    if not (given.handles or given.alert is not None or given.area or given.code):
        raise CalloutError("请写编号，或用 --alert、--area、--code 选；编号见 callout stop-work list")
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        areas = [where.key(a) for a in given.area or ()]
        wanted = Filter(given.handles or (), given.alert, areas, given.code, act.states)
        rows, told = store.database.read(lambda db: (chosen(db, where, wanted), posts_told(db, [where.county])))
        if not rows:
            raise CalloutError(f"没有符合条件、可以{act.name}的熔断，请用 callout stop-work list 核对")
        now = store.read(lambda work: work.at)
        show(rows, told, where, now)
        if act.verb is LIFT:
            store.database.read(lambda db: warn_of_return(db, rows, now))
    if not given.yes and not typer.confirm(f"以上 {len(rows)} 处，{act.name}（{given.by}），确认吗？"):
        fail("没有操作")
        raise typer.Exit(1)
    seen = [[r.alert, r.area, r.code, r.role, r.rev] for r in rows]
    said = {"by": given.by, "title": given.title, "officer": given.officer, "basis": getattr(given, "basis", "")}
    with route(settings) as way:
        way.ask(act.verb, {"chosen": seen, **said, **more})
    say(f"已记录：{len(rows)} 处{act.name}，{given.by}，记录人 {given.officer}")


def _time(said: str) -> int | None:
    """When, in Beijing time; a time of day alone is today's."""
    if not said:
        return None
    for form in ("%Y-%m-%d %H:%M", "%H:%M"):
        try:
            at = datetime.strptime(said, form)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        today = datetime.now(BEIJING)
        day = today if form == "%H:%M" else at
        return instant(datetime(day.year, day.month, day.day, at.hour, at.minute, tzinfo=BEIJING))
    raise CalloutError(f"看不懂时间“{said[:30]}”；请写成 06:00 或 2026-08-03 06:00，北京时间")


def _decision(args: Args) -> Decision:
    effect = None if args.get("effective_at") is None else Instant(whole(args, "effective_at"))
    within = whole(args, "confirm_within", MOST_MINUTES) * MINUTE if "confirm_within" in args else CONFIRM_WITHIN
    names = {name: word(args, name, _LONGEST_NAME) for name in ("by", "title", "officer")}
    said = {name: word(args, name, _LONGEST) for name in ("basis", "exceptions", "check", "evidence")}
    return Decision(**names, **said, effective_at=effect, confirm_within=within, photo=b"")


def _seen(args: Args, county: str) -> list[stop_work.Seen]:
    many = args.get("chosen")
    if not isinstance(many, list) or len(many) > _MOST:
        raise CalloutError(f"一次最多决定 {_MOST} 处")
    return [_one(each, county) for each in many]


def _one(each: object, county: str) -> stop_work.Seen:
    match each:
        case [int() as alert, str() as area, str() as code, str() as role, int() as rev]:
            return StopWorkKey(county, alert, area, _code(code), role), rev
    raise CalloutError("参数 chosen 应逐项写明预警号、区划、类别、对象和版次")


def _code(said: str) -> StopWorkCode:
    if said not in {code.value for code in StopWorkCode}:
        raise CalloutError(f"没有“{said[:20]}”这一类熔断；应为 {' '.join(code.value for code in StopWorkCode)}")
    return StopWorkCode(said)


def _verb(name: str, act: Callable[[Work, Sequence[stop_work.Seen], Decision, str], None]) -> Verb:
    def run(engine: App, args: Args) -> Result:
        keep_apart(engine)
        seen, decision = _seen(args, engine.settings.county), _decision(args)
        engine.store.write(lambda work: act(work, seen, decision, engine.world.run))
        return {}

    return Verb(name, run)


def _propose(engine: App, args: Args) -> Result:
    county, areas = engine.settings.county, args.get("areas")
    if not isinstance(areas, list) or not areas or not all(isinstance(a, str) for a in areas):
        raise CalloutError("请用 --area 写明乡镇")
    where: Places = places(engine.rulebooks, county)
    keys = tuple(dict.fromkeys(where.key(a) for a in areas))
    role, measure = word(args, "object", 100).strip(), word(args, "measure", _LONGEST).strip()
    if not role or not measure:
        raise CalloutError("请用 --object 写明对象，用 --measure 写明措施")
    wish = Wish(county, whole(args, "alert"), keys, _code(word(args, "code", 20)), role, measure)
    keep_apart(engine)
    decision, run = _decision(args), engine.world.run
    made = engine.store.write(lambda work: stop_work.propose(work, wish, decision, run))
    names = [f"{one.key.alert}-{one.key.code}-{where.name(one.key.area)}-{one.key.role}" for one in made]
    return {"handles": names}


PROPOSE = Verb("stop-work propose", _propose)
ORDER = _verb("stop-work order", stop_work.order)
DECLINE = _verb("stop-work decline", stop_work.decline)
CONFIRM = _verb("stop-work confirm", stop_work.confirm)
LIFT = _verb("stop-work lift", stop_work.lift)
PROPOSE_LIFT = _verb("stop-work propose-lift", stop_work.propose_lift)
INSPECT = _verb("stop-work inspect", stop_work.inspect)
REFUSE_LIFT = _verb("stop-work refuse-lift", stop_work.refuse_lift)
STOP_WORK_VERBS = (PROPOSE, ORDER, DECLINE, CONFIRM, PROPOSE_LIFT, INSPECT, REFUSE_LIFT, LIFT)
"""What a running engine is asked to do about 熔断."""
