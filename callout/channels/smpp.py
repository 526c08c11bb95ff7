"""SMPP 3.4: the protocol between a service and the message centre of most carriers outside the mainland.

The bytes are aiosmpplib's; the manners of the line are ours, because a text must never be repeated by itself and a
gateway must not be thanked for what is not yet kept.
"""

import re
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from aiosmpplib import NPI, TON, BindTransceiver, DeliverSm, EnquireLink, PhoneNumber, SubmitSm, Unbind
from aiosmpplib.protocol import DeliverSmResp, EnquireLinkResp, SmppMessage, UnbindResp
from aiosmpplib.state import PduHeader, SmppCommand, SmppCommandStatus

from callout.channels.line import Answer, Broken, Event, Frame, Goodbye, Part, Report, Text, Welcome
from callout.channels.numbers import carrier_number
from callout.channels.parts import Place, ucs2
from callout.channels.texting import LineConfig, Texting
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import moment
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Message, Outcome, Refusal, Setup, Submission

CARRIES = frozenset({ChannelKind.SMS})
UNREADABLE = "〔无法解码的短信〕"
"""Stands for a text whose bytes nobody understands: that somebody wrote is not lost, and a human looks."""
_UDHI, _IS_RECEIPT, _TYPE = 0x40, 0x04, 0x3C
_RECEIPTED_ID = 0x001E
_SIXTEEN = 0xFFFF

STATS: Mapping[str, ReceiptKind | None] = {
    "DELIVRD": ReceiptKind.DELIVERED,
    "ENROUTE": None,
    "ACCEPTD": None,
    "EXPIRED": ReceiptKind.EXPIRED,
    "DELETED": ReceiptKind.FAILED,
    "UNDELIV": ReceiptKind.UNDELIVERED,
    "UNKNOWN": ReceiptKind.FAILED,
    "REJECTD": ReceiptKind.FILTERED,
}
_REFUSALS: Mapping[int, Refusal] = {
    0x01: Refusal.CONTENT,
    0x0A: Refusal.CONFIG,
    0x0B: Refusal.CONTACT,
    0x0D: Refusal.CONFIG,
    0x0E: Refusal.CONFIG,
    0x0F: Refusal.CONFIG,
    0x48: Refusal.CONFIG,
    0x49: Refusal.CONFIG,
    0x50: Refusal.CONTACT,
    0x51: Refusal.CONTACT,
    0x53: Refusal.CONFIG,
    0x61: Refusal.CONFIG,
    0x62: Refusal.CONFIG,
}
_TOO_MUCH = frozenset({0x14, 0x58})
"""Queue full, throttled: not processed."""
_ITS_OWN_FAULT = frozenset({0x08, 0xFF})
"""System error, unknown error: nobody can say what became of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(LineConfig):
    """The account as the carrier gave it."""

    system_id: str
    port: int = 2775
    system_type: str = ""
    service_type: str = ""
    plus_86: bool = True
    """Whether the message centre wants the country code before mainland numbers."""


def channel(setup: Setup) -> Channel:
    """The channel; it connects when it runs."""
    config: Config = setup.config
    return Texting(setup, config, _Smpp(config, setup.secrets["secret"]))


class _Smpp:
    """The bytes of SMPP for one account."""

    header = 16

    def __init__(self, config: Config, password: str) -> None:
        self._config = config
        self._password = password

    def login(self, sequence: int) -> bytes:
        """bind_transceiver."""
        config = self._config
        bind = BindTransceiver(
            sequence_num=sequence,
            system_id=config.system_id,
            password=self._password,
            system_type=config.system_type,
        )
        return _bytes(bind)

    def parts(self, message: Message, sender: str, reference: int) -> Sequence[Part]:
        """submit_sm, one for each part; those of a long text carry a concatenation header."""
        contents = ucs2(message.text, reference)
        return [partial(self._submit, message, sender, content, len(contents) > 1) for content in contents]

    def _submit(self, message: Message, sender: str, content: bytes, long: bool, sequence: int) -> bytes:
        to = message.e164.removeprefix("+") if self._config.plus_86 else carrier_number(message.e164)
        pdu = SubmitSm(
            sequence_num=sequence,
            short_message=message.text,
            source=PhoneNumber(sender, TON.UNKNOWN, NPI.ISDN),
            destination=PhoneNumber(to, TON.INTERNATIONAL if self._config.plus_86 else TON.NATIONAL, NPI.ISDN),
            service_type=self._config.service_type,
            esm_class=_UDHI if long else 0,
            validity_period=moment(message.expires_at) if message.expires_at else None,
            encoding="ucs2",
        )
        pdu.set_encoded_message(content)
        return _bytes(pdu)

    def ping(self, sequence: int) -> bytes:
        """enquire_link."""
        return _bytes(EnquireLink(sequence))

    def goodbye(self, sequence: int) -> bytes:
        """unbind."""
        return _bytes(Unbind(sequence))

    def read(self, frame: bytes) -> Frame:
        """Understand a message; commands that we do not know are passed over."""
        size, command, status, sequence = struct.unpack_from(">IIII", frame)
        if size != len(frame):
            raise Broken("wrong command_length")
        match command:
            case SmppCommand.BIND_TRANSCEIVER_RESP:
                return Frame(sequence, Welcome(status))
            case SmppCommand.SUBMIT_SM_RESP | SmppCommand.GENERIC_NACK:
                ref = frame[self.header :].partition(b"\0")[0].decode("ascii", "replace")
                return Frame(sequence, Answer(ref, refusal(status) if status else None))
            case SmppCommand.DELIVER_SM:
                return Frame(sequence, _said(frame, sequence), _bytes(DeliverSmResp(sequence)))
            case SmppCommand.ENQUIRE_LINK:
                return Frame(sequence, None, _bytes(EnquireLinkResp(sequence)))
            case SmppCommand.UNBIND:
                return Frame(sequence, Goodbye(), _bytes(UnbindResp(sequence)))
        return Frame(sequence, None)


def _bytes(pdu: SmppMessage) -> bytes:
    return bytes(pdu.pdu())


def refusal(status: int) -> Submission:
    """What a command_status other than 0 means; 0x400 and up are the carrier's own."""
    reason = f"command_status {status:#x}"
    if status in _TOO_MUCH:
        return Submission(Outcome.THROTTLED, reason=reason)
    if status in _ITS_OWN_FAULT:
        return Submission(Outcome.UNKNOWN, reason=reason)
    return Submission(Outcome.REFUSED, reason=reason, kind=_REFUSALS.get(status, Refusal.ROUTE))


def _said(frame: bytes, sequence: int) -> Event:
    # SMPP gives texts no id of their own. One that comes twice is heard twice, which does no harm; one that is taken
    # for another would be lost.
    pdu = _deliver(frame, sequence)
    if pdu is None:
        return Text(secrets.token_hex(8), _source(frame), "", UNREADABLE)
    words = pdu.short_message or pdu.message_payload
    options = {option.tag: option.value for option in pdu.optional_params or []}
    if pdu.esm_class & _TYPE == _IS_RECEIPT:
        return _report(words, str(options.get(_RECEIPTED_ID, "")))
    reference, number, total = pdu.get_segmentation_data()
    # The library reads a reference of 16 bits together with what follows it.
    reference = reference if reference <= _SIXTEEN else reference >> 16
    place = Place(reference, total, number) if total > 1 else None
    return Text(secrets.token_hex(8), pdu.source.number, pdu.destination.number, words, place)


def _deliver(frame: bytes, sequence: int) -> DeliverSm | None:
    head = PduHeader(len(frame), SmppCommand.DELIVER_SM, SmppCommandStatus.ESME_ROK, sequence)
    try:
        pdu: SmppMessage = DeliverSm.from_pdu(frame, head, "gsm0338")
    except (ValueError, LookupError, struct.error):
        return None
    return pdu if isinstance(pdu, DeliverSm) else None


def _source(frame: bytes) -> str:
    body = frame[16:].partition(b"\0")[2][2:]
    return body.partition(b"\0")[0].decode("ascii", "replace")


def _report(words: str, receipted: str) -> Report | None:
    """The receipt in the form that carriers agree on, though the standard only recommends it."""
    told = {name.lower(): value for name, value in re.findall(r"\b(id|stat):(\S+)", words, re.IGNORECASE)}
    ref, stat = receipted or told.get("id", ""), told.get("stat", "").upper()
    return Report(ref, STATS.get(stat, ReceiptKind.UNDELIVERED), stat) if ref and stat else None
