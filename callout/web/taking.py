"""Files that an auditor takes away: the analysis of a period and the 台账, made as the commands make them."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from callout.domain.area import County
from callout.domain.errors import CalloutError, Unknown
from callout.domain.instant import Instant
from callout.domain.user import ScopeKind, Viewer
from callout.reports.effect_files import EffectForm, EffectMaker
from callout.reports.exporting import Export, enter
from callout.reports.ledger_files import LedgerForm, LedgerMaker, Taker, of_a_period, one_warning
from callout.reports.ledger_scope import Asked
from callout.reports.season import season
from callout.web.access import SignedIn, Where
from callout.web.auditing import day
from callout.web.site import Site
from callout.web.staff import places

router = APIRouter()

_MEDIA = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json",
    "zip": "application/zip",
}  # fmt: skip
_MAKING = Lock()
"""Held while a file is made: a volume on paper takes half a gigabyte, and callers must not wait for several."""


class Effect(BaseModel):
    """Which analysis is wanted, and as what."""

    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    county: str = Field("", max_length=12)
    form: EffectForm = EffectForm.HTML


class Ledger(BaseModel):
    """Which ledgers are wanted, and as what: of one warning, or of each weather process of a period."""

    alert: str = Field("", max_length=16, pattern=r"^\d*$")
    since: str = Field("", max_length=10)
    until: str = Field("", max_length=10)
    county: str = Field("", max_length=12)
    form: LedgerForm = LedgerForm.XLSX
    full: bool = False
    why: str = Field("", max_length=200)

    @property
    def which(self) -> str:
        """For the name of a file."""
        return f"alert{self.alert}" if self.alert else f"{self.since}-{self.until}"


@router.get("/audit/report")
def report(where: Where, who: SignedIn, wanted: Annotated[Effect, Query()]) -> Response:
    """效能分析 of a period: a page that needs no network, a PDF or a workbook."""
    place, span = _place(where, who, wanted.county), _span(wanted.since, wanted.until)
    told = {"from": wanted.since, "to": wanted.until, "format": wanted.form}
    asked = Export("report", place.code, who.actor, told=told)
    with one_at_a_time():
        noted = enter(where.store, where.seal, asked, {})
        made = season(where.store, where.rulebooks, place.code, span)
        made = replace(made, about={"导出人": who.actor, **noted.heads()})
        maker = EffectMaker(place.code, place, wanted.since, wanted.until, where.prices())
        raw = maker.file(wanted.form, made, where.templates)
    name = f"callout-effect-{place.code}-{wanted.since}-{wanted.until}.{wanted.form}"
    enter(where.store, where.seal, asked, _hashes({name: raw}))
    return _file(name, raw)


@router.post("/audit/ledger")
def ledger(where: Where, who: SignedIn, wanted: Annotated[Ledger, Form()]) -> Response:
    """The 台账; several files come as one ZIP. Names, numbers and words only for a reason, which is on record first."""
    place = _place(where, who, wanted.county)
    if wanted.full and not wanted.why.strip():
        raise CalloutError("查看号码要写明理由，理由会写入记录")
    taker = Taker(who.actor, wanted.full, wanted.why.strip(), "网页下载")
    maker = LedgerMaker(where.store.database, where.rulebooks, where.templates, taker)
    files: dict[str, bytes] = {}
    every = where.store.database.read(lambda db: _which(db, place, taker, wanted))
    with one_at_a_time():
        for one in every:
            noted = enter(where.store, where.seal, taker.export(one), {})
            made = dict(maker.files(one, noted, [wanted.form]))
            enter(where.store, where.seal, taker.export(one), _hashes(made))
            files |= made
    if len(files) == 1:
        [(name, raw)] = files.items()
        return _file(name, raw)
    name, raw = f"callout-ledger-{place.code}-{wanted.which}.zip", _zipped(files)
    together = replace(taker.export(every[0]), alerts=tuple(alert for one in every for alert in one.alerts))
    enter(where.store, where.seal, together, _hashes({name: raw}))
    return _file(name, raw)


def _which(db: Connection, place: County, taker: Taker, wanted: Ledger) -> list[Asked]:
    """Raises CalloutError where that is nothing."""
    if wanted.alert:
        found = one_warning(db, (place.code, place), taker.shown, int(wanted.alert))
    elif wanted.since and wanted.until:
        found = of_a_period(db, (place.code, place), taker.shown, _span(wanted.since, wanted.until))
    else:
        raise CalloutError("请写预警号，或写起止日期")
    if not found:
        raise CalloutError("没有符合的预警，请核对预警号或日期")
    return found


def _span(since: str, until: str) -> tuple[Instant, Instant]:
    """From the first day to the end of the last."""
    begin, end = day(since), day(until, 1)
    if not begin < end:
        raise CalloutError("起止日期写反了")
    return begin, end


def _place(where: Site, who: Viewer, asked: str) -> County:
    """The county that is meant, if this user may take it away whole."""
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        raise CalloutError("下载的是全区县的记录，不在您的范围内")
    code = asked or who.scope.county or where.county
    known = next((one for one in places(where.store, where.rulebooks) if one.code == code), None)
    if known is None or not who.scope.counties([code]):
        raise Unknown("没有这个区县，或者不在您的范围内")
    return known


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Raises CalloutError where somebody else is at it."""
    if not _MAKING.acquire(blocking=False):
        raise CalloutError("正在生成另一份文件，请过一分钟再下载")
    try:
        yield
    finally:
        _MAKING.release()


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """In memory: what is personal lies on no disk."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, raw in files.items():
            pack.writestr(name, raw)
    return out.getvalue()


def _file(name: str, raw: bytes) -> Response:
    media = _MEDIA[name.rpartition(".")[2]]
    return Response(raw, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
