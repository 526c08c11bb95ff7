"""阿里云: what its SMS and voice services share. The SDK is the official one, its requests go out once."""

from collections.abc import Awaitable, Callable
from typing import Any

from alibabacloud_tea_openapi.models import Config as SdkConfig
from darabonba.exceptions import DaraException, UnretryableException
from darabonba.runtime import RuntimeOptions

from callout.channels.clouds import Verdicts, endpoint_parts
from callout.ports import Outcome, Refusal, Submission

THANKS = '{"code":0,"msg":"接收成功"}'
_CONNECT_MS, _READ_MS = 5000, 12000

VERDICTS = Verdicts(
    refused={
        "isv.MOBILE_NUMBER_ILLEGAL": Refusal.CONTACT,
        "isv.MOBILE_COUNT_OVER_LIMIT": Refusal.CONFIG,
        "isv.BUSINESS_LIMIT_CONTROL": Refusal.BUSY,
        "isv.DAY_LIMIT_CONTROL": Refusal.BUSY,
        "isv.MONTH_LIMIT_CONTROL": Refusal.BUSY,
        "isv.BLACK_KEY_CONTROL_LIMIT": Refusal.CONTENT,
        "isv.TEMPLATE_PARAMS_ILLEGAL": Refusal.CONTENT,
        "isv.TEMPLATE_MISSING_PARAMETERS": Refusal.CONTENT,
        "isv.PARAM_LENGTH_LIMIT": Refusal.CONTENT,
        "isv.PARAM_NOT_SUPPORT_URL": Refusal.CONTENT,
        "isv.SMS_CONTENT_ILLEGAL": Refusal.CONTENT,
        "isv.": Refusal.CONFIG,
        "isp.RAM_PERMISSION_DENY": Refusal.CONFIG,
        "InvalidAccessKeyId": Refusal.CONFIG,
        "SignatureDoesNotMatch": Refusal.CONFIG,
        "InvalidTimeStamp": Refusal.CONFIG,
        "Forbidden": Refusal.CONFIG,
        "NoPermission": Refusal.CONFIG,
        "MissingParameter": Refusal.CONFIG,
        "InvalidParameter": Refusal.CONFIG,
    },
    throttled=("Throttling", "isv.FLOW_CONTROL", "isv.BUSINESS_LIMIT_CONTROL_QPS"),
    unknown=("isp.SYSTEM_ERROR", "ServiceUnavailable", "InternalError"),
)
"""Error codes of SMS and voice; the longest that fits counts. A code that nobody knows proves nothing."""


def sdk_config(endpoint: str, key_id: str, secret: str) -> SdkConfig:
    """The SDK's own settings; `endpoint` is a host, or http://127.0.0.1:port for a simulated cloud."""
    parts = endpoint_parts(endpoint)
    return SdkConfig(
        access_key_id=key_id, access_key_secret=secret, endpoint=parts.netloc, protocol=parts.scheme.upper()
    )


def runtime() -> RuntimeOptions:
    """One request, no second one by itself."""
    return RuntimeOptions(autoretry=False, max_attempts=1, connect_timeout=_CONNECT_MS, read_timeout=_READ_MS)


async def asked(call: Callable[[], Awaitable[Any]]) -> tuple[Any, Submission | None]:
    """The body of an answer, or the end of a submit that did not come to OK."""
    try:
        body = (await call()).body
    except UnretryableException:
        return None, Submission(Outcome.UNKNOWN, reason="没有得到回答")
    except DaraException as error:
        status = getattr(error, "status_code", None) or 0
        if not 0 < status < 500:  # noqa: PLR2004  # from 500 on nobody can vouch for it
            return None, Submission(Outcome.UNKNOWN, reason=f"{error.code or type(error).__name__}"[:120])
        return None, VERDICTS.of(error.code or "", error.message or "")
    return (body, None) if body.code == "OK" else (None, VERDICTS.of(body.code or "", body.message or ""))
