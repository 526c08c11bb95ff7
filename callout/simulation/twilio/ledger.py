"""The records of one kind, newest first, in pages as Twilio gives them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from callout.domain.instant import Instant, instant
from callout.simulation.twilio.errors import RefusedError
from callout.simulation.twilio.records import VERSION, Call, Text

R = TypeVar("R", Text, Call)
PAGE, LARGEST_PAGE = 50, 1000


class Ledger(Generic[R]):
    """All texts, or all calls."""

    def __init__(self, name: str, account: str) -> None:
        self.name = name
        self._account = account
        self._records: dict[str, R] = {}
        self._places: dict[str, int] = {}
        self._to: dict[str, list[R]] = defaultdict(list)
        self._all: list[R] = []

    def add(self, record: R) -> R:
        """Keep a new one."""
        self._places[record.sid] = len(self._all)
        self._records[record.sid] = record
        self._to[record.to].append(record)
        self._all.append(record)
        return record

    def get(self, sid: str) -> R:
        """The record; raises RefusedError (20404) where there is none."""
        if sid not in self._records:
            raise RefusedError(20404, f"/{VERSION}/Accounts/{self._account}/{self.name}/{sid}.json")
        return self._records[sid]

    def page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list. New records do not shift the pages that follow: a page begins after a record."""
        size = min(_whole(query, "PageSize", PAGE), LARGEST_PAGE)
        number, token = _whole(query, "Page", 0, least=0), query.get("PageToken", "")
        found: list[R] = []
        more = False
        for record in self._after(token, query.get("To", "")):
            if _fits(record, query):
                more = len(found) == size
                if more:
                    break
                found.append(record)
        asked = {name: value for name, value in query.items() if not name.startswith("Page")}
        return {
            self.name.lower(): [record.shown(self._account) for record in found],
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(len(found) - 1, 0),
            "uri": self._uri({**asked, "PageSize": str(size), "Page": str(number)}),
            "first_page_uri": self._uri({**asked, "PageSize": str(size), "Page": "0"}),
            "previous_page_uri": None,
            "next_page_uri": self._uri(
                {**asked, "PageSize": str(size), "Page": str(number + 1), "PageToken": f"PA{found[-1].sid}"}
            )
            if more
            else None,
        }

    def _after(self, token: str, to: str) -> Iterator[R]:
        last = self._places.get(token.removeprefix("PA"), len(self._all)) if token else len(self._all)
        if token and last == len(self._all):
            raise RefusedError(20001, "PageToken")
        return (one for one in reversed(self._to.get(to, []) if to else self._all) if self._places[one.sid] < last)

    def _uri(self, query: Mapping[str, str]) -> str:
        return f"/{VERSION}/Accounts/{self._account}/{self.name}.json?{urlencode(query)}"


def _whole(query: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise RefusedError(20001, name)
    return int(text)


def _fits(record: Text | Call, query: Mapping[str, str]) -> bool:
    if query.get("From", record.sender) != record.sender:
        return False
    if isinstance(record, Text):
        return _within(record.sent, query, "DateSent")
    if query.get("Status", record.status) != record.status or query.get("ParentCallSid"):
        return False
    return _within(record.started, query, "StartTime") and _within(record.ended, query, "EndTime")


def _within(at: Instant | None, query: Mapping[str, str], name: str) -> bool:
    """A record without that time is in no list that asks for it: a queued message has no date_sent."""
    asked = {sign: _span(query[name + sign], name) for sign in ("", "<", ">") if name + sign in query}
    if at is None:
        return not asked
    day = asked.get("", (at, at + 1))
    before, after = asked.get("<", (at, at + 1)), asked.get(">", (at, at + 1))
    return day[0] <= at < day[1] and at < before[1] and after[0] <= at


def _span(text: str, name: str) -> tuple[int, int]:
    """From … until, in milliseconds: a whole day, or one second."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise RefusedError(20001, name) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    length = timedelta(days=1) if len(text) == len("2026-08-02") else timedelta(seconds=1)
    return instant(moment), instant(moment + length)
