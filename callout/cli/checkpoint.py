"""checkpoint: the newest seal, signed, to be handed out of the house; and a time stamp on it."""

import json
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import segno
import typer

from callout.app import checkpoint_file
from callout.cli.screen import Json, say, show_json
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.reports.checkpoints import HeldSeal, read_checkpoints
from callout.reports.timestamps import QUERY, request_for, stamped_at
from callout.settings import Settings

app = typer.Typer(help="封条存证：取出、交到库外、加盖时间戳", no_args_is_help=True)

_UNSIGNED = "没有签名：请用 callout audit new-key 生成钥匙，设 CALLOUT_CHECKPOINT_KEY"
_PATIENCE = 20.0
_LONGEST_REPLY = 1 << 20
_FILE = Annotated[Path, typer.Argument(help="存证文件（callout checkpoint show --out 写出的）", metavar="存证")]


@app.command()
def show(
    out: Annotated[Path | None, typer.Option("--out", help="写到这个文件", metavar="文件")] = None,
    qr: Annotated[Path | None, typer.Option("--qr", help="画成二维码（.svg 或 .png），可打印", metavar="文件")] = None,
    as_json: Json = False,
) -> None:
    """取出最新的封条存证：抄一份到别处，以后换不了库"""
    held = _newest()
    text = json.dumps(held.document())
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    if qr:
        _draw(text, qr)
    if as_json:
        show_json(held.document())
        return
    say(f"封条 {held.seq}  {beijing(held.at)}", bold=True)
    say(f"校验值 {held.hash}")
    say(
        f"公钥   {held.key}" if held.sig else "没有签名：请用 callout audit new-key 生成钥匙，设 CALLOUT_CHECKPOINT_KEY"
    )
    for made in (each for each in (out, qr) if each):
        say(f"已写出 {made}")
    if not (out or qr):
        segno.make(text, error="m").terminal(compact=True)
        say("扫描或抄下它，存到这台机器以外的地方；也可以用 --out、--qr 写成文件")


def _newest() -> HeldSeal:
    path = checkpoint_file(Settings())
    if path is None:
        raise CalloutError("没有设置存证文件，请设 CALLOUT_CHECKPOINTS")
    held = read_checkpoints(path)
    if not held:
        raise CalloutError(f"存证文件 {path} 里还没有封条；引擎运行并有了记录以后才有")
    return max(held, key=lambda one: one.seq)


def _draw(text: str, path: Path) -> None:
    if path.suffix not in (".svg", ".png"):
        raise CalloutError("二维码只能写成 .svg 或 .png 文件")
    segno.make(text, error="m").save(str(path), scale=4, border=4)


@app.command()
def stamp(
    checkpoint: _FILE,
    out: Annotated[Path, typer.Option("--out", help="时间戳写到这里", metavar="文件.tsr")],
    url: Annotated[str, typer.Option("--url", help="时间戳机构的地址（RFC 3161）", metavar="地址")] = "",
    request: Annotated[
        Path | None, typer.Option("--request", help="不联网：只写出请求，拿到别处去盖", metavar="文件.tsq")
    ] = None,
) -> None:
    """请时间戳机构证明这份存证此刻已经存在；送出去的只有它的 SHA-256"""
    body = request_for(_read(checkpoint))
    if request:
        request.write_bytes(body)
        say(f"已写出请求 {request}；盖好的回复存为 {out}，再用 callout checkpoint check-stamp 核对")
        return
    if urlsplit(url).scheme not in ("http", "https"):
        raise CalloutError("请用 --url 给出时间戳机构的 http(s) 地址，或用 --request 写出请求")
    out.write_bytes(_ask(url, body))
    say(f"时间戳已写入 {out}；用 callout checkpoint check-stamp 核对")


def _ask(url: str, body: bytes) -> bytes:
    asked = Request(url, data=body, headers={"Content-Type": QUERY})  # noqa: S310  # http(s) only, see above
    try:
        with urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310
            reply: bytes = answer.read(_LONGEST_REPLY)
    except (URLError, OSError) as error:
        raise CalloutError(f"时间戳机构没有答复（{type(error).__name__}），请稍后再试") from None
    return reply


@app.command("check-stamp")
def check_stamp(
    checkpoint: _FILE,
    reply: Annotated[Path, typer.Argument(help="时间戳", metavar="文件.tsr")],
    roots: Annotated[Path, typer.Option("--roots", help="时间戳机构的根证书（PEM）", metavar="文件")],
) -> None:
    """核对时间戳：是不是这份存证的，盖在什么时候"""
    at = stamped_at(_read(checkpoint), _read(reply), _read(roots))
    say(f"时间戳成立：这份存证在 {beijing(at)} 已经存在", bold=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CalloutError(f"读不出 {path}，请核对路径") from None
