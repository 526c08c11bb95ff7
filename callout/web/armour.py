"""What stands around every page: headers that forbid the browser all but our own files, limits, and no stray errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
ONLY_HTTPS = "max-age=31536000"
TOO_LONG = "内容太大，没有接收"
BROKEN = "内部出错，操作可能没有完成；请刷新后核对"

Tell = Callable[[Request, int, str], Response]
"""Says a sentence to whoever asked; raises nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of the longest body that is read: of any, and of those few forms that bring a file, by path."""

    usual: int
    forms: Mapping[str, int]

    def of(self, path: str) -> int:
        """The limit there."""
        return max(self.usual, self.forms.get(path, 0))


class Armour:
    """ASGI middleware: security headers on every answer, a limit for bodies, errors logged without their data."""

    def __init__(
        self, app: ASGIApp, fault: Callable[[str, Exception], None], limits: Limits, https: bool, tell: Tell
    ) -> None:
        self._app = app
        self._fault = fault
        self._limits = limits
        self._tell = tell
        self._headers = HEADERS | ({"Strict-Transport-Security": ONLY_HTTPS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def armoured(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._serve(scope, receive, armoured)
        except Exception as error:
            self._fault("web", error)
            if not begun:
                await self._tell(Request(scope), 500, BROKEN)(scope, receive, armoured)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        length, longest = Headers(scope=scope).get("content-length", "0"), self._limits.of(scope["path"])
        if not length.isdigit() or int(length) > longest:
            await self._tell(Request(scope), 413, TOO_LONG)(scope, receive, send)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > longest:
                raise _TooLong
            return message

        try:
            await self._app(scope, limited, send)
        except _TooLong:
            await self._tell(Request(scope), 413, TOO_LONG)(scope, receive, send)


class _TooLong(Exception):
    """A body without a length went on and on."""
