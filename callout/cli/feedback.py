"""feedback: what posts owe after they have answered, and reports that an officer enters for a person."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from sqlalchemy import select

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.db import reading
from callout.cli.screen import Json, options, say, show_json
from callout.domain.callout import level_of
from callout.domain.errors import CalloutError
from callout.domain.feedback import OWED, FeedbackKind, FeedbackState, Report
from callout.domain.instant import Instant, beijing
from callout.domain.length import roughly
from callout.domain.moves import VACANT, PostView
from callout.pipeline import feedback
from callout.ports import Given
from callout.reports.words import FEEDBACK_STATES
from callout.settings import Settings
from callout.store import schema
from callout.store.personal import keep_name
from callout.store.store import Work

app = typer.Typer(help="反馈：应答之后还欠的到岗、措施、转移情况", no_args_is_help=True)

_UNSAID = -1
_MOST = 1_000_000


@app.command("list")
def show(
    alert: Annotated[int | None, typer.Option("--alert", help="只看这个预警的", metavar="预警号", min=0)] = None,
    as_json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="连同已反馈的")] = False,
) -> None:
    """列出还没有反馈的，逾期的在前"""
    settings = Settings()
    states = tuple(FeedbackState) if everything else OWED
    with reading(settings) as (store, _):
        now, rows = store.read(lambda work: (work.at, _rows(work, settings.county, alert, states)))
    if as_json:
        show_json({"now": now, "feedback": rows})
    elif not rows:
        say("没有欠着的反馈")
    else:
        say(f"反馈 {len(rows)} 项。代为填报：callout feedback give 预警号 岗位号 类别 --officer 姓名")
        for row in rows:
            _show(row, now)


def _rows(work: Work, county: str, alert: int | None, states: tuple[FeedbackState, ...]) -> list[dict[str, Any]]:
    f = schema.feedback
    chosen = select(f).where(f.c.county == county, f.c.state.in_([s.value for s in states]))
    if alert is not None:
        chosen = chosen.where(f.c.alert == alert)
    rows = work.ledger.connection.execute(chosen.order_by(f.c.due_at, f.c.alert, f.c.post, f.c.kind)).all()
    views = work.sends.resolve([(r.county, r.post) for r in rows])
    return [_row(r, views.get((r.county, r.post), VACANT)) for r in rows]


def _row(row: Any, view: PostView) -> dict[str, Any]:
    holder = view.holder
    return {
        **{name: row._mapping[name] for name in ("county", "alert", "post", "kind", "state", "rule")},
        **{name: row._mapping[name] for name in ("due_at", "given_at", "people", "households")},
        "level_zh": level_of(row.lane).zh,
        "title": view.title,
        "name": holder.name if holder else "",
        "numbers": [n.e164 for n in holder.numbers if n.e164] if holder else [],
    }


def _show(row: dict[str, Any], now: Instant) -> None:
    state, due = FEEDBACK_STATES[row["state"]], beijing(row["due_at"], "%m-%d %H:%M")
    late = f"，已过时限 {roughly(now - row['due_at'])}" if row["state"] == FeedbackState.OVERDUE else ""
    numbers = "".join(f" {row[n]}{unit}" for n, unit in (("households", "户"), ("people", "人")) if row[n] >= 0)
    head = f"{row['alert']} {row['post']} {row['kind']}  {row['level_zh']}  {state}{numbers}  {due} 前{late}"
    say(head, bold=row["state"] in OWED)
    say("    " + "  ".join(part for part in (row["title"], row["name"], *row["numbers"]) if part))


@dataclass(frozen=True, slots=True)
class Giving:
    """The options of give."""

    alert: Annotated[int, typer.Argument(help="预警号", metavar="预警号")]
    post: Annotated[int, typer.Argument(help="岗位号", metavar="岗位号")]
    kind: Annotated[str, typer.Argument(help="到岗、措施 或 转移", metavar="类别")]
    officer: Officer
    by: Annotated[str, typer.Option("--by", help="谁报的，姓名；不写为本岗位的人", metavar="姓名")] = ""
    people: Annotated[int | None, typer.Option("--people", help="转移人数", metavar="人", min=0, max=_MOST)] = None
    households: Annotated[int | None, typer.Option("--households", help="转移户数", metavar="户", min=0, max=_MOST)] = (
        None
    )


@app.command()
@options(Giving)
def give(given: Giving) -> None:
    """代为填报：某人向值班人员报来的到岗、措施或转移情况"""
    settings = Settings()
    if given.kind == FeedbackKind.MOVED and given.people is None:
        raise CalloutError("转移反馈要写人数，例如：--people 12 --households 3")
    args: dict[str, Any] = {"alert": given.alert, "post": given.post, "kind": given.kind}
    args |= {"officer": given.officer, "by": given.by}
    numbers = {"people": given.people, "households": given.households}
    args |= {name: number for name, number in numbers.items() if number is not None}
    with route(settings) as way:
        done = way.ask(GIVE, args)
    who = "  ".join(part for part in (done["title"], done["name"]) if part)
    say(f"已记录：预警 {given.alert}，{who or f'岗位 {given.post}'}，{given.kind}已反馈，记录人 {given.officer}")


def _give(engine: App, args: Args) -> Result:
    county, alert, post = engine.settings.county, whole(args, "alert"), whole(args, "post")
    kind, officer, by = word(args, "kind", 10), word(args, "officer", 40), word(args, "by", 40).strip()
    if kind not in {one.value for one in FeedbackKind}:
        raise CalloutError(f"没有“{kind}”这一类反馈；应为 {'、'.join(FeedbackKind)}")
    people, households = (whole(args, name, _MOST) if name in args else _UNSAID for name in ("people", "households"))
    report = Report(FeedbackKind(kind), people, households)
    ref = f"human:{county}:{alert}:{post}:{engine.world.ids.attempt()}"

    def work(writing: Work) -> Result:
        view = writing.sends.resolve([(county, post)]).get((county, post), VACANT)
        name = by or (view.holder.name if view.holder else "")
        proof = keep_name(writing.ledger.connection, engine.world.ids, name) if name else ""
        feedback.give(writing, Given(county, alert, post, report, ref, proof), officer)
        return {"title": view.title, "name": name}

    return engine.store.write(work)


GIVE = Verb("feedback give", _give)
