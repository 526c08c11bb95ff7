"""Results as Markdown, with what they were measured on."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pysqlite3

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Table:
    """One result."""

    title: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    note: str = ""


def quantile(ordered: Sequence[N], percent: int) -> N:
    """Of sorted values: the one below which so many lie."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def document(tables: Sequence[Table], command: str) -> str:
    """All tables, below the machine, the versions, the date and the command."""
    head = [
        f"Command: `{command}`",
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Machine: {_machine()}",
        f"Versions: {_versions()}",
    ]
    return "\n\n".join(["  \n".join(head), *map(_markdown, tables)]) + "\n"


def _markdown(table: Table) -> str:
    rows = [table.head, ["---"] * len(table.head), *table.lines]
    grid = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return "\n\n".join(filter(None, [f"## {table.title}", grid, table.note]))


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = "/".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{processor()}, {memory:.0f} GiB, {platform.system()}, load {load} at the end"


def processor() -> str:
    """2 cores (AMD EPYC)."""
    return f"{os.cpu_count()} cores ({_model()})"


def _model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _versions() -> str:
    names = ("callout", "sqlalchemy", "pysqlite3", "psycopg", "jinja2")
    listed = [f"{name} {version(name)}" for name in names]
    return ", ".join([f"Python {platform.python_version()}", f"SQLite {pysqlite3.sqlite_version}", *listed])
