"""What an auditor takes away: the record as files, the proof of one callout; whether the chain holds."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from callout.domain.errors import CalloutError
from callout.domain.user import ScopeKind, Viewer
from callout.reports.checkpoints import HeldSeal
from callout.reports.exporting import Export, enter
from callout.reports.proof import prove
from callout.reports.record import Going, export, sha256
from callout.reports.verification import check_commitments, erased, verify_record
from callout.web.access import SignedIn, Where
from callout.web.auditing import WhichForm, line_of
from callout.web.pages import page

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
    asked = Export("record", county or "", who.actor, told={"way": "网页下载"})
    noted = enter(where.store, where.seal, asked, {})
    going = Going(county, where.checkpoints(), where.prices(), {"导出人": who.actor, **noted.heads()})
    folder = Path(tempfile.mkdtemp(prefix="callout-export-"))
    try:
        files = where.store.database.read(lambda db: export(db, folder / "record", going))
        enter(where.store, where.seal, asked, {files[-1].name: sha256(files[-1])})
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


def _county(who: Viewer) -> str | None:
    """The county that this user may take away whole; None = every one. Raises CalloutError where there is none."""
    if who.scope.kind not in (ScopeKind.CITY, ScopeKind.COUNTY):
        raise CalloutError("下载的是全区县的记录，不在您的范围内")
    return who.scope.county or None


def _file(text: str, media: str, name: str) -> Response:
    return Response(text, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
