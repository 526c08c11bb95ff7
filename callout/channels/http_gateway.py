"""A gateway that takes texts by an HTTP request and calls back: Kannel as it comes, others by their own parameters."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import aiohttp

from callout.channels.clouds import Ear, Gate
from callout.channels.numbers import carrier_number, e164_of
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.here import host_is_here
from callout.domain.instant import MINUTE
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Channel, Inbound, Message, Outcome, Refusal, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.SMS})
_BODY = 4096
"""Bytes of an answer that are looked at."""
_LONGEST_VALIDITY = 24 * 60
_MARK = re.compile(r"\{([a-z]+)\}")
_MARKS = frozenset({"to", "text", "attempt", "sender", "user", "secret", "minutes", "receipts"})

_OK, _REDIRECT, _BAD, _TOO_MUCH, _ITS_FAULT = 200, 300, 400, 429, 500
_NOT_LET_IN = frozenset({401, 403, 404, 405})


def _kannel() -> Mapping[str, str]:
    """What Kannel's sendsms wants: UCS-2 said in UTF-8, every report, called back at an address of our making."""
    return {
        "username": "{user}",
        "password": "{secret}",
        "from": "{sender}",
        "to": "{to}",
        "text": "{text}",
        "coding": "2",
        "charset": "UTF-8",
        "validity": "{minutes}",
        "dlr-mask": "31",
        "dlr-url": "{receipts}",
    }


def _kannel_words() -> Mapping[str, str]:
    """Kannel's %d: delivered, failed, (queued: says nothing), handed on, refused by the carrier."""
    return {"1": "delivered", "2": "undelivered", "8": "sent", "16": "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where the gateway is, and how it wants to be spoken to."""

    url: str
    user: str = ""
    secret_env: str = ""
    key_env: str
    """A key of our own: it stands in the addresses that the gateway calls, and proves that it is the gateway."""
    sender: str = ""
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=_kannel)
    accepted: str = r"^[03]:"
    """What the answer to a text that was taken looks like (a regular expression; a group `ref` is its id)."""
    refused: str = ""
    """What an answer with status 200 looks like where the text was not taken."""
    receipt_word: str = "&word=%d"
    """What the gateway puts behind the address of receipts to say what became of the text."""
    words: Mapping[str, str] = field(default_factory=_kannel_words)
    two_way: bool = True
    links: bool = False
    """Whether texts with an address of a page get through; in doubt the carrier drops them."""
    plus_86: bool = True
    internet: bool = False
    cost_fen: int = 0
    per_second: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise ValueError("url 应是 http:// 或 https:// 开头的网址。")
        if self.method not in ("GET", "POST"):
            raise ValueError("method 只能写 GET 或 POST。")
        for mark in _MARK.findall(" ".join(self.params.values())):
            if mark not in _MARKS:
                raise ValueError(f"params 里没有 {{{mark}}} 这个变量，可用：{'、'.join(sorted(_MARKS))}。")
        if not set(self.words.values()) <= set(ReceiptKind):
            raise ValueError(f"words 的值只能是：{'、'.join(ReceiptKind)}。")

    @property
    def real(self) -> bool:
        """Whether the gateway is another machine than this one."""
        return not host_is_here(urlsplit(self.url).hostname or "")


def channel(setup: Setup) -> Channel:
    """The channel; it opens connections when it sends."""
    return _HttpGateway(setup)


class _HttpGateway:
    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._config: Config = setup.config
        self._secret = setup.secrets.get("secret", "")
        self._key = setup.secrets["key"]
        self._gate, self._ear = Gate(setup), Ear(setup.name, setup.now)
        self._now = setup.now
        self._hooks = f"{setup.public_url}/hooks/{setup.name}" if setup.public_url else ""
        self._web: aiohttp.ClientSession | None = None

    def abilities(self, e164: str) -> Abilities:  # noqa: ARG002
        """The same for every number; without an address at which it can call back, nothing comes back."""
        config = self._config
        return Abilities(
            answers=frozenset({Answering.REPLY}) if config.two_way and self._hooks else frozenset(),
            receipts=Receipts.PUSH if self._hooks else Receipts.NONE,
            uplink_shut=not config.two_way,
            validity="{minutes}" in config.params.values(),
            internet=config.internet,
            links=config.links,
            cost_fen=config.cost_fen,
            per_second=config.per_second,
        )

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Keep connections open while the context is."""
        # The sender keeps count of what is under way: a limit here would let a red wait behind the rest.
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as self._web:
            yield
        self._web = None

    async def hang_up(self, attempt: str, ref: str) -> None:
        """A text cannot be taken back."""

    async def submit(self, message: Message) -> Submission:
        """One request."""
        if self._web is not None:
            return await self._asked(self._web, self._filled(message))
        async with aiohttp.ClientSession() as web:
            return await self._asked(web, self._filled(message))

    def _filled(self, message: Message) -> Mapping[str, str]:
        config = self._config
        values = {
            "to": message.e164 if config.plus_86 else carrier_number(message.e164),
            "text": message.text,
            "attempt": message.attempt,
            "sender": message.sender or config.sender,
            "user": config.user,
            "secret": self._secret,
            "minutes": _minutes(message),
            "receipts": self._receipts_url(message.attempt),
        }
        filled = {name: _MARK.sub(lambda mark: values[mark[1]], value) for name, value in config.params.items()}
        return {name: value for name, value in filled.items() if value}

    def _receipts_url(self, attempt: str) -> str:
        if not self._hooks:
            return ""
        known = urlencode({"attempt": attempt, "key": self._key})
        return f"{self._hooks}/receipt?{known}{self._config.receipt_word}"

    async def _asked(self, web: aiohttp.ClientSession, params: Mapping[str, str]) -> Submission:
        config = self._config
        how = {"params": params} if config.method == "GET" else {"data": params}
        try:
            async with web.request(config.method, config.url, allow_redirects=False, **how) as answer:  # type: ignore[arg-type]
                body = (await answer.content.read(_BODY)).decode("utf-8", "replace")
                return self._understood(answer.status, body)
        except aiohttp.ClientConnectorError:
            return Submission(Outcome.REFUSED, reason="网关连接不上", kind=Refusal.DOWN)

    def _understood(self, status: int, body: str) -> Submission:
        config, said = self._config, f"HTTP {status} {body.strip()[:80]}"
        if status == _TOO_MUCH:
            return Submission(Outcome.THROTTLED, reason=said)
        if _BAD <= status < _ITS_FAULT:
            kind = Refusal.CONFIG if status in _NOT_LET_IN else Refusal.ROUTE
            return Submission(Outcome.REFUSED, reason=said, kind=kind)
        if not _OK <= status < _REDIRECT:
            return Submission(Outcome.UNKNOWN, reason=said)
        if config.refused and re.search(config.refused, body):
            return Submission(Outcome.REFUSED, reason=said, kind=Refusal.ROUTE)
        found = re.search(config.accepted, body)
        if found is None:
            return Submission(Outcome.UNKNOWN, reason=said)
        return Submission(Outcome.ACCEPTED, ref=found.groupdict().get("ref") or "")

    def called(self, call: Called) -> Thanks:
        """A receipt or a reply, in the query or in a form."""
        query = self._gate.check(call, "receipt", "reply")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        told = {**query, **form}
        return Thanks(self._receipt(told) if call.what == "receipt" else self._reply(told))

    def _receipt(self, told: Mapping[str, str]) -> list[Inbound]:
        word, attempt = self._config.words.get(told.get("word", "")), told.get("attempt", "")
        return [self._ear.receipt(ReceiptKind(word), attempt)] if word and attempt else []

    def _reply(self, told: Mapping[str, str]) -> list[Inbound]:
        if not told.get("from"):
            return []
        e164 = e164_of(told["from"])
        return [self._ear.reply(told.get("id") or f"{e164}:{self._now()}", e164, told.get("text", ""))]


def _minutes(message: Message) -> str:
    if message.expires_at is None:
        return ""
    left = (message.expires_at - message.at) // MINUTE
    return str(max(1, min(left, _LONGEST_VALIDITY)))


def kannel_reply_url(hooks: str, key: str) -> str:
    """The get-url of Kannel's sms-service: where it brings what phones say."""
    return f"{hooks}/reply?key={quote(key)}&from=%p&to=%P&text=%a&id=%I"
