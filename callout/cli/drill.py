"""drill: 演练 on real phones, planned, started by typing its name, watched, ended and scored."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App, SystemClock
from callout.cli.apart import keep_apart
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import reading
from callout.cli.drill_score import score
from callout.cli.roster_import import file_bytes, in_force
from callout.cli.roster_screen import table
from callout.cli.screen import Json, fail, options, say, show_json, warn
from callout.domain.area import County
from callout.domain.drill import Drill, DrillEvent, DrillState, GivesWay, check_plan
from callout.domain.drill_list import listed, scene
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, Instant, beijing, later
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.roster import Roster
from callout.pipeline import drill as stage
from callout.pipeline.drill import NEEDS_SWITCH, STATES
from callout.ports import ACTUAL
from callout.reports.drill_score import exercises
from callout.reports.words import CHANNELS
from callout.rulebook.drill_file import DrillFile, read_participants
from callout.rulebook.shift_file import moment
from callout.settings import Settings
from callout.store.store import Work

app = typer.Typer(help="演练：真的发短信、打电话，但只到名单上的人；每条都带演练标记", no_args_is_help=True)
app.command("score")(score)

Code = Annotated[str, typer.Argument(help="演练编号，见 callout drill status", metavar="编号")]
_LONGEST_LIST = 200_000


@dataclass(frozen=True, slots=True)
class Plan:
    """The arguments of `drill plan`."""

    name: Annotated[str, typer.Argument(help="演练名称，启动时要照样输入", metavar="名称")]
    ordered_by: Annotated[str, typer.Option("--ordered-by", help="谁决定演练（姓名和职务）", metavar="姓名")]
    officer: Officer
    ends: Annotated[str, typer.Option("--ends", help="计划结束时间", metavar="'2026-06-01 11:00'")]
    begins: Annotated[str, typer.Option("--begins", help="计划开始时间；不写就是现在", metavar="时间")] = ""
    hazard: Annotated[str, typer.Option("--hazard", help="演练哪一种预警", metavar="灾种")] = Hazard.RAINSTORM.value
    level: Annotated[str, typer.Option("--level", help="blue、yellow、orange 或 red", metavar="级别")] = Level.RED.value
    township: Annotated[
        list[str] | None, typer.Option("--township", help="全乡镇的人参加；可写几次", metavar="乡镇")
    ] = None
    person: Annotated[list[str] | None, typer.Option("--person", help="这个人参加；可写几次", metavar="姓名或编号")] = (
        None
    )
    file: Annotated[
        Path | None, typer.Option("--list", help="名单（CSV、xlsx），每行一个姓名或号码", metavar="文件")
    ] = None
    unannounced: Annotated[bool, typer.Option("--unannounced", help="双盲：事先不告诉任何人")] = False
    channels: Annotated[str, typer.Option("--channels", help="用哪些通道", metavar="通道")] = "sms,voice"
    gives_way: Annotated[GivesWay, typer.Option("--gives-way", help="哪种真实预警一来就结束演练")] = GivesWay.RED
    notice: Annotated[
        int,
        typer.Option(
            "--notice",
            help="开始前多少分钟用短信通知名单上的人；0 不通知。双盲从不通知",
            min=0,
            max=1440,
            metavar="分钟",
        ),
    ] = 60
    as_json: Json = False


@app.command("plan")
@options(Plan)
def plan(plan: Plan) -> None:
    """计划一次演练：先定名单；不会发出任何短信或电话"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        book, roster = store.read(lambda work: in_force(work, settings.county))
        if not roster.version:
            raise CalloutError("还没有名册；先用 callout roster import 导入")
        county = rulebooks.get(settings.county, book).county
    chosen = _chosen(plan, roster, county)
    terms = _terms(plan, [area for area in scene(roster, chosen) if area != county.key])
    if plan.notice and not plan.unannounced:
        terms["told_at"] = max(SystemClock().now(), later(terms["begins"], -plan.notice * MINUTE))
    asked = {"terms": json.dumps(terms), "listed": json.dumps(sorted(chosen)), "officer": plan.officer}
    with route(settings) as way:
        made = way.ask(PLAN, asked)
    if plan.as_json:
        show_json(made)
        return
    code, many = made["drill"], f"{made['people']} 人、{made['numbers']} 个号码"
    say(f"已计划演练“{plan.name}”，编号 {code}：名单上 {many}", bold=True)
    names = {one.key: one.name for one in county.townships}
    places = Counter(names.get(p.area, county.name) for p in roster.posts if p.holder in set(chosen.values()))
    table(("乡镇", "岗位"), [[place, many] for place, many in places.items()])
    if "told_at" in terms:
        say(f"{beijing(terms['told_at'])} 起用短信通知他们；有真实预警时推后，启动以后不再通知")
        if settings.live and not settings.drill_live:
            warn("没有设 CALLOUT_DRILL_LIVE=1：真实通道不发演练的任何消息，通知也发不出")
    say(f"启动：callout drill start {code} --officer 姓名（会要你照样输入演练名称）")


def _chosen(plan: Plan, roster: Roster, county: County) -> dict[str, int]:
    """The list, number by number. Raises CalloutError where something names nobody."""
    said = set(plan.township or ())
    unknown = said - {each for one in county.townships for each in (one.name, one.key)}
    if unknown:
        raise CalloutError(f"方案里没有乡镇“{'、'.join(sorted(unknown))}”")
    areas = {one.key for one in county.townships if {one.name, one.key} & said}
    told = read_participants(file_bytes(plan.file), roster) if plan.file else DrillFile(frozenset(), frozenset(), ())
    for error in told.errors:
        fail(error)
    if told.errors:
        raise CalloutError("名单里有人不在名册上，没有计划演练；请改名单，或先改名册")
    people = {_person(roster, one) for one in plan.person or ()} | told.people
    return listed(roster, areas, people, told.numbers)


def _person(roster: Roster, said: str) -> int:
    found = [p.id for p in roster.responders if said in (p.name, str(p.id))]
    if len(found) != 1:
        raise CalloutError(f"名册里{'没有' if not found else '有几个'}“{said}”；请核对，或改写编号、用名单文件写号码")
    return found[0]


def _terms(plan: Plan, areas: list[str]) -> dict[str, Any]:
    """The terms as they travel. Raises CalloutError for the first that is wrong."""
    begins = moment(plan.begins) if plan.begins else SystemClock().now()
    kinds = [one.strip() for one in plan.channels.split(",")]
    if not set(kinds) <= {kind.value for kind in ChannelKind}:
        raise CalloutError("--channels 只能写 sms、voice 或 sms,voice")
    if plan.hazard not in {one.value for one in Hazard} or plan.level not in {one.value for one in Level}:
        raise CalloutError("--hazard 请写灾种（如 暴雨），--level 请写 blue、yellow、orange 或 red")
    return {
        "name": plan.name.strip(), "ordered_by": plan.ordered_by.strip(), "begins": begins, "ends": moment(plan.ends),
        "announced": not plan.unannounced, "channels": kinds, "gives_way": plan.gives_way.value,
        "hazard": plan.hazard, "level": plan.level, "areas": areas,
    }  # fmt: skip


@app.command("start")
def start(code: Code, officer: Officer, as_json: Json = False) -> None:
    """启动演练：照样输入名称后才开始，名单上的电话会响"""
    settings = Settings()
    with reading(settings) as (store, _):
        found = store.read(lambda work: work.drills.find(code))
        many = len(store.read(lambda work: work.drills.listed(code)))
    if found is None:
        raise CalloutError(f"没有演练 {code}，请用 callout drill status 核对")
    ways = "、".join(CHANNELS[kind] for kind in sorted(found.channels))
    warn(f"演练“{found.name}”启动后会用{ways}叫 {many} 个号码，到 {beijing(found.ends)} 结束")
    typed = typer.prompt(f"请照样输入演练名称“{found.name}”，不输入就不启动", default="", show_default=False, err=True)
    with route(settings) as way:
        result = way.ask(START, {"drill": code, "typed": typed, "officer": officer})
        if as_json:
            show_json(result)
            return
        phones = "真实通道" if result["live"] else "模拟通道，不会拨打任何电话"
        warn(f"演练“{found.name}”已启动（{phones}）；结束：callout drill stop {code} --officer 姓名")
        if not way.engine:
            warn("引擎没有运行，短信和电话要等 callout serve 启动后才发出")


@app.command("stop")
def stop(
    code: Code, officer: Officer, why: Annotated[str, typer.Option("--why", help="为什么现在结束", metavar="原因")] = ""
) -> None:
    """结束演练：不再叫任何人，被叫过的人收到演练结束的短信"""
    with route(Settings()) as way:
        way.ask(STOP, {"drill": code, "officer": officer, "why": why})
    say(f"演练 {code} 已结束；评分：callout drill score {code}")


@app.command("status")
def status(as_json: Json = False) -> None:
    """各次演练：计划、正在进行、已结束；正在进行的叫到哪里了"""
    settings = Settings()
    with reading(settings) as (store, _):
        drills = store.read(lambda work: [_seen(work, one) for one in exercises(work, settings.county)])
    if as_json:
        show_json({"drills": drills})
        return
    if not drills:
        say("还没有演练；用 callout drill plan 计划一次")
    for one in drills:
        running = one["state"] == DrillState.RUNNING
        when = f"{beijing(one['begins'])} 至 {beijing(one['ends'])}"
        blind, why = "" if one["announced"] else "，双盲", f"；{one['why']}" if one["why"] else ""
        line = f"{one['drill']} {one['name']}：{one['state_zh']}{blind}，{when}，名单 {one['listed']} 个号码{why}"
        (warn if running else say)(line)
        if one["told"]:
            say(f"    事先通知了 {one['told']} 人")
        if one["started_at"]:
            say(f"    叫应 {one['due']}，已应 {one['answered']}，名单外没有打 {one['beyond']} 次")


def _seen(work: Work, one: Drill) -> dict[str, Any]:
    told = asdict(one) | {"channels": sorted(one.channels), "drill": one.county, "state_zh": STATES[one.state]}
    del told["county"], told["rev"]
    return told | {"listed": len(work.drills.listed(one.county))} | work.drills.counts(one.county)


def _plan(app: App, args: Args) -> Result:
    """On record; nobody is called."""
    officer, county = word(args, "officer", 40).strip(), app.settings.county
    if not officer:
        raise CalloutError("请写明是谁计划的")
    terms, wanted = json.loads(word(args, "terms", 4_000)), set(json.loads(word(args, "listed", _LONGEST_LIST)))
    drill = Drill(
        "", terms["name"], terms["ordered_by"], Instant(terms["begins"]), Instant(terms["ends"]), terms["announced"],
        frozenset(map(ChannelKind, terms["channels"])), GivesWay(terms["gives_way"]), Hazard(terms["hazard"]),
        Level(terms["level"]), tuple(terms["areas"]),
    )  # fmt: skip
    check_plan(drill, app.world.clock.now())

    def work(work: Work) -> Result:
        _, roster = in_force(work, county)
        people = {c.e164: p.id for p in roster.responders for c in p.contacts if c.e164 in wanted}
        if not people or set(people) != wanted:
            raise CalloutError("名单是空的，或名册刚换过，有的号码已不在名册里；没有计划演练，请重来")
        code = work.drills.plan(county, drill, work.drills.numbers(people), officer, terms.get("told_at"))
        return {"drill": code, "people": len(set(people.values())), "numbers": len(people)}

    return app.store.write(work)


def _start(app: App, args: Args) -> Result:
    keep_apart(app)  # no real channel takes a demo's texts: the list would stay silent, and look as if it were
    live = app.world.run == ACTUAL
    if live and not app.settings.drill_live:
        raise CalloutError(NEEDS_SWITCH)
    officer = word(args, "officer", 40).strip()
    if not officer:
        raise CalloutError("请写明是谁启动的")
    started = stage.start(app.drilling, stage.Order(word(args, "drill", 40), word(args, "typed"), officer, live))
    return {"drill": started.county, "name": started.name, "live": live}


def _stop(app: App, args: Args) -> Result:
    code, officer = word(args, "drill", 40), word(args, "officer", 40).strip()
    found = app.store.read(lambda work: work.drills.find(code))
    if found is None or found.state is DrillState.OVER or not officer:
        raise CalloutError(f"没有可以结束的演练 {code}，或没有写明是谁结束的")
    if not stage.end(app.drilling, found, DrillEvent.ENDED, officer, word(args, "why") or f"{officer}结束"):
        raise CalloutError("演练刚刚结束")
    return {"drill": code}


PLAN, START, STOP = Verb("drill plan", _plan), Verb("drill start", _start), Verb("drill stop", _stop)
DRILL_VERBS = (PLAN, START, STOP)
