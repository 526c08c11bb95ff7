"""腾讯云短信: ordered variables; receipts and replies are pushed, or fetched where nobody can call us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tencentcloud.common.credential import Credential
from tencentcloud.sms.v20210111.models import PullSmsReplyStatusRequest, PullSmsSendStatusRequest, SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from callout.channels.clouds import JSON, WORDLESS, Ear, Gate, endpoint_is_real, records
from callout.channels.numbers import e164_of
from callout.channels.tencent import THANKS, VERDICTS, Caller
from callout.domain.abilities import Abilities, Answering, Receipts
from callout.domain.attempt import ReceiptKind
from callout.domain.extension import extension
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Channel, Inbound, Message, Outcome, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.SMS})
FREE_TEXT = False
_FETCH = 100
"""Receipts or replies in one request, at most."""
_WORDS: Mapping[str, ReceiptKind] = {
    "DELIVRD": ReceiptKind.DELIVERED,
    "EXPIRED": ReceiptKind.EXPIRED,
    "REJECTD": ReceiptKind.FILTERED,
    "MK:0001": ReceiptKind.DEAD,
    "MI:0013": ReceiptKind.SUPPRESSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The account, the application, and the signature under which the templates were approved."""

    secret_id: str
    secret_key_env: str
    key_env: str
    """A key of our own: it stands in the addresses to which the cloud pushes."""
    app_id: str
    sign_name: str
    region: str = "ap-guangzhou"
    endpoint: str = "sms.tencentcloudapi.com"
    pull: bool = False
    """Receipts and replies are fetched instead of pushed; the provider must have opened that."""
    extension_digits: int = 0
    two_way: bool = False
    """Whether the up-link is open; ask for it, it is not by default."""
    cost_fen: int = 0

    @property
    def real(self) -> bool:
        """Whether the endpoint is another machine than this one."""
        return endpoint_is_real(self.endpoint)


def channel(setup: Setup) -> Channel:
    """The channel; it opens connections when it sends."""
    config: Config = setup.config
    return _PullingSms(setup) if config.pull else _TencentSms(setup)


class _TencentSms:
    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._config = config
        credential = Credential(config.secret_id, setup.secrets["secret_key"])
        self._caller = Caller(SmsClient, config.endpoint, credential, config.region)
        self._gate, self._ear = Gate(setup), Ear(setup.name, setup.now)
        self._listens = bool(setup.public_url) or config.pull

    def abilities(self, e164: str) -> Abilities:
        """Answers come back from mainland numbers only, and only where the up-link is open."""
        mainland = e164.startswith("+86") or not self._config.real
        how = Receipts.PULL if self._config.pull else Receipts.PUSH
        return Abilities(
            answers=frozenset({Answering.REPLY})
            if mainland and self._config.two_way and self._listens
            else frozenset(),
            receipts=how if self._listens else Receipts.NONE,
            uplink_shut=mainland and not self._config.two_way,
            links=False,
            free_text=False,
            cost_fen=self._config.cost_fen,
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """A text cannot be taken back."""

    async def submit(self, message: Message) -> Submission:
        """One SendSms to one number."""
        if message.filled is None:
            return WORDLESS
        request = SendSmsRequest()
        request.PhoneNumberSet = [message.e164]
        request.SmsSdkAppId, request.SignName = self._config.app_id, self._config.sign_name
        request.TemplateId, request.TemplateParamSet = message.filled.code, list(message.filled.ordered)
        request.ExtendCode = extension(message.attempt, self._config.extension_digits)
        request.SessionContext = message.attempt
        answer, end = await self._caller.asked(lambda client: client.SendSms(request))
        if end or answer is None or not answer.SendStatusSet:
            return end or Submission(Outcome.UNKNOWN, reason="没有得到回答")
        status = answer.SendStatusSet[0]
        if status.Code != "Ok":
            return VERDICTS.of(status.Code, status.Message or "")
        return Submission(Outcome.ACCEPTED, ref=status.SerialNo or "")

    def called(self, call: Called) -> Thanks:
        """Receipts and replies; a reply carries no id of the text, and may come again."""
        self._gate.check(call, "receipt", "reply")
        read = self._reply if call.what == "reply" else self._receipt
        return Thanks([event for one in records(call.body) for event in read(one)], JSON, THANKS)

    def _receipt(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        attempt, ref = str(told.get("ext") or ""), str(told.get("sid") or "")
        if not attempt and not ref:
            return ()
        return (self._ear.receipt(_kind(told.get("report_status"), told.get("errmsg")), attempt, ref),)

    def _reply(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        number = f"{told.get('nationcode') or '86'}{told.get('mobile') or ''}"
        said = _Said(number, str(told.get("text") or ""), str(told.get("extend") or ""), told.get("time"))
        return self._said(said) if told.get("mobile") else ()

    def _said(self, said: "_Said") -> Sequence[Inbound]:
        e164 = e164_of(said.number)
        # The provider gives replies no id of their own: number, second and words are all there is.
        event = f"{e164}:{said.at}:{said.text}"
        return (
            self._ear.reply(
                event,
                e164,
                said.text,
                said.dialled[-self._config.extension_digits :] if self._config.extension_digits else "",
            ),
        )


@dataclass(frozen=True, slots=True)
class _Said:
    number: str
    text: str
    dialled: str
    at: object


class _PullingSms(_TencentSms):
    """The same where nobody can call us: what came is fetched."""

    _last: Sequence[Inbound] = ()

    async def poll(self) -> Sequence[Inbound]:
        """What is new, and what was told last: the provider hands everything out once only, and it may not be kept."""
        receipts, replies = PullSmsSendStatusRequest(), PullSmsReplyStatusRequest()
        for request in (receipts, replies):
            request.SmsSdkAppId, request.Limit = self._config.app_id, _FETCH
        told, _ = await self._caller.asked(lambda client: client.PullSmsSendStatus(receipts))
        said, _ = await self._caller.asked(lambda client: client.PullSmsReplyStatus(replies))
        new = [
            self._ear.receipt(_kind(one.ReportStatus, one.Description), one.SessionContext or "", one.SerialNo or "")
            for one in (told.PullSmsSendStatusSet or [] if told else [])
        ]
        for one in said.PullSmsReplyStatusSet or [] if said else []:
            number = f"{one.CountryCode}{one.PhoneNumber}".removeprefix("+")
            new.extend(self._said(_Said(number, one.ReplyContent or "", one.ExtendCode or "", one.ReplyTime)))
        events, self._last = [*self._last, *new], new
        return events


def _kind(status: object, words: object) -> ReceiptKind:
    ends = ReceiptKind.DELIVERED if status == "SUCCESS" else ReceiptKind.UNDELIVERED
    return _WORDS.get(str(words), ends)
