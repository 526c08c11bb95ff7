"""Write the outcome table of docs/formats.md from the public documents: `python -m tests.write_formats`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from callout.domain.alert import Alert
from callout.domain.area import Coverage
from callout.domain.errors import Refusal
from callout.domain.instant import beijing
from callout.domain.intake import AlertState, judge
from callout.domain.level import Level
from callout.sources.reading import read
from tests.shape import ROOT
from tests.sources.expected import PUBLIC, public

DOCUMENT = ROOT / "docs" / "formats.md"
BEGIN, END = "<!-- outcomes -->\n", "<!-- end of outcomes -->"
HEAD = """\
| document | outcome | hazard | level | areas | msgType | issued (Beijing) | expires |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
OUTCOME = {
    AlertState.RECEIVED: "understood",
    AlertState.HELD: "kept for a human",
    AlertState.NOT_ACTUAL: "kept, never called",
}
FEW = 3


def outcomes(documents: Sequence[Path]) -> str:
    """The table: one line per document, or per alert where it holds a few."""
    return HEAD + "".join(line for path in documents for line in _lines(path))


def shown(page: str) -> str:
    """The table that stands on the page."""
    return page.partition(BEGIN)[2].partition(END)[0]


def _lines(path: Path) -> list[str]:
    name = path.relative_to(PUBLIC).as_posix()
    try:
        reading = read(path.read_bytes())
    except Refusal as refusal:
        return [_row(name, f"refused: {refusal}", *[""] * 6)]
    found = [part.alert for part in reading.parts]
    return [_line(name, alert) for alert in found] if len(found) <= FEW else [_summary(name, found)]


def _line(name: str, alert: Alert) -> str:
    info = alert.info
    codes = dict.fromkeys(code.value for each in alert.infos for area in each.areas for code in area.geocodes)
    places = sum(len(each.areas) for each in alert.infos)
    areas = "、".join(codes) or f"{places} without a Chinese code"
    until = beijing(info.expires) if info.expires else "assumed" if info.level else "—"
    what = (_outcome(alert), info.hazard or "—", info.level or "—", areas, alert.msg_type)
    return _row(name, *what, beijing(alert.sent), until)


def _summary(name: str, found: Sequence[Alert]) -> str:
    def counted(words: Counter[str]) -> str:
        return "、".join(f"{word} {many}" for word, many in sorted(words.items(), key=lambda item: (-item[1], item[0])))

    levels = Counter(alert.info.level or "—" for alert in found)
    order = [*(level.value for level in Level), "—"]
    areas = {code.value for alert in found for area in alert.info.areas for code in area.geocodes}
    named = {area.desc for alert in found for area in alert.info.areas}
    ends = sum(alert.info.expires is not None for alert in found)
    return _row(
        name,
        f"{len(found)} records: {counted(Counter(map(_outcome, found)))}",
        counted(Counter(alert.info.hazard or "—" for alert in found)),
        "、".join(f"{level} {levels[level]}" for level in order if levels[level]),
        f"{len(areas)} codes" if areas else f"{len(named)} by name",
        counted(Counter(alert.msg_type.value for alert in found)),
        f"{beijing(min(alert.sent for alert in found))} to {beijing(max(alert.sent for alert in found))}",
        f"{ends} of {len(found)}",
    )


def _outcome(alert: Alert) -> str:
    """How a county that it covers takes it, at the minute of issue."""
    coded = any(area.geocodes for info in alert.infos for area in info.areas)
    coverage = Coverage("500156", frozenset({"gb2260:500156"} if coded else ()))
    return OUTCOME[judge(alert, coverage, alert.info.expires, alert.sent).state]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + outcomes(public()) + END + rest.partition(END)[2], encoding="utf-8")
