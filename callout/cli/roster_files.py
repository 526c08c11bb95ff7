"""roster export, show and template: the roster in force as a file or in figures, and an empty file to fill in."""

import hashlib
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import reading
from callout.cli.roster_import import in_force
from callout.cli.roster_screen import show_warnings
from callout.cli.screen import Json, say, show_json, warn, writing
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.domain.user import Scope, ScopeKind
from callout.reports.outlook_words import packed_lines
from callout.reports.roster_words import census
from callout.reports.without_texts import without_texts
from callout.rulebook.packing import answered, packed
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster_writing import template as empty
from callout.rulebook.roster_writing import write_roster
from callout.settings import Settings
from callout.store import schema
from callout.store.transaction import Event

STDOUT = "-"

Target = Annotated[str, typer.Argument(help="写到这个文件，同名文件会被替换；- 表示标准输出", metavar="文件")]


def export_roster(file: Target, officer: Officer) -> None:
    """导出现用名册，改好再导入。里面有全部姓名和号码，导出会写入记录，文件只有本账号能读"""
    with route(Settings()) as way:
        result = way.ask(EXPORT, {"officer": officer})
    write_file(file, answered(result["body"]))
    if file != STDOUT:
        say(f"已导出名册 {result['version']}（{result['posts']} 个岗位）到 {file}；用完请保管好或删除")


def _export(app: App, args: Args) -> Result:
    officer, county = word(args, "officer", 40).strip(), app.settings.county
    if not officer:
        raise CalloutError("请写明导出人姓名")
    book, roster = app.store.read(lambda work: in_force(work, county))
    if not roster.version:
        raise CalloutError("还没有名册可以导出；用 callout roster template 得到空表")
    raw = write_roster(roster, app.rulebooks.get(county, book).county)
    detail = json.dumps({"version": roster.version, "sha256": hashlib.sha256(raw).hexdigest()})
    event = Event("roster.exported", officer)
    app.store.write(lambda work: work.ledger.note(event, county=county, detail=detail))
    return {"body": packed(raw), "version": roster.version, "posts": len(roster.posts)}


def template_roster(file: Target) -> None:
    """得到空表：表头和两行示例；示例行不会被导入"""
    settings = Settings()
    write_file(file, empty(parse(read_files(settings.rules), settings.county).county))
    if file != STDOUT:
        say(f"已写好 {file}：照两行示例填写，岗位号和人员号留空；填好后运行 callout roster import {file}")


def write_file(file: str, raw: bytes) -> None:
    """For this account's eyes only, whole or not at all."""
    if file == STDOUT:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    part = Path(f"{file}.part")
    with writing(file):
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(raw)
        part.replace(file)


def show_roster(as_json: Json = False) -> None:
    """现用名册的版本、各乡镇各角色的岗位数，以及缺口"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        book, roster = store.read(lambda work: in_force(work, settings.county))
        if not roster.version:
            raise CalloutError("还没有名册；用 callout roster template 得到空表，填好后 callout roster import")
        v = schema.roster_version
        where = (v.c.county == settings.county) & (v.c.version == roster.version)
        [row] = store.database.read(lambda db: db.execute(v.select().where(where)).all())
        here = Scope(ScopeKind.COUNTY, settings.county)
        silent = store.database.read(lambda db: without_texts(db, here))
        document = {**census(roster, rulebooks.get(settings.county, book)),
                    "loaded_at": row.loaded_at, "loaded_by": row.loaded_by, "run": row.run,
                    "without_texts": [asdict(one) for one in silent]}  # fmt: skip
    if as_json:
        show_json(document)
        return
    say(f"名册 {document['version']}，{beijing(row.loaded_at)} 由{row.loaded_by}换上", bold=True)
    say(f"{document['posts']} 个岗位，{document['people']} 人")
    say("各乡镇的岗位数（每个乡镇里各角色的数目见 --json）：")
    for line in packed_lines(f"{each['area']} {each['posts']}" for each in document["areas"]):
        say(line)
    say("各角色的岗位数：")
    roles = Counter(role for each in document["areas"] for role in Counter(each["roles"]).elements())
    for line in packed_lines(f"{role} {many}" for role, many in roles.most_common()):
        say(line)
    if document["townships_without"]:
        warn("一个岗位也没有的乡镇：" + "、".join(document["townships_without"]))
    show_warnings(document["warnings"])
    if document["without_texts"]:
        warn(f"{len(document['without_texts'])} 个岗位的人退订了短信，只打电话叫应：")
        for line in packed_lines(f"{each['title']}{each['name']}" for each in document["without_texts"]):
            warn(line)


EXPORT = Verb("roster export", _export)
