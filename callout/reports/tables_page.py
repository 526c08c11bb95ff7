"""Plain tables as one page that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callout.reports.tables import Table


def page(title: str, them: Sequence[Table], folder: Path) -> str:
    """The whole page, every cell as text."""
    environment = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    return environment.get_template("tables.html.j2").render(title=title, tables=them)
