"""The status page: what the carrier did, in counts alone."""

from html import escape

from callout.domain.instant import beijing
from callout.simulation.twilio.network import Network

_STYLE = "body{font:15px sans-serif;margin:2em}td{padding:.1em 1em .1em 0}td+td{text-align:right}"
_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>模拟运营商</title><style>{style}</style><h1>模拟运营商：不会拨打任何电话</h1>
<p>运营商时间 {now}，快慢 {speed:g} 倍，故障 {trouble}</p><table>{rows}</table>"""


def page(network: Network) -> str:
    """One HTML page."""
    counts = sorted(network.tally.counts.items())
    rows = "".join(f"<tr><td>{escape(name)}<td>{count}" for name, count in counts) or "<tr><td>还没有任何请求"
    trouble, now = network.trouble.outage() or "无", beijing(network.pace.now())
    return _PAGE.format(style=_STYLE, now=now, speed=network.pace.speed, trouble=escape(trouble), rows=rows)
