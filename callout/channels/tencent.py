"""腾讯云: what its SMS and voice services share. The SDK is the official one; it blocks, so it runs in threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from requests import RequestException
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from callout.channels.clouds import Verdicts, endpoint_parts
from callout.ports import Outcome, Refusal, Submission

THANKS = '{"result":0,"errmsg":"OK"}'
_WITHIN = 12
_THREADS = 20
T = TypeVar("T")

VERDICTS = Verdicts(
    refused={
        "InvalidParameterValue.IncorrectPhoneNumber": Refusal.CONTACT,
        "InvalidParameterValue.InvalidPhoneNumber": Refusal.CONTACT,
        "FailedOperation.PhoneNumberInBlacklist": Refusal.SUPPRESSED,
        "FailedOperation.PhoneNumberOnBlacklist": Refusal.SUPPRESSED,
        "FailedOperation.ContainSensitiveWord": Refusal.CONTENT,
        "InvalidParameterValue.TemplateParameter": Refusal.CONTENT,
        "InvalidParameterValue.ContentLengthLimit": Refusal.CONTENT,
        "LimitExceeded": Refusal.BUSY,
        "UnsupportedOperation": Refusal.ROUTE,
        "FailedOperation": Refusal.CONFIG,
        "InvalidParameter": Refusal.CONFIG,
        "InvalidParameterValue": Refusal.CONFIG,
        "MissingParameter": Refusal.CONFIG,
        "AuthFailure": Refusal.CONFIG,
        "UnauthorizedOperation": Refusal.CONFIG,
        "ResourceInsufficient": Refusal.CONFIG,
    },
    throttled=("RequestLimitExceeded", "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.AppCallDailyLimit"),
    unknown=("InternalError", "ServerNetworkError", "ClientNetworkError"),
)
"""Error codes of SMS and voice; the longest that fits counts. A code that nobody knows proves nothing."""


class Caller:
    """Sends requests of the SDK from threads."""

    def __init__(self, make: Callable[..., Any], endpoint: str, credential: Credential, region: str) -> None:
        parts = endpoint_parts(endpoint)
        http = HttpProfile(protocol=parts.scheme, endpoint=parts.netloc, reqTimeout=_WITHIN)
        # A client for each call: one that is shared by threads is not promised to be safe.
        self._client: Callable[[], Any] = partial(make, credential, region, ClientProfile(httpProfile=http))
        self._threads = ThreadPoolExecutor(_THREADS, "tencent")

    def _called(self, call: Callable[[Any], T]) -> T:
        return call(self._client())

    async def asked(self, call: Callable[[Any], T]) -> tuple[T | None, Submission | None]:
        """The answer, or the end of a submit that was refused."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._called, call), None
        except TencentCloudSDKException as error:
            return None, VERDICTS.of(error.get_code() or "", error.get_message() or "")
        except RequestException as error:
            return None, Submission(Outcome.UNKNOWN, reason=type(error).__name__)
