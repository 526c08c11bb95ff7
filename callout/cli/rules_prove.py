"""rules prove: for every warning that can come, who would be called, and where nobody would answer."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import Connection

from callout.app import SystemClock, channels_plan
from callout.channels.building import described
from callout.cli.db import has_database, reading
from callout.cli.doctor import HOME, able_of
from callout.cli.proof_screen import Everything, show_proof
from callout.cli.relocation_check import list_from
from callout.cli.roster_import import in_force, none
from callout.cli.screen import Json, options, show_json, writing
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.moves import PostView
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.proving import prove
from callout.domain.proof.rungs import CLOUD, Ways
from callout.domain.proof.ways import ways_of
from callout.domain.relocation_plan import UNLISTED, RelocationPlan
from callout.domain.roster import Roster
from callout.domain.roster_views import Views, roster_views
from callout.domain.rule import Rulebook
from callout.reports.plan_page import page
from callout.reports.plan_proof import as_document
from callout.reports.plan_sheets import workbook
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import FEWEST, roster_sample
from callout.rulebook.roster_file import read_roster
from callout.rulebook.roster_sheet import plain_roster
from callout.settings import Settings
from callout.store.people import resolve_posts
from callout.store.store import Work

FOUND = 1
"""Exit code where something worse than a note was found."""
_CHUNK = 5_000
_SEED = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of the command, by their names."""

    folder: Annotated[Path | None, typer.Argument(help="规则目录；不写则用 CALLOUT_RULES", metavar="目录")] = None
    county: Annotated[str, typer.Option(help="区县代码；不写则用 CALLOUT_COUNTY", metavar="代码")] = ""
    roster: Annotated[
        Path | None, typer.Option("--roster", help="名册文件（CSV）；不写则用数据库里正在用的名册", metavar="文件")
    ] = None
    sample: Annotated[
        int, typer.Option("--sample", help="用这么多人的合成名册，人人叫得到：只看规则和阶梯", metavar="人数")
    ] = 0
    relocation: Annotated[
        Path | None,
        typer.Option("--relocation", help="转移台账（CSV）；不写则用正在用的台账，--sample 不用", metavar="文件"),
    ] = None
    html: Annotated[Path | None, typer.Option("--html", help="写成网页", metavar="文件")] = None
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="写成工作簿", metavar="文件")] = None
    everything: Annotated[bool, Everything] = False
    strict: Annotated[bool, typer.Option("--strict", help="只有“注意”也算不过")] = False
    as_json: Json = False


@options(Asked)
def prove_rules(asked: Asked) -> None:
    """证明方案没有漏洞：每一种会来的预警叫谁、哪里没人应；不写也不发。退出码：无漏洞 0，有严重或危急 1"""
    settings = Settings()
    rulebook = parse(read_files(asked.folder or settings.rules), asked.county or settings.county)
    begun = time.process_time()
    with _waiting(asked):
        document = _proved(settings, asked, rulebook)
    document["cpu_seconds"] = round(time.process_time() - begun, 2)
    _write(asked, settings, document)
    if asked.as_json:
        show_json(document)
    else:
        show_proof(Console(highlight=False), document, everything=asked.everything)
    if not document["ok"] or (asked.strict and document["findings"]):
        raise typer.Exit(FOUND)


@contextmanager
def _waiting(asked: Asked) -> Iterator[None]:
    console = Console(stderr=True, highlight=False)
    if asked.as_json or not console.is_terminal:
        yield
        return
    with console.status("正在逐一核对每一种预警……"):
        yield


def _proved(settings: Settings, asked: Asked, rulebook: Rulebook) -> dict[str, Any]:
    """The rules of the folder against the roster asked for; the one in force is read from its database."""
    now, (ways, whose) = SystemClock().now(), _ways(settings)

    def document(roster: Roster, views: Views, plan: RelocationPlan) -> dict[str, Any]:
        listed = list_from(asked.relocation, rulebook.county, roster) if asked.relocation else plan
        ground = Ground(rulebook, roster, views, ways, now, listed)
        return as_document(prove(ground), ground) | {"limits": whose}

    if asked.sample or asked.roster:
        roster = _made_up(asked.sample, rulebook) if asked.sample else _from_file(asked.roster, rulebook)
        return document(roster, roster_views(roster), UNLISTED if asked.sample else _list_in_force(settings, rulebook))
    if not has_database(settings):
        raise CalloutError("还没有数据库和名册；请加 --roster 名册.csv，或用 --sample 500 只看规则和阶梯")

    def stored(work: Work) -> dict[str, Any]:
        _, roster = in_force(work, rulebook.county.code)
        if not roster.version:
            where = rulebook.county.name
            raise CalloutError(f"{where}还没有名册；请加 --roster 名册.csv，或用 --sample 500 只看规则和阶梯")
        plan = work.relocations.plans.plan(roster.county)
        return document(roster, stored_views(work.ledger.connection, roster.county), plan)

    with reading(settings) as (store, _):
        return store.read(stored)


def _ways(settings: Settings) -> tuple[Ways, str]:
    """What the channels can do, and whose limits these are."""
    if settings.channels is None:
        return CLOUD, "公有云里最严的限次（没有设 CALLOUT_CHANNELS）"
    providers = described(channels_plan(settings), settings.public_url or "")
    return ways_of(able_of(providers)), f"通道文件 {settings.channels.name} 的限次，按 {HOME} 的号码"


def stored_views(db: Connection, county: str) -> Views:
    """The posts of the roster in force as the sender resolves them, dead and opted-out numbers included."""

    def views(posts: Iterable[int], at: Instant) -> Mapping[int, PostView]:
        wanted = [(county, post) for post in posts]
        found: dict[int, PostView] = {}
        for first in range(0, len(wanted), _CHUNK):
            found |= {post: view for (_, post), view in resolve_posts(db, wanted[first : first + _CHUNK], at).items()}
        return found

    return views


def _made_up(people: int, rulebook: Rulebook) -> Roster:
    if people < FEWEST:
        raise CalloutError(f"合成名册至少 {FEWEST} 人，请加大 --sample")
    return roster_sample(rulebook.county, people, _SEED, rulebook, flaws=False)


def _from_file(file: Path | None, rulebook: Rulebook) -> Roster:
    try:
        raw = file.read_bytes() if file else b""
    except OSError:
        raise CalloutError(f"{file} 读不出来，请核对文件名和读权限") from None
    read = read_roster(plain_roster(raw), rulebook, none(rulebook.county.code), str(file))
    if read.roster is None:
        first = read.errors[0]
        said = f"名册有 {len(read.errors)} 处错误，第一处在第 {first.line} 行：{first.text}"
        raise CalloutError(f"{said}；先用 callout roster import 看全并改好")
    return read.roster


def _list_in_force(settings: Settings, rulebook: Rulebook) -> RelocationPlan:
    """Its posts are named by their numbers, which a new roster keeps."""
    if not has_database(settings):
        return UNLISTED
    with reading(settings) as (store, _):
        return store.read(lambda work: work.relocations.plans.plan(rulebook.county.code))


def _write(asked: Asked, settings: Settings, document: dict[str, Any]) -> None:
    """The files asked for, named on stderr so that JSON stays JSON."""
    made = f"{beijing(SystemClock().now(), '%Y-%m-%d %H:%M')} 生成"
    contents: dict[Path, Callable[[], bytes]] = {}
    if asked.html:
        contents[asked.html] = lambda: page(settings.templates, document, made).encode()
    if asked.xlsx:
        contents[asked.xlsx] = lambda: workbook(document)
    for file, content in contents.items():
        with writing(file):
            file.write_bytes(content())
        typer.echo(f"已写入 {file}", err=True)
