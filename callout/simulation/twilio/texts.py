"""Texts: their way to a phone, what the person does, and what is told about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from callout.domain.attempt import ReceiptKind
from callout.domain.instant import HOUR, Instant, later
from callout.domain.ladder import ChannelKind
from callout.ports import InboundKind
from callout.render.sms import parts
from callout.simulation.people import Contact, Reaction, Temperament, react
from callout.simulation.twilio.errors import RefusedError
from callout.simulation.twilio.hooks import Word
from callout.simulation.twilio.ledger import Ledger
from callout.simulation.twilio.network import Network
from callout.simulation.twilio.options import HELP, OPT_IN, OPT_OUT
from callout.simulation.twilio.pace import wall
from callout.simulation.twilio.records import TEXT_ENDED, VERSION, Text
from callout.simulation.twilio.request import Hook, TextOrder
from callout.simulation.twilio.tally import Got
from callout.simulation.twilio.twiml import TwimlError, replies

QUEUE = 10 * HOUR
"""Longer than this nobody may wait in a sender's queue."""
SERVICE_SENDER = "+9990000000000000"
"""The number that a messaging service sends from where no sender is listed."""
_ASKS = re.compile(r"[回按]\s*[“\"]?1")
"""Words that ask for an answer: people cannot know what the sender wanted, only what it says."""
_NO_ERROR, _UNREACHABLE, _UNKNOWN_HANDSET, _EXPIRED = 0, 30003, 30005, 30036


@dataclass(frozen=True, slots=True)
class Heard:
    """A text as a phone gets it."""

    text: str
    expires_at: Instant | None
    wants_answer: bool
    channel: ChannelKind = ChannelKind.SMS


class Texts:
    """All texts of a carrier."""

    def __init__(self, network: Network) -> None:
        self._net = network
        self._opted_out: set[tuple[str, str]] = set()
        self.ledger: Ledger[Text] = Ledger("Messages", network.options.account)

    def create(self, order: TextOrder) -> Text:
        """Take a text; raises RefusedError where the person has opted out or the sender's queue is too long."""
        sender = order.sender or self._service_sender()
        if {(sender, order.to), (order.service, order.to)} & self._opted_out:
            raise RefusedError(21610)
        size, now = parts(order.body, chinese=False), self._net.pace.now()
        turn = self._net.queues.text(sender, size, now)
        if turn > later(now, QUEUE):
            raise RefusedError(21611, sender)
        text = Text(
            to=order.to,
            sender="" if order.service else sender,
            body=order.body,
            created=wall(),
            status="accepted" if order.service else "queued",
            parts=size,
            service=order.service,
            callback=order.callback,
        )
        self._net.tally.count("text taken")
        expires = later(now, order.validity)
        if turn > expires:
            self._net.pace.at(expires, partial(self._move, text, "failed", _EXPIRED))
        else:
            self._net.pace.at(turn, partial(self._send, text, sender, expires))
        return self.ledger.add(text)

    def say(self, e164: str, body: str, to: str) -> Text:
        """A person sends a text to one of our numbers."""
        keyword = _keyword(body)
        if keyword == "STOP":
            self._opted_out.add((to, e164))
        elif keyword == "START":
            self._opted_out.discard((to, e164))
        text = Text(to, e164, body, wall(), "received", parts(body, chinese=False), direction="inbound", sent=wall())
        self._net.tally.count("reply", keyword or "text")
        word = Word(Hook(self._net.options.inbound), self._inbound(text, keyword), partial(self._answered, text))
        self._net.hooks.tell(text.sid, e164, word)
        return self.ledger.add(text)

    def _service_sender(self) -> str:
        return min(self._net.options.senders, default=SERVICE_SENDER)

    def _send(self, text: Text, sender: str, expires: Instant) -> None:
        if text.service:
            text.sender = sender
            self._move(text, "queued")
        text.sent = wall()
        self._move(text, "sent")
        code = next((code for prefix, code in self._net.options.undelivered.items() if text.to.startswith(prefix)), 0)
        if code:
            self._net.pace.at(later(self._net.pace.now(), 1000), partial(self._move, text, "undelivered", code))
            return
        self._reach(text, expires)

    def _reach(self, text: Text, expires: Instant) -> None:
        """Give it to the person; what they and the network do follows at its time."""
        phones, now = self._net.phones, self._net.pace.now()
        heard = Heard(text.body, expires, bool(_ASKS.search(text.body)))
        who = phones.person(text.to)
        response = react(who, Contact(heard, now, phones.nth(text.to, ChannelKind.SMS)))
        for reaction in response.reactions:
            self._net.pace.at(later(now, reaction.after), partial(self._react, text, reaction))
        if not response.reactions and who.temperament is not Temperament.DEAD:
            self._net.pace.at(expires, partial(self._move, text, "undelivered", _UNREACHABLE))

    def _react(self, text: Text, reaction: Reaction) -> None:
        if reaction.kind is InboundKind.REPLY:
            self.say(text.to, reaction.body, text.sender)
        elif reaction.body == ReceiptKind.DELIVERED:
            self._net.tally.got(Got(self._net.pace.now(), text.to, "text", text.body, text.sid))
            self._move(text, "delivered")
        else:
            self._move(text, "undelivered", _UNKNOWN_HANDSET)

    def _move(self, text: Text, status: str, error: int = _NO_ERROR) -> None:
        if text.status in TEXT_ENDED:
            return
        text.status, text.error, text.updated = status, error, wall()
        self._net.tally.count("text", status, *([error] if error else []))
        self._net.hooks.tell(text.sid, text.to, Word(Hook(text.callback), self._status(text)))

    def _status(self, text: Text) -> Mapping[str, str]:
        form = {
            "AccountSid": self._net.options.account,
            "ApiVersion": VERSION,
            "From": text.sender,
            "MessageSid": text.sid,
            "MessageStatus": text.status,
            "SmsSid": text.sid,
            "SmsStatus": text.status,
            "To": text.to,
        }
        if text.service:
            form["MessagingServiceSid"] = text.service
        if text.error:
            form["ErrorCode"] = str(text.error)
        return form

    def _inbound(self, text: Text, keyword: str) -> Mapping[str, str]:
        """What the webhook for people's texts gets; Twilio leaves what it does not know blank, not out."""
        blank = {f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip", "Country")}
        form = {
            **blank,
            "AccountSid": self._net.options.account,
            "ApiVersion": VERSION,
            "Body": text.body,
            "From": text.sender,
            "MessageSid": text.sid,
            "NumMedia": "0",
            "NumSegments": str(text.parts),
            "SmsMessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsStatus": "received",
            "To": text.to,
        }
        return {**form, "OptOutType": keyword} if keyword else form

    def _answered(self, text: Text, document: bytes) -> None:
        """What the webhook answers goes back to the person as a text."""
        try:
            said = replies(document)
        except TwimlError as error:
            self._net.tally.count("twiml refused", error)
            return
        for body in said:
            back = Text(
                text.sender, text.to, body, wall(), "queued", parts(body, chinese=False), direction="outbound-reply"
            )
            self._send(self.ledger.add(back), text.to, later(self._net.pace.now(), QUEUE))


def _keyword(body: str) -> str:
    """STOP, START or HELP where the whole text is such a word; else empty."""
    word = body.strip().upper()
    found = (("STOP", OPT_OUT), ("START", OPT_IN), ("HELP", HELP))
    return next((name for name, words in found if word in words), "")
