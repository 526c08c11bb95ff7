"""plan import: a workbook against the plan and roster in force. Without --apply it only shows what would change."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.control import Args, Result, Verb, route, word
from callout.cli.db import has_database, reading
from callout.cli.plan_screen import Apply, BroughtBy, show_plan
from callout.cli.roster_import import file_bytes, in_force, none, run_of, version_of
from callout.cli.roster_screen import telling
from callout.cli.screen import Json, show_json
from callout.domain.errors import CalloutError, RosterError
from callout.domain.plan_change import plan_diff
from callout.domain.roster import Roster
from callout.domain.roster_change import diff
from callout.domain.rule import Rulebook
from callout.reports.plan_words import plan_changes, plan_on_record
from callout.reports.roster_words import changes, on_record
from callout.rulebook.folder import RulesFolder
from callout.rulebook.packing import packed, unpacked
from callout.rulebook.plan_columns import Tab
from callout.rulebook.plan_reading import PlanFile, read_plan
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster_file import read_roster
from callout.rulebook.roster_table import MOST_BYTES, Remark
from callout.rulebook.workbook import Sheet, is_workbook, read_workbook
from callout.settings import Settings
from callout.store.store import Work

Doc = dict[str, Any]


def import_plan(
    file: Annotated[Path, typer.Argument(help="工作簿（.xlsx 或 .xls）", metavar="文件")],
    apply: Apply = False,
    officer: BroughtBy = "",
    as_json: Json = False,
) -> None:
    """导入方案工作簿：按表、行、列一次列出全部错误，或列出会改什么、关系到谁；加 --apply 才换上。退出码：有错为 1"""
    raw = file_bytes(file)
    if apply and not officer.strip():
        raise CalloutError("换上方案要写明是谁：请加 --officer 姓名")
    if not is_workbook(raw):
        raise RosterError("这不是工作簿；单独导入名册（CSV）请用 callout roster import")
    settings = Settings()
    with telling("读工作簿") as tell:
        sheets = read_workbook(raw, tell)
    document, plan = _compared(settings, sheets)
    document = {"file": file.name, "sha256": hashlib.sha256(raw).hexdigest(), "applied": False, **document}
    if apply and plan.rulebook and not document["errors"] and (document["plan"]["different"] or _people(document)):
        _apply(settings, plan, document, officer.strip())
        document["applied"] = True
    show_json(document) if as_json else show_plan(document)
    if document["errors"]:
        raise typer.Exit(1)


def rules_in_force(settings: Settings) -> tuple[dict[str, str], Rulebook]:
    """The rule files in force and what they say; without a database, those of the folder."""
    if has_database(settings):
        with reading(settings) as (store, rulebooks):
            book = store.read(lambda work: in_force(work, settings.county))[0]
            if book:
                files = store.read(lambda work: work.rosters.rulebook_files(settings.county, book))
                return files, rulebooks.get(settings.county, book)
    files = read_files(settings.rules)
    return files, parse(files, settings.county)


def _compared(settings: Settings, sheets: tuple[Sheet, ...]) -> tuple[Doc, PlanFile]:
    """What the workbook says against what is in force."""
    files, before = rules_in_force(settings)
    base = none(settings.county)
    if has_database(settings):
        with reading(settings) as (store, _):
            base = store.read(lambda work: in_force(work, settings.county))[1]
    plan = read_plan(sheets, files, settings.county)
    read = read_roster(plan.roster, plan.rulebook or before, base, "") if plan.roster else None
    people = [Remark(r.line, r.column, r.text, Tab.ROSTER) for r in (read.errors if read else ())]
    document: Doc = {
        "before": {"rulebook": before.version, "roster": base.version},
        "rules_read": plan.rules_read,
        "errors": [asdict(each) for each in (*plan.errors, *people)],
        "mends": [{**asdict(each), "sheet": Tab.ROSTER.value} for each in (read.mends if read else ())],
        "roster": None,
    }
    if document["errors"] or plan.rulebook is None:
        return document, plan
    after = read.roster if read and read.roster else base
    document["plan"] = plan_changes(before, plan.rulebook, after)
    document["files_changed"] = _files_changed(files, plan.files)
    if read and read.roster and read.lines:
        document["roster"] = changes(base, read.roster, plan.rulebook) | {
            "shifts_dropped": read.dropped, "before": base.version}  # fmt: skip
    return document, plan


def _people(document: Doc) -> bool:
    return bool(document["roster"] and document["roster"]["different"])


def _files_changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _apply(settings: Settings, plan: PlanFile, document: Doc, officer: str) -> None:
    """The folder is made ready first, so that it cannot fail once the database has changed."""
    changed = document["files_changed"]
    if changed and not settings.has_own_rules:
        raise CalloutError(
            f"规则是随程序带的示例，不能改写。请把 {settings.rules} 复制成自己的目录，用 CALLOUT_RULES 指明再导入"
        )
    request = {
        "files": packed(json.dumps(dict(plan.files), ensure_ascii=False).encode()) if changed else "",
        "roster": packed(plan.roster) if _people(document) else "",
        "officer": officer,
        "uid": os.getuid(),
        "sha256": document["sha256"],
        "rulebook": document["before"]["rulebook"],
        "roster_before": document["before"]["roster"],
    }
    with RulesFolder(settings.rules).ready(rules_in_force(settings)[0], plan.files if changed else {}) as folder:
        try:
            with route(settings) as way:
                way.ask(IMPORT, request)
        except CalloutError:
            # An engine that is slow to answer may have done it all the same: then the folder must follow.
            if not changed or rules_in_force(settings)[0] != dict(plan.files):
                raise
        folder.replace()


def _import(app: App, args: Args) -> Result:
    officer, county, sha256 = word(args, "officer", 40).strip(), app.settings.county, word(args, "sha256")
    if not officer:
        raise CalloutError("请写明导入人姓名")
    book, base = app.store.read(lambda work: in_force(work, county))
    if (book, base.version) != (word(args, "rulebook"), word(args, "roster_before")):
        raise CalloutError("方案或名册刚刚被别人换过；请先看差别，再导入一次")
    before = app.rulebooks.get(county, book)
    files = _files(word(args, "files", 2 * MOST_BYTES))
    after = parse(files, county) if files else before
    roster = _roster(app, word(args, "roster", 2 * MOST_BYTES), after, base)

    def work(writing: Work) -> None:
        if files:
            said = {"sha256": sha256, "before": before.version, **plan_on_record(plan_diff(before, after))}
            writing.rosters.use_rulebook(after, files, officer, json.dumps(said, ensure_ascii=False))
        if roster:
            told = {"sha256": sha256, "before": base.version, **on_record(diff(base, roster))}
            writing.rosters.use_roster(roster, run_of(roster), officer, json.dumps(told))

    app.store.write(work)
    return {"rulebook": after.version, "roster": roster.version if roster else base.version}


def _files(body: str) -> dict[str, str]:
    found = json.loads(unpacked(body)) if body else {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise CalloutError("参数 files 应是文件名和内容")
    return found


def _roster(app: App, body: str, rulebook: Rulebook, base: Roster) -> Roster | None:
    if not body:
        return None
    raw = unpacked(body)
    read = read_roster(raw, rulebook, base, version_of(app.world.clock.now(), raw))
    if read.roster is None:
        raise RosterError("名册有错，一行也没有换；请先看差别")
    return read.roster


IMPORT = Verb("plan import", _import)
