"""Twilio's errors: the number, the HTTP status it comes with, and its words."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

MESSAGES: Mapping[int, tuple[int, str]] = MappingProxyType(
    {
        20001: (400, "Invalid parameter {}"),
        20003: (401, "Authenticate"),
        20004: (405, "Method not allowed"),
        20404: (404, "The requested resource {} was not found"),
        20429: (429, "Too Many Requests"),
        20500: (500, "An internal server error has occurred"),
        20503: (503, "Service is temporarily unavailable"),
        21201: (400, "No 'To' number specified"),
        21205: (400, "Url is not a valid URL: {}"),
        21211: (400, "The 'To' number {} is not a valid phone number."),
        21212: (400, "The 'From' number {} is not a valid phone number, shortcode, or alphanumeric sender ID."),
        21213: (400, "You did not supply a 'From' phone number"),
        21215: (400, "Account not authorized to call {}"),
        21216: (400, "Account not allowed to call {}"),
        21217: (400, "Phone number does not appear to be valid: {}"),
        21220: (400, "Call is not in-progress. Cannot redirect."),
        21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {}."),
        21602: (400, "Message body is required."),
        21603: (400, "A 'From' phone number is required."),
        21604: (400, "A 'To' phone number is required."),
        21606: (400, "The From phone number {} is not a valid, SMS-capable inbound phone number for your account."),
        21608: (400, "The number {} is unverified."),
        21609: (400, "The 'StatusCallback' URL {} is not a valid URL."),
        21610: (400, "Attempt to send to unsubscribed recipient"),
        21611: (400, "This 'From' number {} has exceeded the maximum number of queued messages"),
        21612: (400, "The 'To' phone number: {}, is not currently reachable using the 'From' phone number."),
        21614: (400, "'To' number {} is not a valid mobile number"),
        21617: (400, "The concatenated message body exceeds the 1600 character limit."),
        21705: (400, "The Messaging Service Sid {} is invalid."),
    }
)
"""Words may change on Twilio's side; nobody should decide by them."""

LATER: Mapping[int, str] = MappingProxyType(
    {
        30001: "Queue overflow",
        30003: "Unreachable destination handset",
        30004: "Message blocked",
        30005: "Unknown destination handset",
        30006: "Landline or unreachable carrier",
        30007: "Message filtered",
        30008: "Unknown error",
        30036: "Validity Period Expired",
    }
)
"""Errors that come only in status callbacks and on fetch."""

MORE_INFO = "https://www.twilio.com/docs/errors/"


class RefusedError(Exception):
    """A request that gets one of Twilio's errors."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(code)
        self.code = code
        status, words = MESSAGES.get(code, (int(HTTPStatus.BAD_REQUEST), "Error"))
        self.status = status
        self.body: Mapping[str, Any] = {
            "code": code,
            "message": words.format(about),
            "more_info": f"{MORE_INFO}{code}",
            "status": status,
        }
