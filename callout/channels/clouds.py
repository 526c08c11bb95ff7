"""What the Chinese clouds have in common: pushes without a signature, times without a zone, templates only."""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import NO_FACTS, CallFacts
from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here
from callout.domain.instant import Instant
from callout.ports import Called, Forged, Inbound, InboundKind, Outcome, Refusal, Setup, Submission

JSON = "application/json"
_KEY = re.compile(r"[A-Za-z0-9._~-]{16,}")


def endpoint_parts(endpoint: str) -> SplitResult:
    """An endpoint as the clouds write it: a host, or a whole address."""
    return urlsplit(endpoint if "//" in endpoint else f"https://{endpoint}")


def endpoint_is_real(endpoint: str) -> bool:
    """Whether the endpoint is another machine than this one."""
    return not host_is_here(endpoint_parts(endpoint).hostname or "")


class Gate:
    """A key of our own in the address is all that tells a provider's call from anybody else's: these do not sign."""

    def __init__(self, setup: Setup) -> None:
        self._key = setup.secrets["key"]
        if not _KEY.fullmatch(self._key):
            raise CalloutError(f"通道“{setup.name}”的回调密钥应是至少 16 位的字母和数字（可含 . _ ~ -）；请重设")

    def check(self, call: Called, *known: str) -> Mapping[str, str]:
        """The query. Raises Forged where the key is missing or wrong, LookupError where there is no such address."""
        query = dict(parse_qsl(call.query, keep_blank_values=True))
        if not hmac.compare_digest(query.get("key", "").encode(), self._key.encode()):
            raise Forged(call.what)
        if call.what not in known:
            raise LookupError(call.what)
        return query


@dataclass(frozen=True, slots=True)
class Ear:
    """Makes events of what a provider says."""

    name: str
    now: Callable[[], Instant]

    def receipt(self, kind: ReceiptKind, attempt: str = "", ref: str = "", facts: CallFacts = NO_FACTS) -> Inbound:
        """What became of an attempt; by our id where the provider carries it, else by its own."""
        event = f"{self.name}:{attempt or ref}:{kind}"
        return Inbound(event, InboundKind.RECEIPT, self.now(), kind, attempt, provider=self.name, ref=ref, facts=facts)

    def key(self, digit: str, attempt: str = "", ref: str = "") -> Inbound:
        """A key pressed in a call."""
        event = f"{self.name}:{attempt or ref}:key:{digit}"
        return Inbound(event, InboundKind.KEY, self.now(), digit, attempt, provider=self.name, ref=ref)

    def reply(self, event: str, e164: str, text: str, extension: str = "") -> Inbound:
        """A text from a phone; `extension`: the digits behind our number that it was sent to."""
        key = f"{self.name}:{event}"
        return Inbound(key, InboundKind.REPLY, self.now(), text, e164=e164, provider=self.name, extension=extension)


def records(body: bytes) -> list[dict[str, Any]]:
    """The objects of a pushed JSON array, or the one object; nothing where it is neither."""
    try:
        told = json.loads(body)
    except ValueError:
        return []
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]


WORDLESS = Submission(Outcome.REFUSED, reason="没有这类消息的模板", kind=Refusal.WORDS)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a provider's error codes mean, by the code or by how it begins."""

    refused: Mapping[str, Refusal]
    throttled: tuple[str, ...]
    unknown: tuple[str, ...]

    def of(self, code: str, words: str = "") -> Submission:
        """The end of a submit that was answered with this code."""
        reason = f"{code} {words}".strip()[:120]
        if code.startswith(self.throttled):
            return Submission(Outcome.THROTTLED, reason=reason)
        if code.startswith(self.unknown):
            return Submission(Outcome.UNKNOWN, reason=reason)
        known = max((one for one in self.refused if code.startswith(one)), key=len, default="")
        if not known:
            return Submission(Outcome.UNKNOWN, reason=reason)
        return Submission(Outcome.REFUSED, reason=reason, kind=self.refused[known])
