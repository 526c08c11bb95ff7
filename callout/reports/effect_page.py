"""The analysis as one HTML page that needs nothing else: styles and charts are in it, nothing is fetched."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from callout.domain.errors import CalloutError
from callout.domain.instant import Instant, beijing
from callout.domain.length import lasted
from callout.reports import thresholds, words
from callout.reports.account import Tally
from callout.reports.course import NO_PRICES
from callout.reports.effect import Effect, Report
from callout.reports.effect_sheets import part_name, points
from callout.reports.parts import Change, Grouping
from callout.reports.statistics import interval, percent


def page(it: Report, folder: Path, title: str, names: Mapping[str, str], prices: Mapping[str, int] = NO_PRICES) -> str:
    """The whole page. `names`: area key → name. Raises CalloutError where the drawing libraries are not installed."""
    try:
        from callout.reports import charts, storm_line  # noqa: PLC0415  # 90 MB that only this page needs
    except ImportError:
        raise CalloutError("画图的包没有装，请先运行 pip install 'callout[reports]'") from None

    def drawn(effect: Effect) -> list[Markup]:
        places = charts.places(effect, list(names.items()))
        return [Markup(svg) for svg in (storm_line.storm_line(effect), places, charts.spread(effect))]  # noqa: S704  # ours

    # Those with something to change first; a workbook has all of them.
    known = [one for one in it.judged if one.now.hits + one.now.misses]
    shown = sorted(known, key=lambda one: one.suggested is None)[:_CURVES]
    curves = [Markup(charts.trade_off(one)) for one in shown]  # noqa: S704  # ours
    rows = [thresholds.as_row(one) for one in it.judged]
    judged = {"heads": thresholds.HEADS, "rows": rows, "curves": curves, "more": len(known) - len(shown)}
    environment = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    environment.filters |= {"at": _at, "rate": rate, "seconds": seconds, "changed": changed, "share": share}
    return environment.get_template("effect.html.j2").render(
        report=it, title=title, names=names, drawn=drawn, words=words, prices=prices, judged=judged, alongs=[*Grouping],
        part_name=part_name,
    )  # fmt: skip


def rate(t: Tally) -> str:
    """应答率 with its interval where few were asked: 96.5%, 3/4（30%–95%）."""
    return share(t.answered, t.due - t.informed)


def share(part: int, whole: int) -> str:
    """A share with its interval where few were counted."""
    if 0 < whole < _FEW:
        low, high = interval(part, whole)
        return f"{part}/{whole}（{low:.0%}–{high:.0%}）"
    return percent(part, whole, "—")


def changed(one: Change | None) -> str:
    """Against the last process, with its interval."""
    if one is None:
        return "—"
    return f"{points(one.by)}（{points(one.span[0])} 至 {points(one.span[1])}）"


_CURVES = 6
_FEW = 20
"""Below so many a bare percentage says more than is known."""


def seconds(length: int | None) -> str:
    """A length of time; a dash for none."""
    return "—" if length is None else lasted(length)


def _at(when: Instant) -> str:
    return beijing(when, "%Y-%m-%d %H:%M")
