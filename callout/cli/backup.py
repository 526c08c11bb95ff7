"""backup: a copy of the whole database, and the way back from it, on record."""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App, SystemClock, checkpoint_file
from callout.cli.audit import CHANGED
from callout.cli.control import Officer, open_app
from callout.cli.db import has_database
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.reports.checkpoints import HeldSeal, read_checkpoints
from callout.reports.verification import check_commitments, verify_record
from callout.settings import Settings
from callout.store.backup import BackupError, copy_out, put_back
from callout.store.database import Database, SoleWriter, sqlite_path
from callout.store.migrate import HEAD, revision, upgrade
from callout.store.sealing import newest_seal, seals
from callout.store.transaction import Event

app = typer.Typer(help="备份与恢复整个数据库", no_args_is_help=True)

Seal = dict[str, Any]
_Moved = tuple[Path, Path]
"""Where a file lay, and where it lies now."""

Target = Annotated[Path, typer.Argument(help="备份写到这个文件；旁边另写一份 .json 说明", metavar="文件")]
Source = Annotated[Path, typer.Argument(help="callout backup make 写出的文件", metavar="备份")]
Replace = Annotated[bool, typer.Option("--replace", help="SQLite：原库改名留存，再换上备份")]
Trial = Annotated[bool, typer.Option("--trial", help="试恢复到另一个库：引擎不必停，库外的存证文件只读不动")]


@app.command("make")
def make(target: Target, as_json: Json = False) -> None:
    """备份整个数据库，引擎不必停；SQLite 自己复制，PostgreSQL 用 pg_dump"""
    settings = Settings()
    if target.exists():
        raise CalloutError(f"{target} 已经存在，不会覆盖；请换一个文件名")
    if not has_database(settings):
        raise CalloutError("还没有数据库，无可备份；请检查 CALLOUT_DATABASE_URL 和当前目录")
    document = _write(settings, target)
    if as_json:
        show_json(document)
        return
    seal = document["seal"]
    say(f"已备份到 {target}，{document['bytes']} 字节，SHA-256 {document['sha256']}", bold=True)
    say(f"记录到封条 {seal['seq']}（{beijing(seal['at'])}）" if seal else "记录里还没有封条")
    say("备份里有姓名、号码和回话：请放到另一台机器，只给有权的人读")


def _write(settings: Settings, target: Path) -> dict[str, Any]:
    # Asked before the copy is made: what was sealed by then is surely in it.
    database = Database(settings.database_url)
    try:
        kept, newest = revision(database), database.read(newest_seal)
    finally:
        database.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_out(settings.database_url, target)
    document = {
        "made_at": SystemClock().now(),
        "revision": kept,
        "bytes": target.stat().st_size,
        "sha256": _digest(target),
        "seal": {"seq": newest.seq, "hash": newest.hash, "at": newest.at} if newest else None,
    }
    _beside(target).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return document


@app.command("restore")
def restore(
    source: Source,
    officer: Officer,
    replace: Replace = False,
    trial: Trial = False,
    as_json: Json = False,
) -> None:
    """从备份恢复到 CALLOUT_DATABASE_URL，核对记录并登记；除非是试恢复，先停掉所有引擎。记录被改动过时退出码为 2"""
    settings = Settings()
    if trial and replace:
        raise CalloutError("试恢复不动正在用的库，不能和 --replace 一起用：请把 CALLOUT_DATABASE_URL 指向另一个空库")
    document = _manifest(source)
    if not officer.strip():
        raise CalloutError("请写明恢复人姓名")
    with ExitStack() as held:
        aside = _make_room(settings, held, replace=replace)
        _put_back(settings, source, aside)
        kept = [str(path) for _, path in aside]
        outcome = _go_on(settings, document, officer.strip(), trial) | {"aside": kept, "trial": trial}
    if as_json:
        show_json(outcome)
    else:
        _tell(outcome)
    if outcome["findings"]:
        raise typer.Exit(CHANGED)


def _make_room(settings: Settings, held: ExitStack, *, replace: bool) -> list[_Moved]:
    """Hold the SQLite file and move what is there aside; a PostgreSQL database must be empty."""
    file = sqlite_path(settings.database_url)
    if file is None:
        database = Database(settings.database_url)
        try:
            if revision(database):
                raise CalloutError("这个库不是空的：请新建一个空库，把 CALLOUT_DATABASE_URL 指向它，再恢复")
        finally:
            database.close()
        return []
    held.callback(SoleWriter(file).release)
    if file.exists() and not replace:
        raise CalloutError(f"{file} 已经存在；要换成备份请加 --replace，原库会改名留存")
    # What was committed last may lie in the log beside it, which must keep the name of its database.
    return [_aside(file, end) for end in ("", "-wal", "-shm") if file.with_name(file.name + end).exists()]


def _aside(path: Path, end: str = "") -> _Moved:
    there = path.with_name(path.name + end)
    kept = path.with_name(f"{path.name}.before-{beijing(SystemClock().now(), '%Y%m%d-%H%M%S')}{end}")
    there.replace(kept)
    return there, kept


def _put_back(settings: Settings, source: Path, aside: list[_Moved]) -> None:
    """Where that fails, what was there is there again."""
    try:
        put_back(settings.database_url, source)
    except BackupError:
        for there, kept in aside:
            kept.replace(there)
        raise


def _manifest(source: Path) -> dict[str, Any]:
    """What was written beside the copy; raises CalloutError where the copy is not what it was."""
    if not source.is_file():
        raise CalloutError(f"没有备份文件 {source}，请核对路径")
    beside = _beside(source)
    if not beside.is_file():
        return {"seal": None, "sha256": _digest(source)}
    document: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
    if document["sha256"] != _digest(source):
        raise CalloutError(f"{source} 与备份时不同（SHA-256 不符），没有恢复；请换一份备份")
    return document


def _beside(copy: Path) -> Path:
    return copy.with_name(copy.name + ".json")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class _Copies:
    """The copies of seals that are held outside, against the database that came back."""

    fit: list[HeldSeal]
    lost: list[HeldSeal]
    """Seals from after the backup: what happened under them is in no database any more."""


def _go_on(settings: Settings, document: dict[str, Any], officer: str, trial: bool) -> dict[str, Any]:
    """Bring the schema and the numbers up to date, put the restoration on record, and judge the record.

    A trial leaves the copies of seals to the engines that run: what it seals itself is copied nowhere.
    """
    if sqlite_path(settings.database_url) is None:
        _migrate(settings)
    path = checkpoint_file(settings)
    app = open_app(settings.model_copy(update={"checkpoints": None}) if trial else settings, ())
    try:
        copies = _compare(app, path, trial)
        detail = f"备份 {document['sha256'][:16]}；其后 {len(copies.lost)} 个封条的记录不在备份里"
        app.store.write(lambda work: work.ledger.note(Event("record.restored", officer), detail=detail))
        missing = _missing(app, document["seal"])
        app.seal()
        return _judged(app, copies, missing)
    finally:
        app.close()


def _migrate(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        upgrade(database)
    finally:
        database.close()


def _compare(app: App, path: Path | None, trial: bool) -> _Copies:
    """Set the file of copies aside where it tells of seals that did not come back, and begin a new one without them."""
    held = read_checkpoints(path) if path else []
    there = {seal.seq: seal.hash for seal in app.database.read(seals)}
    copies = _Copies([x for x in held if there.get(x.seq) == x.hash], [x for x in held if there.get(x.seq) != x.hash])
    if path and copies.lost and not trial:
        _aside(path)
        path.write_text("".join(json.dumps(x.document()) + "\n" for x in copies.fit), encoding="utf-8")
    return copies


def _missing(app: App, promised: Seal | None) -> bool:
    """Whether the seal that the backup was made with did not come back."""
    there = {seal.seq: seal.hash for seal in app.database.read(seals)}
    return promised is not None and there.get(promised["seq"]) != promised["hash"]


def _judged(app: App, copies: _Copies, missing: bool) -> dict[str, Any]:
    wrong = app.database.read(lambda db: [*verify_record(db, copies.fit).findings, *check_commitments(db)])
    findings = [asdict(one) for one in wrong]
    if missing:
        findings.insert(0, {"seal": 0, "text": "备份时的最后一个封条不在恢复出来的库里：备份被改动过。"})
    newest = app.database.read(newest_seal)
    return {
        "revision": HEAD,
        "seal": newest.seq if newest else None,
        "lost_seals": len(copies.lost),
        "lost_from": min((x.at for x in copies.lost), default=None),
        "lost_to": max((x.at for x in copies.lost), default=None),
        "findings": findings,
    }


def _tell(outcome: dict[str, Any]) -> None:
    say(f"已恢复并登记；记录现在到封条 {outcome['seal']}", bold=True)
    if outcome["aside"]:
        say(f"原来的库留存为 {outcome['aside'][0]}")
    if outcome["lost_seals"]:
        begin, end = (beijing(Instant(outcome[name])) for name in ("lost_from", "lost_to"))
        warn(
            f"备份之后的 {outcome['lost_seals']} 个封条（{begin} 至 {end}）没有恢复：那段时间叫过谁、谁应过，库里没有；"
        )
        if not outcome["trial"]:
            warn("那段时间的来文请从 done 文件夹再放一遍，已在库里的会认作重复；旧存证已改名留存")
    for finding in outcome["findings"][:20]:
        fail(finding["text"])
    if outcome["findings"]:
        fail(f"记录被改动过：发现 {len(outcome['findings'])} 处")
    elif outcome["trial"]:
        say("核对：全部封条和条目相符；这是试恢复，正在用的库、引擎和存证文件都没有动，看过请删掉这个库")
    else:
        say("核对：全部封条和条目相符，可以启动 callout serve")
