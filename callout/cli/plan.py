"""plan: the county's rules, ladders and roster as one workbook, out to the offices and back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Result, Verb, route, word
from callout.cli.db import has_database, reading
from callout.cli.plan_import import IMPORT, import_plan, rules_in_force
from callout.cli.roster_files import write_file
from callout.cli.roster_import import in_force, none
from callout.cli.screen import say
from callout.cli.versions import list_plans
from callout.domain.errors import CalloutError
from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rulebook.plan_writing import write_plan
from callout.settings import Settings
from callout.store.transaction import Event

app = typer.Typer(help="方案工作簿：规则、阶梯和名册一起导出、导入", no_args_is_help=True)


@app.callback()
def _plan() -> None:
    """方案工作簿：规则、阶梯和名册一起导出、导入"""


@app.command("export")
def export_plan(
    file: Annotated[Path, typer.Option("--xlsx", help="写到这个工作簿，同名文件会被替换", metavar="文件")],
    officer: Annotated[str, typer.Option("--officer", help="导出人姓名，写入记录", metavar="姓名")] = "",
    without_roster: Annotated[bool, typer.Option("--without-roster", help="不带名册：没有姓名和号码")] = False,
) -> None:
    """导出现用的规则、阶梯和名册为工作簿，有下拉和批注，改好再导入。带名册时导出会写入记录，文件只有本账号能读"""
    settings = Settings()
    files, rulebook, roster = _current(settings, people=not without_roster)
    if roster.version:
        if not officer.strip():
            raise CalloutError("名册里有姓名和号码，请加 --officer 写明导出人；只要规则请加 --without-roster")
        with route(settings) as way:
            way.ask(EXPORT, {"officer": officer, "rulebook": rulebook.version, "roster": roster.version})
    write_file(str(file), write_plan(files, rulebook, roster))
    many = (
        f"、名册 {roster.version}（{len(roster.posts)} 个岗位）；用完请保管好或删除" if roster.version else "，没有名册"
    )
    say(f"已导出 {file}：{len(rulebook.rules)} 条规则{many}")


def _current(settings: Settings, *, people: bool) -> tuple[dict[str, str], Rulebook, Roster]:
    files, rulebook = rules_in_force(settings)
    roster = none(settings.county)
    if people and has_database(settings):
        with reading(settings) as (store, _):
            roster = store.read(lambda work: in_force(work, settings.county))[1]
    return files, rulebook, roster


def _export(app_: App, args: Args) -> Result:
    officer = word(args, "officer", 40).strip()
    if not officer:
        raise CalloutError("请写明导出人姓名")
    detail = json.dumps({"rulebook": word(args, "rulebook"), "roster": word(args, "roster")}, ensure_ascii=False)
    event = Event("plan.exported", officer)
    app_.store.write(lambda work: work.ledger.note(event, county=app_.settings.county, detail=detail))
    return {}


EXPORT = Verb("plan export", _export)
PLAN_VERBS = (IMPORT, EXPORT)

app.command("import")(import_plan)
app.command("versions")(list_plans)
