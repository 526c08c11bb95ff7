"""阿里云语音: IvrCall reads an approved template or plays an approved recording, and takes a key; the key and the end
of the call are pushed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alibabacloud_dyvmsapi20170525.client import Client
from alibabacloud_dyvmsapi20170525.models import (
    IvrCallRequest,
    IvrCallRequestMenuKeyMap,
    SingleCallByTtsRequest,
    SingleCallByVoiceRequest,
)

from callout.channels.aliyun import THANKS, asked, runtime, sdk_config
from callout.channels.clouds import JSON, WORDLESS, Ear, Gate, endpoint_is_real, records
from callout.channels.numbers import carrier_number
from callout.domain.abilities import Abilities, Answering, Receipts, Window
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import TIMES, call_facts
from callout.domain.form import Filled
from callout.domain.instant import BEIJING, HOUR, MINUTE, Instant, instant
from callout.domain.ladder import ChannelKind
from callout.ports import Called, Channel, Inbound, Message, Outcome, Refusal, Setup, Submission, Thanks

CARRIES = frozenset({ChannelKind.VOICE})
FREE_TEXT = False
WINDOWS = (Window(1, MINUTE), Window(5, HOUR), Window(20, 24 * HOUR))
"""To one number, failures counted: the provider refuses what is beyond."""
_PRESSED = "300000"
_RECORDING = ".wav"
"""How the id of an uploaded recording ends; a template's is TTS_ and digits."""
_STATUS: Mapping[str, ReceiptKind] = {
    "200000": ReceiptKind.HEARD_WHOLE,
    "200001": ReceiptKind.HEARD_PART,
    "200002": ReceiptKind.BUSY,
    "200003": ReceiptKind.NO_REPLY,
    "200004": ReceiptKind.DEAD,
    "200005": ReceiptKind.REJECTED,
    "200006": ReceiptKind.FAILED,
    "200007": ReceiptKind.SWITCHED_OFF,
    "200008": ReceiptKind.HEARD_WHOLE,
    "200010": ReceiptKind.SWITCHED_OFF,
    "200011": ReceiptKind.DEAD,
}
"""How a call ended; 200008 is a key that was waited for in vain. Any other code is a failure on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The account, the number that calls come from, and what is read after each key."""

    access_key_id: str
    access_key_secret_env: str
    key_env: str
    called_show_number: str
    thanks_code: str
    """Template without variables that is read after a key, such as 已记录，谢谢。"""
    endpoint: str = "dyvmsapi.aliyuncs.com"
    play_times: int = 2
    key_seconds: int = 8
    cost_fen: int = 0

    @property
    def real(self) -> bool:
        """Whether the endpoint is another machine than this one."""
        return endpoint_is_real(self.endpoint)


def channel(setup: Setup) -> Channel:
    """The channel; it opens connections when it calls."""
    return _AliyunVoice(setup)


class _AliyunVoice:
    def __init__(self, setup: Setup) -> None:
        config: Config = setup.config
        self.name = setup.name
        self._config = config
        self._client = Client(sdk_config(config.endpoint, config.access_key_id, setup.secrets["access_key_secret"]))
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
            cost_fen=self._config.cost_fen,
            windows=WINDOWS,
            tells=TIMES if self._reachable else frozenset(),
        )

    async def hang_up(self, attempt: str, ref: str) -> None:
        """There is no way to end such a call."""

    async def submit(self, message: Message) -> Submission:
        """One call. Its OutId may have 15 bytes, so what comes back is told by the provider's CallId."""
        filled = message.filled
        if filled is None:
            return WORDLESS
        recorded = filled.code.endswith(_RECORDING)
        if recorded and filled.named:
            return Submission(Outcome.REFUSED, reason="录音里填不进变量", kind=Refusal.WORDS)
        to = {
            "called_number": carrier_number(message.e164),
            "called_show_number": self._config.called_show_number,
        }
        if message.wants_answer:
            ivr = self._ivr(to, filled, recorded)
            body, end = await asked(lambda: self._client.ivr_call_with_options_async(ivr, runtime()))
        elif recorded:
            voice = SingleCallByVoiceRequest(**to, voice_code=filled.code, play_times=1)
            body, end = await asked(lambda: self._client.single_call_by_voice_with_options_async(voice, runtime()))
        else:
            tts = SingleCallByTtsRequest(**to, tts_code=filled.code, tts_param=_params(filled), play_times=1)
            body, end = await asked(lambda: self._client.single_call_by_tts_with_options_async(tts, runtime()))
        return end or Submission(Outcome.ACCEPTED, ref=body.call_id or "")

    def _ivr(self, to: Mapping[str, str], filled: Filled, recorded: bool) -> IvrCallRequest:
        config = self._config
        keys = [IvrCallRequestMenuKeyMap(key=key, code=config.thanks_code, tts_params="{}") for key in "123"]
        return IvrCallRequest(
            **to,
            start_code=filled.code,
            start_tts_params=None if recorded else _params(filled),
            menu_key_map=keys,
            play_times=config.play_times,
            timeout=config.key_seconds * 1000,
        )

    def called(self, call: Called) -> Thanks:
        """VoiceCallReport (a key, while the call goes on) and VoiceReport (after it)."""
        self._gate.check(call, "call")
        events = [event for one in records(call.body) for event in self._events(one)]
        return Thanks(events, JSON, THANKS)

    def _events(self, told: Mapping[str, object]) -> Sequence[Inbound]:
        ref, status = str(told.get("call_id") or ""), str(told.get("status_code") or "")
        keys = str(told.get("dtmf") or "").strip("#* ")
        if not ref:
            return ()
        key = (self._ear.key(keys[-1], ref=ref),) if keys else ()
        if status == _PRESSED or "end_time" not in told:
            return key  # the call goes on: how it ended comes by itself
        facts = call_facts(_time(told.get("start_time")), _time(told.get("end_time")))
        return (*key, self._ear.receipt(_STATUS.get(status, ReceiptKind.FAILED), ref=ref, facts=facts))


def _params(filled: Filled) -> str:
    return json.dumps(dict(filled.named), ensure_ascii=False)


def _time(told: object) -> Instant | None:
    """Beijing time without a zone; None where it is missing or cannot be read."""
    try:
        return instant(datetime.strptime(str(told or ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING))
    except ValueError:
        return None
