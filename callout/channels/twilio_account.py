"""What Twilio's channels share: the account, the SDK's client, and the webhooks' signature."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from aiohttp import BasicAuth, ClientConnectorError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client

from callout.channels.twilio_errors import verdict
from callout.domain.here import host_is_here
from callout.ports import Called, Forged, Outcome, Refusal, Setup, Submission

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
RETRIES = "#rc=5&rp=ct,rt,5xx"
"""By itself Twilio repeats a webhook only where it could not connect, and once. What we could not keep is answered with
503, so it must be told to repeat that too. The fragment never arrives here."""
_SILENT = logging.getLogger("callout.channels.twilio")
_SILENT.disabled = True  # the SDK logs query strings, and those hold phone numbers


def stays_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return host_is_here(urlsplit(url).hostname or "")


class _Http(AsyncHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Carries the SDK's requests, to another host where one is set: a connection for each hand-over under way, and at
    two thirds of what its own carrier costs, which writes every request into a log and every form as if it had files.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(_SILENT, True, None)
        self._base = urlsplit(base_url) if base_url else None
        self._session = ClientSession(
            # The sender keeps count: a limit here would let a red wait behind what it has a slot beside.
            connector=TCPConnector(limit=0),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None),  # whoever hands over keeps the time
            trust_env=False,
        )

    async def request(self, method: str, uri: str, **asked: Any) -> Response:
        """One request, as the SDK's port asks for it: by name, with its own time limit left out."""
        headers = dict(asked["headers"] or {})
        if asked["auth"]:
            headers["Authorization"] = _basic(*asked["auth"])
        if data := asked["data"]:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        sending = self._session.request(
            method,
            _moved(uri, self._base) if self._base else uri,
            params=asked["params"],
            data=urlencode(data, doseq=True).encode() if data else None,
            headers=headers,
            allow_redirects=asked["allow_redirects"],
        )
        async with sending as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        """Give the connections back."""
        await self._session.close()


@lru_cache(maxsize=8)
def _basic(login: str, password: str) -> str:
    return BasicAuth(login, password).encode()


@lru_cache(maxsize=64)
def _moved(uri: str, base: SplitResult) -> str:
    return urlunsplit(urlsplit(uri)._replace(scheme=base.scheme, netloc=base.netloc))


@asynccontextmanager
async def open_client(account_sid: str, token: str, base_url: str) -> AsyncIterator[Client]:
    """The SDK's client; it must be made inside a running loop, and closed."""
    http = _Http(base_url)
    try:
        yield Client(account_sid, token, http_client=http)
    finally:
        await http.close()


class Account:
    """One account: its client while the channel runs, and how what is handed over to it ends."""

    def __init__(self, setup: Setup) -> None:
        self._config: Any = setup.config
        self._setup = setup
        self._client: Client | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """The SDK's client lives as long as the loop that it was made in."""
        c = self._config
        async with open_client(c.account_sid, self._setup.secrets["auth_token"], c.base_url) as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None

    @property
    def client(self) -> Client:
        """The SDK's client; raises RuntimeError outside `run`."""
        if self._client is None:
            raise RuntimeError("the channel does not run")
        return self._client

    async def handed_over(self, create: Callable[[Client], Awaitable[Any]]) -> Submission:
        """What became of one create request. Whatever else it raises is not known, and the sender says so."""
        try:
            # The SDK's own timeout does nothing; what was cut off here may have gone out all the same.
            async with asyncio.timeout(self._config.timeout_seconds):
                made = await create(self.client)
        except ClientConnectorError as error:
            return Submission(Outcome.REFUSED, reason=type(error).__name__, kind=Refusal.DOWN)
        except (TwilioRestException, TwilioServiceException) as error:
            return verdict(error.status, int(error.code or error.status), f"{error.status}/{error.code}")
        return Submission(Outcome.ACCEPTED, ref=str(made.sid))

    def hook(self, what: str, attempt: str, more: str = "") -> str:
        """The address at which Twilio tells us `what` of an attempt."""
        return f"{self._setup.public_url}/hooks/{self._setup.name}/{what}?attempt={quote(attempt)}{more}{RETRIES}"


class Signature:
    """Tells Twilio's requests from forged ones, by the address that it was given and everything that it sent."""

    def __init__(self, token: str, public_url: str) -> None:
        self._validator = RequestValidator(token)
        self._public_url = public_url

    def checked(self, call: Called) -> dict[str, str]:
        """The parameters of the form. Raises Forged where the signature is missing or another's."""
        given, body = call.headers.get(SIGNATURE), call.body.decode("utf-8", "replace")
        # Blank values are part of what was signed.
        pairs = parse_qsl(body, keep_blank_values=True)
        algorithm = get_signature_algorithm(call.headers.get(SETTINGS, ""))
        url = f"{self._public_url}{call.path}" + (f"?{call.query}" if call.query else "")
        # Twilio's documents do not say whether a fragment of the address is signed; both are made with the token.
        signed = (self._validator.validate(url + end, _Pairs(pairs), given, algorithm) for end in ("", RETRIES))
        if not given or not any(signed):
            raise Forged
        return dict(pairs)


class _Pairs(dict[str, str]):
    """A form whose names may come more than once, as the validator asks for it."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getall(self, name: str) -> list[str]:
        """Every value of that name."""
        return [value for key, value in self._pairs if key == name]


def attempt_in(call: Called) -> str:
    """Our attempt id, which we put into the address of the callback; the signature covers it."""
    return query_of(call).get("attempt", "")


def query_of(call: Called) -> Mapping[str, str]:
    """The parameters of the address."""
    return dict(parse_qsl(call.query, keep_blank_values=True))
