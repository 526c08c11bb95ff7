"""The internal XML of the national warning release system 12379 (国家突发事件预警信息发布系统) → Alert.

It resembles CAP and is not: no namespace (or http://com.icss.amp), `sendTime` with a blank, colours as `severity`, a
flat `geocode` that may hold several codes or be repeated, and `references` that always name the event's first message.
`senderName` is a forecaster's personal name and is never read. Delivery blocks (`code/method`, with its `audenceprt`)
say how others send the warning and are not read either. CANCLE occurs in file names only; we go by `msgType`.
"""

import re

from callout.domain.alert import Alert, Area, Info
from callout.domain.errors import Refusal
from callout.domain.headline import action_doubts, judge
from callout.domain.level import Level
from callout.sources import fields, xml
from callout.sources.codes import CN12379

NAMESPACES = ("", "http://com.icss.amp")

_SEPARATOR = re.compile(r"[,，;；\s]+")
_IDENTIFIER = re.compile(r"\d{14}_\d{14}(?:_\d+)?", re.ASCII)


def read(root: xml.Element) -> Alert:
    """The alert of a 12379 document. Raises Refusal when a field is missing without which nobody can act."""
    identifier, msg_type = fields.identifier(root), fields.msg_type(root)
    status, marks = fields.status(root)
    infos, doubts = fields.gather(_info(element) for element in xml.children(root, "info"))
    return Alert(
        identifier=identifier,
        sender=_sender(root),
        sent=fields.sent(root, "sendTime"),
        status=status,
        msg_type=msg_type,
        infos=infos,
        references=_references(xml.joined(root, "references"), identifier),
        note=xml.text(root, "note"),
        doubts=(*doubts, *action_doubts(msg_type, infos[0].headline)),
        marks=marks,
    )


def _sender(root: xml.Element) -> str:
    sender = xml.text(root, "senderCode") or xml.text(root, "sender")
    if not sender:
        raise Refusal("来文没有 senderCode 也没有 sender，请让发送方补上后重发。")
    return sender


def _references(written: str, own: str) -> tuple[str, ...]:
    names = _IDENTIFIER.findall(written) or [name for name in _SEPARATOR.split(written) if name]
    return tuple(dict.fromkeys(name for name in names if name != own))


def _info(element: xml.Element) -> tuple[Info, fields.Doubts]:
    doubts: list[str] = []
    event_type, event = xml.text(element, "eventType"), xml.text(element, "event")
    headline, description = xml.text(element, "headline"), xml.text(element, "description")
    coded, severity = CN12379.get(event_type.upper()), _level(xml.text(element, "severity"))
    hazard, level, judged = judge(coded, event, headline, severity, description)
    areas = tuple(area for found in xml.children(element, "area") for area in _areas(found, doubts))
    info = Info(
        event=event or hazard or event_type,
        hazard=hazard,
        level=level,
        areas=areas,
        effective=fields.time(element, "effective", doubts),
        onset=fields.time(element, "onset", doubts),
        expires=fields.time(element, "expires", doubts),
        headline=headline,
        description=description,
        instruction=xml.text(element, "instruction"),
        language=xml.text(element, "language") or "zh-CN",
    )
    return info, (*judged, *doubts, *fields.area_doubts(areas))


def _level(severity: str) -> Level | None:
    return next((level for level in Level if level == severity.lower()), None)


def _areas(element: xml.Element, doubts: list[str]) -> tuple[Area, ...]:
    """One area per code where names and codes run in parallel, else one area that holds all codes."""
    codes = [code for code in _SEPARATOR.split(xml.joined(element, "geocode")) if code]
    described = xml.joined(element, "areaDesc")
    names = [name for name in _SEPARATOR.split(described) if name]
    if len(names) != len(codes):
        return (Area(described, fields.geocodes(codes, doubts)),)
    pairs = dict.fromkeys(zip(names, codes, strict=True))
    return tuple(Area(name, fields.geocodes([code], doubts)) for name, code in pairs)
