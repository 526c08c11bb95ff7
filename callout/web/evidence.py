"""What an auditor takes away: the record as files, the proof of one callout, an analysis; whether the chain holds."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from callout.domain.audit import Seal
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.domain.user import ScopeKind, Viewer
from callout.reports.checkpoints import HeldSeal
from callout.reports.effect_page import page as effect_page
from callout.reports.proof import prove
from callout.reports.record import export
from callout.reports.season import season
from callout.reports.verification import check_commitments, erased, verify_record
from callout.store.sealing import newest_seal
from callout.store.transaction import Event
from callout.web.access import SignedIn, Where
from callout.web.auditing import WhichForm, day, line_of
from callout.web.pages import page
from callout.web.staff import places

router = APIRouter()


@router.post("/audit/verify")
def verify(request: Request, where: Where) -> Response:
    """Check every sealed entry. It reads the whole record, so it is asked for and not done by itself."""
    held = where.checkpoints()  # before the record is read: a seal copied out meanwhile would seem to be missing

    verdict, wrong, emptied = where.store.database.read(
        lambda db: (verify_record(db, held), check_commitments(db), erased(db))
    )
    findings = [*verdict.findings, *wrong]
    values: dict[str, Any] = {"findings": findings[:50], "many": len(findings), "emptied": emptied, "held": len(held)}
    return page(request, "audit_chain.html.j2", verdict=verdict, ok=verdict.ok and not wrong, **values)


@router.post("/audit/export")
def record(where: Where, who: SignedIn) -> Response:
    """The record of this user's county (a city's: of all) as one ZIP file, with the program that checks it."""
    county = _county(who)
    held = where.checkpoints()
    where.store.write(
        lambda work: work.ledger.note(Event("record.exported", who.actor), 0, county or "", "网页下载", 0)
    )
    folder = Path(tempfile.mkdtemp(prefix="callout-export-"))
    try:
        where.store.database.read(lambda db: export(db, folder / "record", county, held))
        made = shutil.make_archive(str(folder / "record"), "zip", folder / "record")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    name = f"callout-record-{county or 'all'}.zip"
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(made, filename=name, media_type="application/zip", background=gone)


@router.get("/audit/proof")
def proof(where: Where, who: SignedIn, which: Annotated[WhichForm, Depends()]) -> Response:
    """The proof of one callout as a file, to be checked by verify_record.py of an export."""
    where.store.read(lambda work: line_of(work, who, which.key))
    held: Sequence[HeldSeal] = where.checkpoints()
    document = where.store.database.read(lambda db: prove(db, which.key, held))
    name = f"callout-proof-{which.county}-{which.alert}-{which.post}.json"
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return _file(text, "application/json", name)


@router.get("/audit/report")
def report(
    where: Where,
    who: SignedIn,
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """效能分析 of a period as one page that needs no network."""
    county = _county(who) or where.county
    begin, end = day(since), day(until, 1)
    if not begin < end:
        raise CalloutError("起止日期写反了")
    where.store.write(lambda work: work.ledger.note(Event("report.exported", who.actor), 0, county, "网页下载", 0))
    made = season(where.store, where.rulebooks, county, (begin, end))
    known = next(one for one in places(where.store, where.rulebooks) if one.code == county)
    names = {one.key: one.name for one in known.townships} | {known.key: "区级"}
    title = f"{known.name}预警叫应效能分析 {date.fromisoformat(since)} 至 {date.fromisoformat(until)}"
    made = replace(made, about=_seal(where.store.database.read(newest_seal)))
    text = effect_page(made, where.templates / "reports", title, names)
    return _file(text, "text/html; charset=utf-8", f"callout-effect-{county}-{since}-{until}.html")


def _seal(newest: Seal | None) -> dict[str, str]:
    """The newest seal for the head of a page; the entry of this download comes under the next one."""
    if newest is None:
        return {"封条": "还没有封条"}
    return {"最新的封条": f"封条 {newest.seq}（{beijing(newest.at)}）", "校验值": newest.hash}


def _county(who: Viewer) -> str | None:
    """The county that this user may take away whole; None = every one. Raises CalloutError where there is none."""
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        raise CalloutError("下载的是全区县的记录，不在您的范围内")
    return who.scope.county or None


def _file(text: str, media: str, name: str) -> Response:
    return Response(text, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
