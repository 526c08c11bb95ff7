"""shifts: the 值班表, brought in, looked at, swapped, handed over with a note; gaps found ahead of time."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App, SystemClock
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import reading
from callout.cli.plan_screen import Apply, BroughtBy
from callout.cli.roster_import import file_bytes, in_force, run_of, version_of
from callout.cli.roster_screen import show_remarks, table
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.domain.duty import compile_duty
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, Instant, beijing, later
from callout.domain.roster import Roster, Shift
from callout.domain.shift_plan import Gap, by_post, gaps, handed_over, on_shift, planned, swapped
from callout.rulebook.packing import packed, unpacked
from callout.rulebook.roster_table import MOST_BYTES
from callout.rulebook.shift_file import moment, read_shifts
from callout.settings import Settings
from callout.store.shifts import Change, Handover
from callout.store.store import Work

app = typer.Typer(help="值班表：导入、查看、换班、交接、缺口", no_args_is_help=True)

Days = Annotated[int, typer.Option("--days", help="看多少天", min=1, max=366, metavar="天数")]
Post = Annotated[str, typer.Option("--post", help="岗位名称或岗位号", metavar="岗位")]
_LATEST = 5


@dataclass(frozen=True, slots=True)
class _Book:
    """The roster in force with the names of its posts and people."""

    roster: Roster
    desk: str

    def post(self, said: str) -> int:
        """The post that a person means. Raises CalloutError where that is none, or several."""
        found = [p.id for p in self.roster.posts if said in (p.title, str(p.id))]
        return _only(found, f"岗位“{said}”")

    def person(self, said: str) -> int:
        """Likewise the person."""
        found = [p.id for p in self.roster.responders if said in (p.name, str(p.id))]
        return _only(found, f"人员“{said}”")

    def title(self, post: int) -> str:
        """What people call the post."""
        return next((p.title for p in self.roster.posts if p.id == post), str(post))

    def name(self, person: int | None) -> str:
        """Who that is."""
        return next((p.name for p in self.roster.responders if p.id == person), "空缺")

    def posts(self) -> list[int]:
        """The posts that live by shifts: those that have any, and the desk."""
        with_any = {shift.post for shift in self.roster.shifts}
        return [p.id for p in self.roster.posts if p.id in with_any or p.role == self.desk]


def _only(found: Sequence[int], what: str) -> int:
    if len(found) != 1:
        raise CalloutError(f"名册里{'没有' if not found else '有几个'}{what}；请核对，或改写编号")
    return found[0]


def _read(settings: Settings) -> _Book:
    with reading(settings) as (store, rulebooks):
        book, roster = store.read(lambda work: in_force(work, settings.county))
        if not roster.version:
            raise CalloutError("还没有名册；先用 callout roster import 导入")
        return _Book(roster, rulebooks.get(settings.county, book).desk_role)


@app.command("import")
def import_shifts(
    file: Annotated[Path, typer.Argument(help="值班表（CSV、.xlsx 或 .xls）", metavar="文件")],
    apply: Apply = False,
    officer: BroughtBy = "",
    as_json: Json = False,
) -> None:
    """导入值班表：表里各岗位在表里那段时间的班次换成新的，其余不动；先列全部错误或缺口，加 --apply 才换上"""
    settings = Settings()
    book, raw = _read(settings), file_bytes(file)
    read = read_shifts(raw, book.roster)
    after = tuple(planned(book.roster.shifts, read.shifts))
    span = by_post(read.shifts)
    left = [
        gap for post, own in span.items() for gap in gaps(after, [post], own[0].begins, max(s.ends for s in own))
    ]  # fmt: skip
    if apply and not read.errors:
        _change(settings, book, after, {"officer": officer, "what": "import"})
    if as_json:
        show_json({"errors": [asdict(e) for e in read.errors], "shifts": len(read.shifts), "applied": apply,
                   "gaps": [asdict(gap) for gap in left]})  # fmt: skip
    elif read.errors:
        show_remarks([asdict(e) for e in read.errors], f"{file.name}：有错，一个班次也没有导入", fail)
    else:
        say(f"{file.name}：{len(span)} 个岗位，{len(read.shifts)} 个班次", bold=True)
        _show_gaps(book, left)
        if apply:
            say("已换上值班表，导入已记录；正在叫应的从下一步起按新值班表找人")
        else:
            warn("以上只是预览，什么都没有改；确认后加 --apply --officer 姓名 再运行一次")
    if read.errors:
        raise typer.Exit(1)


@app.command("show")
def show_shifts(post: Post = "", days: Days = 7, as_json: Json = False) -> None:
    """今后几天谁值班，以及最近的交接"""
    settings = Settings()
    book, now = _read(settings), SystemClock().now()
    wanted = [book.post(post)] if post else book.posts()
    until = later(now, days * DAY)
    coming = [s for s in book.roster.shifts if s.post in wanted and s.ends > now and s.begins < until]
    with reading(settings) as (store, _):
        latest = store.read(lambda work: work.shifts.handovers(settings.county, _LATEST))
    if as_json:
        show_json({"shifts": [asdict(s) for s in coming], "handovers": [asdict(h) for h in latest]})
        return
    rows = [[book.title(s.post), beijing(s.begins), beijing(s.ends), book.name(s.responder),
             "当班" if s.begins <= now < s.ends else ""] for s in coming]  # fmt: skip
    table(("岗位", "开始", "结束", "值班", ""), rows)
    for one in latest:
        given = f"{book.name(one.giver)} 交给 {book.name(one.taker)}"
        say(f"{beijing(one.at)} {book.title(one.post)}：{given}；{one.note or '（交接说明已删除）'}")


@app.command("gaps")
def show_all_gaps(days: Days = 30, as_json: Json = False) -> None:
    """今后几天哪些时间没有人值班；那时叫岗位的任职人，任职人空缺就没有人可叫。退出码：有缺口为 1"""
    settings = Settings()
    book, now = _read(settings), SystemClock().now()
    found = gaps(book.roster.shifts, book.posts(), now, later(now, days * DAY))
    if as_json:
        show_json([{**asdict(gap), "title": book.title(gap.post)} for gap in found])
    else:
        _show_gaps(book, found)
        if not found:
            say(f"今后 {days} 天没有缺口")
    if found:
        raise typer.Exit(1)


def _show_gaps(book: _Book, found: Sequence[Gap]) -> None:
    holders = {p.id: p.holder for p in book.roster.posts}
    for gap in found:
        holder = holders.get(gap.post)
        said = f"{book.title(gap.post)}：{beijing(gap.begins)} 至 {beijing(gap.ends)} 没有人值班"
        if holder is None:
            fail(f"{said}，岗位也空缺，没有人可叫")
        else:
            warn(f"{said}，将叫任职人 {book.name(holder)}")


@app.command("swap")
def swap_shifts(
    post: Annotated[str, typer.Option("--post", help="岗位名称或岗位号", metavar="岗位")],
    one: Annotated[str, typer.Option("--one", help="其中一班里的一个时间，如“2026-08-01 09:00”", metavar="时间")],
    other: Annotated[str, typer.Option("--other", help="另一班里的一个时间", metavar="时间")],
    officer: Officer,
) -> None:
    """换班：同一岗位的两个班次互换值班人"""
    settings = Settings()
    book = _read(settings)
    which = book.post(post)
    after = swapped(book.roster.shifts, (which, moment(one)), (which, moment(other)))
    _change(settings, book, tuple(after), {"officer": officer, "what": "swap"})
    for said in (one, other):
        now = on_shift(after, which, moment(said))
        say(f"{said}：改由 {book.name(now.responder if now else None)} 值班")


@app.command("handover")
def hand_over(
    post: Annotated[str, typer.Option("--post", help="岗位名称或岗位号", metavar="岗位")],
    to: Annotated[str, typer.Option("--to", help="接班人姓名或人员号", metavar="姓名")],
    note: Annotated[str, typer.Option("--note", help="交接说明：还有什么没办完", metavar="说明")],
    officer: Officer,
) -> None:
    """交接班：从现在起由接班人顶到本班结束，交接说明一并记录"""
    settings = Settings()
    book, now = _read(settings), SystemClock().now()
    if not note.strip():
        raise CalloutError("交接要写说明：请加 --note 还有什么没办完")
    which, taker = book.post(post), book.person(to)
    running = on_shift(book.roster.shifts, which, now)
    after = handed_over(book.roster.shifts, which, taker, now)
    giver = running.responder if running else taker
    said = {"post": which, "at": now, "giver": giver, "taker": taker, "note": note.strip()}
    _change(settings, book, tuple(after), {"officer": officer, "what": "handover", "handover": json.dumps(said)})
    say(f"{book.title(which)}：已由 {book.name(giver)} 交给 {book.name(taker)}，记录在案；正在叫应的从下一步起找接班人")


def _change(settings: Settings, book: _Book, after: tuple[Shift, ...], said: dict[str, Any]) -> None:
    """The whole plan from now on, through the engine where one runs."""
    if not said["officer"].strip():
        raise CalloutError("改值班表要写明是谁：请加 --officer 姓名")
    rows = json.dumps([[s.post, s.responder, s.begins, s.ends] for s in after]).encode()
    with route(settings) as way:
        way.ask(CHANGE, {**said, "shifts": packed(rows), "before": book.roster.version})


def _use(app_: App, args: Args) -> Result:
    officer, county = word(args, "officer", 40).strip(), app_.settings.county
    if not officer:
        raise CalloutError("请写明是谁改的")
    raw = unpacked(word(args, "shifts", 2 * MOST_BYTES))
    shifts = tuple(Shift(int(p), int(r), Instant(int(b)), Instant(int(e))) for p, r, b, e in json.loads(raw))
    given = word(args, "handover", 4000)

    def work(writing: Work) -> Result:
        _, roster = in_force(writing, county)
        if roster.version != word(args, "before"):
            raise CalloutError("名册或值班表刚刚被别人换过；请看过再改一次")
        compile_duty(replace(roster, shifts=shifts))
        detail = json.dumps({"before": roster.version, "shifts": word(args, "what"), "many": len(shifts)})
        version = version_of(writing.at, raw)
        writing.shifts.use(roster, Change(version, shifts, run_of(roster), officer, detail))
        if given:
            writing.shifts.hand_over(county, Handover(**json.loads(given)), officer)
        return {"version": version}

    return app_.store.write(work)


CHANGE = Verb("shifts change", _use)
