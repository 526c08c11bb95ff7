"""rehearse: a storm on the virtual clock, with this year's people and rules, before it comes."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console

from callout.app import channels_plan
from callout.channels.building import described
from callout.cli.db import has_database, reading
from callout.cli.doctor import HOME
from callout.cli.rehearsal_screen import Desks, show
from callout.cli.roster_import import in_force, none
from callout.cli.screen import Json, options, show_json, writing
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rehearsal import what_if
from callout.rehearsal.assumptions import Assumptions, read_assumptions
from callout.rehearsal.rehearsing import Asked
from callout.rehearsal.rehearsing import rehearse as play
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import NO_STORM, find_storm
from callout.reports.rehearsal_page import page
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import FEWEST, roster_sample
from callout.rulebook.roster_file import read_roster
from callout.settings import Settings
from callout.simulation.gateways import ASSUMED_GATEWAYS, Gateway, as_gateway
from callout.sources.reading import DocumentReader

LOST = 1
"""Exit code where somebody was due whom nobody called and nobody has on a list."""
_SAMPLE, _SEED = 500, 1


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of the command, by their names."""

    storm: Annotated[str, typer.Argument(help="风暴：自带的名字、风暴文件（YAML）、预警来文或来文目录", metavar="风暴")]
    seeds: Annotated[int, typer.Option(help="推演多少次，每次一批不同的人", min=1, max=10_000, metavar="次")] = 1
    seed: Annotated[int, typer.Option(help="第一个随机数；同一个数推演出同一个结果", min=0, metavar="数")] = 1
    roster: Annotated[
        Path | None, typer.Option(help="名册文件（CSV）；不写则用数据库里正在用的名册", metavar="文件")
    ] = None
    sample: Annotated[int, typer.Option(help="用这么多人的合成名册", metavar="人数")] = 0
    behaviour: Annotated[
        Path | None,
        typer.Option(help="人、值班员和通道的行为假设（YAML）；用 rehearse-fit 从自己的记录得到", metavar="文件"),
    ] = None
    officers: Desks = "1,2,4"
    if_lost: Annotated[str, typer.Option(help="假如：这个通道整夜不通", metavar="通道")] = ""
    if_dark: Annotated[str, typer.Option(help="假如：这些乡镇断网，逗号隔开", metavar="乡镇")] = ""
    dark_hours: Annotated[float, typer.Option(help="断网几小时，从最高级别预警发布起", min=0.1, metavar="小时")] = 2.0
    if_absent: Annotated[
        float, typer.Option(help="假如：夜间值班的人缺这么大一部分，如 0.5", min=0.0, max=1.0, metavar="比例")
    ] = 0.0
    if_officers: Annotated[int, typer.Option(help="假如：值班员有这么多名", min=0, max=50, metavar="人数")] = 0
    if_rules: Annotated[Path | None, typer.Option(help="假如：换成这个目录里的规则", metavar="目录")] = None
    if_roster: Annotated[Path | None, typer.Option(help="假如：换成这份名册", metavar="文件")] = None
    html: Annotated[Path | None, typer.Option("--html", help="写成一个网页，带图", metavar="文件")] = None
    processes: Annotated[int, typer.Option(help="同时用几个进程；0 = 每个核一个", min=0, metavar="个")] = 0
    as_json: Json = False


@options(Choices)
def rehearse(choices: Choices) -> None:
    """推演：在虚拟时钟上用正式引擎过一场风暴，人和通道都是模拟的，不会拨出任何电话。有人漏叫时退出码为 1"""
    settings = Settings()
    setting = setting_of(settings, choices, choices.storm)
    other, change = _other(setting, choices)
    asked = Asked(
        setting,
        tuple(range(choices.seed, choices.seed + choices.seeds)),
        _desks(choices.officers),
        other,
        change,
        choices.processes or os.cpu_count() or 1,
    )
    begun = time.monotonic()
    document = play(asked)
    typer.echo(f"用时 {time.monotonic() - begun:.1f} 秒", err=True)
    if choices.html:
        _write(choices.html, lambda: page(settings.templates / "reports", document))
    if choices.as_json:
        show_json(document)
    else:
        show(Console(highlight=False), document)
    raise typer.Exit(LOST if document["result"]["lost"] else 0)


class Wish(Protocol):
    """What the commands that rehearse ask for in the same way."""

    @property
    def behaviour(self) -> Path | None:
        """The file of assumptions."""

    @property
    def roster(self) -> Path | None:
        """The file of people."""

    @property
    def sample(self) -> int:
        """How many made-up people; 0 = none."""


def setting_of(settings: Settings, wish: Wish, storm: str) -> Setting:
    """The setting of a storm, by its name: rules of the folder, people and habits as they were asked for."""
    ground = ground_of(settings, wish)
    return replace(ground, storm=find_storm(storm, DocumentReader(), ground.rulebook.county))


def ground_of(settings: Settings, wish: Wish) -> Setting:
    """Everything but the storm, in whose place there is none."""
    rulebook = parse(read_files(settings.rules), settings.county)
    assumed = read_assumptions(wish.behaviour) if wish.behaviour else Assumptions()
    gateways, said = _gateways(settings, assumed)
    return Setting(
        settings.rules,
        settings.templates,
        rulebook,
        _roster_for(settings, rulebook, wish),
        NO_STORM,
        assumed.habits,
        assumed.working,
        gateways,
        said,
    )


def _gateways(settings: Settings, assumed: Assumptions) -> tuple[Sequence[Gateway], str]:
    """Those of the file of assumptions, else the channels of this installation, else what is assumed; and where from.

    Of the channels only limits, prices and templates are taken: each is asked what it can do, and none is connected.
    """
    if assumed.gateways is not ASSUMED_GATEWAYS:
        return assumed.gateways, assumed.habits.source
    if settings.channels is None:
        return ASSUMED_GATEWAYS, Setting.gateways_from
    providers = described(channels_plan(settings), settings.public_url or "")
    carrying = [p for p in providers if any(p.carries(kind, HOME) for kind in p.kinds)]
    found = [as_gateway(p, HOME) for p in carrying if p.channel.abilities(HOME).reaches]
    if not found:
        raise CalloutError(f"通道文件 {settings.channels.name} 里没有一条能到 {HOME} 的通道，推演不了；请核对 regions")
    return tuple(found), f"通道文件 {settings.channels.name}"


def _roster_for(settings: Settings, rulebook: Rulebook, wish: Wish) -> Roster:
    """The roster asked for; the one in force where none was, and a made-up one where there is none in force."""
    if wish.roster:
        return _from_file(wish.roster, rulebook)
    if not wish.sample and has_database(settings):
        with reading(settings) as (store, _):
            roster: Roster = store.read(lambda work: in_force(work, rulebook.county.code))[1]
        if roster.version:
            return roster
    if wish.sample and wish.sample < FEWEST:
        raise CalloutError(f"合成名册至少 {FEWEST} 人，请加大 --sample")
    return roster_sample(rulebook.county, wish.sample or _SAMPLE, _SEED, rulebook)


def _from_file(file: Path, rulebook: Rulebook) -> Roster:
    try:
        raw = file.read_bytes()
    except OSError:
        raise CalloutError(f"{file} 读不出来，请核对文件名和读权限") from None
    read = read_roster(raw, rulebook, none(rulebook.county.code), str(file))
    if read.roster is None:
        first = read.errors[0]
        said = f"名册有 {len(read.errors)} 处错误，第一处在第 {first.line} 行：{first.text}"
        raise CalloutError(f"{said}；先用 callout roster import 看全并改好")
    return read.roster


def _other(setting: Setting, choices: Choices) -> tuple[Setting | None, str]:
    """The setting with everything that was asked as “what if”, and its changes in words."""
    other, words = setting, list[str]()
    if choices.if_rules:
        rulebook = parse(read_files(choices.if_rules), setting.rulebook.county.code)
        other, words = replace(other, rules=choices.if_rules, rulebook=rulebook), [f"规则换成 {choices.if_rules.name}"]
    if choices.if_roster:
        other = replace(other, roster=_from_file(choices.if_roster, other.rulebook))
        words.append(f"名册换成 {choices.if_roster.name}")
    if choices.if_lost:
        other = what_if.lost_gateway(other, choices.if_lost)
        words.append(f"{choices.if_lost}整夜不通")
    if choices.if_dark:
        names = [name for name in choices.if_dark.replace("，", ",").split(",") if name]
        other = what_if.dark(other, names, choices.dark_hours)
        at = beijing(other.outages[-1].begins, "%m-%d %H:%M")
        words.append(f"{'、'.join(names)}从 {at} 起断网 {choices.dark_hours:g} 小时")
    if choices.if_absent:
        other = what_if.absent(other, choices.if_absent)
        words.append(f"夜间值班的人缺 {choices.if_absent:.0%}")
    if choices.if_officers:
        other = what_if.officers(other, choices.if_officers)
        words.append(f"值班员 {choices.if_officers} 名")
    return (other, "，".join(words)) if words else (None, "")


def _desks(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(each) for each in text.replace("，", ",").split(",") if each.strip())
    except ValueError:
        raise CalloutError(f"--officers 应是几个整数，如 1,2,4，现为“{text}”") from None
    if any(many < 0 or many > 50 for many in found):  # noqa: PLR2004 - more than a county has
        raise CalloutError("--officers 每个数应在 0 到 50 之间")
    return tuple(many for many in found if many)


def _write(file: Path, content: Callable[[], Any]) -> None:
    with writing(file):
        file.write_text(content(), encoding="utf-8")
    typer.echo(f"已写入 {file}", err=True)
