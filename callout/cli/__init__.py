"""The command line: one noun a file, Chinese throughout."""

import typer

from callout.cli import audit, channels, checkpoint, db, feedback, human_calls, roster, rules, stop_work, user
from callout.cli.ack import ack
from callout.cli.demo import demo
from callout.cli.doctor import doctor
from callout.cli.explain import explain
from callout.cli.receive import receive
from callout.cli.report import report
from callout.cli.serve import serve
from callout.cli.simulate_carrier import simulate_carrier
from callout.cli.status import status
from callout.cli.web import web

app = typer.Typer(
    name="callout",
    help="叫应：把气象预警叫到每一个责任人，直到有人应答",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for _command in (serve, web, receive, explain, status, doctor, report, ack, demo, simulate_carrier):
    app.command(_command.__name__.replace("_", "-"))(_command)
for _name, _group in (
    ("human-calls", human_calls.app),
    ("stop-work", stop_work.app),
    ("feedback", feedback.app),
    ("user", user.app),
    ("audit", audit.app),
    ("checkpoint", checkpoint.app),
    ("db", db.app),
    ("roster", roster.app),
    ("rules", rules.app),
    ("channels", channels.app),
):
    app.add_typer(_group, name=_name)
