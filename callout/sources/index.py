"""RSS 2.0 and Atom: which documents does a feed list."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from callout.domain.errors import Refusal
from callout.sources import xml

MAX_BYTES = 4 * xml.MAX_BYTES
"""Longest index that is read; CMA's of 500 items has about half a MiB."""
AT_MOST = 2000
"""Items of one index."""

_CAP = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class IndexItem:
    """One line of a feed: where its document is, and the stamp that changes when the document does."""

    url: str
    stamp: str

    @property
    def key(self) -> str:
        """What tells the document apart from earlier ones at the same address."""
        return f"{self.url} {self.stamp}"

    @property
    def shown(self) -> str:
        """The address without its query: there may be a key in it."""
        return self.url.partition("?")[0].partition("#")[0]

    @property
    def name(self) -> str:
        """The last part of its address."""
        return self.shown.rpartition("/")[2] or "document"


def items(raw: bytes, url: str) -> tuple[IndexItem, ...]:
    """The items in the order of the feed, each once. Raises Refusal when it is no RSS or Atom feed."""
    root = xml.parse(raw, MAX_BYTES)
    kind = xml.local(root)
    if kind not in ("rss", "feed", "RDF"):
        raise Refusal("不是 RSS 或 Atom 订阅")
    found = tuple(dict.fromkeys(_atom(root, url) if kind == "feed" else _rss(root, url)))
    if len(found) > AT_MOST:
        raise Refusal(f"订阅有 {len(found)} 条，超过 {AT_MOST} 条")
    return found


def _rss(root: xml.Element, url: str) -> Iterator[IndexItem]:
    for item in root.iter("{*}item"):
        if link := xml.text(item, "link"):
            yield IndexItem(_joined(url, link), xml.text(item, "pubDate") or xml.text(item, "guid"))


def _atom(root: xml.Element, url: str) -> Iterator[IndexItem]:
    for entry in xml.children(root, "entry"):
        links = sorted(xml.children(entry, "link"), key=lambda link: link.get("type") != _CAP)
        if target := next((href for link in links if (href := link.get("href"))), ""):
            yield IndexItem(_joined(url, target), xml.text(entry, "updated") or xml.text(entry, "id"))


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link.strip())
    except ValueError:
        return link
