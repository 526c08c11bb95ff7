"""What explain makes of every document of the shared collection, as the table in docs/explain.md.

`python -m tests.explain_table` writes it there. The documents are not ours: the table holds facts only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callout.cli.explain import REFUSED, alerts_in, exit_code
from callout.domain.alert import Alert
from callout.domain.errors import CalloutError
from callout.domain.intake import AlertState
from callout.ports import SIMULATED
from callout.render.messages import Templates
from callout.reports.forecast import Looking, forecast
from callout.reports.outlook import Forecast
from callout.rulebook.reading import parse, read_files
from tests.shape import ROOT

WARNINGS = ROOT.parent / "shared" / "warnings"
PAGE = ROOT / "docs" / "explain.md"
BEGIN, END = "<!-- outcomes -->\n", "<!-- /outcomes -->\n"
COUNTY = "500156"
_FORMS = (".xml", ".cap", ".json", ".jsonl", ".js")
_STATES = {
    AlertState.RECEIVED: "called",
    AlertState.HELD: "held for a human",
    AlertState.NOT_ACTUAL: "kept, never called",
}
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document as it comes in at the moment when it was issued."""

    file: str
    code: int
    what: str
    """Hazard and level of what was read, each once."""
    becomes: str


def outcomes() -> Iterator[Outcome]:
    """Every document, in order of name."""
    book, templates = parse(read_files(ROOT / "rules"), COUNTY), Templates(ROOT / "templates")

    def look(alert: Alert) -> Forecast | None:
        return forecast(Looking(book, templates, alert.sent, SIMULATED, None), alert)

    for path in sorted(each for each in WARNINGS.rglob("*") if each.suffix in _FORMS):
        name = path.relative_to(WARNINGS).as_posix()
        try:
            alerts, refused = alerts_in(path.read_bytes())
        except CalloutError as error:
            yield Outcome(name, REFUSED, "", str(error).partition("，请")[0])
            continue
        seen = [look(alert) for alert in alerts]
        counts = dict.fromkeys(_becomes(each) for each in seen)
        told = dict.fromkeys(_what(alert) for alert in alerts)
        some = "、".join([*told][:4]) + (" …" if len(told) > 4 else "")
        yield Outcome(name, exit_code(refused, seen), some, ", ".join(counts))


def _becomes(seen: Forecast | None) -> str:
    return _STATES[seen.state] if seen else _ELSEWHERE


def _what(alert: Alert) -> str:
    level = alert.info.level.zh if alert.info.level else "—"
    return f"{alert.info.hazard or '—'}{level} {alert.msg_type}"


def table() -> str:
    """The outcomes as Markdown."""
    head = "| document | exit | read as | becomes |\n| --- | --- | --- | --- |\n"
    return head + "".join(f"| `{o.file}` | {o.code} | {o.what} | {o.becomes} |\n" for o in outcomes())


def written(page: Path = PAGE) -> str:
    """The table as it stands in the page."""
    return page.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Put the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
