"""阿里云短信: one SendSms for each text, as the provider advises for alerts; receipts and replies are pushed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest

from callout.channels.aliyun import THANKS, asked, runtime, sdk_config
from callout.channels.clouds import JSON, WORDLESS, Ear, Gate, endpoint_is_real, records
from callout.channels.numbers import carrier_number, e164_of
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.extension import extension
from callout.domain.instant import Instant, beijing
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Channel, Finding, Inbound, Message, Outcome, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.SMS})
FREE_TEXT = False

_CODES: Mapping[str, ReceiptKind] = {
    "DELIVERED": ReceiptKind.DELIVERED,
    "DELIVRD": ReceiptKind.DELIVERED,
    "MOBILE_NOT_ON_SERVICE": ReceiptKind.DEAD,
    "INVALID_NUMBER": ReceiptKind.DEAD,
    "MK:0001": ReceiptKind.DEAD,
    "MOBILE_IN_BLACK": ReceiptKind.SUPPRESSED,
    "MOBILE_ACCOUNT_ABNORMAL": ReceiptKind.SWITCHED_OFF,
    "MOBILE_TERMINAL_ERROR": ReceiptKind.SWITCHED_OFF,
    "CONTENT_KEYWORD": ReceiptKind.FILTERED,
    "CONTENT_ERROR": ReceiptKind.FILTERED,
    "REJECTD": ReceiptKind.FILTERED,
    "EXPIRED": ReceiptKind.EXPIRED,
}
_SENT, _FAILED, _DELIVERED = 1, 2, 3
"""SendStatus of QuerySendDetails: waits for the receipt, failed, delivered."""
_DETAILS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The account, and the signature under which the templates were approved."""

    access_key_id: str
    access_key_secret_env: str
    key_env: str
    """A key of our own: it stands in the addresses to which the cloud pushes."""
    sign_name: str
    endpoint: str = "dysmsapi.aliyuncs.com"
    extension_digits: int = 0
    """Digits by which replies name their text; the account must be allowed to choose them."""
    two_way: bool = False
    """Whether the up-link is open for this signature; ask for it, it is not by default."""
    cost_fen: int = 0

    @property
    def real(self) -> bool:
        """Whether the endpoint is another machine than this one."""
        return endpoint_is_real(self.endpoint)


def channel(setup: Setup) -> Channel:
    """The channel; it opens connections when it sends."""
    return _AliyunSms(setup)


class _AliyunSms:
    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._config = config
        self._client = Client(sdk_config(config.endpoint, config.access_key_id, setup.secrets["access_key_secret"]))
        self._gate, self._ear = Gate(setup), Ear(setup.name, setup.now)
        self._reachable = bool(setup.public_url)

    def abilities(self, e164: str) -> Abilities:
        """Answers come back from mainland numbers only, and only where the up-link is open and we can be called."""
        mainland = e164.startswith("+86") or not self._config.real
        answers = mainland and self._config.two_way and self._reachable
        return Abilities(
            answers=frozenset({Answering.REPLY}) if answers else frozenset(),
            receipts=Receipts.PUSH if self._reachable else Receipts.NONE,
            uplink_shut=mainland and not self._config.two_way,
            batch=1,
            links=False,
            free_text=False,
            cost_fen=self._config.cost_fen,
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """A text cannot be taken back."""

    async def submit(self, message: Message) -> Submission:
        """One SendSms."""
        filled = message.filled
        if filled is None:
            return WORDLESS
        request = SendSmsRequest(
            phone_numbers=carrier_number(message.e164),
            sign_name=self._config.sign_name,
            template_code=filled.code,
            template_param=json.dumps(dict(filled.named), ensure_ascii=False),
            out_id=message.attempt,
            sms_up_extend_code=extension(message.attempt, self._config.extension_digits) or None,
        )
        body, end = await asked(lambda: self._client.send_sms_with_options_async(request, runtime()))
        return end or Submission(Outcome.ACCEPTED, ref=body.biz_id or "")

    async def find(self, attempt: str, e164: str, since: Instant) -> Finding:
        """Look for an attempt in doubt among what was sent to this number on that day."""
        request = QuerySendDetailsRequest(
            phone_number=carrier_number(e164), send_date=beijing(since, "%Y%m%d"), page_size=_DETAILS, current_page=1
        )
        body, end = await asked(lambda: self._client.query_send_details_with_options_async(request, runtime()))
        if end:
            return Finding(None)
        details = (body.sms_send_detail_dtos and body.sms_send_detail_dtos.sms_send_detail_dto) or []
        # The record may take a while to appear, so a missing one does not prove that nothing was sent.
        return Finding(True) if any(one.out_id == attempt for one in details) else Finding(None)

    def called(self, call: Called) -> Thanks:
        """SmsReport and SmsUp, many in one request, in any order, perhaps again."""
        self._gate.check(call, "receipt", "reply")
        read = self._reply if call.what == "reply" else self._receipt
        events = [event for one in records(call.body) for event in read(one)]
        return Thanks(events, JSON, THANKS)

    def _receipt(self, told: Mapping[str, object]) -> Sequence[Inbound]:
        attempt, ref = str(told.get("out_id") or ""), str(told.get("biz_id") or "")
        if not attempt and not ref:
            return ()
        code = str(told.get("err_code") or "")
        kind = _CODES.get(code, ReceiptKind.DELIVERED if told.get("success") is True else ReceiptKind.UNDELIVERED)
        return (self._ear.receipt(kind, attempt, ref),)

    def _reply(self, told: Mapping[str, object]) -> Sequence[Inbound]:
        number = str(told.get("phone_number") or "")
        if not number:
            return ()
        digits, dialled = self._config.extension_digits, str(told.get("dest_code") or "")
        named = dialled[-digits:] if digits else ""
        return (self._ear.reply(str(told.get("sequence_id")), e164_of(number), str(told.get("content") or ""), named),)
