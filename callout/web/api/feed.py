"""What offices here have issued, for other systems: CAP 1.2 documents, and an Atom and an RSS feed of them."""

from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from callout.domain.area import County
from callout.domain.instant import BEIJING, Instant
from callout.domain.instant import moment as aware
from callout.domain.user import Viewer
from callout.render.cap import CAP as MEDIA
from callout.render.cap import time_of
from callout.render.issued import Issued, document
from callout.reports.issued import issued
from callout.web.access import SignedIn, Where
from callout.web.api.problems import PROBLEMS
from callout.web.site import Site
from callout.web.staff import places

router = APIRouter(prefix="/api/v1/cap", responses=PROBLEMS, tags=["CAP 1.2"])

LISTED = 100
_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "叫应：本单位发布的预警"
_TYPES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string"}} for kind in (MEDIA,)}}
}
Entry = tuple[int, Issued]


@router.get("/atom", response_class=Response, responses={200: {"content": {"application/atom+xml": {}}}})
def atom(where: Where, who: SignedIn) -> Response:
    """The newest hundred, as Atom; each entry leads to its CAP document."""
    found = _issued(where, who)
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    home = where.public_url or f"urn:callout:{where.county}"
    _say(root, _ATOM, "id", f"{home}/api/v1/cap/atom" if where.public_url else home)
    _say(root, _ATOM, "title", _TITLE)
    _say(root, _ATOM, "updated", time_of(max((one.alert.sent for _, one in found), default=Instant(0))))
    _say(ET.SubElement(root, f"{{{_ATOM}}}author"), _ATOM, "name", "callout")
    for id_, one in found:
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _say(entry, _ATOM, "id", f"urn:callout:{one.alert.identifier}")
        _say(entry, _ATOM, "title", one.headline)
        _say(entry, _ATOM, "updated", time_of(one.alert.sent))
        _say(entry, _ATOM, "summary", one.alert.info.description or one.alert.info.headline)
        ET.SubElement(entry, f"{{{_ATOM}}}link", {"href": _address(where, id_), "type": MEDIA})
    return _xml(root, "application/atom+xml")


@router.get("/rss", response_class=Response, responses={200: {"content": {"application/rss+xml": {}}}})
def rss(where: Where, who: SignedIn) -> Response:
    """The same as RSS 2.0."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", _TITLE), ("link", where.public_url or "about:blank"), ("description", _TITLE)):
        _say(channel, "", name, text)
    for id_, one in _issued(where, who):
        item = ET.SubElement(channel, "item")
        _say(item, "", "title", one.headline)
        _say(item, "", "link", _address(where, id_))
        _say(item, "", "description", one.alert.info.description or one.alert.info.headline)
        ET.SubElement(item, "guid", {"isPermaLink": "false"}).text = one.alert.identifier
        _say(item, "", "pubDate", format_datetime(aware(one.alert.sent).astimezone(BEIJING)))
    return _xml(root, "application/rss+xml")


@router.get("/{alert}", response_class=Response, responses=_TYPES)
def cap(where: Where, who: SignedIn, alert: int) -> Response:
    """One warning as a CAP 1.2 document."""
    found = _issued(where, who, alert) if 0 < alert <= 2**53 else []
    if not found:
        raise HTTPException(404, "没有本单位发布的这条预警，或者不在密钥的范围内")
    return Response(document(found[0][1]), media_type=MEDIA)


def _issued(where: Site, who: Viewer, alert: int = 0) -> Sequence[Entry]:
    served = {one.code: one for one in places(where.store, where.rulebooks)}
    mine: list[County] = [served[code] for code in who.scope.counties(served)]
    return where.store.read(lambda work: issued(work.ledger.connection, mine, LISTED, alert))


def _address(where: Site, alert: int) -> str:
    return f"{where.public_url}/api/v1/cap/{alert}"


def _say(into: ET.Element, space: str, name: str, text: str) -> None:
    ET.SubElement(into, f"{{{space}}}{name}" if space else name).text = text


def _xml(root: ET.Element, media: str) -> Response:
    return Response(ET.tostring(root, encoding="UTF-8", xml_declaration=True), media_type=media)
