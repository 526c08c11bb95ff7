"""roster import: an office's file against the roster in force. Without --apply it only shows what would change."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from callout.app import App
from callout.cli.control import Args, Result, Verb, route, word
from callout.cli.db import has_database, reading
from callout.cli.plan_screen import Apply, BroughtBy
from callout.cli.roster_screen import show_changes, show_remarks, telling
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.roster import Roster
from callout.domain.roster_change import diff
from callout.domain.rule import Rulebook
from callout.ports import ACTUAL, SIMULATED
from callout.reports.roster_words import changes, on_record
from callout.rulebook.packing import packed, unpacked
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster_file import RosterFile, read_roster
from callout.rulebook.roster_sheet import plain_roster
from callout.rulebook.roster_table import MOST_BYTES
from callout.settings import Settings
from callout.store.roster_reading import read_roster as stored_roster
from callout.store.store import Work

_SYNTHETIC = "+999"
"""Numbers that nobody has; a roster of such numbers alone is a sample."""


def import_roster(
    file: Annotated[Path, typer.Argument(help="名册文件（CSV、.xlsx 或 .xls）", metavar="文件")],
    apply: Apply = False,
    officer: BroughtBy = "",
    as_json: Json = False,
) -> None:
    """导入名册：先列出全部错误或差别，加 --apply 才换上；有一处错误就一行也不换。退出码：有错为 1"""
    raw = file_bytes(file)
    if apply and not officer.strip():
        raise CalloutError("换上名册要写明是谁：请加 --officer 姓名")
    settings, sha256 = Settings(), hashlib.sha256(raw).hexdigest()
    with telling("读工作簿") as tell:
        raw = plain_roster(raw, tell)
    console = Console(stderr=True, highlight=False)
    with console.status("正在核对名册……") if console.is_terminal else nullcontext():
        document = _apply(settings, raw, officer.strip(), sha256) if apply else _preview(settings, raw)
    document = {"file": file.name, **document, "sha256": sha256}
    if as_json:
        show_json(document)
    else:
        _show(document)
    if document["errors"]:
        raise typer.Exit(1)


def file_bytes(file: Path) -> bytes:
    """The file, up to the most that is read. Raises CalloutError where it cannot be."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise CalloutError(f"没有文件 {file}，请核对文件名") from None
    except OSError:
        raise CalloutError(f"{file} 读不出来，请检查它是不是文件、有没有读权限") from None
    return raw


def _preview(settings: Settings, raw: bytes) -> dict[str, Any]:
    """What the file says against the database as it is; without one, against nothing."""
    if not has_database(settings):
        rulebook = parse(read_files(settings.rules), settings.county)
        return _document(raw, read_roster(raw, rulebook, none(settings.county), ""), none(settings.county), rulebook)
    with reading(settings) as (store, rulebooks):
        book, base = store.read(lambda work: in_force(work, settings.county))
        rulebook = rulebooks.get(settings.county, book) if book else parse(read_files(settings.rules), settings.county)
    return _document(raw, read_roster(raw, rulebook, base, ""), base, rulebook)


def in_force(work: Work, county: str) -> tuple[str, Roster]:
    """The rulebook version and the roster that a county uses now; '' and an empty roster where it has none."""
    row = next((row for row in work.rosters.counties() if row.county == county), None)
    if row is None:
        return "", none(county)
    return row.rulebook, stored_roster(work.ledger.connection, county, row.roster)


def none(county: str) -> Roster:
    """A roster that knows nobody."""
    return Roster("", county, (), ())


def _document(raw: bytes, read: RosterFile, base: Roster, rulebook: Rulebook) -> dict[str, Any]:
    document: dict[str, Any] = {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "before": base.version,
        "version": read.roster.version if read.roster else "",
        "applied": False,
        "lines": read.lines,
        "shifts_dropped": read.dropped,
        "errors": [asdict(each) for each in read.errors],
        "mends": [asdict(each) for each in read.mends],
    }
    return document | (changes(base, read.roster, rulebook) if read.roster else {})


def _apply(settings: Settings, raw: bytes, officer: str, sha256: str) -> dict[str, Any]:
    with route(settings) as way:
        return way.ask(IMPORT, {"body": packed(raw), "officer": officer, "uid": os.getuid(), "sha256": sha256})


def _import(app: App, args: Args) -> Result:
    raw = unpacked(word(args, "body", 2 * MOST_BYTES))
    officer, county = word(args, "officer", 40).strip(), app.settings.county
    if not officer:
        raise CalloutError("请写明导入人姓名")
    book, base = app.store.read(lambda work: in_force(work, county))
    rulebook = app.rulebooks.get(county, book)
    read = read_roster(raw, rulebook, base, version_of(app.world.clock.now(), raw))
    document = _document(raw, read, base, rulebook)
    if read.roster is None or not document["different"]:
        return document
    _use(app, read.roster, base, officer, word(args, "sha256") or document["sha256"])
    return document | {"applied": True}


def _use(app: App, roster: Roster, base: Roster, officer: str, sha256: str) -> None:
    detail = json.dumps({"sha256": sha256, "before": base.version, **on_record(diff(base, roster))})

    def work(writing: Work) -> None:
        if writing.alerts.in_force(roster.county)[1] != base.version:
            raise CalloutError("名册刚刚被别人换过；请先看差别，再导入一次")
        writing.rosters.use_roster(roster, run_of(roster), officer, detail)

    app.store.write(work)


def run_of(roster: Roster) -> str:
    """Whether the roster is a sample: of numbers that nobody has, and of no other."""
    numbers = [c.e164 for p in roster.responders for c in p.contacts]
    return SIMULATED if numbers and all(n.startswith(_SYNTHETIC) for n in numbers) else ACTUAL


def version_of(now: Instant, raw: bytes) -> str:
    """The name of a roster that was read from these bytes now."""
    return f"{beijing(now, '%Y%m%d-%H%M%S')}-{hashlib.sha256(raw).hexdigest()[:8]}"


def _show(document: dict[str, Any]) -> None:
    errors: Sequence[dict[str, Any]] = document["errors"]
    show_remarks(document["mends"], "已自动改正", say)
    if errors:
        show_remarks(errors, f"{document['file']}：有错，一行也没有导入", fail)
        return
    if not document["different"]:
        say(f"{document['file']}：与现用名册没有差别，不必导入")
    show_changes(document)
    if document["applied"]:
        say(f"已换上名册 {document['version']}，导入已记录；正在叫应的从下一步起按新名册找人", bold=True)
    elif document["different"]:
        warn("以上只是预览，什么都没有改；确认后加 --apply --officer 姓名 再运行一次")


IMPORT = Verb("roster import", _import)
