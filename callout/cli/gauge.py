"""gauge: readings by hand or from a file, how the gauges do, alarms of thresholds and of villages, what happened."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.apart import keep_apart
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.roster_import import file_bytes
from callout.cli.screen import Json, options, period, say, show_json, warn
from callout.cli.stop_list import places
from callout.domain.errors import CalloutError
from callout.domain.gauge import KEPT, THOUSAND, examine, observations
from callout.domain.instant import BEIJING, HOUR, Instant, beijing, instant, later
from callout.domain.level import Hazard, Level
from callout.domain.threshold import own_document
from callout.pipeline import receive
from callout.pipeline.measure import Measuring, take
from callout.ports import Document
from callout.reports.season import verdicts
from callout.reports.thresholds import Verdict, in_words
from callout.reports.thresholds import as_json as verdict_json
from callout.rulebook.packing import packed, unpacked
from callout.rulebook.roster_table import MOST_BYTES
from callout.settings import Settings
from callout.sources.readings import read_csv

app = typer.Typer(help="测站：读数、阈值、村里的报警、实际险情", no_args_is_help=True)

_VALID = 3 * HOUR
_LONGEST = 300
_HAZARDS, _LEVELS = {h.value: h for h in Hazard}, {one.zh: one for one in Level}


@app.command("import")
def import_readings(
    file: Annotated[Path, typer.Argument(help="读数（CSV：站号,时间,值）", metavar="文件")],
    officer: Officer,
) -> None:
    """送入读数；达到阈值就立即发起临灾叫应"""
    body = packed(file_bytes(file))
    with route(Settings()) as way:
        done = way.ask(READINGS, {"body": body, "officer": officer})
        if not way.engine:
            warn("引擎没有运行：达到阈值的报警要等 callout serve 启动才会叫人")
    say(f"新收 {done['new']} 条，已有 {done['known']} 条，没有采用 {len(done['refused'])} 条")
    for why in done["refused"][:20]:
        warn(why)
    if done["refused"]:
        raise typer.Exit(1)


def _readings(engine: App, args: Args) -> Result:
    officer = word(args, "officer", 40).strip()
    if not officer:
        raise CalloutError("请写明值班人员姓名")
    came = read_csv(unpacked(word(args, "body", 2 * MOST_BYTES)))
    taken = take(Measuring(engine.store, engine.rulebooks), engine.settings.county, came, f"file {officer}")
    return {"new": taken.new, "known": taken.known, "refused": list(taken.refused)}


@app.command("list")
def show(as_json: Json = False) -> None:
    """每个乡镇现在的雨量和水位，哪些站不可信，哪些阈值正在报警"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        where = places(rulebooks, settings.county)
        [county] = [one for one in rulebooks.counties() if one.code == settings.county]
        now, read, standing = store.read(
            lambda work: (
                work.at, work.gauges.readings(county.code, Instant(work.at - KEPT)), work.gauges.standing(county.code)
            )
        )  # fmt: skip
    seen, ill = observations(county.gauges, read, now), list(examine(county.gauges, read, now))
    document: dict[str, Any] = {
        "now": now,
        "observed": {
            where.name(a): {q.value: o.milli / THOUSAND for q, o in values.items()} for a, values in seen.items()
        },
        "ill": [one.note for one in ill],
        "never_read": [one.name for one in county.gauges if not read.get(one.id)],
        "alarms": [
            {"area": where.name(area), "threshold": threshold, "held": row.standing.held.zh, "since": row.at}
            for (area, threshold), row in standing.items()
        ],
    }
    if as_json:
        show_json(document)
        return
    for name, values in document["observed"].items():
        say(f"{name}  " + "，".join(f"{quantity} {value:g}" for quantity, value in values.items()))
    for alarm in document["alarms"]:
        warn(f"{alarm['area']} {alarm['threshold']}：{alarm['held']}，{beijing(alarm['since'], '%m-%d %H:%M')}起")
    for note in document["ill"]:
        warn(note)
    if document["never_read"]:
        warn(f"从来没有读数、还没有接上的站：{'、'.join(document['never_read'])}")
    if not county.gauges:
        say("规则目录里没有 gauges.yaml，或没有写测站")


@dataclass(frozen=True, slots=True)
class Raising:
    """The options of alarm."""

    area: Annotated[str, typer.Argument(help="乡镇", metavar="乡镇")]
    hazard: Annotated[str, typer.Option("--hazard", help="灾种，如 山洪", metavar="灾种")]
    level: Annotated[str, typer.Option("--level", help="按哪一级叫应：蓝色 黄色 橙色 红色", metavar="级别")]
    by: Annotated[str, typer.Option("--by", help="谁报的警，姓名或岗位", metavar="姓名")]
    what: Annotated[str, typer.Option("--what", help="看到了什么，一句话", metavar="文字")]
    officer: Officer
    village: Annotated[str, typer.Option("--village", help="哪个村（社区）", metavar="村")] = ""


@app.command()
@options(Raising)
def alarm(given: Raising) -> None:
    """村组自己报警：不等上级预警，立即按规则叫应这个乡镇的人"""
    fields = ("area", "hazard", "level", "by", "what", "officer", "village")
    with route(Settings()) as way:
        done = way.ask(ALARM, {name: getattr(given, name) for name in fields})
        if not way.engine:
            warn("引擎没有运行：现在不会叫任何人，请启动 callout serve")
    say(f"已作为预警 {done['alert']} 收下：{done['note']}")


def _alarm(engine: App, args: Args) -> Result:
    said = {name: word(args, name, _LONGEST).strip() for name in ("area", "hazard", "level", "by", "what", "officer")}
    if not all(said.values()):
        raise CalloutError("请写明乡镇、灾种、级别、谁报的、看到了什么、谁记录")
    hazard, level = _known(said["hazard"], _HAZARDS, "灾种"), _known(said["level"], _LEVELS, "级别")
    where = places(engine.rulebooks, engine.settings.county)
    area, now, village = where.key(said["area"]), engine.world.clock.now(), word(args, "village", 40).strip()
    place = f"{where.name(area)}{village}"
    fields = {
        "identifier": f"{where.county}-village-{area.replace(':', '')}-{now}-{level.value}",
        "county": where.county, "area": area, "place": where.name(area), "sent": now, "expires": later(now, _VALID),
        "hazard": hazard.value, "level": level.value, "headline": f"{place}报警临灾{hazard}{level.zh}预警",
        "description": f"{place}报告：{said['what']}", "by": "village", "references": [],
    }  # fmt: skip
    name = f"village {said['officer']}"
    keep_apart(engine)
    received = receive.receive(engine.intake, Document(name, name, own_document(fields).encode()))
    if not received.alert:
        raise CalloutError(received.note)
    return {"alert": received.alert, "note": received.note}


def _known(said: str, table: dict[str, Any], what: str) -> Any:
    if said not in table:
        raise CalloutError(f"没有“{said[:20]}”这个{what}；应为 {' '.join(table)}")
    return table[said]


@app.command()
def judge(
    since: Annotated[str, typer.Option("--from", help="从这一天（北京时间）", metavar="2026-05-01")],
    until: Annotated[str, typer.Option("--to", help="到这一天，含当天", metavar="2026-09-30")],
    as_json: Json = False,
) -> None:
    """判断阈值：命中、空报、漏报、提前量，换一个值会怎样；险情按 incident 记下的算"""
    settings, (begin, end) = Settings(), period(since, until)
    with reading(settings) as (store, rulebooks):
        found = verdicts(store, rulebooks, settings.county, (begin, end))
    if as_json:
        show_json({"thresholds": [verdict_json(one) for one in found]})
        return
    for one in found:
        say(in_words(one))
    if not found:
        say("这段时间没有读数，或没有写阈值")


def say_thresholds(found: Sequence[Verdict]) -> None:
    """What the report of a period says of them."""
    if found:
        say("阈值（险情按 callout gauge incident 记下的算）：", bold=True)
    for one in found:
        say(f"  {in_words(one)}")


@dataclass(frozen=True, slots=True)
class Happened:
    """The options of incident."""

    area: Annotated[str, typer.Argument(help="乡镇", metavar="乡镇")]
    hazard: Annotated[str, typer.Option("--hazard", help="灾种，如 山洪", metavar="灾种")]
    at: Annotated[str, typer.Option("--at", help="何时发生，北京时间，如 2026-08-02 23:40", metavar="时间")]
    what: Annotated[str, typer.Option("--what", help="发生了什么，一句话", metavar="文字")]
    officer: Officer


@app.command()
@options(Happened)
def incident(given: Happened) -> None:
    """记下实际发生的险情灾情：以后据此判断阈值定得对不对"""
    try:
        at = datetime.strptime(given.at, "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    except ValueError:
        raise CalloutError(f"看不懂时间“{given.at[:30]}”；请写成 2026-08-02 23:40，北京时间") from None
    args = {"area": given.area, "hazard": given.hazard, "at": instant(at), "what": given.what}
    with route(Settings()) as way:
        way.ask(INCIDENT, args | {"officer": given.officer})
    say(f"已记录：{given.area} {given.at} {given.hazard}，记录人 {given.officer}")


def _incident(engine: App, args: Args) -> Result:
    where, at = places(engine.rulebooks, engine.settings.county), Instant(whole(args, "at"))
    said = {"hazard": _known(word(args, "hazard", 20), _HAZARDS, "灾种").value, "at": at}
    said |= {"area": where.key(word(args, "area", 40)), "what": word(args, "what", _LONGEST)}
    said |= {"officer": word(args, "officer", 40).strip()}
    if not said["officer"] or at > engine.world.clock.now():
        raise CalloutError("请写明记录人；时间不能晚于现在")
    ident = hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()[:16]
    engine.store.write(lambda work: work.gauges.add_incident(where.county, ident, said))
    return {}


READINGS = Verb("gauge import", _readings)
ALARM = Verb("gauge alarm", _alarm)
INCIDENT = Verb("gauge incident", _incident)
GAUGE_VERBS = (READINGS, ALARM, INCIDENT)
"""What commands about gauges may ask a running engine to do."""
