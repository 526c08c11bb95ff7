"""What programs read. Times are ISO 8601 in Beijing time; numbers of phones show four digits."""

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel

from callout.domain.instant import Instant, beijing
from callout.reports.board import AlertStand, Count
from callout.reports.callouts import CalloutLine
from callout.reports.desk_list import DeskLine
from callout.reports.stop_told import Object
from callout.reports.timeline import Moment

T = TypeVar("T")
Json = dict[str, Any]


def iso(at: Instant | None) -> str | None:
    """2026-08-03T03:50:00+08:00."""
    return None if at is None else beijing(at, "%Y-%m-%dT%H:%M:%S+08:00")


class Page(BaseModel, Generic[T]):
    """Some of many."""

    items: list[T]
    total: int
    next: str | None
    """Address of what follows; none at the end."""

    @classmethod
    def of(cls, request: Request, items: Sequence[T], total: int, skip: int) -> Self:
        """The page that begins after `skip`."""
        after = skip + len(items)
        asked = [(name, value) for name, value in request.query_params.multi_items() if name != "skip"]
        following = f"{request.url.path}?{urlencode([*asked, ('skip', str(after))])}"
        return cls(items=list(items), total=total, next=following if items and after < total else None)


class Counts(BaseModel):
    """岗 counted."""

    due: int
    called: int
    answered: int
    open: int
    unreached: int

    @classmethod
    def of(cls, one: Count) -> Self:
        """The same."""
        return cls(due=one.due, called=one.called, answered=one.answered, open=one.open, unreached=one.unreached)


class AlertOut(BaseModel):
    """A warning and how far its calls are."""

    county: str
    alert: int
    identifier: str
    headline: str
    hazard: str
    level: str
    run: str
    state: str
    sent: str | None
    received: str | None
    expires: str | None
    areas: list[str]
    counts: Counts | None
    by_area: dict[str, Counts]

    @classmethod
    def of(cls, one: AlertStand) -> Self:
        """The same."""
        line = one.line
        return cls(
            **{name: getattr(line, name) for name in ("county", "alert", "identifier", "run")},
            headline=one.headline,
            hazard=line.hazard or "",
            level=line.level or "",
            state=line.state,
            sent=iso(line.sent),
            received=iso(line.received_at),
            expires=iso(line.expires_at),
            areas=sorted(line.areas),
            counts=Counts.of(one.total),
            by_area={area: Counts.of(count) for area, count in one.by_area.items()},
        )


class StatusOut(BaseModel):
    """How everything stands."""

    at: str | None
    engine: str
    waiting: int
    """Items of the officer's list that nobody has taken."""
    claimed: int
    alerts: list[AlertOut]
    """In force."""


class CalloutOut(BaseModel):
    """One callout."""

    county: str
    alert: int
    post: int
    hazard: str
    headline: str
    level: str
    run: str
    area: str
    role: str
    title: str
    name: str
    state: str
    grade: str
    late: bool
    opened: str | None
    answered: str | None
    rules: list[str]
    rulebook: str
    roster: str

    @classmethod
    def of(cls, one: CalloutLine) -> Self:
        """The same."""
        same = ("hazard", "headline", "level", "run", "area", "role", "title", "name", "state", "late", "rulebook")
        return cls(
            **one.key._asdict() | {name: getattr(one, name) for name in (*same, "roster")},
            grade=one.grade or "",
            opened=iso(one.opened_at),
            answered=iso(one.answered_at),
            rules=[rule for rule in one.rules.split(",") if rule],
        )


class MomentOut(BaseModel):
    """One thing that happened."""

    at: str | None
    what: str
    who: str
    number: str
    grade: str

    @classmethod
    def of(cls, one: Moment) -> Self:
        """The same, the number masked."""
        masked = f"****{one.number[-4:]}" if one.number else ""
        return cls(at=iso(one.at), what=one.what, who=one.who, number=masked, grade=one.grade or "")


class CourseOut(CalloutOut):
    """One callout, minute by minute."""

    course: list[MomentOut] = []


class HumanCallOut(BaseModel):
    """One item of the officer's list."""

    county: str
    alert: int
    post: int
    kind: str
    about: str
    state: str
    level: str
    opened: str | None
    claimed_by: str
    note: str
    said: str
    title: str
    name: str

    @classmethod
    def of(cls, one: DeskLine) -> Self:
        """The same."""
        key: Json = dict(zip(("county", "alert", "post", "kind", "about"), one.key, strict=True))
        same = ("state", "level", "claimed_by", "note", "said", "title", "name")
        return cls(**key, **{name: getattr(one, name) for name in same}, opened=iso(one.opened_at))


class PostOut(BaseModel):
    """One post of the roster in force."""

    county: str
    post: int
    area: str
    role: str
    title: str
    holder: str
    """Empty for a vacancy, or where the name was erased."""
    vacant: bool
    numbers: list[str]
    """Masked, in the order in which they are tried."""


class ToldOut(BaseModel):
    """One object of a 熔断: what it was told, and what it said of itself. Never the word from the site."""

    post: int
    title: str
    told: str
    """How far the last message about it came, in words; empty: there was none."""
    reached: bool
    said: str
    """已停, 未停 or 收到; empty: nothing that is understood."""
    at: str | None
    """When it said so."""
    stopped: bool | None
    """By its own word."""

    @classmethod
    def of(cls, one: Object) -> Self:
        """The same."""
        same = ("post", "title", "told", "reached", "said", "stopped")
        return cls(**{name: getattr(one, name) for name in same}, at=iso(one.said_at))


class StopWorkOut(BaseModel):
    """One 熔断."""

    county: str
    alert: int
    area: str
    code: str
    role: str
    state: str
    run: str
    objects: int
    measure: str
    rev: int
    """To be named in a decision about it: what was changed meanwhile is not decided."""
    told: list[ToldOut]
    """Its objects by the roster in force."""

    @classmethod
    def of(cls, row: Any, objects: Sequence[Object]) -> Self:
        """The same."""
        same = [name for name in cls.model_fields if name != "told"]
        return cls(**{name: getattr(row, name) for name in same}, told=[ToldOut.of(one) for one in objects])
