"""腾讯云语音: SendTtsVoice reads an approved template; the key and the end of the call are pushed by CallId."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tencentcloud.common.credential import Credential
from tencentcloud.vms.v20200902.models import SendTtsVoiceRequest
from tencentcloud.vms.v20200902.vms_client import VmsClient

from callout.channels.clouds import JSON, WORDLESS, Ear, Gate, endpoint_is_real, records
from callout.channels.tencent import THANKS, Caller
from callout.domain.abilities import Abilities, Answering, Receipts, Window
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import TIMES, call_facts
from callout.domain.instant import HOUR, SECOND, Instant
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Channel, Inbound, Message, Outcome, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.VOICE})
FREE_TEXT = False
WINDOWS = (Window(1, 8 * HOUR, night_only=True),)
"""To one number; further limits are set in the provider's console."""
_PER_SECOND = 20.0
_LONGEST = 350
_FAR = 1 << 33
"""Seconds: far beyond any call."""
_RESULTS: Mapping[str, ReceiptKind] = {
    "0": ReceiptKind.HEARD_WHOLE,
    "1": ReceiptKind.NO_REPLY,
    "2": ReceiptKind.FAILED,
}
_REASONS: Mapping[str, ReceiptKind] = {
    "空号": ReceiptKind.DEAD,
    "停机": ReceiptKind.DEAD,
    "关机": ReceiptKind.SWITCHED_OFF,
    "不在服务区": ReceiptKind.SWITCHED_OFF,
    "无法接通": ReceiptKind.SWITCHED_OFF,
    "占线": ReceiptKind.BUSY,
    "忙": ReceiptKind.BUSY,
    "拒": ReceiptKind.REJECTED,
    "无人接听": ReceiptKind.NO_REPLY,
    "未接": ReceiptKind.NO_REPLY,
}
"""Words in failure_reason; the provider's code table is not public in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The account and the voice application."""

    secret_id: str
    secret_key_env: str
    key_env: str
    app_id: str
    region: str = "ap-guangzhou"
    endpoint: str = "vms.tencentcloudapi.com"
    play_times: int = 2
    cost_fen: int = 0

    @property
    def real(self) -> bool:
        """Whether the endpoint is another machine than this one."""
        return endpoint_is_real(self.endpoint)


def channel(setup: Setup) -> Channel:
    """The channel; it opens connections when it calls."""
    return _TencentVoice(setup)


class _TencentVoice:
    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._config = config
        credential = Credential(config.secret_id, setup.secrets["secret_key"])
        self._caller = Caller(VmsClient, config.endpoint, credential, config.region)
        self._gate, self._ear = Gate(setup), Ear(setup.name, setup.now)
        self._reachable = bool(setup.public_url)

    def abilities(self, e164: str) -> Abilities:  # noqa: ARG002
        """A key is heard only where the cloud can call us."""
        return Abilities(
            answers=frozenset({Answering.KEY}) if self._reachable else frozenset(),
            receipts=Receipts.PUSH if self._reachable else Receipts.NONE,
            validity=True,
            links=False,
            free_text=False,
            longest=_LONGEST,
            cost_fen=self._config.cost_fen,
            per_second=_PER_SECOND,
            windows=WINDOWS,
            tells=TIMES if self._reachable else frozenset(),
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """There is no way to end such a call."""

    async def submit(self, message: Message) -> Submission:
        """One call; the template itself must ask for the key."""
        if message.filled is None:
            return WORDLESS
        request = SendTtsVoiceRequest()
        request.TemplateId, request.TemplateParamSet = message.filled.code, list(message.filled.ordered)
        request.CalledNumber, request.VoiceSdkAppid = message.e164, self._config.app_id
        request.PlayTimes, request.SessionContext = self._config.play_times, message.attempt
        answer, end = await self._caller.asked(lambda client: client.SendTtsVoice(request))
        if end or answer is None or answer.SendStatus is None:
            return end or Submission(Outcome.UNKNOWN, reason="没有得到回答")
        return Submission(Outcome.ACCEPTED, ref=answer.SendStatus.CallId or "")

    def called(self, call: Called) -> Thanks:
        """A key, the end of a call, or why it did not come about; each in an object of its own name."""
        self._gate.check(call, "call")
        events = [event for told in records(call.body) for event in self._events(told)]
        return Thanks(events, JSON, THANKS)

    def _events(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        for name, read in (
            ("voicekey_callback", self._key),
            ("voiceprompt_callback", self._end),
            ("voice_failure_callback", self._failure),
        ):
            one = told.get(name)
            if isinstance(one, dict) and one.get("callid"):
                return read(one)
        return ()

    def _key(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        digit = str(told.get("keypress") or "").strip("#* ")
        return (self._ear.key(digit[-1], ref=str(told["callid"])),) if digit else ()

    def _end(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        kind = _RESULTS.get(str(told.get("result")), ReceiptKind.FAILED)
        facts = call_facts(_time(told.get("accept_time")), _time(told.get("end_calltime")))
        return (self._ear.receipt(kind, ref=str(told["callid"]), facts=facts),)

    def _failure(self, told: Mapping[str, Any]) -> Sequence[Inbound]:
        reason = str(told.get("failure_reason") or "")
        kind = next((kind for words, kind in _REASONS.items() if words in reason), ReceiptKind.FAILED)
        return (self._ear.receipt(kind, ref=str(told["callid"])),)


def _time(told: object) -> Instant | None:
    """Seconds since 1970 as text; 0 or nothing where it did not happen."""
    text = str(told or "")
    return Instant(int(text) * SECOND) if text.isascii() and text.isdigit() and 0 < int(text) < _FAR else None
