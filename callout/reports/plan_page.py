"""The proof as one page of HTML that needs nothing else: to read, to print, to send."""

from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

LEVELS = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}
MARKS = {"": "ok", "注意": "note", "严重": "grave", "危急": "deadly"}
"""Danger → class of the style sheet."""


def page(templates: Path, document: dict[str, Any], made: str) -> str:
    """The page; `made` says when and with what it was made."""
    environment = Environment(
        loader=FileSystemLoader(templates / "reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    columns = document["matrix"]["columns"]
    hazards = [(name, len([*group])) for name, group in groupby(columns, key=_subject)]
    return environment.get_template("proof.html.j2").render(
        it=document, made=made, hazards=hazards, levels=LEVELS, marks=MARKS
    )


def _subject(column: dict[str, str]) -> str:
    return column["hazard"] if column["kind"] == "预警信号" else f"{column['kind']} {column['hazard']}"
