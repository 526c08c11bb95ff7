"""archive: the whole database as one file that every reading command reads, on record."""

from pathlib import Path
from typing import Annotated

import typer

from callout.cli.audit import CHANGED
from callout.cli.db import reading
from callout.cli.on_record import Leave, recorder
from callout.cli.screen import fail, say
from callout.domain.errors import CalloutError
from callout.reports.checkpoints import HeldSeal
from callout.reports.exporting import Export
from callout.reports.record import sha256
from callout.reports.verification import check_commitments, verify_record
from callout.settings import Settings
from callout.store.archive import archive as write
from callout.store.database import Database

_NAMES = Leave(unrecorded=False, full=True)


def archive(
    target: Annotated[Path, typer.Argument(help="存档写到这个文件", metavar="文件")],
    officer: Annotated[str, typer.Option("--officer", help="经办人姓名，写入记录", metavar="姓名")],
) -> None:
    """存档：把整个库抄成一个文件，引擎不必停，以后不用服务器就能核对、查询、出报告。记录被改动过时退出码为2"""
    settings = Settings()
    if target.exists():
        raise CalloutError(f"{target} 已经存在，不会覆盖；请换一个文件名")
    asked = Export("archive", "", officer.strip())
    with reading(settings) as (store, _), recorder(settings, store, _NAMES) as note:
        noted = note(asked, {})
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = write(store.database, target)
        digest = sha256(target)
        note(asked, {target.name: digest})
    say(f"已存档到 {target}：{rows} 行，到封条 {noted.seq}，SHA-256 {digest}", bold=True)
    say("里面有姓名、号码和回话，只有本账户可读。查看时把 CALLOUT_DATABASE_URL 设为")
    say(f"sqlite:///{target.absolute()}")
    _check(target, HeldSeal(noted.seq, noted.hash, noted.at))


def _check(file: Path, newest: HeldSeal) -> None:
    """The archive stands by itself: its own record, up to the seal under which it was ordered."""
    kept = Database(f"sqlite:///{file}")
    try:
        found = kept.read(lambda db: [*verify_record(db, [newest]).findings, *check_commitments(db)])
    finally:
        kept.close()
    for one in found[:20]:
        fail(one.text)
    if found:
        raise typer.Exit(CHANGED)
    say("核对：存档里全部封条和条目相符")
