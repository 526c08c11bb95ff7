"""A copy as a CAP 1.2 document: for those whose programs read warnings."""

import re

from lxml import etree

from callout.domain.instant import Instant, beijing
from callout.domain.level import Hazard, Level
from callout.ports.copies import About, Leaflet

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CAP = "application/cap+xml"
_SEVERITY = {Level.BLUE: "Minor", Level.YELLOW: "Moderate", Level.ORANGE: "Severe", Level.RED: "Extreme"}
_STATUS = {"actual": "Actual", "drill": "Exercise"}
_GEO = frozenset({Hazard.LANDSLIDE})
_FIRE = frozenset({Hazard.FOREST_FIRE})
_NOT_IN_IDS = re.compile(r"[\s,<&]+")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def cap_document(leaflet: Leaflet, about: About) -> bytes:
    """The document, in the order of elements that the standard demands."""
    alert = etree.fromstring(f'<alert xmlns="{NAMESPACE}"/>')
    meaning, sender = about.meaning, f"callout.{about.county}"
    add(
        alert,
        ("identifier", _id(leaflet.id)),
        ("sender", sender),
        ("sent", time_of(meaning.issued_at)),
        ("status", status(meaning.run)),
        ("msgType", "Cancel" if leaflet.lifting else "Alert"),
        ("scope", "Public"),
        ("references", " ".join(f"{sender},{_id(one)},{time_of(at)}" for one, at in about.ended)),
    )
    _info(etree.SubElement(alert, f"{{{NAMESPACE}}}info"), leaflet, about)
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _info(info: etree._Element, leaflet: Leaflet, about: About) -> None:
    meaning = about.meaning
    certain = ("Past", "Unknown", "Unknown") if leaflet.lifting else ("Immediate", severity(meaning.level), "Likely")
    add(
        info,
        ("language", "zh-CN"),
        ("category", category(meaning.hazard)),
        ("event", meaning.hazard),
        ("responseType", "AllClear" if leaflet.lifting else ""),
        *zip(("urgency", "severity", "certainty"), certain, strict=True),
        ("effective", time_of(meaning.issued_at)),
        ("expires", time_of(leaflet.expires_at)),
        ("senderName", meaning.issuer),
        ("headline", leaflet.title),
        ("description", leaflet.text),
        ("instruction", "" if leaflet.lifting else meaning.measure),
    )
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    add(area, ("areaDesc", meaning.area))
    code = etree.SubElement(area, f"{{{NAMESPACE}}}geocode")
    add(code, ("valueName", "GB/T 2260"), ("value", about.county))


def severity(level: Level | None) -> str:
    """A colour as CMA writes it."""
    return _SEVERITY[level] if level else "Unknown"


def category(hazard: str) -> str:
    """The category of a hazard."""
    return "Geo" if hazard in _GEO else "Fire" if hazard in _FIRE else "Met"


def status(run: str) -> str:
    """What is not real is a test or an exercise."""
    return _STATUS.get(run, "Test")


def add(parent: etree._Element, *children: tuple[str, str]) -> None:
    """What is empty is left out."""
    for name, text in children:
        if text:
            etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _NOT_IN_XML.sub("", text)


def _id(text: str) -> str:
    return _NOT_IN_IDS.sub("-", text)


def time_of(at: Instant) -> str:
    """As CAP wants it: 2026-08-03T03:50:00+08:00."""
    return beijing(at, "%Y-%m-%dT%H:%M:%S+08:00")
