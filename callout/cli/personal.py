"""personal: how much personal data is kept, and erasing it by age or by person, on record."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.screen import Json, options, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, later
from callout.domain.retention import FEWEST_DAYS
from callout.settings import Settings
from callout.store.erasing import Wanted, erasable, erase, erase_photo, in_roster, kept, with_photos
from callout.store.photos import photos_kept, photos_of
from callout.store.store import Work

app = typer.Typer(help="个人信息：还留着多少，按时间或按人删除", no_args_is_help=True)

_KINDS = {
    "name": "姓名",
    "number": "号码",
    "reply": "回话",
    "place": "住址",
    "phone": "值班员电话",
    "photo": "现场照片",
}
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Erasing:
    """The options of erase."""

    officer: Officer
    reason: Annotated[str, typer.Option("--reason", help="依据，写入记录，不要写姓名和号码", metavar="依据")]
    older_than: Annotated[
        int, typer.Option("--older-than", help="最后一次用到已过这么多天的", metavar="天数", min=0, max=_MOST_DAYS)
    ] = 0
    person: Annotated[
        int, typer.Option("--person", help="名册里的人员号：此人在各版名册里的姓名、号码和回话", metavar="人员号")
    ] = 0
    photo: Annotated[
        str, typer.Option("--photo", help="这一张现场照片，不论新旧：熔断页上的校验值", metavar="校验值")
    ] = ""
    apply: Annotated[bool, typer.Option("--apply", help="真的删除；不写只预览")] = False
    as_json: Json = False


@app.command("show")
def show(as_json: Json = False) -> None:
    """还留着多少个人信息"""
    with reading(Settings()) as (store, _):
        found = store.database.read(kept)
    if as_json:
        show_json(found)
        return
    say("留存的个人信息：" + (_words(found) or "无"))
    days = Settings().retention_days
    say(
        f"保存期限：{days} 天，到期在夜间自动删除" if days else "没有设保存期限（CALLOUT_RETENTION_DAYS），不会自动删除"
    )


@app.command("erase")
@options(Erasing)
def remove(it: Erasing) -> None:
    """删除不再需要的个人信息，不能恢复；记录仍可核对。在用名册、生效预警和未办结事项用到的不会删"""
    given = {"officer": it.officer, "reason": it.reason, "days": it.older_than, "person": it.person}
    given |= {"photo": it.photo, "apply": it.apply}
    with route(Settings()) as way:
        outcome = way.ask(ERASE, given)
    if it.as_json:
        show_json(outcome)
        return
    found = _words(outcome["kinds"]) or "没有可以删除的"
    if outcome["applied"]:
        say(f"已删除：{found}。每一项都写入了记录", bold=True)
        say("数据库的旧备份里还有这些内容，请一并按期销毁")
    else:
        say(f"可以删除：{found}")
        warn("以上只是预览，什么都没有改；确认后加 --apply 再运行一次。删除后不能恢复")


def _words(kinds: dict[str, int]) -> str:
    return "、".join(f"{_KINDS.get(kind, kind)} {many} 项" for kind, many in sorted(kinds.items()))


def _erase(engine: App, args: Args) -> Result:
    officer, reason = word(args, "officer", 40).strip(), word(args, "reason", 100).strip()
    if not officer or not reason:
        raise CalloutError("请写明经办人姓名（--officer）和依据（--reason）")
    act, mark = bool(args.get("apply")), word(args, "photo", 64).strip()
    wanted = _wanted(engine, whole(args, "days", _MOST_DAYS), whole(args, "person"), mark)

    def work(writing: Work) -> Any:
        if mark:
            return _one_photo(writing, mark, (officer, reason), act=act)
        db = writing.ledger.connection
        if wanted.responder and in_roster(db, wanted.county, wanted.responder):
            raise CalloutError("此人还在现用名册里：请先导入没有此人的名册，再删除其个人信息")
        found = erasable(db, wanted)
        kinds = Counter(found.values()) | Counter(with_photos(photos_kept(db, found)))
        if act:
            erase(writing.ledger, list(found), officer, reason)
        return {"applied": act, "kinds": dict(kinds)}

    done: Result = engine.store.write(work) if act else engine.store.read(work)
    if act:
        engine.database.fold_log()
    return done


def _one_photo(writing: Work, mark: str, by: tuple[str, str], *, act: bool) -> Result:
    found = photos_of(writing.ledger.connection, mark)
    if len(set(found)) != 1:
        raise CalloutError(f"校验值以 {mark} 开头的照片有 {len(set(found))} 张，请核对")
    if act:
        erase_photo(writing.ledger, mark, *by)
    return {"applied": act, "kinds": with_photos(len(found))}


def _wanted(engine: App, days: int, person: int, mark: str) -> Wanted:
    if sum(map(bool, (days, person, mark))) != 1:
        raise CalloutError("请选一样：--older-than 天数，--person 人员号，或 --photo 校验值")
    if days and days < FEWEST_DAYS:
        raise CalloutError(f"不满 {FEWEST_DAYS} 天的不能按时间删除：复盘还要用")
    now = engine.world.clock.now()
    return Wanted(now, later(now, -days * DAY), engine.settings.county if person else "", person)


ERASE = Verb("personal erase", _erase)
