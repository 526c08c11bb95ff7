"""human-calls: the officer's list, addressed by printed handles such as `3-120-exhausted`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer
from sqlalchemy import select

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, word
from callout.cli.db import reading
from callout.cli.screen import Json, say, show_json
from callout.domain.callout import level_of
from callout.domain.errors import CalloutError
from callout.domain.human_call import HumanCallKind, HumanCallState
from callout.domain.length import roughly
from callout.domain.link import in_words
from callout.domain.moves import VACANT, PostView
from callout.pipeline import attend
from callout.pipeline.attend import ItemKey
from callout.ports import InboundKind
from callout.reports.words import HUMAN_CALL_KINDS, HUMAN_CALL_STATES
from callout.settings import Settings
from callout.store import schema
from callout.store.schema.columns import real
from callout.store.store import Work

app = typer.Typer(help="人工叫应：查看、认领、退回、办结", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(help="编号，见 callout human-calls list", metavar="编号")]
Handles = Annotated[list[str], typer.Argument(help="编号，可以多个，见 callout human-calls list", metavar="编号…")]


@app.command("list")
def show(
    as_json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="连同已办结的")] = False,
) -> None:
    """列出待处理的人工叫应，最急的在前"""
    settings = Settings()
    with reading(settings) as (store, _):
        now, items = store.read(lambda work: (work.at, _items(work, settings.county, everything=everything)))
    if as_json:
        show_json({"now": now, "human_calls": items})
        return
    if not items:
        say("没有待处理的人工叫应")
        return
    say(f"人工叫应 {len(items)} 项，最急的在前。认领：callout human-calls claim 编号 --officer 姓名")
    say("本人已确认收到的：callout ack 预警号 岗位号 --officer 姓名（编号的前两段就是预警号和岗位号）")
    if any(item["kind"] in _STOPS for item in items):
        say("熔断要由有权的人决定，决定后自动办结：callout stop-work list")
    for item in items:
        _show(item, now)


_STOPS = (HumanCallKind.STOP_UNDECIDED, HumanCallKind.STOP_UNCONFIRMED)


def _show(item: dict[str, Any], now: int) -> None:
    state = HUMAN_CALL_STATES[item["state"]] + (f"（{item['claimed_by']}）" if item["claimed_by"] else "")
    waited = f"已等 {roughly(now - item['opened_at'])}" if item["state"] != HumanCallState.CLOSED else item["outcome"]
    kind = HUMAN_CALL_KINDS[item["kind"]]
    say(f"{item['handle']}  {item['level_zh']}  {kind}  {state}  {waited}", bold=item["state"] == HumanCallState.OPEN)
    who = "  ".join(part for part in (item["title"], item["name"], *item["numbers"]) if part)
    for line in (who, item["said"] or item["note"]):
        if line:
            say(f"    {line}")


def _items(work: Work, county: str, *, everything: bool) -> list[dict[str, Any]]:
    h, i, p = schema.human_call, schema.inbound, schema.personal
    # The note of an item that a reply or a key raised names that event.
    said = h.outerjoin(i, i.c.event == h.c.note).outerjoin(p, p.c.commitment == i.c.body)
    chosen = (
        select(h, i.c.body, i.c.kind.label("came"), p.c.value)
        .select_from(said)
        .where(real(h.c.county))
        .order_by(h.c.lane, h.c.opened_at, h.c.alert, h.c.post)
    )
    rows = work.ledger.connection.execute(
        chosen if everything else chosen.where(h.c.state != HumanCallState.CLOSED)
    ).all()
    views = work.sends.resolve([(r.county, r.post) for r in rows if r.post])
    return [_item(r, views.get((r.county, r.post), VACANT), county) for r in rows]


def _item(row: Any, view: PostView, home: str) -> dict[str, Any]:
    key, level = (row.county, row.alert, row.post, row.kind, row.about), level_of(row.lane)
    holder = view.holder
    return {
        "handle": handle(key, home),
        "county": row.county,
        "alert": row.alert,
        "post": row.post,
        "kind": row.kind,
        "about": row.about,
        "state": row.state,
        "level": level.value,
        "level_zh": level.zh,
        "opened_at": row.opened_at,
        "claimed_by": row.claimed_by,
        "note": row.note,
        "said": _said(row),
        "outcome": row.outcome,
        "title": view.title,
        "name": holder.name if holder else "",
        "numbers": [n.e164 for n in holder.numbers if n.e164] if holder else [],
    }


def _said(row: Any) -> str:
    if row.came == InboundKind.KEY:
        return f"按键 {row.body}"
    if row.came == InboundKind.LINK:
        return f"网页上按了“{in_words(row.body)}”"
    return f"回话：{row.value}" if row.value else ""


def handle(key: ItemKey, home: str) -> str:
    """How an item is named on the screen; `home` is the county that need not be named."""
    county, alert, post, kind, about = key
    parts = [str(alert), str(post), kind, *([about] if about else [])]
    return ("" if county == home else f"{county}/") + "-".join(parts)


def parse(text: str, home: str) -> ItemKey:
    """The key that a handle names; raises CalloutError where it is none."""
    county, slash, rest = text.partition("/")
    alert, _, rest = (rest if slash and county.isdigit() else text).partition("-")
    post, _, rest = rest.partition("-")
    kind, _, about = rest.partition("-")
    known = kind in {one.value for one in HumanCallKind}
    if not (_is_number(alert) and _is_number(post) and known):
        raise CalloutError(f"编号 {text[:60]} 不对；请照 callout human-calls list 显示的填写，例如 3-120-exhausted")
    return county if slash and county.isdigit() else home, int(alert), int(post), kind, about


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16  # noqa: PLR2004 - fits every database's integers


@app.command()
def claim(items: Handles, officer: Officer) -> None:
    """认领：由我处理，系统不再为它叫值班室"""
    for item in _done(CLAIM, items, officer):
        say(f"已认领 {item}，处理人 {officer}")


@app.command()
def release(items: Handles, officer: Officer) -> None:
    """退回：我不处理了，重新等人认领"""
    for item in _done(RELEASE, items, officer):
        say(f"已退回 {item}")


@app.command()
def close(
    item: Handle,
    outcome: Annotated[str, typer.Option("--outcome", help="处理结果，一句话；不要写号码", metavar="文字")],
    officer: Officer,
) -> None:
    """办结：写明结果。本人已确认收到的，请改用 callout ack"""
    for one in _done(CLOSE, [item], officer, outcome):
        say(f"已办结 {one}，办结人 {officer}")


def _done(verb: Verb, items: Sequence[str], officer: str, outcome: str = "") -> Iterator[str]:
    """Each item after it is done; raises CalloutError at the first that cannot be."""
    settings = Settings()
    with route(settings) as way:
        for item in items:
            try:
                way.ask(verb, {"item": item, "officer": officer, "outcome": outcome})
            except CalloutError as error:
                raise CalloutError(f"{item}：{error}") from None
            yield item


def _verb(name: str, act: Callable[[Work, ItemKey, Args], None]) -> Verb:
    def run(engine: App, args: Args) -> Result:
        key = parse(word(args, "item"), engine.settings.county)
        word(args, "officer", 40)
        word(args, "outcome", 500)
        engine.store.write(lambda work: act(work, key, args))
        return {}

    return Verb(name, run)


CLAIM = _verb("human-calls claim", lambda work, key, args: attend.claim(work, key, args["officer"]))
RELEASE = _verb("human-calls release", lambda work, key, args: attend.release(work, key, args["officer"]))
CLOSE = _verb("human-calls close", lambda work, key, args: attend.close(work, key, args["officer"], args["outcome"]))
