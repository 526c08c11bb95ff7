"""The command line: one noun a file, Chinese throughout. A command's file is loaded when the command is asked for."""

import gc
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

COMMANDS = (
    "serve", "web", "receive", "explain", "status", "doctor", "report", "ledger", "ack", "demo", "rehearse",
    "rehearse-fit", "worst-case", "tabletop", "drill", "simulate-carrier", "events", "warnings",
    "human-calls", "stop-work", "feedback", "relocation", "gauge", "user", "audit", "checkpoint", "db", "backup",
    "archive", "cut", "personal", "plan", "roster", "shifts", "rules", "areas", "channels",
)  # fmt: skip
"""In the order of the help; each is a file of this package with a function of its name or, for a group, an `app`."""


class Commands(TyperGroup):
    """Loads a command when it is named: most need a small part of what all of them stand on."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- the library's signature
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- the library's signature
        """The command with this name; None where there is none."""
        return _load(cmd_name) if cmd_name in COMMANDS else None


def _load(name: str) -> Any:
    file = name.replace("-", "_")
    module = _imported(f"callout.cli.{file}")
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if group := getattr(module, "app", None):
        alone.add_typer(group, name=name)
    else:
        alone.command(name)(getattr(module, file))
    alone.callback()(_nothing)
    loaded: Any = get_command(alone)
    return loaded.commands[name]


def _imported(name: str) -> Any:
    """Without the garbage collector: it finds nothing while a program loads, and takes a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        if collecting:
            gc.enable()


def _nothing() -> None:
    """A Typer with one command is the command itself; a callback keeps it a group."""


app = typer.Typer(
    cls=Commands,
    name="callout",
    help="叫应：把气象预警叫到每一个责任人，直到有人应答",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.callback()(_nothing)
