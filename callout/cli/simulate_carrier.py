"""simulate-carrier: a carrier that speaks Twilio's interface on this machine, with simulated people."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from callout.cli.screen import options, say, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import BEIJING, Instant, instant
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import ACCOUNT, TOKEN, Fault, HookFault, Limits, Options, Outage, Troubles
from callout.simulation.twilio.pace import wall
from callout.simulation.twilio.server import CarrierServer

K = TypeVar("K")
V = TypeVar("V")

_FAULTS, _HOOK_FAULTS = "、".join(Fault), "、".join(HookFault)


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the command, by their names."""

    port: Annotated[int, typer.Option(help="端口；0 为任意空闲端口", min=0, max=65535, metavar="端口")] = 8010
    host: Annotated[str, typer.Option(help="只能是本机回环地址", metavar="地址")] = "127.0.0.1"
    seconds: Annotated[float, typer.Option("--for", help="运行多久后自行停止；0 为一直运行", min=0, metavar="秒")] = 0
    seed: Annotated[int, typer.Option(help="同一个数，同样的人和同样的故障", min=0, metavar="数")] = 1
    speed: Annotated[float, typer.Option(help="人和网络比实际快几倍", min=0.01, max=10_000, metavar="倍数")] = 1.0
    begin: Annotated[str, typer.Option(help="运营商的时钟从今天几点走起（北京时间），如 23:30", metavar="时刻")] = ""
    account: Annotated[str, typer.Option(help="帐号 SID", metavar="SID")] = ACCOUNT
    token: Annotated[str, typer.Option(help="令牌：核对请求，也用来签名", metavar="令牌")] = TOKEN
    inbound: Annotated[str, typer.Option(help="人们发来的短信送到这个地址", metavar="网址")] = ""
    reach: Annotated[list[str] | None, typer.Option(help="公开地址=本机地址，可多次", metavar="对应")] = None
    sender: Annotated[
        list[str] | None, typer.Option(help="可以用作 From 的号码，可多次；不写则都可以", metavar="号码")
    ] = None
    latency: Annotated[int, typer.Option(help="每次回答前等待", min=0, metavar="毫秒")] = 0
    rate: Annotated[float, typer.Option(help="每秒最多几次请求，超出回 429；0 不限", min=0, metavar="次数")] = 0
    segment_rate: Annotated[
        float, typer.Option(help="每个发送号码每秒几段短信，超出排队；0 不限", min=0, metavar="段数")
    ] = 0
    call_rate: Annotated[float, typer.Option(help="每秒最多呼出几个电话，超出排队；0 不限", min=0, metavar="个数")] = 0
    voicemail: Annotated[float, typer.Option(help="无人接听时由留言机接起的号码比例", min=0, max=1, metavar="比例")] = 0
    misheard: Annotated[float, typer.Option(help="把人误判为留言机的比例", min=0, max=1, metavar="比例")] = 0
    cast: Annotated[list[str] | None, typer.Option(help="号码=性情，如 silent、dead，可多次", metavar="对应")] = None
    refuse: Annotated[list[str] | None, typer.Option(help="号码前缀=错误码：拒收短信，可多次", metavar="对应")] = None
    refuse_calls: Annotated[
        list[str] | None, typer.Option(help="号码前缀=错误码：拒绝电话，可多次", metavar="对应")
    ] = None
    undelivered: Annotated[
        list[str] | None, typer.Option(help="号码前缀=错误码：收下后送不到，可多次", metavar="对应")
    ] = None
    fault: Annotated[list[str] | None, typer.Option(help=f"请求故障=比例，可多次：{_FAULTS}", metavar="对应")] = None
    hook_fault: Annotated[
        list[str] | None, typer.Option(help=f"回调故障=比例，可多次：{_HOOK_FAULTS}", metavar="对应")
    ] = None
    outage: Annotated[
        list[str] | None, typer.Option(help="起-止=故障：这段时间（启动后秒数）全部如此，可多次", metavar="对应")
    ] = None


@options(Choices)
def simulate_carrier(choices: Choices) -> None:
    """模拟运营商：在本机提供 Twilio 的接口和回调，电话那头是模拟的人；不会拨打任何电话"""
    asyncio.run(_serve(CarrierServer(_options(choices), choices.port, choices.host), choices))


async def _serve(server: CarrierServer, choices: Choices) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with server as carrier:
        say(f"模拟运营商已启动：{carrier.url}", bold=True)
        warn("不会拨打任何电话；只回调本机地址")
        say(f"帐号 {choices.account}，令牌 {choices.token}")
        say(f"状态：{carrier.url}/ （JSON：{carrier.url}/simulated/status）")
        try:
            async with asyncio.timeout(choices.seconds or None):
                await stop.wait()
        except TimeoutError:
            say(f"已运行 {choices.seconds:g} 秒")
        for name, count in sorted(carrier.network.tally.counts.items()):
            say(f"{count:>8}  {name}")
    say("模拟运营商已停止")


def _options(choices: Choices) -> Options:
    requests = _pairs("--fault", choices.fault, Fault, _share)
    hooks = _pairs("--hook-fault", choices.hook_fault, HookFault, _share)
    outages = _pairs("--outage", choices.outage, _span, Fault)
    return Options(
        seed=choices.seed,
        account=choices.account,
        token=choices.token,
        speed=choices.speed,
        start=_clock(choices.begin) if choices.begin else None,
        latency=choices.latency,
        inbound=choices.inbound,
        reach=_pairs("--reach", choices.reach, str, str),
        senders=frozenset(choices.sender or ()),
        refuse=_pairs("--refuse", choices.refuse, str, int),
        refuse_calls=_pairs("--refuse-calls", choices.refuse_calls, str, int),
        undelivered=_pairs("--undelivered", choices.undelivered, str, int),
        cast=_pairs("--cast", choices.cast, str, Temperament),
        voicemail=choices.voicemail,
        misheard=choices.misheard,
        limits=Limits(choices.rate, choices.segment_rate, choices.call_rate),
        troubles=Troubles(requests, hooks),
        outages=tuple(Outage(begins, ends, fault) for (begins, ends), fault in outages.items()),
    )


def _pairs(name: str, given: list[str] | None, key: Callable[[str], K], value: Callable[[str], V]) -> dict[K, V]:
    """What `a=b` options say; raises CalloutError."""
    found = {}
    for each in given or ():
        left, sign, right = each.rpartition("=")
        try:
            found[key(left)] = value(right)
        except ValueError:
            sign = ""
        if not sign:
            raise CalloutError(f"{name} 的值“{each}”不对；写法见 callout simulate-carrier --help")
    return found


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def _span(text: str) -> tuple[float, float]:
    begins, _, ends = text.partition("-")
    return float(begins), float(ends)


def _clock(text: str) -> Instant:
    today = datetime.fromtimestamp(wall() / 1000, BEIJING)
    try:
        time = datetime.strptime(text, "%H:%M").replace(tzinfo=BEIJING)
    except ValueError:
        raise CalloutError(f"--begin 的值“{text}”不是时刻；请写成 23:30") from None
    return instant(today.replace(hour=time.hour, minute=time.minute, second=0, microsecond=0))
