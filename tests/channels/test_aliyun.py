"""阿里云 over real HTTP to a simulated cloud; no live account was used. Codes and pushes are the documented ones."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from alibabacloud_dysmsapi20170525 import models as sms_models
from alibabacloud_dyvmsapi20170525 import models as voice_models

from callout.channels import aliyun_sms, aliyun_voice
from callout.domain.attempt import ReceiptKind
from callout.domain.call_facts import TIMES, CallFacts
from callout.domain.errors import CalloutError
from callout.domain.extension import named_by
from callout.domain.form import Filled
from callout.domain.instant import BEIJING, instant, later
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Forged, Hooked, Inbound, InboundKind, Outcome, Reconciles, Refusal, Setup
from tests.channels.desk import HOOK_KEY as KEY
from tests.channels.desk import NOW, PHONE, Ear, call, message
from tests.channels.sky import over

FILLED = Filled("SMS_1", {"what": "暴雨橙色预警", "place": "示例乡"}, ("暴雨橙色预警", "示例乡"))
OK = {"Code": "OK", "Message": "OK", "BizId": "900619746936498440^0", "RequestId": "F655A8D5"}


def _setup(config: Any, key: str = KEY, public: str = "https://callout.example") -> Setup:
    return Setup("ali", config, {"access_key_secret": "demo", "key": key}, lambda: NOW, Ear().hear, public)


def sms(endpoint: str = "http://127.0.0.1:9", public: str = "https://callout.example", **more: Any) -> Channel:
    config = aliyun_sms.Config(
        access_key_id="AK-demo", access_key_secret_env="CALLOUT_A", key_env="CALLOUT_K", sign_name="示例区防汛办",
        endpoint=endpoint, **more,
    )  # fmt: skip
    return aliyun_sms.channel(_setup(config, public=public))


def voice(endpoint: str = "http://127.0.0.1:9", **more: Any) -> Channel:
    config = aliyun_voice.Config(
        access_key_id="AK-demo", access_key_secret_env="CALLOUT_A", key_env="CALLOUT_K",
        called_show_number="057100000000", thanks_code="TTS_9", endpoint=endpoint, **more,
    )  # fmt: skip
    return aliyun_voice.channel(_setup(config))


def events(channel: Channel, what: str, told: Any) -> Sequence[Inbound]:
    assert isinstance(channel, Hooked)
    found = channel.called(call(what, json.dumps(told).encode()))
    assert json.loads(found.body)["code"] == 0
    return found.events


def heard(channel: Channel, what: str, told: Any) -> list[tuple[InboundKind, str, str, str, str]]:
    return [(one.kind, one.body, one.attempt, one.ref, one.e164) for one in events(channel, what, told)]


async def test_a_text_goes_out_as_its_template_with_named_variables() -> None:
    async with over("aliyun", lambda _action, _params: (200, OK)) as sky:
        end = await sms(sky.url, extension_digits=3).submit(message(filled=FILLED))
    ((action, params),) = sky.asked
    assert (end.outcome, end.ref) == (Outcome.ACCEPTED, OK["BizId"])
    assert action == "SendSms"
    assert sms_models.SendSmsRequest().from_map(params).to_map() == params  # every name is one that the SDK knows
    assert json.loads(params.pop("TemplateParam")) == {"what": "暴雨橙色预警", "place": "示例乡"}
    assert len(params.pop("SmsUpExtendCode")) == 3
    assert params == {
        "PhoneNumbers": PHONE[1:], "SignName": "示例区防汛办", "TemplateCode": "SMS_1", "OutId": "500156.a1",
    }  # fmt: skip


async def test_without_a_template_no_byte_leaves() -> None:
    for channel in (sms(), voice()):
        end = await channel.submit(message())
        assert (end.outcome, end.kind) == (Outcome.REFUSED, Refusal.WORDS)


@pytest.mark.parametrize(
    ("status", "code", "outcome", "kind"),
    [
        (200, "isv.MOBILE_NUMBER_ILLEGAL", Outcome.REFUSED, Refusal.CONTACT),
        (200, "isv.BUSINESS_LIMIT_CONTROL", Outcome.REFUSED, Refusal.BUSY),
        (200, "isv.BLACK_KEY_CONTROL_LIMIT", Outcome.REFUSED, Refusal.CONTENT),
        (200, "isv.AMOUNT_NOT_ENOUGH", Outcome.REFUSED, Refusal.CONFIG),
        (400, "isv.SMS_TEMPLATE_ILLEGAL", Outcome.REFUSED, Refusal.CONFIG),
        (404, "InvalidAccessKeyId.NotFound", Outcome.REFUSED, Refusal.CONFIG),
        (400, "Throttling.User", Outcome.THROTTLED, None),
        (200, "isp.SYSTEM_ERROR", Outcome.UNKNOWN, None),
        (200, "SomethingNew", Outcome.UNKNOWN, None),
        (500, "InternalError", Outcome.UNKNOWN, None),
        (503, "ServiceUnavailable", Outcome.UNKNOWN, None),
    ],
)
async def test_what_the_cloud_answers(status: int, code: str, outcome: Outcome, kind: Refusal | None) -> None:
    refused = (status, {"Code": code, "Message": "示例", "RequestId": "F655A8D5"})
    async with over("aliyun", lambda _action, _params: refused) as sky:
        end = await sms(sky.url).submit(message(filled=FILLED))
    assert (end.outcome, end.kind) == (outcome, kind)
    assert len(sky.asked) == 1  # never a second time by itself


async def test_a_cloud_that_is_away_is_unknown() -> None:
    assert (await sms().submit(message(filled=FILLED))).outcome is Outcome.UNKNOWN


async def test_a_text_in_doubt_is_found_by_its_number_and_day() -> None:
    details = {
        "Code": "OK",
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "500156.a1", "SendStatus": 1, "PhoneNum": "1"}]},
    }
    async with over("aliyun", lambda _action, _params: (200, details)) as sky:
        channel = sms(sky.url)
        assert isinstance(channel, Reconciles)
        assert (await channel.find("500156.a1", PHONE, NOW)).sent is True
        assert (await channel.find("500156.a2", PHONE, NOW)).sent is None
    action, params = sky.asked[0]
    assert (action, params["SendDate"], params["PhoneNumber"]) == ("QuerySendDetails", "20260802", PHONE[1:])


def test_receipts_come_many_at_once_and_say_which_attempt() -> None:
    sample = {
        "phone_number": "1381111****", "send_time": "2017-01-01 00:00:00", "report_time": "2017-01-01 00:00:00",
        "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "12345",
        "out_id": "500156.a1",
    }  # fmt: skip
    failed = sample | {"success": False, "err_code": "MK:0001", "out_id": "500156.a2", "new_field": {}}
    odd = sample | {"success": False, "err_code": "X:9999", "out_id": "500156.a3"}
    receipt = InboundKind.RECEIPT
    assert heard(sms(), "receipt", [sample, failed, odd, {}, 7]) == [
        (receipt, ReceiptKind.DELIVERED, "500156.a1", "12345", ""),
        (receipt, ReceiptKind.DEAD, "500156.a2", "12345", ""),
        (receipt, ReceiptKind.UNDELIVERED, "500156.a3", "12345", ""),
    ]


async def test_replies_name_their_text_only_by_the_number_that_was_dialled() -> None:
    async with over("aliyun", lambda _action, _params: (200, OK)) as sky:
        channel = sms(sky.url, extension_digits=3)
        await channel.submit(message(filled=FILLED))
        extension = sky.asked[0][1]["SmsUpExtendCode"]
    sample = {
        "phone_number": PHONE[1:], "send_time": "2017-09-01 00:00:00", "content": "收到", "sign_name": "签名",
        "dest_code": f"1069{extension}", "sequence_id": 1234567890,
    }  # fmt: skip
    assert heard(channel, "reply", [sample, sample | {"dest_code": "1069", "sequence_id": 2}]) == [
        (InboundKind.REPLY, "收到", "", "", PHONE),
        (InboundKind.REPLY, "收到", "", "", PHONE),
    ]
    pushed = json.dumps([sample]).encode()
    assert isinstance(channel, Hooked)
    assert named_by(channel.called(call("reply", pushed)).events[0].extension, ["500156.a1"]) == "500156.a1"


def test_nobody_is_heard_without_the_key_and_rubbish_is_no_event() -> None:
    for channel in (sms(), voice()):
        assert isinstance(channel, Hooked)
        for query in ("", "key=", "key=0123456789abcdeX", "KEY=0123456789abcdef"):
            with pytest.raises(Forged):
                channel.called(call("receipt", b"[]", query))
        with pytest.raises(LookupError):
            channel.called(call("other", b"[]"))
        what = "call" if isinstance(channel, aliyun_voice._AliyunVoice) else "receipt"
        for body in (b"", b"\xff", b"[1, null]", b'"x"', b"{}"):
            assert channel.called(call(what, body)).events == []
    with pytest.raises(CalloutError, match="密钥"):
        aliyun_sms.channel(_setup(aliyun_sms.Config(access_key_id="A", access_key_secret_env="C", key_env="C",
                                                    sign_name="x"), key="short"))  # fmt: skip


async def test_a_call_asks_for_a_key() -> None:
    ok = {"Code": "OK", "Message": "OK", "CallId": "116012354148^10281378****", "RequestId": "D9CB3933"}
    async with over("aliyun", lambda _action, _params: (200, ok)) as sky:
        channel = voice(sky.url)
        end = await channel.submit(message(channel=ChannelKind.VOICE, filled=FILLED))
        (action, params) = sky.asked[0]
        told = await channel.submit(message("500156.a2", channel=ChannelKind.VOICE, filled=FILLED, wants_answer=False))
    assert (end.outcome, end.ref) == (Outcome.ACCEPTED, ok["CallId"])
    assert action == "IvrCall"
    keys = [params.pop(f"MenuKeyMap.{n}.{part}") for n in (1, 2, 3) for part in ("Key", "Code")]
    assert keys == ["1", "TTS_9", "2", "TTS_9", "3", "TTS_9"]
    known = set(voice_models.IvrCallRequest().from_map(params).to_map())
    assert {name for name in params if not name.startswith("MenuKeyMap")} <= known
    assert (params["StartCode"], params["Timeout"], params["CalledNumber"]) == ("SMS_1", "8000", PHONE[1:])
    assert "OutId" not in params  # 15 bytes at most: our ids do not fit
    assert (sky.asked[1][0], told.outcome) == ("SingleCallByTts", Outcome.ACCEPTED)


async def test_a_recording_that_was_uploaded_and_approved_is_played() -> None:
    """Its id stands where a template's does. It has no gaps: what would fill them is refused, and no byte leaves."""
    ok = {"Code": "OK", "Message": "OK", "CallId": "116012354148^10281378****", "RequestId": "D9CB3933"}
    recording = Filled("2d4c-4e78-8d2a-afbb06cf0000.wav", {}, ())
    async with over("aliyun", lambda _action, _params: (200, ok)) as sky:
        channel = voice(sky.url)
        end = await channel.submit(message(channel=ChannelKind.VOICE, filled=recording))
        told = await channel.submit(
            message("500156.a2", channel=ChannelKind.VOICE, filled=recording, wants_answer=False)
        )
        gaps = await channel.submit(message(channel=ChannelKind.VOICE, filled=Filled("a.wav", {"place": "x"}, ("x",))))
    (asked, notice) = sky.asked
    assert (end.outcome, told.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    assert (asked[0], asked[1]["StartCode"], "StartTtsParams" in asked[1]) == ("IvrCall", recording.code, False)
    assert asked[1]["MenuKeyMap.1.Code"] == "TTS_9"
    assert (notice[0], notice[1]["VoiceCode"]) == ("SingleCallByVoice", recording.code)
    assert voice_models.SingleCallByVoiceRequest().from_map(notice[1]).to_map().keys() == notice[1].keys()
    assert (gaps.outcome, gaps.kind) == (Outcome.REFUSED, Refusal.WORDS)


def test_keys_and_ends_of_calls_are_told_by_the_call() -> None:
    during = {"status_code": "300000", "smart_status_code": "ANSWERED", "dtmf": "1", "call_id": "116^102",
              "status_time": "2023-03-06 16:21:12", "out_id": ""}  # fmt: skip
    after = {"call_id": "116^102", "start_time": "2017-06-01 10:00:00", "end_time": "2017-06-01 10:00:20",
             "duration": "10", "status_code": "200000", "dtmf": "1", "out_id": ""}  # fmt: skip
    key = (InboundKind.KEY, "1", "", "116^102", "")
    assert heard(voice(), "call", [during]) == [key]
    assert heard(voice(), "call", [after]) == [key, (InboundKind.RECEIPT, ReceiptKind.HEARD_WHOLE, "", "116^102", "")]
    ends = {"200001": "heard_part", "200002": "busy", "200003": "no_reply", "200004": "dead", "200010": "switched_off",
            "200121": "failed"}  # fmt: skip
    for code, kind in ends.items():
        (told,) = heard(voice(), "call", [after | {"status_code": code, "dtmf": ""}])
        assert told[1] == kind
    # The key that is told twice is one event.
    twice = [events(voice(), "call", [one])[0].event for one in (during, after)]
    assert twice[0] == twice[1]
    began = instant(datetime(2017, 6, 1, 10, tzinfo=BEIJING))
    assert events(voice(), "call", [after])[1].facts == CallFacts(began, later(began, 20_000), 20)
    (nobody,) = events(voice(), "call", [after | {"start_time": "", "dtmf": "", "status_code": "200003"}])
    assert nobody.facts == CallFacts(ended_at=later(began, 20_000))
    assert voice().abilities(PHONE).tells == TIMES


def test_what_it_can_do_depends_on_who_can_call_us() -> None:
    assert not sms(two_way=True, public="").abilities(PHONE).answers
    assert sms(two_way=True).abilities(PHONE).answers
    assert not sms().abilities(PHONE).answers
    assert voice().abilities(PHONE).windows[0].count == 1
    config = aliyun_sms.Config(access_key_id="A", access_key_secret_env="C", key_env="C", sign_name="x", two_way=True)
    assert config.real
    assert not aliyun_sms.channel(_setup(config)).abilities("+85200000000").answers
