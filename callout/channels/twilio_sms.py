"""Texts through Twilio: the official SDK, status callbacks that name our attempt, validity until the warning ends."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from callout.channels.twilio_account import Account, Signature, attempt_in, stays_here
from callout.channels.twilio_errors import message_receipt
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import MINUTE, SECOND, Instant, instant, moment
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Finding, Inbound, InboundKind, Message, Outcome, Refusal, Setup, Submission, Thanks

_V = TypeVar("_V")
CARRIES = frozenset({ChannelKind.SMS})
LONGEST = 1600
VALIDITY = (1, 36_000)
"""Seconds that Twilio keeps trying, from … to."""
MAINLAND = "+86"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_KEPT = 5_000
"""Texts that are remembered so that a doubtful one can be found again by its words."""
_FETCHED = 20
"""Texts that are asked for one by one in a poll: those that no list has named for `_OVERDUE`."""
_OVERDUE: int = MINUTE
_PAGE = 1000
_OPT_OUT = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
_OPT_IN = frozenset({"START", "YES", "UNSTOP"})
"""Twilio's own words. A webhook names what they did; a list does not."""
_OLD: int = 2 * MINUTE
"""After so long a message that Twilio does not list was never taken."""


@dataclass(frozen=True, slots=True)
class Config:
    """An account, and what it sends from."""

    account_sid: str
    auth_token_env: str
    senders: tuple[str, ...] = ()
    """Our own numbers, E.164. Without them a messaging service chooses."""
    messaging_service_sid: str = ""
    per_second: float = 0.0
    """Of the account; 0 = no limit that we keep."""
    per_sender: float = 1.0
    """A long code takes one part a second, a short code 100."""
    cost_fen: int = 0
    timeout_seconds: float = 10.0
    pull: bool = False
    """Fetch receipts and replies: for networks that Twilio cannot call into."""
    base_url: str = ""
    """Another host than Twilio's own, for tests."""

    def __post_init__(self) -> None:
        if not self.senders and not self.messaging_service_sid:
            raise ValueError("senders 和 messaging_service_sid 至少要写一个；请补上。")

    @property
    def real(self) -> bool:
        """Whether texts can reach people."""
        return not stays_here(self.base_url)


def channel(setup: Setup) -> "TwilioSms":
    """The channel; `run` connects it."""
    return TwilioSms(setup)


class TwilioSms:
    """One account's texts."""

    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._setup = setup
        self._config = config
        self._signature = Signature(setup.secrets["auth_token"], setup.public_url)
        self._account = Account(setup)
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._known: OrderedDict[str, str] = OrderedDict()
        """Twilio's id → our attempt, of what was taken lately."""
        self._open: OrderedDict[str, Instant] = OrderedDict()
        """Twilio's ids of what has not ended yet, as far as lists have told, with when they told it last."""
        pushed = Receipts.PUSH if setup.public_url else Receipts.PULL if config.pull else Receipts.NONE
        hears = pushed is not Receipts.NONE
        self._home = _abilities(config, pushed, frozenset({Answering.REPLY}) if hears else frozenset())
        self._mainland = _abilities(config, pushed, frozenset(), links=False)

    def abilities(self, e164: str) -> Abilities:
        """To mainland China: one way only, and no address of a page (Twilio's own guideline for CN)."""
        return self._mainland if e164.startswith(MAINLAND) else self._home

    def run(self) -> AbstractAsyncContextManager[None]:
        """Connected while the context is open."""
        return self._account.run()

    async def submit(self, message: Message) -> Submission:
        """Create one message."""
        if len(message.text) > LONGEST:
            return Submission(Outcome.REFUSED, reason="超过 1600 字", kind=Refusal.WORDS)
        self._remember(self._texts, message.attempt, message.text)
        parameters = self._parameters(message)
        end = await self._account.handed_over(lambda it: it.messages.create_async(to=message.e164, **parameters))
        if end.ref:
            self._remember(self._known, end.ref, message.attempt)
            if self._config.pull:
                self._remember(self._open, end.ref, message.at)
        return end

    def _parameters(self, message: Message) -> dict[str, Any]:
        shortest, longest = VALIDITY
        more: dict[str, Any] = {"body": message.text}
        if message.expires_at is not None:
            left = (message.expires_at - message.at) // SECOND
            more["validity_period"] = max(shortest, min(left, longest))
        if self._setup.public_url:
            more["status_callback"] = self._account.hook("message", message.attempt)
        if self._config.messaging_service_sid:
            more["messaging_service_sid"] = self._config.messaging_service_sid
        else:
            more["from_"] = message.sender or self._config.senders[0]
        return more

    @staticmethod
    def _remember(memory: OrderedDict[str, _V], key: str, value: _V) -> None:
        memory[key] = value
        if len(memory) > _KEPT:
            memory.popitem(last=False)

    async def hang_up(self, _attempt: str, _ref: str) -> None:
        """A text that has left cannot be taken back."""

    async def find(self, attempt: str, e164: str, since: Instant) -> Finding:
        """Look for a doubtful text among what Twilio lists for this number.

        A queued message has no date_sent, so the list is asked by number only and compared here.
        """
        async with asyncio.timeout(self._config.timeout_seconds):
            listed = await self._account.client.messages.list_async(to=e164, limit=50)
        text = self._texts.get(attempt)
        fresh = [
            m
            for m in listed
            if str(m.direction).startswith("outbound")
            and _created(m) >= since - 5 * SECOND
            and self._known.get(str(m.sid), attempt) == attempt
            and text in (None, m.body)
        ]
        if len(fresh) == 1:
            return Finding(True, str(fresh[0].sid))
        old = self._setup.now() - since >= _OLD
        return Finding(False if not fresh and old and text is not None else None)

    def called(self, call: Called) -> Thanks:
        """A webhook of Twilio's: a status of ours, or a text from a phone. Raises Forged."""
        form = self._signature.checked(call)
        if call.what == "message":
            return Thanks((self._status(form, attempt_in(call)),), "application/xml", EMPTY)
        if call.what == "sms":
            return Thanks((self._reply(form),), "application/xml", EMPTY)
        raise LookupError(call.what)

    def _status(self, form: dict[str, str], attempt: str) -> Inbound:
        sid = form.get("MessageSid") or form.get("SmsSid", "")
        status = form.get("MessageStatus") or form.get("SmsStatus", "")
        kind = message_receipt(status, form.get("ErrorCode", ""))
        return Inbound(
            event=f"{self.name}:{sid}:{status}",
            kind=InboundKind.RECEIPT,
            at=self._setup.now(),
            body=kind,
            attempt=attempt,
            provider=self.name,
            ref=sid,
        )

    def _reply(self, form: dict[str, str]) -> Inbound:
        sid = form.get("MessageSid") or form.get("SmsSid", "")
        # Advanced Opt-Out names what Twilio has already done; the body may be any word that the office has set there.
        body = {"STOP": "退订", "START": "恢复"}.get(form.get("OptOutType", ""), form.get("Body", ""))
        return Inbound(
            event=f"{self.name}:{sid}:in",
            kind=InboundKind.REPLY,
            at=self._setup.now(),
            body=body,
            e164=form.get("From", ""),
            provider=self.name,
            ref=sid,
        )

    async def poll(self) -> Sequence[Inbound]:
        """What was listed since an hour ago; what is known already is dropped by its event."""
        if not self._config.pull:
            return ()
        since = moment(Instant(self._setup.now() - 60 * MINUTE))
        async with asyncio.timeout(self._config.timeout_seconds):
            texts = self._account.client.messages
            listed = await texts.list_async(date_sent_after=since, limit=_PAGE, page_size=_PAGE)
            # What was never sent has no date, and stands in no list that is asked by one.
            named = {str(m.sid) for m in listed}
            overdue = [s for s, at in self._open.items() if s not in named and self._setup.now() - at >= _OVERDUE]
            alone = [await texts(one).fetch_async() for one in overdue[:_FETCHED]]
        return [self._listed(m) for m in (*reversed(listed), *alone)]

    def _listed(self, message: Any) -> Inbound:
        sid, body = str(message.sid), str(message.body or "")
        if str(message.direction) == "inbound":
            word = body.strip().upper()
            done = "STOP" if word in _OPT_OUT else "START" if word in _OPT_IN else ""
            return self._reply({"MessageSid": sid, "From": str(message.from_), "Body": body, "OptOutType": done})
        error = "" if message.error_code is None else str(message.error_code)
        form = {"MessageSid": sid, "MessageStatus": str(message.status), "ErrorCode": error}
        told = self._status(form, self._known.get(sid, ""))
        if sid in self._open:
            self._open[sid] = self._setup.now()
            self._open.move_to_end(sid)
            if told.body not in (ReceiptKind.TAKEN, ReceiptKind.SENT):
                del self._open[sid]
        return told


def _created(message: Any) -> Instant:
    created: datetime | None = message.date_created
    return instant(created or datetime(1970, 1, 1, tzinfo=UTC))


def _abilities(config: Config, receipts: Receipts, answers: frozenset[Answering], links: bool = True) -> Abilities:
    return Abilities(
        answers=answers,
        receipts=receipts,
        validity=True,
        links=links,
        longest=500,
        cost_fen=config.cost_fen,
        per_second=config.per_second,
        per_sender=0.0 if config.messaging_service_sid else config.per_sender,
        senders=() if config.messaging_service_sid else config.senders,
    )
