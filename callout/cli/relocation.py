"""relocation: who is to be moved, who is, who refuses or went back; entered and released by named officers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.apart import keep_apart
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.relocation_check import check_relocation
from callout.cli.relocation_files import (
    EXPORT,
    IMPORT,
    export_relocation,
    import_relocation,
    show_plan,
    template_relocation,
)
from callout.cli.relocation_list import Handles, State, Wanted, as_json, chosen, show_lines, states_of
from callout.cli.screen import Json, fail, options, say, show_json, warn
from callout.cli.stop_list import NO_ALERT, Areas, OfAlert, places
from callout.cli.stop_options import Title, Yes
from callout.domain.errors import CalloutError
from callout.domain.relocation import NOT_AWAY, OPEN, RelocationKey, RelocationState, Word
from callout.pipeline import relocation
from callout.reports.relocation import by_area, count, lines, shelter_lines, titles
from callout.settings import Settings
from callout.store.store import Work

app = typer.Typer(
    help="转移：台账、谁要转移、转到哪里、谁拒绝或擅自返回；预警解除或到期都不会自动允许返回", no_args_is_help=True
)
app.command("import")(import_relocation)
app.command("export")(export_relocation)
app.command("template")(template_relocation)
app.command("check")(check_relocation)
app.command("plan")(show_plan)

_LONGEST, _LONGEST_NAME, _MOST, _PEOPLE = 500, 40, 5_000, 1_000_000


@app.command("list")
def show(
    alert: OfAlert = None,
    area: Areas = None,
    state: State = "",
    as_document: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="连同已允许返回的")] = False,
) -> None:
    """列出要转移的单位和住户：最危险的在前，按户数和人数合计"""
    settings = Settings()
    states = tuple(RelocationState) if everything else OPEN
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        now = store.read(lambda work: work.at)
        wanted = Wanted((), alert, tuple(where.key(a) for a in area or ()), states_of(state, states))
        found = store.database.read(lambda db: chosen(db, where, wanted))
    if as_document:
        counts = {where.name(key): asdict(each) for key, each in by_area(found).items()}
        rows = [as_json(one, where) for one in found]
        show_json({"now": now, "total": asdict(count(found)), "by_area": counts, "relocation": rows})
    elif not found:
        say("没有要转移的单位和住户")
    else:
        show_lines(found, where, now)


@app.command()
def shelters(as_document: Json = False) -> None:
    """安置点：容量、已有多少人、还要来多少人"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        plan = store.read(lambda work: work.relocations.plans.plan(settings.county))
        rows = store.database.read(
            lambda db: shelter_lines(plan.shelters, lines(db, settings.county), titles(db, settings.county))
        )
    if as_document:
        show_json({"shelters": [asdict(one) | {"over": one.over} for one in rows]})
        return
    for one in rows:
        place = f"{where.name(one.shelter.area)} {one.shelter.name}"
        text = f"{one.shelter.id} {place}  容量 {one.shelter.capacity}  已有 {one.there}  待来 {one.coming}"
        (warn if one.over else say)(text + (f"  将超 {one.over} 人" if one.over else ""))
    if not rows:
        say("台账里没有安置点")


@dataclass(frozen=True, slots=True)
class Telling:
    """Which ones are meant, and who says it."""

    handles: Handles = None
    officer: Officer = field(kw_only=True)
    alert: OfAlert = None
    area: Areas = None
    state: State = ""
    by: Annotated[str, typer.Option("--by", help="谁报来的，姓名", metavar="姓名")] = ""
    reason: Annotated[str, typer.Option("--reason", help="情况，一句话", metavar="文字")] = ""
    yes: Yes = False


@dataclass(frozen=True, slots=True)
class Moving(Telling):
    """The options of moved."""

    people: Annotated[
        int | None, typer.Option("--people", help="已转移人数；不写为全部", metavar="人", min=0, max=_PEOPLE)
    ] = None
    shelter: Annotated[str, typer.Option("--shelter", help="实际去的安置点编号；不写为台账所定", metavar="编号")] = ""


@dataclass(frozen=True, slots=True)
class Releasing(Telling):
    """The options of release."""

    title: Title = ""
    check: Annotated[str, typer.Option("--check", help="返回前检查：查了什么，结果如何", metavar="文字")] = ""


@app.command()
@options(Moving)
def moved(given: Moving) -> None:
    """记为已转移：全部，或一处的一部分人"""
    people = -1 if given.people is None else given.people
    _tell(
        _Act("已转移", MOVED, (*NOT_AWAY, RelocationState.MOVED)), given, {"people": people, "shelter": given.shelter}
    )


@app.command()
@options(Telling)
def refused(given: Telling) -> None:
    """记为拒绝转移，转人工劝说"""
    _tell(_Act("拒绝转移", REFUSED, NOT_AWAY), given, {})


@app.command()
@options(Telling)
def unreachable(given: Telling) -> None:
    """记为联系不上，转人工上门"""
    _tell(_Act("联系不上", UNREACHABLE, NOT_AWAY), given, {})


@app.command()
@options(Telling)
def returned(given: Telling) -> None:
    """记为擅自返回，转人工劝离"""
    _tell(_Act("擅自返回", RETURNED, (RelocationState.MOVED,)), given, {})


@app.command()
@options(Releasing)
def release(given: Releasing) -> None:
    """允许返回，或结束一项不再需要的转移：有权的人决定，写明返回前检查"""
    _tell(_Act("允许返回", RELEASE, OPEN), given, {"title": given.title, "reason": given.check})


@app.command()
def demand(
    sites: Annotated[list[str], typer.Argument(help="台账里的对象编号，可写多个", metavar="对象编号…")],
    officer: Officer,
    alert: Annotated[int, typer.Option("--alert", help="为哪个预警；不写则不与预警挂钩", metavar="预警号", min=0)] = (
        NO_ALERT
    ),
) -> None:
    """由人要求转移：没有预警，或级别没有到台账所定时"""
    with route(Settings()) as way:
        way.ask(DEMAND, {"sites": sites, "alert": alert, "officer": officer})
    say(f"已要求转移 {len(sites)} 处，记录人 {officer}；进展见 callout relocation list")


@dataclass(frozen=True, slots=True)
class _Act:
    """One thing that an officer enters."""

    name: str
    verb: Verb
    states: Sequence[RelocationState]
    """Which ones the conditions of the command choose; a handle may name any."""


def _tell(act: _Act, given: Any, more: Args) -> None:
    """Show what is meant, ask, and have exactly that entered."""
    settings = Settings()
    if not (given.handles or given.alert is not None or given.area or given.state):
        raise CalloutError("请写编号，或用 --alert、--area、--state 选；编号见 callout relocation list")
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        states = tuple(RelocationState) if given.handles else states_of(given.state, act.states)
        wanted = Wanted(given.handles or (), given.alert, tuple(where.key(a) for a in given.area or ()), states)
        found = store.database.read(lambda db: chosen(db, where, wanted))
        if not found:
            raise CalloutError(f"没有符合条件、可以记为{act.name}的对象，请用 callout relocation list 核对")
        show_lines(found, where, store.read(lambda work: work.at))
    if not given.yes and not typer.confirm(f"以上 {len(found)} 处，{act.name}，确认吗？"):
        fail("没有操作")
        raise typer.Exit(1)
    seen = [[*one.key[1:], one.rev] for one in found]
    said = {"officer": given.officer, "by": given.by, "reason": given.reason}
    with route(settings) as way:
        way.ask(act.verb, {"chosen": seen, **said, **more})
    say(f"已记录：{len(found)} 处{act.name}，记录人 {given.officer}")


def _verb(name: str, act: Callable[[Work, Sequence[relocation.Seen], Word, str], None]) -> Verb:
    def run(engine: App, args: Args) -> Result:
        keep_apart(engine)
        seen, said = _seen(args, engine.settings.county), _word(args)
        engine.store.write(lambda work: act(work, seen, said, engine.world.run))
        return {}

    return Verb(name, run)


def _word(args: Args) -> Word:
    names = {name: word(args, name, _LONGEST_NAME).strip() for name in ("officer", "by", "title")}
    people = args.get("people", -1)
    if type(people) is not int or not -1 <= people <= _PEOPLE:
        raise CalloutError("人数应是整数")
    return Word(
        **names, reason=word(args, "reason", _LONGEST).strip(), people=people, shelter=word(args, "shelter", 40)
    )


def _seen(args: Args, county: str) -> list[relocation.Seen]:
    many = args.get("chosen")
    if not isinstance(many, list) or len(many) > _MOST:
        raise CalloutError(f"一次最多记 {_MOST} 处")
    return [_one(each, county) for each in many]


def _one(each: object, county: str) -> relocation.Seen:
    match each:
        case [int() as episode, str() as site, int() as rev]:
            return RelocationKey(county, episode, site), rev
    raise CalloutError("参数 chosen 应逐项写明事件、对象和版次")


def _demand(engine: App, args: Args) -> Result:
    county, alert, officer = engine.settings.county, whole(args, "alert"), word(args, "officer", _LONGEST_NAME)
    sites = args.get("sites")
    if not isinstance(sites, list) or len(sites) > _MOST or not all(isinstance(site, str) for site in sites):
        raise CalloutError("请写明台账里的对象编号")

    def work(writing: Work) -> None:
        episode = writing.relocations.episode(county, alert)
        if episode is None:
            raise CalloutError(f"没有预警 {alert}，请用 callout status 核对")
        relocation.demand(writing, county, (episode, alert, engine.world.run), sites, officer)

    keep_apart(engine)
    engine.store.write(work)
    return {}


MOVED = _verb("relocation moved", relocation.moved)
REFUSED = _verb("relocation refused", relocation.refused)
UNREACHABLE = _verb("relocation unreachable", relocation.unreachable)
RETURNED = _verb("relocation returned", relocation.returned)
RELEASE = _verb("relocation release", relocation.release)
DEMAND = Verb("relocation demand", _demand)
RELOCATION_VERBS = (MOVED, REFUSED, UNREACHABLE, RETURNED, RELEASE, DEMAND, IMPORT, EXPORT)
"""What commands about 转移 may ask a running engine to do."""
