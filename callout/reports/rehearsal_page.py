"""A rehearsal as one HTML page that needs nothing else: styles and charts are in it, nothing is fetched."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.reports import rehearsal_words, words


def page(folder: Path, document: Mapping[str, Any]) -> str:
    """The whole page. Raises CalloutError where the drawing libraries are not installed."""
    try:
        from callout.reports import rehearsal_charts as charts  # noqa: PLC0415  # 90 MB that only pages need
    except ImportError:
        raise CalloutError("画图的包没有装，请先运行 pip install 'callout[reports]'") from None

    def svg(text: str) -> Markup:
        return Markup(text)  # noqa: S704  # drawn here from our own figures

    result = document["result"]
    waves = charts.waves_of(result["alerts"])
    environment = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    environment.filters |= {"at": _at, "times": rehearsal_words.times, "counts": rehearsal_words.counts}
    environment.filters |= {
        "ranged": rehearsal_words.ranged,
        "share": rehearsal_words.share,
        "timed": rehearsal_words.timed,
        "yuan": rehearsal_words.yuan,
    }
    return environment.get_template("rehearsal.html.j2").render(
        it=document,
        result=result,
        words=words,
        people=rehearsal_words.PEOPLE,
        outcomes=rehearsal_words.OUTCOMES,
        compared=rehearsal_words.compared,
        gateway_words=rehearsal_words.gateway_words(document),
        townships=svg(charts.townships(result["townships"])),
        loads=[svg(charts.load(one, waves)) for one in result["gateways"]],
        humans=svg(charts.human_calls(result["human"]["by_minute"], waves)),
        desks=svg(charts.desks(document["desks"])) if document["desks"] else "",
    )


def _at(when: int) -> str:
    return beijing(Instant(when), "%Y-%m-%d %H:%M")
