"""腾讯云 over real HTTP to a simulated cloud; no live account was used. Codes and pushes are the documented ones."""

import json
from typing import Any

import pytest
from tencentcloud.sms.v20210111 import models as sms_models
from tencentcloud.vms.v20200902 import models as voice_models

from callout.channels import tencent_sms, tencent_voice
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import CallFacts
from callout.domain.form import Filled
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Forged, Hooked, InboundKind, Outcome, Pulls, Refusal, Setup
from tests.channels.desk import HOOK_KEY as KEY
from tests.channels.desk import NOW, PHONE, Ear, call, message
from tests.channels.sky import Answer, over

FILLED = Filled("1145", {"what": "暴雨橙色预警", "place": "示例乡"}, ("暴雨橙色预警", "示例乡"))


def _setup(config: Any, public: str = "https://callout.example") -> Setup:
    return Setup("tx", config, {"secret_key": "demo", "key": KEY}, lambda: NOW, Ear().hear, public)


def sms(endpoint: str = "http://127.0.0.1:9", public: str = "https://callout.example", **more: Any) -> Channel:
    config = tencent_sms.Config(
        secret_id="SK-demo", secret_key_env="CALLOUT_T", key_env="CALLOUT_K", app_id="1400006666",
        sign_name="示例区防汛办", endpoint=endpoint, **more,
    )  # fmt: skip
    return tencent_sms.channel(_setup(config, public))


def voice(endpoint: str = "http://127.0.0.1:9") -> Channel:
    config = tencent_voice.Config(
        secret_id="SK-demo", secret_key_env="CALLOUT_T", key_env="CALLOUT_K", app_id="1400006666", endpoint=endpoint
    )
    return tencent_voice.channel(_setup(config))


def sent(code: str) -> dict[str, Any]:
    status = {"SerialNo": "5000:1045710669157053657849499619", "PhoneNumber": PHONE, "Fee": 1,
              "SessionContext": "500156.a1", "Code": code, "Message": "示例", "IsoCode": "CN"}  # fmt: skip
    return {"Response": {"SendStatusSet": [status], "RequestId": "a0aabda6"}}


def failed(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "示例"}, "RequestId": "a0aabda6"}}


def always(body: dict[str, Any], status: int = 200) -> Answer:
    return lambda _action, _params: (status, body)


def heard(channel: Channel, what: str, told: Any) -> list[tuple[InboundKind, str, str, str, str]]:
    assert isinstance(channel, Hooked)
    found = channel.called(call(what, json.dumps(told).encode()))
    assert json.loads(found.body)["result"] == 0
    return [(one.kind, one.body, one.attempt, one.ref, one.e164) for one in found.events]


async def test_a_text_goes_out_as_its_template_with_ordered_variables() -> None:
    async with over("tencent", always(sent("Ok"))) as sky:
        end = await sms(sky.url, extension_digits=2).submit(message(filled=FILLED))
    ((action, params),) = sky.asked
    assert (end.outcome, end.ref) == (Outcome.ACCEPTED, "5000:1045710669157053657849499619")
    sms_models.SendSmsRequest()._deserialize(params)  # an unknown name is a warning, and here an error
    assert action == "SendSms"
    assert len(params.pop("ExtendCode")) == 2
    assert params == {
        "PhoneNumberSet": [PHONE], "SmsSdkAppId": "1400006666", "SignName": "示例区防汛办", "TemplateId": "1145",
        "TemplateParamSet": ["暴雨橙色预警", "示例乡"], "SessionContext": "500156.a1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "outcome", "kind"),
    [
        ("InvalidParameterValue.IncorrectPhoneNumber", Outcome.REFUSED, Refusal.CONTACT),
        ("FailedOperation.PhoneNumberInBlacklist", Outcome.REFUSED, Refusal.SUPPRESSED),
        ("FailedOperation.ContainSensitiveWord", Outcome.REFUSED, Refusal.CONTENT),
        ("FailedOperation.TemplateIncorrectOrUnapproved", Outcome.REFUSED, Refusal.CONFIG),
        ("LimitExceeded.PhoneNumberDailyLimit", Outcome.REFUSED, Refusal.BUSY),
        ("LimitExceeded.DeliveryFrequencyLimit", Outcome.THROTTLED, None),
        ("RequestLimitExceeded", Outcome.THROTTLED, None),
        ("AuthFailure.SignatureFailure", Outcome.REFUSED, Refusal.CONFIG),
        ("InternalError.OtherError", Outcome.UNKNOWN, None),
        ("SomethingNew", Outcome.UNKNOWN, None),
    ],
)
async def test_what_the_cloud_answers(code: str, outcome: Outcome, kind: Refusal | None) -> None:
    # The same codes come for the whole request, or for its one number.
    for body in (failed(code), sent(code)):
        async with over("tencent", always(body)) as sky:
            end = await sms(sky.url).submit(message(filled=FILLED))
        assert (end.outcome, end.kind) == (outcome, kind)
        assert len(sky.asked) == 1


async def test_a_cloud_that_is_away_or_ill_is_unknown() -> None:
    assert (await sms().submit(message(filled=FILLED))).outcome is Outcome.UNKNOWN
    async with over("tencent", always({}, 502)) as sky:
        assert (await sms(sky.url).submit(message(filled=FILLED))).outcome is Outcome.UNKNOWN
    assert len(sky.asked) == 1


async def test_without_a_template_no_byte_leaves() -> None:
    for channel in (sms(), voice()):
        assert (await channel.submit(message())).kind is Refusal.WORDS


def test_receipts_and_replies_are_pushed() -> None:
    receipt = {"user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "000000001",
               "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "示例", "sid": "5000:1"}  # fmt: skip
    lost = receipt | {"report_status": "FAIL", "errmsg": "MK:0001", "sid": "5000:2", "ext": "500156.a2"}
    assert heard(sms(), "receipt", [receipt, lost, {}]) == [
        (InboundKind.RECEIPT, ReceiptKind.DELIVERED, "", "5000:1", ""),
        (InboundKind.RECEIPT, ReceiptKind.DEAD, "500156.a2", "5000:2", ""),
    ]
    reply = {
        "extend": "",
        "mobile": "000000001",
        "nationcode": "86",
        "sign": "示例",
        "text": "收到",
        "time": 1457336869,
    }
    assert heard(sms(), "reply", reply) == [(InboundKind.REPLY, "收到", "", "", "+86000000001")]


async def test_where_nobody_can_call_us_they_are_fetched_and_told_until_they_are_kept() -> None:
    told = {"UserReceiveTime": 1, "CountryCode": "86", "PhoneNumber": "000000001", "SerialNo": "5000:1",
            "ReportStatus": "SUCCESS", "Description": "DELIVRD", "SessionContext": "500156.a1"}  # fmt: skip
    said = {"ExtendCode": "", "CountryCode": "86", "PhoneNumber": "000000001", "SignName": "示例",
            "ReplyContent": "收到", "ReplyTime": 1617768000, "SubscriberNumber": "1"}  # fmt: skip
    first = [True, True]

    def answer(action: str, _params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        at = action == "PullSmsReplyStatus"
        name = "PullSmsReplyStatusSet" if at else "PullSmsSendStatusSet"
        found, first[at] = ([said if at else told] if first[at] else []), False
        return 200, {"Response": {name: found, "RequestId": "a0aabda6"}}

    async with over("tencent", answer) as sky:
        channel = sms(sky.url, "", pull=True, two_way=True)
        assert isinstance(channel, Pulls)
        rounds = [[(one.kind, one.body, one.attempt) for one in await channel.poll()] for _ in range(3)]
    both = [(InboundKind.RECEIPT, ReceiptKind.DELIVERED, "500156.a1"), (InboundKind.REPLY, "收到", "")]
    assert rounds == [both, both, []]
    assert channel.abilities(PHONE).answers
    assert not isinstance(sms(), Pulls)


async def test_a_call_goes_out_and_its_key_and_end_come_back() -> None:
    ok = {"Response": {"SendStatus": {"CallId": "x1", "SessionContext": ""}, "RequestId": "a0aabda6"}}
    async with over("tencent", always(ok)) as sky:
        end = await voice(sky.url).submit(message(channel=ChannelKind.VOICE, filled=FILLED))
    ((action, params),) = sky.asked
    voice_models.SendTtsVoiceRequest()._deserialize(params)
    assert (action, end.outcome, end.ref) == ("SendTtsVoice", Outcome.ACCEPTED, "x1")
    assert params == {
        "TemplateId": "1145", "CalledNumber": PHONE, "VoiceSdkAppid": "1400006666", "PlayTimes": 2,
        "TemplateParamSet": ["暴雨橙色预警", "示例乡"], "SessionContext": "500156.a1",
    }  # fmt: skip
    key = {"voicekey_callback": {"call_from": "", "callid": "x1", "keypress": "2", "mobile": "13", "nationcode": "86"}}
    over_ = {"voiceprompt_callback": {"result": "0", "callid": "x1", "mobile": "13", "nationcode": "86", "fee": "1",
                                      "accept_time": "1470197211", "end_calltime": "1470197221"}}  # fmt: skip
    dead = {"voice_failure_callback": {"callid": "x2", "failure_code": 8, "failure_reason": "空号", "mobile": "13"}}
    pushes: list[Any] = [{"other": {}}, key, over_, dead]
    told = [event for one in pushes for event in heard(voice(), "call", one)]
    assert told == [
        (InboundKind.KEY, "2", "", "x1", ""),
        (InboundKind.RECEIPT, ReceiptKind.HEARD_WHOLE, "", "x1", ""),
        (InboundKind.RECEIPT, ReceiptKind.DEAD, "", "x2", ""),
    ]
    channel = voice()
    assert isinstance(channel, Hooked)
    (ended,) = channel.called(call("call", json.dumps(over_).encode())).events
    assert ended.facts == CallFacts(Instant(1_470_197_211_000), Instant(1_470_197_221_000), 10)


def test_nobody_is_heard_without_the_key() -> None:
    for channel in (sms(), voice()):
        assert isinstance(channel, Hooked)
        with pytest.raises(Forged):
            channel.called(call("reply", b"{}", "key="))
