"""Webhooks: signed as Twilio signs them, to loopback only, each message's in order unless something goes wrong."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode
from uuid import uuid4

import aiohttp
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator
from yarl import URL

from callout.domain.instant import SECOND, Millis, later
from callout.ports.ending import ended
from callout.simulation.twilio.options import HookFault, Options
from callout.simulation.twilio.pace import Pace
from callout.simulation.twilio.request import Hook, delivered_to
from callout.simulation.twilio.tally import Tally
from callout.simulation.twilio.trouble import Trouble

PATIENCE = 15.0
"""Real seconds for one webhook with all its repetitions, as with Twilio."""
MOST_RETRIES = 5
CONNECTIONS = 100
LARGEST = 64 * 1024
_HELD = 30 * SECOND
"""A webhook that waits for the next one of its message waits no longer."""
_AGENT = "TwilioProxy/1.1"


@dataclass(frozen=True, slots=True)
class Word:
    """One webhook, and what is done with its answer."""

    hook: Hook
    form: Mapping[str, str]
    then: Callable[[bytes], None] | None = None


class NoAnswerError(Exception):
    """A webhook that must answer did not, or not well. `why`: as the addresses of webhooks name it, such as 5xx."""

    def __init__(self, words: str, why: str = "") -> None:
        super().__init__(words)
        self.why = why


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a webhook is sent again, and after which failures; an address may say so in its fragment."""

    count: int = 1
    after: frozenset[str] = frozenset({"ct"})

    @staticmethod
    def of(url: str) -> "Retries":
        """What the address says with `#rc=` and `rp=`; by itself only a connection that fails is tried once more."""
        told, usual = dict(parse_qsl(urldefrag(url)[1])), Retries()
        count, after = told.get("rc", ""), told.get("rp", "")
        return Retries(
            min(int(count), MOST_RETRIES) if count.isascii() and count.isdigit() else usual.count,
            frozenset(after.split(",")) if after else usual.after,
        )

    def again(self, sent: int, why: str) -> bool:
        """Whether it is sent once more, after it was sent so often and failed in this way."""
        return sent <= self.count and bool(why and self.after & {why, "all"})


class Hooks:
    """The carrier as a client of our webhooks."""

    def __init__(self, options: Options, pace: Pace, trouble: Trouble, tally: Tally) -> None:
        self._options = options
        self._pace = pace
        self._trouble = trouble
        self._tally = tally
        self._signer = RequestValidator(options.token)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._last: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, Word] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give up what is still under way; nothing is told any more."""
        self._closed = True
        await ended(list(self._tasks))
        if self._session:
            await self._session.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it beside everything else, until close."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def tell(self, chain: str, about: str, word: Word) -> None:
        """Tell it soon. Those of one chain follow each other; `about` is the number that decides what goes wrong."""
        if not word.hook.url or self._closed:
            return
        fault = self._trouble.hook(about)
        if fault is not None:
            self._tally.count("hook fault", fault.value)
        match fault:
            case HookFault.LOST:
                return
            case HookFault.LATE:
                self.spawn(self._late(self._trouble.lateness(about), word))
            case HookFault.SWAPPED if chain not in self._held:
                self._held[chain] = word
                self._pace.at(later(self._pace.now(), _HELD), lambda: self._let_go(chain))
            case HookFault.TWICE:
                self._queue(chain, word)
                self._queue(chain, word)
            case _:
                self._queue(chain, word)
        if fault is not HookFault.SWAPPED:
            self._let_go(chain)

    async def ask(self, hook: Hook, form: Mapping[str, str]) -> bytes:
        """The answer, which is TwiML or nothing; raises NoAnswerError."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._until_taken(hook, form)
        except TimeoutError:
            raise NoAnswerError("TimeoutError") from None

    async def _until_taken(self, hook: Hook, form: Mapping[str, str]) -> bytes:
        retries, sent = Retries.of(hook.url), 1
        while True:
            try:
                return await self._once(hook, form)
            except NoAnswerError as error:
                if not retries.again(sent, error.why):
                    raise
            sent += 1

    async def _once(self, hook: Hook, form: Mapping[str, str]) -> bytes:
        try:
            return await self._send(hook, form)
        except aiohttp.ClientConnectorError:
            raise NoAnswerError("connection refused", "ct") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswerError(type(error).__name__, "rt") from None

    async def _late(self, delay: Millis, word: Word) -> None:
        await self._pace.wait(delay)
        await self._after(None, word)

    async def _after(self, before: asyncio.Task[None] | None, word: Word) -> None:
        if before is not None:
            await asyncio.wait((before,))
        try:
            answer = await self.ask(word.hook, word.form)
        except NoAnswerError as error:
            self._tally.count("hook failed", error)
            return
        self._tally.count("hook delivered")
        if word.then:
            word.then(answer)

    def _queue(self, chain: str, word: Word) -> None:
        task = self._last[chain] = self.spawn(self._after(self._last.get(chain), word))
        task.add_done_callback(lambda done: self._forget(chain, done))

    def _let_go(self, chain: str) -> None:
        held = self._held.pop(chain, None)
        if held is not None and not self._closed:
            self._queue(chain, held)

    def _forget(self, chain: str, done: asyncio.Task[None]) -> None:
        if self._last.get(chain) is done:
            del self._last[chain]

    async def _send(self, hook: Hook, form: Mapping[str, str]) -> bytes:
        public, _ = urldefrag(hook.url)
        said, body = urlencode(form), form
        if hook.method == "GET":
            public, body, said = f"{public}{'&' if '?' in public else '?'}{said}", {}, ""
        inside = delivered_to(public, self._options.reach)
        if not inside:
            raise NoAnswerError("not loopback")
        headers = {
            SIGNATURE_HEADER: self._signer.compute_signature(public, body),
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": _AGENT,
            "I-Twilio-Idempotency-Token": str(uuid4()),
        }
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        data = said.encode() or None
        url = URL(inside, encoded=True)
        async with self._session.request(hook.method, url, data=data, headers=headers, allow_redirects=False) as answer:
            told = await answer.content.read(LARGEST + 1)
        if not 200 <= answer.status < 300 or len(told) > LARGEST:  # noqa: PLR2004 - the good ones
            raise NoAnswerError(f"HTTP {answer.status}", f"{answer.status // 100}xx")
        return told
