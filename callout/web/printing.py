"""The call sheet of an alert on paper: as a page for the printer, or as a PDF. Every number counts as seen."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from callout.domain.errors import Unknown
from callout.domain.user import Viewer
from callout.reports.call_sheet import Head, Printed, SheetLine, head, named, on_paper, sheet
from callout.reports.paper import pdf
from callout.store.store import Work
from callout.store.transaction import Event
from callout.web.access import SignedIn, Where
from callout.web.pages import page
from callout.web.site import Site

router = APIRouter()

County = Annotated[str, Form(max_length=12)]
AlertId = Annotated[int, Form(ge=0, le=2**53)]


@router.post("/desk/sheet")
def as_page(request: Request, where: Where, who: SignedIn, county: County, alert: AlertId) -> Response:
    """For the browser's printer."""
    of, lines = _sheet(where, who, county, alert)
    return page(request, "sheet.html.j2", of=of, lines=lines, names=_area_names(where, county))


@router.post("/desk/sheet.pdf")
def as_pdf(where: Where, who: SignedIn, county: County, alert: AlertId) -> Response:
    """To be kept or sent to a printer elsewhere."""
    of, lines = _sheet(where, who, county, alert)
    printed = Printed(who.name, where.clock.now(), where.templates)
    made = pdf(on_paper(of, lines, _area_names(where, county), printed))
    name = f"jiaoying-{county}-{alert}.pdf"
    return Response(
        made, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _sheet(where: Site, who: Viewer, county: str, alert: int) -> tuple[Head, list[SheetLine]]:
    """What is to be printed, while there is power; that it was seen is on record for each person."""

    def work(writing: Work) -> tuple[Head, list[SheetLine]]:
        of = head(writing.ledger.connection, county, alert)
        if of is None or county not in who.scope.counties([county]):
            raise Unknown("没有这条预警，或者不在您的范围内")
        lines = sheet(writing.ledger.connection, of, who.scope)
        for line in lines:
            writing.ledger.note(Event("number.viewed", who.actor), alert, county, "打印叫应单", line.post)
        return of, named(lines, county, writing.sends.resolve([(county, line.post) for line in lines]))

    return where.store.write(work)


def _area_names(where: Site, county: str) -> dict[str, str]:
    row = next(row for row in where.store.read(lambda work: work.rosters.counties()) if row.county == county)
    known = where.rulebooks.get(county, row.rulebook).county
    return {known.key: known.name} | {one.key: one.name for one in known.townships}
