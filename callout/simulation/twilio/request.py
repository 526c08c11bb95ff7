"""What a create request must look like; anything else gets Twilio's own error."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from callout.domain.here import host_is_here
from callout.domain.instant import SECOND, Millis
from callout.simulation.twilio.errors import RefusedError
from callout.simulation.twilio.options import Options

Form = Mapping[str, list[str]]
"""A form with every value of every name, blank ones too."""

LONGEST_BODY, LONGEST_TWIML = 1600, 4000
_E164 = re.compile(r"\+[1-9]\d{6,15}")
"""One digit more than E.164 allows: the synthetic numbers have it."""
_SENDER = re.compile(r"\+[1-9]\d{6,15}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_SERVICE = re.compile("MG[0-9a-fA-F]{32}")
_METHODS = ("POST", "GET")


@dataclass(frozen=True, slots=True)
class Hook:
    """Where something is to be told."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class TextOrder:
    """A valid Messages.create."""

    to: str
    sender: str
    service: str
    body: str
    validity: Millis
    callback: str


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A valid Calls.create."""

    to: str
    sender: str
    twiml: str
    """Empty where `url` says where it is."""
    url: Hook
    callback: Hook
    events: frozenset[str]
    timeout: Millis
    detection: str
    """Enable, DetectMessageEnd, or empty."""
    told: Hook | None
    """Where the result of asynchronous machine detection goes; then the call does not wait for it."""


def one(form: Form, name: str, default: str = "") -> str:
    """The last value of a name."""
    return (form.get(name) or [default])[-1]


def is_loopback(url: str) -> bool:
    """Whether the host of an address is this machine, by its name or number alone."""
    return host_is_here(urlsplit(url).hostname or "")


def delivered_to(url: str, reach: Mapping[str, str]) -> str:
    """The loopback address behind a public one; empty where there is none, and nothing is ever sent elsewhere."""
    for public, inside in reach.items():
        if url.startswith(public) and is_loopback(inside):
            return inside + url[len(public) :]
    return url if is_loopback(url) else ""


def text_order(form: Form, options: Options) -> TextOrder:
    """The order that a form makes; raises RefusedError."""
    to, body = _to(form, 21604), one(form, "Body")
    _check_refused(to, options.refuse)
    service, sender = one(form, "MessagingServiceSid"), one(form, "From")
    if not sender and not service:
        raise RefusedError(21603)
    if service and not _SERVICE.fullmatch(service):
        raise RefusedError(21705, service)
    if sender:
        _check_sender(sender, options, 21606)
    if not body:
        raise RefusedError(21602)
    if len(body) > LONGEST_BODY:
        raise RefusedError(21617)
    validity = _seconds(form, "ValidityPeriod", 36_000, 1, 36_000)
    callback = _callback(one(form, "StatusCallback"), options, 21609)
    return TextOrder(to, sender, service, body, validity, callback)


def call_order(form: Form, options: Options) -> CallOrder:
    """The order that a form makes; raises RefusedError."""
    to, sender = _to(form, 21201), one(form, "From")
    _check_refused(to, options.refuse_calls)
    if not sender:
        raise RefusedError(21213)
    _check_sender(sender, options, 21212)
    url, twiml = _callback(one(form, "Url"), options, 21205), one(form, "Twiml")
    if not url and not twiml:
        raise RefusedError(21205, "(none)")
    if len(twiml) > LONGEST_TWIML:
        raise RefusedError(20001, "Twiml")
    detection = one(form, "MachineDetection")
    if detection not in ("", "Enable", "DetectMessageEnd"):
        raise RefusedError(20001, "MachineDetection")
    told = _callback(one(form, "AsyncAmdStatusCallback"), options, 21609)
    waits = one(form, "AsyncAmd", "false").lower() != "true"
    return CallOrder(
        to=to,
        sender=sender,
        twiml="" if url else twiml,
        url=Hook(url, _method(form, "Method")),
        callback=Hook(_callback(one(form, "StatusCallback"), options, 21609), _method(form, "StatusCallbackMethod")),
        events=frozenset(form.get("StatusCallbackEvent") or ["completed"]),
        timeout=_seconds(form, "Timeout", 60, 1, 600) + 5 * SECOND,
        detection=detection,
        told=None if waits else Hook(told, _method(form, "AsyncAmdStatusCallbackMethod")),
    )


def _to(form: Form, missing: int) -> str:
    to = one(form, "To")
    if not to:
        raise RefusedError(missing)
    if not _E164.fullmatch(to):
        raise RefusedError(21211, to)
    return to


def _check_refused(to: str, refused: Mapping[str, int]) -> None:
    code = next((code for prefix, code in refused.items() if to.startswith(prefix)), 0)
    if code:
        raise RefusedError(code, to)


def _check_sender(sender: str, options: Options, foreign: int) -> None:
    if not _SENDER.fullmatch(sender):
        raise RefusedError(21212, sender)
    if options.senders and sender not in options.senders:
        raise RefusedError(foreign, sender)


def _callback(url: str, options: Options, code: int) -> str:
    """The address as given, if it may be called: it leads to this machine and its host has no underscore."""
    if url and (len(url) > LONGEST_TWIML or "_" in urlsplit(url).netloc or not delivered_to(url, options.reach)):
        raise RefusedError(code, url)
    return url


def _seconds(form: Form, name: str, default: int, least: int, most: int) -> Millis:
    text = one(form, name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise RefusedError(20001, name)
    return int(text) * SECOND


def _method(form: Form, name: str) -> str:
    method = one(form, name, "POST").upper()
    if method not in _METHODS:
        raise RefusedError(20001, name)
    return method
