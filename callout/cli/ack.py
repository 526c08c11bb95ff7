"""ack: an officer records that a person has confirmed by phone or face to face."""

from typing import Annotated

import typer

from callout.app import App
from callout.cli.control import Args, Officer, Result, Verb, route, whole, word
from callout.cli.screen import say
from callout.domain.callout import CalloutKey
from callout.domain.errors import CalloutError
from callout.pipeline import acknowledge
from callout.ports import InboundKind, InboundRow
from callout.settings import Settings
from callout.store.store import Work

_LONGEST_NOTE = 200


def ack(
    alert: Annotated[int, typer.Argument(help="预警号，见 callout status", metavar="预警号")],
    post: Annotated[int, typer.Argument(help="岗位号，见 callout human-calls list", metavar="岗位号")],
    officer: Officer,
    face_to_face: Annotated[bool, typer.Option("--face-to-face", help="当面确认（不写则为电话确认）")] = False,
    note: Annotated[str, typer.Option("--note", help="备注；不要写号码、病情等个人信息", metavar="文字")] = "",
) -> None:
    """人工确认：本人已向值班人员确认收到，停止对该岗位的叫应"""
    settings = Settings()
    how = "当面" if face_to_face else "电话"
    args = {"county": settings.county, "alert": alert, "post": post, "officer": officer, "how": how, "note": note}
    with route(settings) as way:
        title = way.ask(ACK, args)["title"]
    say(f"已记录：预警 {alert}，{title or f'岗位 {post}'}，{how}确认，记录人 {officer}")


def _ack(app: App, args: Args) -> Result:
    county, alert, post = word(args, "county", 20), whole(args, "alert"), whole(args, "post")
    officer = word(args, "officer", 40).strip()
    if not officer:
        raise CalloutError("请写明值班人员姓名")
    said = "：".join(part for part in (word(args, "how", 10), word(args, "note", _LONGEST_NOTE).strip()) if part)
    event = f"human:{county}:{alert}:{post}:{app.world.ids.attempt()}"

    def work(writing: Work) -> Result:
        heard = writing.hears.find(CalloutKey(county, alert, post, 0))
        if heard is None:
            raise CalloutError(f"预警 {alert} 没有叫应岗位 {post}，请核对预警号和岗位号")
        row = InboundRow(event, InboundKind.KEY, "", 0, said, "", writing.at, 0)
        acknowledge.confirm(writing, heard, row, officer)
        view = writing.sends.resolve([(county, post)]).get((county, post))
        return {"title": view.title if view else ""}

    return app.store.write(work)


ACK = Verb("ack", _ack)
