"""roster: who holds which post, brought in from a file or made up."""

from typing import Annotated

import typer
from sqlalchemy import Connection, select

from callout.app import App
from callout.cli.control import Args, Result, Verb, route, whole
from callout.cli.roster_check import check_roster
from callout.cli.roster_confirm import START_ROUND, confirm
from callout.cli.roster_files import export_roster, show_roster, template_roster
from callout.cli.roster_import import import_roster
from callout.cli.screen import say
from callout.cli.versions import list_rosters
from callout.domain.errors import CalloutError
from callout.ports import SIMULATED
from callout.rulebook.roster import FEWEST, roster_sample
from callout.settings import Settings
from callout.store import schema
from callout.store.schema.columns import real

app = typer.Typer(help="责任人名册", no_args_is_help=True)

_MOST = 200_000


@app.callback()
def _roster() -> None:
    """责任人名册"""


@app.command()
def sample(
    people: Annotated[int, typer.Option("--people", help="人数", metavar="人数", min=FEWEST, max=_MOST)],
    seed: Annotated[int, typer.Option("--seed", help="随机种子：相同种子得到相同名册", metavar="数", min=0)] = 1,
) -> None:
    """载入合成名册（示例人员，号码不存在）；已有真实名册时拒绝"""
    settings = Settings()
    with route(settings) as way:
        result = way.ask(SAMPLE, {"people": people, "seed": seed})
    say(f"已载入合成名册 {result['version']}：{result['people']} 人、{result['posts']} 个岗位，全部为示例，号码不存在")


def _sample(app_: App, args: Args) -> Result:
    county = app_.settings.county
    run = app_.database.read(lambda db: roster_run(db, county))
    if run not in ("", SIMULATED):
        raise CalloutError("已有真实名册在用，不能载入合成名册；演示请另设数据库（CALLOUT_DATABASE_URL）")
    book = next(
        (row.rulebook for row in app_.store.read(lambda work: work.rosters.counties()) if row.county == county), ""
    )
    rulebook = app_.rulebooks.get(county, book)
    roster = roster_sample(rulebook.county, whole(args, "people", _MOST), whole(args, "seed"), rulebook)
    app_.use_roster(roster, "合成名册")
    return {"version": roster.version, "people": len(roster.responders), "posts": len(roster.posts)}


def roster_run(db: Connection, county: str) -> str:
    """What kind of run the roster in force is of: `actual`, `demo` …; empty where there is none."""
    k, v = schema.county, schema.roster_version
    in_force = select(v.c.run).join(k, (k.c.county == v.c.county) & (k.c.roster == v.c.version))
    return db.execute(in_force.where(k.c.county == county)).scalar() or ""


def deskless(db: Connection) -> list[str]:
    """One warning for each county whose roster has nobody to ring when work for a human lies unclaimed."""
    k, d = schema.county, schema.duty
    desk = select(d.c.post).where(
        d.c.county == k.c.county, d.c.roster == k.c.roster, d.c.role == k.c.desk_role, d.c.unusable == ""
    )
    rows = db.execute(select(k.c.name, k.c.desk_role).where(k.c.roster != "", ~desk.exists(), real(k.c.county))).all()
    return [
        f"{row.name}的名册里没有打得通的“{row.desk_role}”：待人工的事没有人会被叫，请立即在名册里补上" for row in rows
    ]


SAMPLE = Verb("roster sample", _sample)
ROSTER_VERBS = (SAMPLE, START_ROUND)

app.add_typer(confirm, name="confirm")

for _name, _command in (
    ("import", import_roster),
    ("export", export_roster),
    ("show", show_roster),
    ("template", template_roster),
    ("check", check_roster),
    ("versions", list_rosters),
):
    app.command(_name)(_command)
