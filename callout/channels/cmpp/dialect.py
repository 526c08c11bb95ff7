"""CMPP as a dialect of a line to a carrier."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from callout.channels.cmpp.codec import decode, encode, login, text_of, unpack, valid_until
from callout.channels.cmpp.config import Config, refusal
from callout.channels.cmpp.pdus import (
    HEADER,
    ActiveTest,
    ActiveTestResp,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    StatusReport,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from callout.channels.line import Answer, Broken, Event, Frame, Goodbye, Part, Report, Text, Welcome
from callout.channels.numbers import carrier_number
from callout.channels.parts import headed, ucs2
from callout.domain.attempt import ReceiptKind
from callout.domain.instant import Instant
from callout.ports import Message

STATS: Mapping[str, ReceiptKind | None] = {
    "DELIVRD": ReceiptKind.DELIVERED,
    "ACCEPTD": None,
    "EXPIRED": ReceiptKind.EXPIRED,
    "DELETED": ReceiptKind.FAILED,
    "UNDELIV": ReceiptKind.UNDELIVERED,
    "UNKNOWN": ReceiptKind.FAILED,
    "REJECTD": ReceiptKind.FILTERED,
    "MK:0001": ReceiptKind.DEAD,
    "MK:0005": ReceiptKind.SWITCHED_OFF,
    "MK:0012": ReceiptKind.SWITCHED_OFF,
}
"""What a status report says; a word that is not here is an error code of some network on the way: undelivered."""


class CmppDialect:
    """The bytes of CMPP 2.0 or 3.0 for one account."""

    header = HEADER

    def __init__(self, config: Config, secret: str, now: Callable[[], Instant]) -> None:
        self._config = config
        self._secret = secret
        self._now = now

    def login(self, sequence: int) -> bytes:
        """CONNECT."""
        return self._bytes(login(self._config.sp_id, self._secret, self._config.version, self._now()), sequence)

    def parts(self, message: Message, sender: str, reference: int) -> Sequence[Part]:
        """SUBMITs; those of a long text carry a concatenation header."""
        config = self._config
        contents = ucs2(message.text, reference)
        pdus = [
            Submit(
                dest=carrier_number(message.e164),
                content=content,
                src_id=sender,
                msg_src=config.sp_id,
                service_id=config.service_id,
                valid_time=valid_until(message.expires_at) if message.expires_at else "",
                pk_total=len(contents),
                pk_number=number,
                tp_udhi=int(len(contents) > 1),
                fee_type=config.fee_type,
                fee_code=config.fee_code,
            )
            for number, content in enumerate(contents, 1)
        ]
        return [partial(self._bytes, pdu) for pdu in pdus]

    def ping(self, sequence: int) -> bytes:
        """ACTIVE_TEST."""
        return self._bytes(ActiveTest(), sequence)

    def goodbye(self, sequence: int) -> bytes:
        """TERMINATE."""
        return self._bytes(Terminate(), sequence)

    def read(self, frame: bytes) -> Frame:
        """Understand a message; commands that we do not know are passed over."""
        sequence, pdu = decode(frame, self._config.version)
        match pdu:
            case ConnectResp():
                return Frame(sequence, Welcome(pdu.status))
            case SubmitResp():
                return Frame(sequence, Answer(str(pdu.msg_id), refusal(pdu.result) if pdu.result else None))
            case Deliver():
                return Frame(sequence, self._said(pdu), self._bytes(DeliverResp(pdu.msg_id), sequence))
            case ActiveTest():
                return Frame(sequence, None, self._bytes(ActiveTestResp(), sequence))
            case Terminate():
                return Frame(sequence, Goodbye(), self._bytes(TerminateResp(), sequence))
        return Frame(sequence, None)

    def _said(self, pdu: Deliver) -> Event:
        if not pdu.registered_delivery:
            place, content = headed(pdu.content) if pdu.tp_udhi else (None, pdu.content)
            return Text(str(pdu.msg_id), pdu.src, pdu.dest, text_of(content, pdu.msg_fmt), place)
        try:
            report = unpack(StatusReport, pdu.content, self._config.version)
        except Broken:
            return None  # asked for again, it would be no better
        return Report(str(report.msg_id), STATS.get(report.stat, ReceiptKind.UNDELIVERED), report.stat)

    def _bytes(self, pdu: Pdu, sequence: int) -> bytes:
        return encode(pdu, self._config.version, sequence)
