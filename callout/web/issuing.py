"""Issuing a warning from the form: what is asked, what would follow, and the one step by which it goes out."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import func, select

from callout.domain.alert import Alert
from callout.domain.answer import answer_code
from callout.domain.area import County
from callout.domain.confirming import LEADER_WITHIN, Terms
from callout.domain.errors import CalloutError, Unknown
from callout.domain.issuing import (
    Act,
    Draft,
    Earlier,
    alert_of,
    check,
    form_of,
    guarded,
    identifier_of,
    says,
    sender_of,
)
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.rule import Rulebook
from callout.domain.user import Right, Role, ScopeKind, Viewer
from callout.pipeline.receive import Issued, Received, issue
from callout.ports import Document
from callout.reports.finish import Finish, finish
from callout.reports.forecast import Looking, Stored, forecast
from callout.reports.outlook import Forecast
from callout.reports.warnings import earlier_of
from callout.store import schema
from callout.store.roster_reading import read_roster
from callout.store.store import Work
from callout.web.language import means
from callout.web.site import Site

LONGEST = 500
_MARK = r"^\d{14}_[0-9a-f]{1,6}$"


class WarningWords(BaseModel):
    """The approval form (审批表)."""

    county: Annotated[str, Field(max_length=12)] = ""
    act: Act = Act.NEW
    of: Annotated[int, Field(ge=0, le=2**53)] = 0
    hazard: Hazard = Hazard.RAINSTORM
    level: Level = Level.ORANGE
    areas: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)] = []
    hours: Annotated[int, Field(ge=0, le=999)] = 6
    content: Annotated[str, Field(max_length=LONGEST)] = ""
    reason: Annotated[str, Field(max_length=LONGEST)] = ""
    impact: Annotated[str, Field(max_length=LONGEST)] = ""
    instruction: Annotated[str, Field(max_length=LONGEST)] = ""
    leader: Annotated[str, Field(max_length=40)] = ""
    typed: Annotated[str, Field(max_length=20)] = ""

    @property
    def draft(self) -> Draft:
        """What was filled in."""
        words = {name: getattr(self, name) for name in ("content", "reason", "impact", "instruction", "leader")}
        areas = tuple(dict.fromkeys(self.areas))
        return Draft(self.act, self.hazard, self.level, areas, self.hours, **words)


class WarningForm(WarningWords):
    """The same as a browser sends it."""

    mark: Annotated[str, Field(pattern=_MARK)]
    """Names one filling-in of the form."""


@dataclass(frozen=True, slots=True)
class Text:
    """What the posts of one role would first be told."""

    role: str
    posts: int
    channel: ChannelKind
    parts: int
    """0 for a call."""
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would follow if it went out now."""

    alert: Alert
    seen: Forecast
    finish: Finish | None
    areas: tuple[tuple[str, int], ...]
    texts: tuple[Text, ...]
    sms: int
    calls: int
    """First tries by text and by phone."""
    parts: int
    """Parts of all first texts together."""
    guarded: bool
    """The level must be typed."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a form is filled in: the rules and the roster in force, and the warning that it speaks of."""

    book: Rulebook
    roster: str
    earlier: Earlier | None

    @property
    def county(self) -> County:
        """The county that issues."""
        return self.book.county


def may_issue(who: Viewer) -> bool:
    """Only who answers for a whole county issues for it."""
    grants, wide = {Role.OFFICER, Role.LEADER, Right.REPORT}, (ScopeKind.CITY, ScopeKind.COUNTY)
    return bool(who.grants & grants) and who.scope.kind in wide


def desk_of(where: Site, who: Viewer, county: str, of: int) -> Desk:
    """Raises CalloutError where this user may not issue there, or the warning is not one of ours."""
    if not may_issue(who):
        raise CalloutError("发布预警要由区县（或全市）的值班员、带班领导来做")
    rows = where.store.read(lambda work: work.rosters.counties())
    row = next((row for row in rows if row.county == county and who.scope.counties([county])), None)
    if row is None:
        raise Unknown("没有这个区县，或者不在您的范围内")
    book = where.rulebooks.get(county, row.rulebook)
    earlier = (
        where.store.read(lambda work: earlier_of(work.ledger.connection, of, sender_of(book.county))) if of else None
    )
    if of and earlier is None:
        raise Unknown("只能升级、降级、解除本单位发布的预警；别的单位发布的，由发布单位解除")
    return Desk(book, row.roster, earlier)


def terms_of(desk: Desk, who: Viewer) -> Terms:
    """Red that an officer issues waits for the shift leader; everything else is confirmed by being issued."""
    if who.role is Role.LEADER:
        return {}
    return {Level.RED: desk.county.confirm.get(Level.RED, LEADER_WITHIN)}


def preview(where: Site, who: Viewer, desk: Desk, form: WarningForm) -> Preview:
    """What would follow. Raises CalloutError for a form that cannot go out."""
    alert = _alert(where, desk, form)
    asking = replace(desk.county, confirm=terms_of(desk, who))
    seen = where.store.read(lambda work: _seen(where, work, replace(desk.book, county=asking), (alert, desk.roster)))
    first = [(one.role, one.rungs[0]) for one in seen.called if one.rungs]
    roles = Counter(role for role, _ in first)
    example = dict(reversed(first))
    texts = tuple(
        Text(role, many, example[role].channel, example[role].sms_parts, example[role].text)
        for role, many in roles.most_common()
    )
    return Preview(
        alert=alert,
        seen=seen,
        finish=finish(seen, where.rates(), where.clock.now()),
        areas=tuple(Counter(one.area for one in seen.called).items()),
        texts=texts,
        sms=sum(1 for _, rung in first if rung.channel is ChannelKind.SMS),
        calls=sum(1 for _, rung in first if rung.channel is ChannelKind.VOICE),
        parts=sum(rung.sms_parts for _, rung in first),
        guarded=guarded(form.draft, desk.earlier),
    )


def _alert(where: Site, desk: Desk, form: WarningForm) -> Alert:
    check(form.draft, desk.county, desk.earlier)
    identifier = identifier_of(desk.county, form.mark)
    return alert_of(form.draft, desk.county, desk.earlier, identifier, where.clock.now())


def _seen(where: Site, work: Work, book: Rulebook, said: tuple[Alert, str]) -> Forecast:
    alert, roster = said
    db = work.ledger.connection
    following: int = (db.execute(select(func.max(schema.alert.c.id))).scalar() or 0) + 1
    stored = Stored(db, read_roster(db, book.county.code, roster), following, answer_code(following))
    seen = forecast(Looking(book, where.renderer, work.at, where.intake.run, stored), alert)
    if seen is None:
        raise CalloutError("这条预警不涉及本区县")
    return seen


def typed_right(where: Site, typed: str, level: Level) -> bool:
    """Whether the level was typed, in the language of any page."""
    return says(typed, level) or means(where.templates / "web", typed, level.zh)


def send_out(where: Site, who: Viewer, form: WarningForm) -> Received:
    """It goes out, or waits for the leader. Raises CalloutError, and keeps nothing, where it cannot."""
    desk = desk_of(where, who, form.county, form.of)
    alert = _alert(where, desk, form)
    if guarded(form.draft, desk.earlier) and not typed_right(where, form.typed, form.level):
        raise CalloutError(f"请在下面照样输入“{form.level.zh}”，再按{form.act.zh}；没有输入，什么都没有发出")
    raw = form_of(form.draft, desk.county, alert, {"officer": who.actor, "title": who.title})
    document = Document(f"{alert.identifier}.json", "form", raw)
    return issue(where.intake, Issued(alert, document, terms_of(desk, who)))
