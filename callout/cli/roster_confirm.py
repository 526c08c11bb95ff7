"""roster confirm: a silent round in which everybody is asked by text whether they still hold their post."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from callout.app import App, SystemClock
from callout.cli.control import Args, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.roster_import import in_force
from callout.cli.roster_screen import table
from callout.cli.screen import Json, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.roster import Roster
from callout.domain.roster_round import WITHIN, Asked, ConfirmState, tally, times, whom
from callout.settings import Settings
from callout.store.store import Work

confirm = typer.Typer(help="名册确认：每年发短信请各人确认仍在任，不算叫应", no_args_is_help=True)

_PER_MINUTE = 60
_FEW = 20
_WORDS = {
    ConfirmState.CONFIRMED: "已确认",
    ConfirmState.DENIED: "不在任",
    ConfirmState.SAID: "另有话说",
    ConfirmState.ASKED: "没有回音",
}


@confirm.command("start")
def start_round(
    apply: Annotated[bool, typer.Option("--apply", help="真正开始；不写只看会问多少人")] = False,
    officer: Annotated[str, typer.Option("--officer", help="发起人姓名，写入记录；开始时必填", metavar="姓名")] = "",
    per_minute: Annotated[
        int, typer.Option("--per-minute", help="每分钟最多问几人", min=1, max=600, metavar="人数")
    ] = _PER_MINUTE,
    again: Annotated[bool, typer.Option("--again", help="上一轮还没满 30 天也再问一轮")] = False,
) -> None:
    """开始一轮名册确认：工作时间里逐个发短信，排在一切叫应之后；固话、退订、停用、共用的号码不发，列出来由人去问"""
    settings = Settings()
    with reading(settings) as (store, _):
        _, roster = store.read(lambda work: in_force(work, settings.county))
        if not roster.version:
            raise CalloutError("还没有名册；先用 callout roster import 导入")
        asked, cannot = store.read(lambda work: whom(titles_of(roster), work.confirmations.lines(*_key(roster))))
    names = {person.id: person.name for person in roster.responders}
    say(f"名册 {roster.version}：可以发短信问 {len(asked)} 人，不能问 {len(cannot)} 人", bold=True)
    for why, many in Counter(cannot.values()).most_common():
        people = [names[person] for person, reason in cannot.items() if reason is why]
        warn(f"  {why} {many} 人：{'、'.join(people[:_FEW])}" + ("……" if many > _FEW else ""))
    if not asked:
        raise CalloutError("没有可以问的人")
    if not apply:
        last = times(SystemClock().now(), len(asked), per_minute)[-1]
        warn(f"以上只是预览，什么都没有发；开始后最后一条约在 {beijing(last)} 发出。确认后加 --apply --officer 姓名")
        return
    if not officer.strip():
        raise CalloutError("开始一轮确认要写明是谁：请加 --officer 姓名")
    with route(settings) as way:
        result = way.ask(START_ROUND, {"officer": officer, "per_minute": per_minute, "again": int(again)})
        say(f"已开始：{result['asked']} 人，最后一条约在 {beijing(Instant(result['last']))} 发出")
        if not way.engine:
            warn("引擎没有运行，短信要等 callout serve 启动后才发")
    say("看进度：callout roster confirm status；没有回音的会列在 callout roster check 里")


def _key(roster: Roster) -> tuple[str, str]:
    return roster.county, roster.version


def titles_of(roster: Roster) -> dict[int, list[str]]:
    """Who is asked about what: everybody who holds a post, is a deputy or stands on a shift."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for post in roster.posts:
        if post.holder is not None:
            found[post.holder].append(post.title)
        if post.deputy is not None:
            found[post.deputy]
    return dict(found)


def _start(app: App, args: Args) -> Result:
    officer, county = word(args, "officer", 40).strip(), app.settings.county
    if not officer:
        raise CalloutError("请写明发起人姓名")

    def work(writing: Work) -> Result:
        rounds = writing.confirmations.rounds(county)
        if rounds and not args.get("again") and writing.at - rounds[0] < WITHIN:
            raise CalloutError(f"{beijing(Instant(rounds[0]))} 开始的一轮还没满 30 天；真要再问一轮，请加 --again")
        _, roster = in_force(writing, county)
        titles = titles_of(roster)
        numbers, _ = whom(titles, writing.confirmations.lines(*_key(roster)))
        if not numbers:
            raise CalloutError("没有可以问的人")
        when = times(writing.at, len(numbers), max(1, whole(args, "per_minute", 600)))
        asked = [
            (person, number, at, titles[person]) for (person, number), at in zip(numbers.items(), when, strict=True)
        ]
        writing.confirmations.start(county, asked, officer)
        return {"asked": len(asked), "last": when[-1]}

    return app.store.write(work)


@confirm.command("status")
def show_round(as_json: Json = False) -> None:
    """最近一轮名册确认：各乡镇已确认、不在任、没有回音各几人"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        book, roster = store.read(lambda work: in_force(work, settings.county))
        rounds = store.read(lambda work: work.confirmations.rounds(settings.county))
        if not rounds:
            raise CalloutError("还没有做过名册确认；用 callout roster confirm start 开始")
        asked = store.read(lambda work: work.confirmations.asked(settings.county, rounds[0]))
        waiting, warned = store.read(
            lambda work: (work.confirmations.waiting(settings.county), work.confirmations.warned(settings.county))
        )
        county = rulebooks.get(settings.county, book).county
    names = {county.key: county.name, **{town.key: town.name for town in county.townships}}
    document = _document(rounds[0], asked, roster, names) | {"to_ask": waiting, "paused": bool(waiting and warned)}
    if as_json:
        show_json(document)
        return
    said = "，".join(f"{words} {document['states'][state.value]}" for state, words in _WORDS.items())
    say(f"{beijing(Instant(document['round']))} 开始的一轮，问了 {len(asked)} 人：{said}", bold=True)
    if waiting:
        warn(f"还有 {waiting} 人没有问到" + ("；有预警在叫应，暂停，预警结束后接着问" if warned else ""))
    table(
        ("乡镇", *_WORDS.values()),
        [[each["area"], *(each["states"][state.value] for state in _WORDS)] for each in document["areas"]],
    )
    for state in (ConfirmState.DENIED, ConfirmState.SAID):
        people = [one["name"] for one in document["people"] if one["state"] == state.value]
        if people:
            warn(f"{_WORDS[state]}：{'、'.join(people[:_FEW])}" + ("……" if len(people) > _FEW else ""))


def _document(round_: int, asked: list[Asked], roster: Roster, areas: Mapping[str, str]) -> dict[str, Any]:
    names = {person.id: person.name for person in roster.responders}
    held: defaultdict[str, set[int]] = defaultdict(set)
    for post in roster.posts:
        if post.holder is not None:
            held[post.area].add(post.holder)
    return {
        "round": round_,
        "states": {state.value: many for state, many in tally(asked).items()},
        "areas": [
            {
                "area": areas.get(area, area),
                "states": {s.value: many for s, many in tally(a for a in asked if a.responder in people).items()},
            }
            for area, people in held.items()
        ],
        "people": [
            {
                "id": a.responder,
                "name": names.get(a.responder, ""),
                "state": a.state.value,
                "answered_at": a.answered_at,
            }
            for a in asked
        ],
    }


START_ROUND = Verb("roster confirm start", _start)
