"""warnings: alerts that wait for a word, and the word of a named officer."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.screen import Json, say, show_json
from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.intake import AlertState
from callout.domain.issuing import says
from callout.domain.length import roughly
from callout.domain.level import Level
from callout.domain.user import Scope, ScopeKind
from callout.pipeline import approve
from callout.reports.warnings import WarningLine, warnings
from callout.settings import Settings
from callout.store.store import Work

app = typer.Typer(help="预警：列出等确认的和生效的，确认或决定不叫应", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="预警号，见 callout warnings list", metavar="预警号", min=1)]


@app.command("list")
def show(as_json: Json = False) -> None:
    """列出等确认的预警（到时限没有人确认就自动叫应）和生效的预警"""
    settings = Settings()
    with reading(settings) as (store, _):
        now, lines = store.read(lambda work: (work.at, _lines(work, settings.county)))
    if as_json:
        show_json({"now": now, "warnings": [_as_json(one) for one in lines]})
        return
    for one in lines:
        _show(one, now)
    if not lines:
        say("没有等确认的预警，也没有生效的预警")
    elif any(one.state is AlertState.AWAITING for one in lines):
        say(
            "确认：callout warnings confirm 预警号 --officer 姓名；不叫应：callout warnings decline 预警号 --why 理由 …"
        )


def _lines(work: Work, county: str) -> list[WarningLine]:
    found = warnings(work.ledger.connection, Scope(ScopeKind.COUNTY, county), work.at)
    return sorted(found, key=lambda one: one.state is not AlertState.AWAITING)


def _show(one: WarningLine, now: Instant) -> None:
    waits = one.state is AlertState.AWAITING
    state = "生效"
    if waits and one.confirm_by is not None:
        state = (
            f"等确认，{beijing(one.confirm_by, '%H:%M')} 前没有人确认就自动叫应（还有 {roughly(one.confirm_by - now)}）"
        )
    say(f"{one.alert}  {one.highest.zh if one.highest else '级别不明'}  {one.headline}  {state}", bold=waits)


def _as_json(one: WarningLine) -> dict[str, Any]:
    return {
        "alert": one.alert,
        "county": one.county,
        "level": one.highest.value if one.highest else "",
        "headline": one.headline,
        "state": one.state.value,
        "confirm_by": one.confirm_by,
        "expires_at": one.expires_at,
        "run": one.run,
    }


@app.command()
def confirm(
    alert: Number,
    officer: Officer,
    level: Annotated[str, typer.Option("--level", help="红色预警要照样写出级别：--level 红色", metavar="级别")] = "",
) -> None:
    """确认：等确认的预警现在就叫应"""
    settings = Settings()
    with reading(settings) as (store, _):
        lines = store.read(lambda work: _lines(work, settings.county))
    red = any(one.alert == alert and one.highest is Level.RED for one in lines)
    if red and not says(level, Level.RED):
        raise CalloutError("确认红色预警要照样写出级别：--level 红色；没有写，还在等确认")
    _ask(CONFIRM, {"alert": alert, "officer": officer})
    say(f"已确认预警 {alert}，自动叫应，确认人 {officer}")


@app.command()
def decline(
    alert: Number,
    officer: Officer,
    why: Annotated[str, typer.Option("--why", help="理由，写入记录", metavar="文字")],
) -> None:
    """决定不叫应：写明理由；预警留在记录里"""
    _ask(DECLINE, {"alert": alert, "officer": officer, "why": why})
    say(f"已决定不叫应预警 {alert}，决定人 {officer}")


def _ask(verb: Verb, args: Args) -> None:
    with route(Settings()) as way:
        way.ask(verb, args)


def _verb(name: str, act: Callable[[Work, str, Args], None]) -> Verb:
    def run(engine: App, args: Args) -> Result:
        engine.store.write(lambda work: act(work, engine.settings.county, args))
        return {}

    return Verb(name, run)


def _confirm(work: Work, county: str, args: Args) -> None:
    approve.confirm(work, county, whole(args, "alert"), word(args, "officer", 40))


def _decline(work: Work, county: str, args: Args) -> None:
    approve.decline(work, county, whole(args, "alert"), word(args, "officer", 40), word(args, "why", 200))


CONFIRM, DECLINE = _verb("warnings confirm", _confirm), _verb("warnings decline", _decline)
WARNING_VERBS = (CONFIRM, DECLINE)
"""What a running engine is asked to do about alerts that wait."""
