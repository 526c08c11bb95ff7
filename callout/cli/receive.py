"""receive: warning documents from files or standard input."""

import base64
import binascii
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from callout.app import App
from callout.cli.apart import keep_apart
from callout.cli.control import Args, Result, Route, Verb, route, whole, word
from callout.cli.screen import fail, say, warn
from callout.domain.errors import CalloutError
from callout.pipeline import receive as stage
from callout.ports import Document, Settlement
from callout.settings import Settings

STDIN = "-"


def receive(
    files: Annotated[list[str], typer.Argument(help="预警文件，可以多个；- 表示从标准输入读", metavar="文件…")],
) -> None:
    """接收预警文件。退出码：全部收下或重复为 0，有拒收为 1"""
    settings = Settings()
    with route(settings) as way:
        refused = [name for name in files if not _one(settings, way, name)]
    if not way.engine and len(refused) < len(files) and settings.database_url.startswith("sqlite"):
        warn("引擎没有运行：现在不会叫任何人，请启动 callout serve")
    if refused:
        raise typer.Exit(1)


def _one(settings: Settings, way: Route, name: str) -> bool:
    shown = "标准输入" if name == STDIN else name
    try:
        body = base64.b64encode(_read(name, settings.max_document_bytes)).decode()
        result = way.ask(RECEIVE, {"name": Path(name).name, "uid": os.getuid(), "body": body})
    except CalloutError as error:
        fail(f"{shown}：{error}")
        return False
    if result["outcome"] == Settlement.REFUSED:
        fail(f"{shown}：{result['note']}")
        return False
    say(f"{shown}：{result['note']}")
    return True


def _read(name: str, most: int) -> bytes:
    try:
        if name == STDIN:
            raw = sys.stdin.buffer.read(most + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(most + 1)
    except FileNotFoundError:
        raise CalloutError("没有这个文件，请核对文件名") from None
    except OSError:
        raise CalloutError("读不出来，请检查它是不是文件、有没有读权限") from None
    if len(raw) > most:
        raise CalloutError(f"超过 {most} 字节，不是预警文件")
    return raw


def _receive(app: App, args: Args) -> Result:
    try:
        raw = base64.b64decode(word(args, "body", 2 * app.settings.max_document_bytes), validate=True)
    except (binascii.Error, ValueError):
        raise CalloutError("参数 body 应是 base64") from None
    if len(raw) > app.settings.max_document_bytes:
        raise CalloutError(f"超过 {app.settings.max_document_bytes} 字节，不是预警文件")
    document = Document(word(args, "name", 255), f"command uid:{whole(args, 'uid')}", raw)
    keep_apart(app)
    received = stage.receive(app.intake, document)
    return {"outcome": received.outcome, "note": received.note, "alert": received.alert}


RECEIVE = Verb("receive", _receive)
