"""The official SDK, unmodified: only its HTTP client sends to loopback what it would send to Twilio."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from callout.simulation.twilio.options import ACCOUNT, TOKEN

PATIENCE = 60.0


def moved(url: str, base: str) -> str:
    """The same request at another host."""
    there = urlsplit(base)
    return urlunsplit(urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc))


class Blocking(TwilioHttpClient):  # type: ignore[misc]
    def __init__(self, base: str) -> None:
        super().__init__(timeout=PATIENCE)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        return super().request(method, moved(url, self.base), *args, **more)


class Async(AsyncTwilioHttpClient):  # type: ignore[misc]
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    async def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        return await super().request(method, moved(url, self.base), *args, **more)


def blocking(base: str, account: str = ACCOUNT, token: str = TOKEN) -> Any:
    return Client(account, token, http_client=Blocking(base))


@asynccontextmanager
async def client(base: str, account: str = ACCOUNT, token: str = TOKEN) -> AsyncIterator[Any]:
    """An asynchronous client, closed at the end."""
    async with Async(base) as http:
        yield Client(account, token, http_client=http)
