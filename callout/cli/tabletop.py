"""tabletop: the duty room works the real desk on a rehearsal, as fast as it wants."""

import asyncio
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.rehearse import setting_of
from callout.cli.screen import options, say, warn
from callout.cli.web import PageServer, bound, config_of, site_of
from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here
from callout.domain.instant import beijing
from callout.domain.user import Role, Scope, ScopeKind
from callout.rehearsal.desk import OFFICER
from callout.rehearsal.tabletop import FASTEST, Surprise, Tabletop, prepare
from callout.reports.account import account
from callout.settings import Settings
from callout.store.users import NewUser
from callout.web.site import EngineState, Site
from callout.web.staff import engage

_LOOK = 0.1
"""Seconds between two beats."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of the command, by their names."""

    storm: Annotated[str, typer.Argument(help="风暴，写法同 rehearse", metavar="风暴")]
    pace: Annotated[
        int, typer.Option(help="时间走多快：1 实时，60 一分钟走一小时", min=1, max=FASTEST, metavar="倍")
    ] = 10
    surprises: Annotated[bool, typer.Option(help="注入意外：拒绝、号码错误、桥断了")] = True
    roster: Annotated[Path | None, typer.Option(help="名册文件（CSV）；不写则用正在用的名册", metavar="文件")] = None
    sample: Annotated[int, typer.Option(help="用这么多人的合成名册", metavar="人数")] = 0
    behaviour: Annotated[Path | None, typer.Option(help="行为假设（YAML）", metavar="文件")] = None
    host: Annotated[str, typer.Option(help="只能是本机地址；别的电脑要看，请经过代理", metavar="地址")] = "127.0.0.1"
    port: Annotated[int, typer.Option(help="端口；0 由系统选一个", min=0, max=65535, metavar="端口")] = 8621
    seed: Annotated[int, typer.Option(help="同一个数遇到同一批人", min=0, metavar="数")] = 1


@options(Choices)
def tabletop(choices: Choices) -> None:
    """桌面推演：值班员在真的值班台上处置一场推演，页面上有推演标记；人和通道都是模拟的，不会拨出任何电话"""
    if not host_is_here(choices.host):
        raise CalloutError(f"桌面推演只在本机打开网页，不能用 {choices.host}；别的电脑要看，请经过代理")
    setting = setting_of(Settings(), choices, choices.storm)
    file = Path(tempfile.mkdtemp(prefix="callout-tabletop-")) / "tabletop.db"
    surprises = tuple(Surprise) if choices.surprises else ()
    table = prepare(setting, f"sqlite:///{file}", choices.pace, surprises, choices.seed)
    try:
        asyncio.run(_run(table, choices))
        _tell(table, file)
    finally:
        table.app.close()


def site_at(table: Tabletop) -> Site:
    """The pages of the production system on this rehearsal, each under its banner."""

    def engine(_: object) -> EngineState:
        return EngineState("running", table.clock.now(), "模拟通道：不会拨打任何电话")

    return replace(site_of(table.app), banner=table.banner, engine=engine, public_url="", exercising=None)


def hire(table: Tabletop) -> list[str]:
    """One officer and one leader for this rehearsal alone; lines that tell how they sign in."""
    county = Scope(ScopeKind.COUNTY, table.setting.rulebook.county.code)
    lines = []
    for login, role in (("officer", Role.OFFICER), ("leader", Role.LEADER)):
        password = engage(table.app.store, NewUser(login, f"推演·{role.zh}", "", role, county), OFFICER)
        lines.append(f"{role.zh}：登录名 {login}，第一次的密码 {password}")
    return lines


async def _run(table: Tabletop, choices: Choices) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listening = bound(choices.host, choices.port)
    host, port = listening.getsockname()[:2]
    warn(table.banner)
    say(f"网页：http://{host}:{port}/")
    for line in hire(table):
        say(line)
    begins, ends = (beijing(at, "%m-%d %H:%M") for at in (table.setting.storm.opens, table.setting.storm.ends))
    say(f"风暴“{table.setting.storm.name}”：{begins} 至 {ends}；结束：Ctrl+C")
    server = PageServer(config_of(site_at(table)))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await _beats(table, stop)
    finally:
        server.should_exit = True
        with suppress(TimeoutError):
            await asyncio.wait_for(serving, 5)


async def _beats(table: Tabletop, stop: asyncio.Event) -> None:
    begun = time.monotonic()
    while not (stop.is_set() or table.over):
        for one in await table.beat(time.monotonic() - begun):
            say(one.line)
        table.app.seal()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)


def _tell(table: Tabletop, file: Path) -> None:
    """What the officers and the engine made of it."""
    found = table.app.database.read(lambda db: account(db, table.app.rulebooks))
    t, left = found.total, sum(found.work.human_calls.values())
    say(f"到 {beijing(table.clock.now(), '%m-%d %H:%M')}：应叫 {t.due}，已应 {t.answered}，漏叫且无人跟进 {t.lost}")
    say(f"人工叫应还有 {left} 件没有办结；记录在 {file}，不计入任何实战数字")
