"""Calls that an officer is put through by Twilio: their own phone first, a key there, then the person's.

The person's number rides sealed in the address that Twilio asks for the next words: the process that answers need not
be the one that placed the call, and no log of an address holds a number.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from callout.channels.twilio_account import Account, query_of
from callout.channels.twilio_errors import CallEnd, call_receipt
from callout.domain.attempt import ReceiptKind
from callout.domain.desk_call import Leg, Side, written
from callout.ports import Bridge, Called, Forged, Inbound, InboundKind, Setup, Submission, Thanks

LANGUAGE = "zh-CN"
DESK = frozenset({"desk", "bridge", "leg", "bridged"})
"""What of /hooks/NAME/WHAT is about such a call: the officer's phone, the key, the person's phone, the end."""
EVENTS = ("initiated", "ringing", "answered", "completed")
PRESS = "叫应值班室，按任意键接通责任人。"
PUTTING = "正在接通，请稍候。"
NOT_PUT = "没有按键，没有接通。"
_ENDED = MappingProxyType(
    {Leg.BUSY: "对方占线。", Leg.NO_REPLY: "对方无人接听。", Leg.REJECTED: "对方拒接。", Leg.DEAD: "对方是空号。"}
)
LONGEST_SECONDS = 1800
"""Of one talk."""
_LEGS: Mapping[ReceiptKind, Leg] = MappingProxyType(
    {
        ReceiptKind.HEARD_PART: Leg.OVER,
        ReceiptKind.BUSY: Leg.BUSY,
        ReceiptKind.NO_REPLY: Leg.NO_REPLY,
        ReceiptKind.SWITCHED_OFF: Leg.NO_REPLY,
        ReceiptKind.REJECTED: Leg.REJECTED,
        ReceiptKind.DEAD: Leg.DEAD,
        ReceiptKind.FAILED: Leg.FAILED,
    }
)
_UNDER_WAY = MappingProxyType({"ringing": Leg.RINGING, "in-progress": Leg.TALKING, "answered": Leg.TALKING})


class DeskLines:
    """One account's calls for officers."""

    def __init__(self, account: Account, setup: Setup, config: Any) -> None:
        self._account = account
        self._setup = setup
        self._config = config
        secret = setup.secrets["auth_token"]
        self._seal = Fernet(urlsafe_b64encode(sha256(f"callout desk {secret}".encode()).digest()))

    async def connect(self, bridge: Bridge) -> Submission:
        """Ring the officer."""
        return await self._account.handed_over(
            lambda it: it.calls.create_async(
                to=bridge.officer,
                from_=self._config.senders[0],
                twiml=self._ask(bridge),
                timeout=self._config.ring_seconds,
                status_callback=self._account.hook("desk", bridge.call),
                status_callback_event=list(EVENTS),
            )
        )

    def _ask(self, bridge: Bridge) -> str:
        sealed = self._seal.encrypt(bridge.person.encode()).decode()
        action = self._account.hook("bridge", bridge.call, f"&to={quote(sealed)}")
        said = VoiceResponse()
        gather = Gather(num_digits=1, action=action, method="POST", timeout=self._config.key_seconds, finish_on_key="")
        gather.say(PRESS, language=LANGUAGE, loop=2)
        said.append(gather)
        # A voicemail of the officer's presses nothing, so that it is never put through.
        said.say(NOT_PUT, language=LANGUAGE)
        said.hangup()
        return str(said)

    def called(self, call: Called, form: Mapping[str, str], attempt: str) -> Thanks:
        """A webhook about such a call, its signature checked. Raises Forged for an address that we never gave."""
        if call.what == "bridge":
            return Thanks((), "application/xml", self._through(call, form, attempt))
        if call.what == "bridged":
            return self._bridged(form, attempt)
        side = Side.OFFICER if call.what == "desk" else Side.PERSON
        leg = _leg(form.get("CallStatus", ""), form.get("SipResponseCode", ""))
        name = f"{form.get('CallSid', '')}:{form.get('SequenceNumber') or form.get('CallStatus', '')}"
        return Thanks(self._event(name, attempt, (side, leg)))

    def _through(self, call: Called, form: Mapping[str, str], attempt: str) -> str:
        try:
            person = self._seal.decrypt(query_of(call).get("to", "").encode()).decode()
        except InvalidToken:
            raise Forged from None
        said = VoiceResponse()
        said.say(PUTTING, language=LANGUAGE)
        dial = Dial(
            caller_id=form.get("From") or self._config.senders[0],
            timeout=self._config.ring_seconds,
            time_limit=LONGEST_SECONDS,
            action=self._account.hook("bridged", attempt),
            method="POST",
        )
        told = self._account.hook("leg", attempt)
        dial.number(person, status_callback=told, status_callback_event=" ".join(EVENTS), status_callback_method="POST")
        said.append(dial)
        return str(said)

    def _bridged(self, form: Mapping[str, str], attempt: str) -> Thanks:
        """The person's phone is done with; the officer hears why where nobody picked up."""
        leg = _leg(form.get("DialCallStatus", ""), "")
        said = VoiceResponse()
        if leg is not None and leg in _ENDED:
            said.say(_ENDED[leg], language=LANGUAGE)
        said.hangup()
        events = self._event(f"{form.get('CallSid', '')}:bridged", attempt, (Side.PERSON, leg))
        return Thanks(events, "application/xml", str(said))

    def _event(self, name: str, attempt: str, news: tuple[Side, Leg | None]) -> tuple[Inbound, ...]:
        side, leg = news
        if leg is None:
            return ()
        event, provider = f"{self._setup.name}:{name}", self._setup.name
        return (Inbound(event, InboundKind.LEG, self._setup.now(), written(side, leg), attempt, provider=provider),)


def _leg(status: str, sip: str) -> Leg | None:
    """None where it says nothing yet."""
    return _UNDER_WAY.get(status) or _LEGS.get(call_receipt(CallEnd(status, sip=sip)))
