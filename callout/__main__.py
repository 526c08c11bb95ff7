"""`callout` and `python -m callout`: runs a command; whatever goes wrong ends in one Chinese sentence."""

import io
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from callout.cli import app
from callout.cli.mistakes import wrong
from callout.cli.screen import fail
from callout.domain.errors import CalloutError
from callout.scheduler import place

FAILED, MISUSED, INTERRUPTED = 1, 2, 130

_WORDS: Mapping[str, str] = MappingProxyType({
    "Usage:": "用法：", "Arguments:": "参数：", "Options:": "选项：", "Commands:": "命令：",
    "Show this message and exit.": "显示这段说明", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…",
    "; ": "，", "required]": "必填]", "[default: ": "[默认 ", "x>=": "不小于 ", "<=x<=": " 到 ", " <int>": "",
    " <int range>": "", " <float>": "", " <float range>": "", " <path>": "", " <str>": "",
})  # fmt: skip
"""The English of the command-line library's help."""
_BOUNDS: Mapping[str, str] = MappingProxyType({"ge": "不小于", "le": "不大于"})
"""Bounds of a number, as the library names them."""


def main() -> None:
    """Run the command that the process was started with; ends the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        return _command(arguments)
    except CalloutError as error:
        fail(str(error))
    except ValidationError as error:
        fail(wrong(error))
    except SQLAlchemyError as error:
        # Its own words quote the parameters, which may be names and numbers.
        fail(f"数据库出错（{type(error).__name__}），操作没有完成；请检查 CALLOUT_DATABASE_URL 和数据库是否正常")
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if hasattr(error, "format_message"):
            _show_mistake(error)
            return MISUSED
        fail(f"程序内部出错（{type(error).__name__}，{place(error)}），操作可能没有完成；请把这句话告诉维护人员")
    return FAILED


def _command(arguments: Sequence[str]) -> int:
    if not {"--help"} & set(arguments):
        return app(args=list(arguments), prog_name="callout", standalone_mode=False) or 0
    shown = io.StringIO()
    with redirect_stdout(shown):
        code = app(args=list(arguments), prog_name="callout", standalone_mode=False) or 0
    sys.stdout.write(_chinese(shown.getvalue()))
    return int(code)


def _chinese(text: str) -> str:
    for english, chinese in _WORDS.items():
        text = text.replace(english, chinese)
    return text


def _show_mistake(error: Any) -> None:
    """Say what is wrong with the command line, by the kinds of mistake that the library tells apart."""
    kind, where = type(error).__name__, error.ctx.command_path if error.ctx else "callout"
    if kind == "NoArgsIsHelpError":
        sys.stdout.write(_chinese(error.format_message()) + "\n")
        return
    name = _name(error.param) if getattr(error, "param", None) else ""
    said = {
        "MissingParameter": f"缺少 {name}",
        "BadParameter": f"{name} 的值不对{_bound(error)}",
        "NoSuchOption": f"没有 {getattr(error, 'option_name', '')} 这个选项",
    }.get(kind, "命令写得不对")
    fail(f"{said}；用法见 {where} --help")


def _bound(error: Any) -> str:
    """Which bound a number lies beyond."""
    cause = error.__cause__
    told = cause.errors()[0].get("ctx", {}) if hasattr(cause, "errors") else {}
    return "".join(f"，应{said} {told[key]}" for key, said in _BOUNDS.items() if key in told)


def _name(parameter: Any) -> str:
    written = str(parameter.opts[0])
    return written if written.startswith("-") else str(parameter.metavar or written)


if __name__ == "__main__":
    main()
