"""areas: a county's areas file from the lists that data packages publish, each in the code system that it is in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from callout.cli.screen import fail, options, say, warn
from callout.domain.alert import CodeSystem
from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.rulebook.area_joining import Joined
from callout.rulebook.area_tables import Listed, counties, townships, villages
from callout.rulebook.reading import examine, read_files
from callout.settings import Settings

app = typer.Typer(help="区划：从公开数据生成区划文件", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Lists:
    """The options of import."""

    county: Annotated[str, typer.Argument(help="区县代码，6 位", metavar="代码")]
    stats: Annotated[
        Path | None, typer.Option("--stats", help="国家统计局的乡级名单（CSV 或 JSON）", metavar="文件")
    ] = None
    mca: Annotated[Path | None, typer.Option("--mca", help="民政部的乡级名单（CSV 或 JSON）", metavar="文件")] = None
    stats_villages: Annotated[
        Path | None, typer.Option("--stats-villages", help="国家统计局的村级名单，12 位代码", metavar="文件")
    ] = None
    mca_villages: Annotated[
        Path | None, typer.Option("--mca-villages", help="民政部的村级名单，12 位代码", metavar="文件")
    ] = None
    name: Annotated[str, typer.Option("--name", help="区县名称；数据和现用文件里都没有时才要写", metavar="名称")] = ""
    out: Annotated[Path | None, typer.Option("--out", help="写到这个新文件；不写则显示", metavar="文件")] = None


@app.command("import")
@options(Lists)
def import_areas(given: Lists) -> None:
    """用两套官方代码的名单生成一个区县的区划文件，并列出要核对的地方：短名、地点照现用的留下。不改动现用的规则"""
    if not re.fullmatch(r"[1-9][0-9]{5}", given.county) or not (given.stats or given.mca):
        raise CalloutError("请写 6 位区县代码，并用 --stats 或 --mca 给出至少一份乡级名单")
    joined = _joined(given)
    if given.out is None:
        typer.echo(joined.text(), nl=False)
    else:
        _write(given.out, joined.text())
        many = f"{len(joined.names)} 个乡镇（街道），{len(joined.peopled())} 个村（社区）"
        say(f"已写入 {given.out}：{joined.name} {many}")
    for remark in joined.remarks():
        fail(remark) if given.out is None else warn(remark)


def _joined(given: Lists) -> Joined:
    old = _in_use(given.county)
    tables = {
        system: townships(_bytes(file), given.county, system, old) if file else Listed()
        for system, file in ((CodeSystem.STATS, given.stats), (CodeSystem.MCA, given.mca))
    }
    below = {
        system: villages(_bytes(file), given.county, system, tables[system].codes)
        for system, file in ((CodeSystem.STATS, given.stats_villages), (CodeSystem.MCA, given.mca_villages))
        if file
    }
    name = given.name or next((each.name for each in tables.values() if each.name), "") or (old.name if old else "")
    if not name:
        raise CalloutError("数据里没有区县名称，请用 --name 写上")
    return Joined(given.county, name, tables[CodeSystem.STATS], tables[CodeSystem.MCA], below, old)


@app.command("codes")
def list_codes(
    province: Annotated[str, typer.Argument(help="省（市）代码的前两位，如 50", metavar="省")],
    file: Annotated[Path, typer.Argument(help="县级名单（CSV 或 JSON）", metavar="文件")],
) -> None:
    """从县级名单列出一个省（市）的区县代码，供 codes.yaml 的 listed 使用"""
    if not re.fullmatch(r"[1-9][0-9]", province):
        raise CalloutError("省（市）代码写前两位数字，如 50")
    typer.echo("listed:")
    for code, name in counties(_bytes(file), province).items():
        typer.echo(f'  "{code}": {name}')


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CalloutError(f"读不出 {file}（{error.strerror}），请核对路径") from None


def _in_use(county: str) -> County | None:
    """The county by the rules in use; None where they are for another, or there are none."""
    folder = Settings().rules
    book = examine(read_files(folder), county)[0] if folder.is_dir() else None
    return book.county if book else None


def _write(out: Path, text: str) -> None:
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CalloutError(f"已有 {out}，没有改动它；请换一个文件名") from None
    except OSError as error:
        raise CalloutError(f"写不进 {out}（{error.strerror}）") from None
