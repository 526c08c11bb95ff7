"""worst-case: which single loss leaves most people unreached in a storm, told as a story with its mend."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.rehearse import setting_of
from callout.cli.screen import Json, options, say, show_json
from callout.rehearsal.searching import Bounds, as_document, as_story, search
from callout.settings import Settings

_USUAL = Bounds()


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of the command, by their names."""

    storms: Annotated[list[str], typer.Argument(help="一场或几场风暴，写法同 rehearse", metavar="风暴")]
    seeds: Annotated[int, typer.Option(help="每种失效推演几次", min=1, max=100, metavar="次")] = 1
    people: Annotated[int, typer.Option(help="至多试几个人的电话打不通", min=0, max=1000, metavar="人")] = _USUAL.people
    townships: Annotated[int, typer.Option(help="至多试几个乡镇断网", min=0, max=1000, metavar="个")] = _USUAL.townships
    dark_hours: Annotated[float, typer.Option(help="断网几小时", min=0.1, metavar="小时")] = _USUAL.dark_hours
    roster: Annotated[Path | None, typer.Option(help="名册文件（CSV）；不写则用正在用的名册", metavar="文件")] = None
    sample: Annotated[int, typer.Option(help="用这么多人的合成名册", metavar="人数")] = 0
    behaviour: Annotated[Path | None, typer.Option(help="行为假设（YAML）", metavar="文件")] = None
    processes: Annotated[int, typer.Option(help="同时用几个进程；0 = 每个核一个", min=0, metavar="个")] = 0
    as_json: Json = False


@options(Choices)
def worst_case(choices: Choices) -> None:
    """一场给定的风暴里，逐一试坏了哪一样会有最多的人叫不到，怎么补；只推演，不会拨出任何电话"""
    setting_at = setting_of(Settings(), choices)
    seeds = tuple(range(1, choices.seeds + 1))
    processes = choices.processes or os.cpu_count() or 1
    bounds = Bounds(seeds, choices.dark_hours, choices.people, choices.townships, processes)
    documents = []
    for name in choices.storms:
        setting = setting_at(name)
        found = search(setting, bounds, lambda line: typer.echo(line, err=True))
        documents.append(as_document(found))
        if not choices.as_json:
            for line in as_story(found, setting):
                say(line)
    if choices.as_json:
        show_json(documents)
