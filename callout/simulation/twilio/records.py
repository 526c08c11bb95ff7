"""What the carrier keeps of a text and of a call, and the JSON that Twilio shows of them."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from callout.domain.instant import SECOND, Instant
from callout.simulation.twilio.errors import LATER

VERSION = "2010-04-01"

TEXT_ENDED = frozenset({"delivered", "undelivered", "failed", "received", "canceled"})
CALL_ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


def sid(kind: str) -> str:
    """A fresh id. Never from the seed: two carriers on one database must not give the same one."""
    return kind + secrets.token_hex(16)


def rfc2822(at: Instant | None) -> str | None:
    """A time as the 2010 API writes it."""
    return None if at is None else format_datetime(datetime.fromtimestamp(at // SECOND, UTC))


@dataclass(slots=True)
class Text:
    """One SMS, either way."""

    to: str
    sender: str
    body: str
    created: Instant
    status: str
    parts: int
    service: str = ""
    direction: str = "outbound-api"
    callback: str = ""
    updated: Instant | None = None
    sent: Instant | None = None
    error: int = 0
    sid: str = field(default_factory=lambda: sid("SM"))

    @property
    def began(self) -> Instant | None:
        """The time that lists are asked by."""
        return self.sent

    def shown(self, account: str) -> dict[str, Any]:
        """As a Message resource."""
        uri = f"/{VERSION}/Accounts/{account}/Messages/{self.sid}"
        return {
            "account_sid": account,
            "api_version": VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created),
            "date_sent": rfc2822(self.sent),
            "date_updated": rfc2822(self.updated or self.created),
            "direction": self.direction,
            "error_code": self.error or None,
            "error_message": LATER.get(self.error, "Unknown error") if self.error else None,
            "from": self.sender or None,
            "messaging_service_sid": self.service or None,
            "num_media": "0",
            # As with Twilio: a messaging service has not chosen a sender yet, and nothing is counted.
            "num_segments": "0" if self.status == "accepted" else str(self.parts),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass(slots=True)
class Call:
    """One call to a phone."""

    to: str
    sender: str
    created: Instant
    status: str = "queued"
    updated: Instant | None = None
    started: Instant | None = None
    answered: Instant | None = None
    """By the carrier's time; the other two are real."""
    ended: Instant | None = None
    seconds: int = 0
    """From the answer to the end, by the carrier's time."""
    answered_by: str = ""
    sip: int = 0
    queued: int = 0
    """Milliseconds that it waited for its turn."""
    sid: str = field(default_factory=lambda: sid("CA"))

    @property
    def began(self) -> Instant | None:
        """The time that lists are asked by."""
        return self.started

    def shown(self, account: str) -> dict[str, Any]:
        """As a Call resource."""
        uri = f"/{VERSION}/Accounts/{account}/Calls/{self.sid}"
        parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
        return {
            "account_sid": account,
            "annotation": None,
            "answered_by": self.answered_by or None,
            "api_version": VERSION,
            "caller_name": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "direction": "outbound-api",
            "duration": str(self.seconds) if self.status == "completed" else None,
            "end_time": rfc2822(self.ended),
            "forwarded_from": None,
            "from": self.sender,
            "from_formatted": self.sender,
            "group_sid": None,
            "parent_call_sid": None,
            "phone_number_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": str(self.queued),
            "sid": self.sid,
            "start_time": rfc2822(self.started),
            # The resource knows no `initiated`; only the callback says it.
            "status": "queued" if self.status == "initiated" else self.status,
            "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
            "to": self.to,
            "to_formatted": self.to,
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }
