"""doctor: what would keep people from being reached, before a warning comes."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated

import typer

from callout.app import channels_plan
from callout.channels.building import described
from callout.cli.db import has_database, reading
from callout.cli.relocation_check import findings as left_behind
from callout.cli.roster_import import in_force
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.cli.unheard import unheard
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.carrying import Able, Fault, faults
from callout.domain.errors import CalloutError
from callout.domain.ladder import ChannelKind
from callout.domain.meaning import MessageKind, NoticeKind
from callout.domain.proof.finding import Danger
from callout.domain.rule import Rulebook
from callout.ports import ACTUAL, ChannelsPlan, Provider
from callout.reports.words import CHANNELS, MESSAGES
from callout.rulebook.reading import parse, read_files
from callout.settings import Settings

HOME = "+86"
_GIVES_UP = "twilio_sms"
"""The type of provider whose repetitions are all over within seconds; the clouds come again after minutes."""
_UNFIT = 1
"""Exit code where people would not be reached."""
_ANSWERS = {Answering.REPLY: "短信回复", Answering.KEY: "按键", Answering.LINK: "链接"}
_RECEIPTS = {Receipts.PUSH: "回执推送", Receipts.PULL: "回执要去取", Receipts.NONE: "没有回执"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor says."""

    grave: bool
    text: str


def doctor(
    number: Annotated[str, typer.Option(help="号码的国家码，按它判断通道能做什么", metavar="+86")] = HOME,
    as_json: Json = False,
) -> None:
    """体检：通道文件、密钥、阶梯能不能送到、答复能不能回来，转移台账会不会落下人。退出码：没有大问题为 0，有为 1"""
    settings = Settings()
    found = list(findings(settings, number))
    if as_json:
        show_json(
            {"ok": not any(f.grave for f in found), "findings": [{"grave": f.grave, "text": f.text} for f in found]}
        )
    else:
        for line in _introduction(settings, number):
            say(line)
        for one in found:
            (fail if one.grave else warn)(one.text)
        say("没有发现问题" if not found else f"共 {len(found)} 项", bold=True)
    if any(f.grave for f in found):
        raise typer.Exit(_UNFIT)


def findings(settings: Settings, number: str = HOME) -> Iterator[Finding]:
    """Everything that would keep people from being reached or from answering."""
    yield from _left_behind(settings)
    plan = channels_plan(settings)
    if not plan.providers:
        yield Finding(
            settings.live,
            "CALLOUT_LIVE=1 却没有设 CALLOUT_CHANNELS：引擎不启动，谁也叫不到；请指明通道文件"
            if settings.live
            else "没有设 CALLOUT_CHANNELS：电话是模拟的，谁也叫不到",
        )
        return
    if plan.run(live=settings.live) != ACTUAL:
        yield Finding(False, "没有真实通道在用（CALLOUT_LIVE 没有设为 1，或只有本机通道）：收到的预警都按演示处理")
    yield from _secrets(plan)
    providers = described(plan, settings.public_url or "")
    if not settings.public_url:
        yield Finding(False, "没有设 CALLOUT_PUBLIC_URL：服务商无法把回执和答复推过来")
    yield from _pushed_only(plan, providers)
    yield from _templates(providers, number)
    rulebook = parse(read_files(settings.rules), settings.county)
    yield from _of_ladders(ladder_faults(rulebook, providers, number, links=bool(settings.link_secret)))


def _left_behind(settings: Settings) -> Iterator[Finding]:
    """Whether the county's list of whom to move leaves somebody behind."""
    if not has_database(settings):
        return
    with reading(settings) as (store, rulebooks):
        (book, roster), plan = store.read(
            lambda work: (in_force(work, settings.county), work.relocations.plans.plan(settings.county))
        )
        if not plan.version:
            yield Finding(False, "没有转移台账：不能行走的人有没有对接责任人和去处，没有核对")
        if not book:
            return
        rulebook = rulebooks.get(settings.county, book)
    for one in left_behind(plan, rulebook, roster):
        if one["danger"] != Danger.NOTE.zh:
            yield Finding(one["danger"] == Danger.DEADLY.zh, f"转移台账 {one['where']}：{one['what']}")


def able_of(providers: tuple[Provider, ...], number: str = HOME, *, links: bool = False) -> Able:
    """What they can do for numbers that begin so, by kind of channel. `links`: texts lead to the page for answers."""
    able = {kind: [p.channel.abilities(number) for p in providers if p.carries(kind, number)] for kind in ChannelKind}
    if links:
        by_link = frozenset({Answering.LINK})
        able[ChannelKind.SMS] = [
            replace(one, answers=one.answers | by_link) if one.takes_link else one for one in able[ChannelKind.SMS]
        ]
    return able


def ladder_faults(
    rulebook: Rulebook, providers: tuple[Provider, ...], number: str = HOME, *, links: bool = False
) -> list[Fault]:
    """What these providers cannot carry of the ladders of a rulebook, for numbers that begin so."""
    able = able_of(providers, number, links=links)
    return [fault for ladder in rulebook.ladders.values() for fault in faults(ladder, able)]


def _of_ladders(found: Iterable[Fault]) -> Iterator[Finding]:
    """One line for each thing that is wrong with a ladder, with every step where it is."""
    together: dict[tuple[str, bool, str], list[Fault]] = {}
    for one in found:
        together.setdefault((one.ladder, one.grave, one.why), []).append(one)
    for (ladder, grave, why), alike in together.items():
        yield Finding(grave, f"阶梯“{ladder}”{_steps(alike)}：{why}")


def _steps(alike: Iterable[Fault]) -> str:
    """第 1、2 步（白天）、第 1 步（夜间）; 整条阶梯 where it is of no step."""
    at: dict[str, list[int]] = {}
    for one in alike:
        at.setdefault("夜间" if one.night else "白天", []).append(one.step)
    if not all(all(steps) for steps in at.values()):
        return f"整条阶梯（{'、'.join(at)}）"
    return "、".join(f"第 {'、'.join(map(str, steps))} 步（{time}）" for time, steps in at.items())


def _secrets(plan: ChannelsPlan) -> Iterator[Finding]:
    for entry in plan.providers:
        for field in fields(entry.config):
            variable = getattr(entry.config, field.name)
            if field.name.endswith("_env") and variable and not os.environ.get(variable):
                yield Finding(True, f"通道“{entry.name}”的密钥没有设：请设置环境变量 {variable}")


def _pushed_only(plan: ChannelsPlan, providers: tuple[Provider, ...]) -> Iterator[Finding]:
    """Twilio gives a reply up within 15 seconds; what is fetched beside the pushes outlasts an outage."""
    for entry, provider in zip(plan.providers, providers, strict=True):
        if entry.type != _GIVES_UP or entry.config.pull:
            continue
        ways = [provider.channel.abilities(one) for one in entry.regions or ("",)]
        if any(able.receipts is Receipts.PUSH and Answering.REPLY in able.answers for able in ways):
            yield Finding(
                False,
                f"通道“{entry.name}”的回复只靠推送：数据库或网络中断超过约 15 秒，其间的回复 Twilio 不再重推，会丢失；"
                "请在通道的 settings 里写 pull: true，恢复后自动取回最近一小时的",
            )


def _templates(providers: tuple[Provider, ...], number: str) -> Iterator[Finding]:
    for provider in providers:
        if provider.channel.abilities(number).free_text:
            continue
        carrier = f"通道“{provider.channel.name}”只收报备过的模板"
        if missing := [kind for kind in MessageKind if kind not in provider.forms]:
            yield Finding(True, f"{carrier}，forms 里还没有：{_named(missing)}；这些消息发不出去，请送审后补上")
        if unsaid := [kind for kind in NoticeKind if kind not in provider.forms]:
            yield Finding(False, f"{carrier}，{without_notices(unsaid)}")
        yield from (Finding(False, lost.told()) for lost in unheard(provider, number))


def without_notices(kinds: Iterable[str]) -> str:
    """What a provider of approved templates cannot tell people, such as that the warning has ended."""
    return f"没有这些告知的模板：{_named(kinds)}；从这里告知不了，请按需要送审后补上"


def _named(kinds: Iterable[str]) -> str:
    return "、".join(f"{MESSAGES[kind]}（{kind}）" for kind in kinds)


def _introduction(settings: Settings, number: str) -> Iterator[str]:
    for provider in described(channels_plan(settings), settings.public_url or ""):
        able = provider.channel.abilities(number)
        kinds = "、".join(CHANNELS[kind] for kind in sorted(provider.kinds))
        if not able.reaches:
            yield f"{provider.channel.name}（{kinds}）：到不了 {number}"
            continue
        answers = "、".join(_ANSWERS[a] for a in sorted(able.answers)) or "收不到答复"
        desk = "，可为值班员接通电话" if able.connects else ""
        if ChannelKind.VOICE in provider.kinds and able.receipts is Receipts.PULL and able.one_way(ChannelKind.VOICE):
            answers += "（按键取不回来，只能推送）"
        link = _link(settings, able) if ChannelKind.SMS in provider.kinds else ""
        yield f"{provider.channel.name}（{kinds}）：{number} {answers}，{_RECEIPTS[able.receipts]}{link}{desk}"


def _link(settings: Settings, able: Abilities) -> str:
    """Whether a text leads to the page on which the person called may answer."""
    if not able.takes_link:
        return "，短信不能带答复链接" + ("" if able.free_text else "（只收报备过的模板）")
    if not settings.link_secret:
        return "，短信不带答复链接（要设 CALLOUT_LINK_KEY 和 CALLOUT_PUBLIC_URL）"
    return "，短信带答复链接"


def warnings_for(settings: Settings, rulebook: Rulebook) -> list[Finding]:
    """What `rules check` says of the ladders, where a channels file is named."""
    if settings.channels is None:
        return []
    try:
        providers = described(channels_plan(settings), settings.public_url or "")
    except CalloutError as error:
        return [Finding(True, f"阶梯没有按通道核对：{error}")]
    return list(_of_ladders(ladder_faults(rulebook, providers, links=bool(settings.link_secret))))
