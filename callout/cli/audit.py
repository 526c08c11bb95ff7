"""audit: whether the record is whole, the record as files, and the proof of one callout."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from callout.app import channels_plan, checkpoint_file
from callout.cli.db import reading
from callout.cli.on_record import Exporter, Leave, Unrecorded, recorder, say_seal, who
from callout.cli.screen import Json, fail, say, show_json, writing
from callout.domain.audit import Verdict
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.reports import verify_record as standalone
from callout.reports.checkpoints import HeldSeal, new_key, read_checkpoints, unsigned
from callout.reports.exporting import Export
from callout.reports.proof import prove
from callout.reports.record import Going, export, sha256
from callout.reports.verification import Archive, check_commitments, erased, verify_record
from callout.rulebook.providers import prices
from callout.settings import Settings
from callout.store.database import Database

app = typer.Typer(help="审计记录：核对、导出", no_args_is_help=True)

CHANGED = 2
"""Exit code for a record that was changed."""
_SHOWN = 20

Checkpoints = Annotated[
    Path | None, typer.Option("--checkpoints", help="库外封条存证；不写则用数据库旁边的那一份", metavar="文件")
]
PublicKey = Annotated[
    str, typer.Option("--public-key", help="公钥：给了它，没有这把钥匙签名的存证都不认", metavar="64位十六进制")
]
Archives = Annotated[
    list[Path] | None, typer.Option("--archive", help="移出的条目所在的存档，可写多次；在那里核对它们", metavar="存档")
]


@app.command()
def verify(
    checkpoints: Checkpoints = None,
    public_key: PublicKey = "",
    exported: Annotated[Path | None, typer.Option("--export", help="核对一份导出，不用数据库", metavar="目录")] = None,
    archive: Archives = None,
    as_json: Json = False,
) -> None:
    """核对记录是否被改动。退出码：完好为 0，被改动为 2"""
    if missing := next((one for one in archive or () if not one.is_file()), None):
        raise CalloutError(f"没有存档 {missing}，请核对路径")
    if exported:
        raise typer.Exit(_offline(exported, checkpoints, public_key, archive or ()))
    settings = Settings()
    # Read before the record is: a seal that is copied out meanwhile would seem to be missing.
    held = _held(settings, checkpoints)
    with reading(settings) as (store, _):
        verdict, emptied = _verdict(store.database, held, public_key, archive or ())
    if as_json:
        show_json({**asdict(verdict), "erased": emptied})
    else:
        _show(verdict, emptied)
    if not verdict.ok:
        raise typer.Exit(CHANGED)


def _offline(folder: Path, checkpoints: Path | None, public_key: str, archives: Sequence[Path]) -> int:
    named = ["--checkpoints", str(checkpoints)] if checkpoints else []
    named += [word for one in archives for word in ("--archive", str(one))]
    return standalone.run([str(folder), *named, *(["--public-key", public_key] if public_key else [])])


def _held(settings: Settings, given: Path | None) -> list[HeldSeal]:
    if given is not None and not given.is_file():
        raise CalloutError(f"没有存证文件 {given}，请核对路径")
    path = given or checkpoint_file(settings)
    return read_checkpoints(path) if path else []


def _verdict(
    database: Database, held: list[HeldSeal], public_key: str, archives: Sequence[Path]
) -> tuple[Verdict, int]:
    forged = unsigned(held, public_key) if public_key else []
    doubted = {finding.seal for finding in forged}
    good = [one for one in held if one.seq not in doubted]
    with ExitStack() as opened:
        beside = [_open(opened, one) for one in archives]
        verdict = database.read(lambda db: verify_record(db, good, beside))
    verdict = replace(verdict, ok=verdict.ok and not forged, findings=(*forged, *verdict.findings))
    wrong, emptied = database.read(lambda db: (check_commitments(db), erased(db)))
    return replace(verdict, ok=verdict.ok and not wrong, findings=(*verdict.findings, *wrong)), emptied


def _open(opened: ExitStack, file: Path) -> Archive:
    kept = opened.enter_context(closing(Database(f"sqlite:///{file.absolute()}")))
    return Archive(opened.enter_context(kept.reading.connect()), sha256(file))


def _show(verdict: Verdict, emptied: int) -> None:
    if verdict.ok:
        moved = f"，其中 {verdict.cut} 条不在库里、在存档里" if verdict.cut else ""
        say(f"记录完好：已封存的 {verdict.sealed} 条全部相符{moved}", bold=True)
    else:
        fail(f"记录被改动过：发现 {len(verdict.findings)} 处")
    for finding in verdict.findings[:_SHOWN]:
        fail(f"  {finding.text}")
    if len(verdict.findings) > _SHOWN:
        fail(f"  另有 {len(verdict.findings) - _SHOWN} 处，用 --json 查看")
    for one in verdict.notes:
        say(f"不能担保的：{one}")
    if emptied:
        say(f"另有 {emptied} 项个人信息已依规删除，其内容不能再核对")


@app.command("export")
def export_record(
    folder: Annotated[Path, typer.Argument(help="导出到这个目录，同名文件会被替换", metavar="目录")],
    county: Annotated[str | None, typer.Option("--county", help="只导出一个区县（六位代码）", metavar="代码")] = None,
    officer: Exporter = "",
    unrecorded: Unrecorded = False,
) -> None:
    """导出全部记录：表格、审计条目、封条和核对方法。每次导出都写入记录"""
    settings = Settings()
    charged, asked = prices(channels_plan(settings)), Export("record", county or "", who(officer))
    with reading(settings) as (store, _), recorder(settings, store, Leave(unrecorded)) as note:
        # On record first, under a seal that then goes out with it. What is held outside is read after that.
        noted = note(asked, {})
        going = Going(county, _held(settings, None), charged, {"导出人": asked.officer, **noted.heads(asked.officer)})
        with writing(folder):
            made = store.database.read(lambda db: export(db, folder, going))
            # The sheet of sums vouches for all the other files.
            note(asked, {made[-1].name: sha256(made[-1])})
    say(f"已导出 {len(made)} 个文件到 {folder}，先看其中的 README.txt")
    say_seal(noted)


@app.command("prove")
def prove_one(
    alert: Annotated[int, typer.Argument(help="预警编号", metavar="预警")],
    post: Annotated[int, typer.Argument(help="岗位编号", metavar="岗位")],
    out: Annotated[Path, typer.Option("--out", help="证明写到这个文件", metavar="文件")],
    county: Annotated[str, typer.Option("--county", help="区县（六位代码），不写则用本机设置的", metavar="代码")] = "",
) -> None:
    """单独证明一个叫应：只含它自己的记录，用 verify_record.py --proof 核对"""
    settings = Settings()
    key = CalloutKey(county or settings.county, alert, post, 0)
    held = _held(settings, None)
    with reading(settings) as (store, _):
        document = store.database.read(lambda db: prove(db, key, held))
    out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"已写出 {out}：{len(document['entries'])} 条记录，{len(document['seals'])} 个封条")


@app.command("new-key")
def make_key(
    path: Annotated[Path, typer.Argument(help="新钥匙写到这个文件，不要放在数据库旁边", metavar="文件")],
) -> None:
    """生成给封条签名的钥匙；公钥抄下来交给审计方"""
    key = new_key(path)
    say(f"公钥 {key.public}", bold=True)
    say(f"私钥在 {path}，只有本账户可读；设 CALLOUT_CHECKPOINT_KEY={path} 后重启引擎，此后的封条都有签名")
