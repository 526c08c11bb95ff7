"""audit: whether the record is whole, and the record as files."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from callout.app import checkpoint_file
from callout.cli.db import reading
from callout.cli.screen import Json, fail, say, show_json
from callout.domain.audit import Verdict
from callout.domain.errors import CalloutError
from callout.reports.record import export
from callout.reports.verification import HeldSeal, check_commitments, erased, read_checkpoints, verify_record
from callout.settings import Settings
from callout.store.database import Database

app = typer.Typer(help="审计记录：核对、导出", no_args_is_help=True)

CHANGED = 2
"""Exit code for a record that was changed."""
_SHOWN = 20


@app.command()
def verify(
    checkpoints: Annotated[
        Path | None, typer.Option("--checkpoints", help="库外封条存证；不写则用数据库旁边的那一份", metavar="文件")
    ] = None,
    as_json: Json = False,
) -> None:
    """核对记录是否被改动。退出码：完好为 0，被改动为 2"""
    settings = Settings()
    # Read before the record is: a seal that is copied out meanwhile would seem to be missing.
    held = _held(settings, checkpoints)
    with reading(settings) as (store, _):
        verdict, emptied = _verdict(store.database, held)
    if as_json:
        show_json({**asdict(verdict), "erased": emptied})
    else:
        _show(verdict, emptied)
    if not verdict.ok:
        raise typer.Exit(CHANGED)


def _held(settings: Settings, given: Path | None) -> list[HeldSeal]:
    if given is not None and not given.is_file():
        raise CalloutError(f"没有存证文件 {given}，请核对路径")
    path = given or checkpoint_file(settings)
    return read_checkpoints(path) if path else []


def _verdict(database: Database, held: list[HeldSeal]) -> tuple[Verdict, int]:
    verdict = database.read(lambda db: verify_record(db, held))
    wrong, emptied = database.read(lambda db: (check_commitments(db), erased(db)))
    return replace(verdict, ok=verdict.ok and not wrong, findings=(*verdict.findings, *wrong)), emptied


def _show(verdict: Verdict, emptied: int) -> None:
    if verdict.ok:
        say(f"记录完好：已封存的 {verdict.sealed} 条全部相符", bold=True)
    else:
        fail(f"记录被改动过：发现 {len(verdict.findings)} 处")
    for finding in verdict.findings[:_SHOWN]:
        fail(f"  {finding.text}")
    if len(verdict.findings) > _SHOWN:
        fail(f"  另有 {len(verdict.findings) - _SHOWN} 处，用 --json 查看")
    for note in verdict.notes:
        say(f"不能担保的：{note}")
    if emptied:
        say(f"另有 {emptied} 项个人信息已依规删除，其内容不能再核对")


@app.command("export")
def export_record(
    folder: Annotated[Path, typer.Argument(help="导出到这个目录，同名文件会被替换", metavar="目录")],
    county: Annotated[str | None, typer.Option("--county", help="只导出一个区县（六位代码）", metavar="代码")] = None,
) -> None:
    """导出全部记录：表格、审计条目、封条和核对方法"""
    with reading(Settings()) as (store, _):
        try:
            made = store.database.read(lambda db: export(db, folder, county))
        except OSError:
            raise CalloutError(f"写不进 {folder}，请检查权限和磁盘空间，或换一个目录") from None
    say(f"已导出 {len(made)} 个文件到 {folder}，先看其中的 README.txt")
