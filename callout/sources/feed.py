"""Sources on the network: asked again and again outside the writer, their documents handed over one by one.

`listen` does the network and blocks nobody; `poll` gives what has been fetched. What these objects remember (settled
items, ETags) is convenience and dies with the process: only the database may say that a warning was taken in.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from callout.domain.errors import Refusal
from callout.domain.listening import Endpoint, EndpointKind
from callout.ports import Clock, Document, Random, Settlement
from callout.sources import index, reading, xml
from callout.sources.http import Answer, NoAnswerError, Web
from callout.sources.pulse import Pulse

AT_ONCE = 4
"""Documents of one feed that are fetched side by side."""
WAITING_AT_MOST = 50
"""Fetched documents that may wait for the receive stage."""
ROUND_AT_MOST = 60.0
"""Seconds for the documents of one round; the rest comes with the next."""
TRIES = 3
"""Failures after which a human is told that a listed document cannot be had."""


class Feed:
    """An RSS or Atom feed: each item links to one document on the same host."""

    def __init__(self, endpoint: Endpoint, key: str, clock: Clock, random: Random) -> None:
        self.endpoint = endpoint
        self.pulse = Pulse(endpoint, clock, random)
        self._headers = _headers(endpoint, key)
        self._answer = Answer(None)
        self._items: tuple[index.IndexItem, ...] = ()
        self._waiting: dict[str, Document] = {}
        self._settled: set[str] = set()
        self._missed: dict[str, int] = {}
        self._gave_up: set[str] = set()
        """Items that failed since the index was last asked for."""

    def poll(self) -> Iterator[Document]:
        """The fetched documents; `settle` takes them off."""
        yield from list(self._waiting.values())

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:  # noqa: ARG002 - the port's
        """Take the document off; its item is not fetched again while the feed lists it."""
        for key in [key for key, waiting in self._waiting.items() if waiting is document]:
            del self._waiting[key]
            self._settled.add(key)

    async def listen(self, web: Web) -> None:
        """Ask for the index if it is time, then fetch what is new. Raises nothing for what the server does."""
        if self.pulse.is_due:
            await self._ask(web)
        pending = [item for item in self._items if self._is_wanted(item)]
        with suppress(TimeoutError):
            async with asyncio.timeout(ROUND_AT_MOST):
                await self._fetch_all(web, pending[: WAITING_AT_MOST - len(self._waiting)])

    async def _ask(self, web: Web) -> None:
        try:
            answer = await web.get(self.endpoint.url, {**self._headers, **self._answer.conditions}, index.MAX_BYTES)
            if answer.body is not None:
                self._items = index.items(answer.body, self.endpoint.url)
                self._answer = answer
        except (NoAnswerError, Refusal) as error:
            self.pulse.bad(str(error).rstrip("。"))
            return
        self.pulse.good()
        listed = {item.key for item in self._items}
        self._settled &= listed
        self._missed = {key: many for key, many in self._missed.items() if key in listed}
        self._gave_up.clear()

    def _is_wanted(self, item: index.IndexItem) -> bool:
        return item.key not in self._waiting and item.key not in self._settled and item.key not in self._gave_up

    async def _fetch_all(self, web: Web, pending: list[index.IndexItem]) -> None:
        queue = iter(pending)

        async def work() -> None:
            for item in queue:
                await self._fetch(web, item)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(pending))):
                group.create_task(work())

    async def _fetch(self, web: Web, item: index.IndexItem) -> None:
        if _host(item.url) != _host(self.endpoint.url):
            fault = f"预警源“{self.endpoint.name}”列出了别处的来文（{_host(item.url)}），没有取，请核对来源。"
            self._waiting[item.key] = _document(self.endpoint, item.url, item.shown.encode(), fault)
            return
        try:
            answer = await web.get(item.url, self._headers, xml.MAX_BYTES)
        except NoAnswerError as error:
            self._miss(item, str(error))
            return
        self._waiting[item.key] = _document(self.endpoint, item.url, answer.body or b"")

    def _miss(self, item: index.IndexItem, why: str) -> None:
        """The item is tried again after the index; a human is told once, and the trying goes on."""
        self._gave_up.add(item.key)
        self._missed[item.key] = self._missed.get(item.key, 0) + 1
        if self._missed[item.key] == TRIES:
            fault = f"预警源“{self.endpoint.name}”的一份来文 {item.name[:60]} 取不到（{why}），请到来源处核对。"
            missing = _document(self.endpoint, item.url, item.shown.encode(), fault)
            self._waiting[f"missing {item.key}"] = missing


class Page:
    """An address that is one document itself, replaced by newer ones."""

    def __init__(self, endpoint: Endpoint, key: str, clock: Clock, random: Random) -> None:
        self.endpoint = endpoint
        self.pulse = Pulse(endpoint, clock, random)
        self._headers = _headers(endpoint, key)
        self._answer = Answer(None)
        self._waiting: Document | None = None
        self._settled = ""
        """Digest of the last document that was put away."""
        self._understood = True

    def poll(self) -> Iterator[Document]:
        """The fetched document; `settle` takes it off."""
        if self._waiting:
            yield self._waiting

    def settle(self, document: Document, outcome: Settlement, note: str) -> None:  # noqa: ARG002 - the port's
        """Take the document off. One that could not be read is no good answer."""
        if self._waiting is document:
            self._waiting = None
        self._settled, self._understood = _digest(document.raw), outcome is not Settlement.REFUSED
        if self._understood:
            self.pulse.good()
        else:
            self.pulse.bad("回的内容读不懂")

    async def listen(self, web: Web) -> None:
        """Ask if it is time and the last document has been put away. Raises nothing for what the server does."""
        if self._waiting or not self.pulse.is_due:
            return
        try:
            answer = await web.get(self.endpoint.url, {**self._headers, **self._answer.conditions}, xml.MAX_BYTES)
            self._take(answer)
        except (NoAnswerError, Refusal) as error:
            self.pulse.bad(str(error).rstrip("。"))

    def _take(self, answer: Answer) -> None:
        """Hand over what is new; after one that could not be read, only one that can: a human knows already."""
        body = answer.body
        if body is not None:
            self._answer = answer
        if body is None or _digest(body) == self._settled:
            if self._understood:
                self.pulse.good()
            else:
                self.pulse.bad("回的内容读不懂")
            return
        if not self._understood:
            reading.read(body)
        self._waiting = _document(self.endpoint, self.endpoint.url, body)


def source_of(endpoint: Endpoint, key: str, clock: Clock, random: Random) -> Feed | Page:
    """The source that listens to an endpoint; `key` is its token, empty for none."""
    kind = Feed if endpoint.kind is EndpointKind.FEED else Page
    return kind(endpoint, key, clock, random)


def _headers(endpoint: Endpoint, key: str) -> Mapping[str, str]:
    return {endpoint.header: key} if key else {}


def _document(endpoint: Endpoint, url: str, raw: bytes, fault: str = "") -> Document:
    item = index.IndexItem(url, "")
    return Document(item.name, f"feed:{endpoint.name} {item.shown}", raw, fault, endpoint.county)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return "?"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
