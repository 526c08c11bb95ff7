"""relocation import, export, template and plan: the 转移台账 of a county as a file and in figures."""

import hashlib
import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import has_database, reading
from callout.cli.relocation_check import findings, show_findings
from callout.cli.roster_files import STDOUT, Target, write_file
from callout.cli.roster_import import file_bytes, in_force, none, version_of
from callout.cli.roster_screen import show_remarks
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.cli.stop_list import places
from callout.domain.errors import CalloutError
from callout.domain.relocation_plan import PlanChanges, RelocationPlan, diff
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rulebook.packing import answered, packed, unpacked
from callout.rulebook.reading import parse, read_files
from callout.rulebook.relocation_file import RelocationFile, read_relocation
from callout.rulebook.relocation_writing import template as empty
from callout.rulebook.relocation_writing import write_relocation
from callout.rulebook.roster_table import MOST_BYTES
from callout.settings import Settings
from callout.store.store import Work
from callout.store.transaction import Event

_RED = 1
"""Exit code where the file has mistakes, or somebody would be left behind."""


def import_relocation(
    file: Annotated[Path, typer.Argument(help="转移台账（CSV）", metavar="文件")],
    apply: Annotated[bool, typer.Option("--apply", help="真正换上；不写只看差别，什么都不改")] = False,
    officer: Annotated[str, typer.Option("--officer", help="导入人姓名，写入记录；换上时必填", metavar="姓名")] = "",
    as_json: Json = False,
) -> None:
    """导入转移台账：先列出全部错误、差别和会落下谁，加 --apply 才换上。退出码：有错或有人会被落下为 1"""
    raw = file_bytes(file)
    if apply and not officer.strip():
        raise CalloutError("换上台账要写明是谁：请加 --officer 姓名")
    settings = Settings()
    document = {"file": file.name, **(_apply(settings, raw, officer) if apply else _preview(settings, raw))}
    if as_json:
        show_json(document)
    else:
        _show(document)
    if document["errors"] or not document["ok"]:
        raise typer.Exit(_RED)


def _preview(settings: Settings, raw: bytes) -> dict[str, Any]:
    if not has_database(settings):
        rulebook, roster = parse(read_files(settings.rules), settings.county), none(settings.county)
        return _document(raw, rulebook, roster, RelocationPlan("", settings.county, (), ()), "")[0]
    with reading(settings) as (store, rulebooks):
        return store.read(lambda work: _against(work, rulebooks.get, settings.county, raw))


def _against(work: Work, rulebook_of: Any, county: str, raw: bytes) -> dict[str, Any]:
    book, roster = in_force(work, county)
    return _document(raw, rulebook_of(county, book), roster, work.relocations.plans.plan(county), "")[0]


def _document(
    raw: bytes, rulebook: Rulebook, roster: Roster, base: RelocationPlan, version: str
) -> tuple[dict[str, Any], RelocationFile]:
    read = read_relocation(raw, rulebook.county, roster, version)
    found = findings(read.plan, rulebook, roster) if read.plan else []
    document: dict[str, Any] = {
        "sha256": hashlib.sha256(raw).hexdigest(), "before": base.version, "version": version, "applied": False,
        "lines": read.lines, "errors": [asdict(each) for each in read.errors],
        "skipped": [asdict(each) for each in read.skipped], "findings": found,
        "ok": not any(each["danger"] == "危急" for each in found),
    }  # fmt: skip
    changes = diff(base, read.plan) if read.plan else PlanChanges((), (), {})
    said = {"added": list(changes.added), "removed": list(changes.removed), "changed": dict(changes.changed)}
    return document | said | {"different": bool(changes)}, read


def _apply(settings: Settings, raw: bytes, officer: str) -> dict[str, Any]:
    with route(settings) as way:
        return way.ask(IMPORT, {"body": packed(raw), "officer": officer.strip(), "uid": os.getuid()})


def _import(app: App, args: Args) -> Result:
    raw, officer, county = unpacked(word(args, "body", 2 * MOST_BYTES)), word(args, "officer", 40), app.settings.county
    if not officer.strip():
        raise CalloutError("请写明导入人姓名")
    version = version_of(app.world.clock.now(), raw)

    def work(writing: Work) -> Result:
        book, roster = in_force(writing, county)
        base = writing.relocations.plans.plan(county)
        document, read = _document(raw, app.rulebooks.get(county, book), roster, base, version)
        if read.plan is None or not document["different"]:
            return document
        changed = {name: len(document[name]) for name in ("added", "removed", "changed")}
        detail = json.dumps({"sha256": document["sha256"], "before": base.version, **changed})
        writing.relocations.plans.use(read.plan, officer.strip(), detail)
        return document | {"applied": True}

    return app.store.write(work)


def _show(document: dict[str, Any]) -> None:
    show_remarks(document["skipped"], "没有读", say)
    if document["errors"]:
        show_remarks(document["errors"], f"{document['file']}：有错，一行也没有导入", fail)
        return
    if not document["different"]:
        say(f"{document['file']}：与现用台账没有差别，不必导入")
    for name, zh in (("added", "新增"), ("removed", "删去")):
        if document[name]:
            say(f"{zh} {len(document[name])} 处：{'、'.join(document[name][:20])}")
    for ident, fields in list(document["changed"].items())[:20]:
        say(f"改动 {ident}：{'、'.join(fields)}")
    show_findings(document["findings"])
    if document["applied"]:
        say(f"已换上转移台账 {document['version']}，导入已记录；正在进行的转移不受影响", bold=True)
    elif document["different"]:
        warn("以上只是预览，什么都没有改；确认后加 --apply --officer 姓名 再运行一次")


def export_relocation(file: Target, officer: Officer) -> None:
    """导出现用台账，改好再导入。里面有姓名和住址，导出会写入记录，文件只有本账号能读"""
    with route(Settings()) as way:
        result = way.ask(EXPORT, {"officer": officer})
    write_file(file, answered(result["body"]))
    if file != STDOUT:
        say(f"已导出转移台账 {result['version']}（{result['sites']} 处）到 {file}；用完请保管好或删除")


def _export(app: App, args: Args) -> Result:
    officer, county = word(args, "officer", 40).strip(), app.settings.county
    if not officer:
        raise CalloutError("请写明导出人姓名")
    book, plan = app.store.read(lambda work: (in_force(work, county)[0], work.relocations.plans.plan(county)))
    if not plan.version:
        raise CalloutError("还没有转移台账可以导出；用 callout relocation template 得到空表")
    raw = write_relocation(plan, app.rulebooks.get(county, book).county)
    detail = json.dumps({"version": plan.version, "sha256": hashlib.sha256(raw).hexdigest()})
    event = Event("relocation.exported", officer)
    app.store.write(lambda work: work.ledger.note(event, county=county, detail=detail))
    return {"body": packed(raw), "version": plan.version, "sites": len(plan.sites)}


def template_relocation(file: Target) -> None:
    """得到空表：表头和两行示例；示例行不会被导入"""
    settings = Settings()
    write_file(file, empty(parse(read_files(settings.rules), settings.county).county))
    if file != STDOUT:
        say(f"已写好 {file}：照两行示例填写；填好后运行 callout relocation import {file}")


def show_plan(as_json: Json = False) -> None:
    """现用台账的版本，各乡镇有多少处、多少人、多少人不能行走"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        plan = store.read(lambda work: work.relocations.plans.plan(settings.county))
        where = places(rulebooks, settings.county)
    if not plan.version:
        raise CalloutError("还没有转移台账；用 callout relocation template 得到空表，填好后 callout relocation import")
    if as_json:
        show_json({"version": plan.version, "sites": [asdict(one) for one in plan.sites],
                   "shelters": [asdict(one) for one in plan.shelters]})  # fmt: skip
        return
    people, immobile = Counter[str](), Counter[str]()
    for one in plan.sites:
        people[one.area] += one.people
        immobile[one.area] += one.immobile
    say(f"转移台账 {plan.version}：{len(plan.sites)} 处，{people.total()} 人，{len(plan.shelters)} 个安置点", bold=True)
    for area, many in people.items():
        slow = f"，其中 {immobile[area]} 人不能行走" if immobile[area] else ""
        say(f"{where.name(area)}  {sum(one.area == area for one in plan.sites)} 处 {many} 人{slow}")


IMPORT = Verb("relocation import", _import)
EXPORT = Verb("relocation export", _export)
