"""worst-case: the worst that storms and failures do together within stated bounds, a story with its mend."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.rehearse import ground_of
from callout.cli.screen import Json, options, say, show_json
from callout.domain.errors import CalloutError
from callout.domain.level import Hazard
from callout.rehearsal.storm import find_storm
from callout.rehearsal.worst.failures import Bounds
from callout.rehearsal.worst.hunting import Means, hunt
from callout.rehearsal.worst.story import as_document, as_story
from callout.settings import Settings
from callout.simulation.habits import ASSUMED, Temperament
from callout.sources.reading import DocumentReader

_USUAL = Bounds()
DUTIFUL = replace(ASSUMED, source="假定人人收到就应", shares={Temperament.PROMPT: 1})
"""Nobody sleeps or refuses: what is unreached then is the fault of the plan or of what was lost, not of chance."""
_LEVELS = "蓝黄橙红"


@dataclass(frozen=True, slots=True)
class Choices:
    """The arguments of the command, by their names."""

    storms: Annotated[
        list[str] | None,
        typer.Argument(help="风暴，写法同 rehearse；不写则按 --hours、--courses、--paces 自己编", metavar="[风暴]..."),
    ] = None
    losses: Annotated[int, typer.Option(help="至多几样同时失效", min=0, max=4, metavar="几样")] = _USUAL.losses
    dark_townships: Annotated[
        int, typer.Option(help="至多几个乡镇同时断网（合起来算一样）", min=0, max=4, metavar="个")
    ] = _USUAL.dark_townships
    dark_hours: Annotated[float, typer.Option(help="断网几小时", min=0.1, metavar="小时")] = _USUAL.dark_hours
    night_shift: Annotated[bool, typer.Option(help="也试夜里值班的人都不在")] = _USUAL.night_shift
    people: Annotated[bool, typer.Option(help="也试某一个人、某一个号码打不通")] = _USUAL.people
    hazard: Annotated[str, typer.Option(help="哪一种预警", metavar="灾种")] = _USUAL.hazard
    hours: Annotated[str, typer.Option(help="最高级别在几时发布，逗号隔开", metavar="小时")] = "3,14,21"
    courses: Annotated[str, typer.Option(help="级别的先后，逗号隔开，如 红,蓝黄橙红", metavar="级别")] = ",".join(
        _USUAL.courses
    )
    paces: Annotated[str, typer.Option(help="每隔几分钟升一级，逗号隔开", metavar="分钟")] = "5,60"
    runs: Annotated[
        int, typer.Option(help="至多用引擎推演几种组合（缩小最坏的一种不算在内）", min=4, max=1000, metavar="次")
    ] = _USUAL.runs
    seed: Annotated[int, typer.Option(help="随机数；同一个数得到同一个结果", min=0, metavar="数")] = _USUAL.seed
    roster: Annotated[Path | None, typer.Option(help="名册文件（CSV）；不写则用正在用的名册", metavar="文件")] = None
    sample: Annotated[int, typer.Option(help="用这么多人的合成名册", metavar="人数")] = 0
    behaviour: Annotated[Path | None, typer.Option(help="行为假设（YAML）；不写则人人收到就应", metavar="文件")] = None
    as_json: Json = False


@options(Choices)
def worst_case(choices: Choices) -> None:
    """找反例：在写明的范围内，怎样的风暴和失效合在一起会有最多的人叫不到，怎么补；只推演，不会拨出任何电话"""
    setting = ground_of(Settings(), choices)
    if choices.behaviour is None:
        setting = replace(setting, habits=DUTIFUL)
    reader, county = DocumentReader(), setting.rulebook.county
    storms = {storm.name: storm for storm in (find_storm(one, reader, county) for one in choices.storms or ())}
    means = Means(reader, lambda line: typer.echo(line, err=True), time.monotonic, storms)
    found = hunt(setting, bounds_of(choices), means)
    if choices.as_json:
        show_json(as_document(found, setting))
        return
    for line in as_story(found, setting):
        say(line)


def bounds_of(choices: Choices) -> Bounds:
    """What was asked for. Raises CalloutError for what cannot be searched."""
    courses = tuple(_split(choices.courses))
    if choices.hazard not in {one.value for one in Hazard}:
        raise CalloutError(f"不认识灾种“{choices.hazard}”")
    if not courses or any(not _rises(one) for one in courses):
        raise CalloutError("--courses 每一项应由低到高写 蓝、黄、橙、红，最后是橙或红，如 红,蓝黄橙红")
    return Bounds(
        choices.losses,
        choices.dark_townships,
        choices.dark_hours,
        choices.night_shift,
        choices.people,
        choices.hazard,
        _numbers("--hours", choices.hours, 0, 23),
        courses,
        _numbers("--paces", choices.paces, 1, 240),
        choices.runs,
        choices.seed,
    )


def _rises(course: str) -> bool:
    at = [_LEVELS.find(level) for level in course]
    return -1 not in at and at == sorted(set(at)) and at[-1] >= _LEVELS.index("橙")


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in text.replace("，", ",").split(",") if one.strip()))


def _numbers(name: str, text: str, least: int, most: int) -> tuple[int, ...]:
    found = _split(text)
    if not found or not all(one.isdecimal() and least <= int(one) <= most for one in found):
        raise CalloutError(f"{name} 应是 {least} 到 {most} 之间的几个整数，逗号隔开")
    return tuple(map(int, found))
