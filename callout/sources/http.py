"""GET from strangers' servers: bounded in time and size, no redirects, no compression, nothing from the environment."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, TypeVar

import aiohttp

from callout.domain.errors import CalloutError

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds for one whole answer."""
_CHUNK = 64 * 1024
_WEB_PAGE = "text/html"


class NoAnswerError(CalloutError):
    """No good answer; the text is a Chinese clause that says why, without anything that the server said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: 200 with a body, or 304 without."""

    body: bytes | None
    """None: not modified."""
    etag: str = ""
    modified: str = ""

    @property
    def conditions(self) -> Mapping[str, str]:
        """The headers that ask for something newer only."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if value}


class Web:
    """The network, opened at the first use inside the event loop, closed where the `async with` ends."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        """The answer of at most `most` bytes; raises NoAnswerError, and nothing else, for anything but a good one."""
        return await self._asked(self._get(url, headers, most))

    async def knock(self, url: str) -> None:
        """Ask and look at nothing but whether it went well; raises NoAnswerError, which does not name the address."""
        await self._asked(self._knock(url))

    async def _asked(self, question: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await question
        except TimeoutError:
            raise NoAnswerError(f"{self._patience:g} 秒内没有答完") from None
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError):
            raise NoAnswerError("答到一半断了") from None
        except aiohttp.ClientSSLError:
            raise NoAnswerError("加密连接建不成，证书或协议不对，不能确认是这个来源") from None
        except (aiohttp.ClientConnectionError, OSError):
            raise NoAnswerError("连不上") from None
        except (aiohttp.ClientError, ValueError):
            raise NoAnswerError("回的不是 HTTP") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def _knock(self, url: str) -> None:
        async with self._open().get(url, headers={"User-Agent": "callout"}, allow_redirects=False) as response:
            if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise NoAnswerError(f"HTTP {response.status}")

    async def _get(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        asked = {"Accept-Encoding": "identity", "User-Agent": "callout", **headers}
        async with self._open().get(url, headers=asked, allow_redirects=False) as response:
            _check(response)
            if response.status == HTTPStatus.NOT_MODIFIED:
                return Answer(None)
            body = await _body(response, most)
            return Answer(body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))


def _check(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == HTTPStatus.NOT_MODIFIED:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise NoAnswerError(f"被转到别处（HTTP {status}），没有跟随；地址若已变更请改来源设定")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NoAnswerError(f"被拒绝（HTTP {status}），请检查密钥")
    if status != HTTPStatus.OK:
        raise NoAnswerError(f"HTTP {status}")
    if response.content_type == _WEB_PAGE:
        raise NoAnswerError("回的是网页，不是数据")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoAnswerError("回的是压缩数据，没有要求压缩")


async def _body(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > most:
            raise NoAnswerError(f"超过 {most // 1024} KiB")
    return bytes(body)
