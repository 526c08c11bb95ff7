"""OASIS CAP 1.2 and 1.1 → Alert, with the habits of the China Meteorological Administration (CMA).

CMA sends each message in two languages, writes its colours as `severity`, its areas as `CPEAS Geographic Code`, and the
new message's own time into `references`, so that only identifiers can be matched. Other senders' severities mean
something else: they get no level and go to a human. `senderName` can be a personal name and is never read.
"""

import re

from callout.domain.alert import Alert, Area, Info, MsgType
from callout.domain.headline import action_doubts, hazard_named, judge
from callout.domain.level import Level
from callout.sources import fields, xml

NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")

_CMA_IDENTIFIER = re.compile(r"\d{14}_\d{14}(?:_\d+)?", re.ASCII)
_CMA_GEOCODE = "CPEAS Geographic Code"
_CMA_LEVELS = {"minor": Level.BLUE, "moderate": Level.YELLOW, "severe": Level.ORANGE, "extreme": Level.RED}
_DEFAULT_LANGUAGE = "en-US"
"""What CAP means when `language` is missing."""


def read(root: xml.Element) -> Alert:
    """The alert of a CAP document: the info blocks of one language, Chinese before all others.

    Raises Refusal when a required field is missing. CMA's messages are forgiven what nobody needs in order to act.
    """
    identifier, msg_type, cma = fields.identifier(root), fields.msg_type(root), _is_cma(root)
    if not cma:
        _refuse_incomplete(root, msg_type)
    status, marks = fields.status(root)
    infos, doubts = fields.gather(_info(element, cma) for element in _preferred(xml.children(root, "info")))
    return Alert(
        identifier=identifier,
        sender=fields.required(root, "sender"),
        sent=fields.sent(root, "sent"),
        status=status,
        msg_type=msg_type,
        infos=infos,
        references=_references(xml.text(root, "references"), identifier),
        note=xml.text(root, "note"),
        doubts=(*doubts, *action_doubts(msg_type, infos[0].headline)),
        marks=marks,
    )


def _is_cma(root: xml.Element) -> bool:
    names = root.iterfind("{*}info/{*}area/{*}geocode/{*}valueName")
    return bool(
        _CMA_IDENTIFIER.fullmatch(xml.text(root, "identifier"))
        or any((name.text or "").strip() == _CMA_GEOCODE for name in names)
    )


def _refuse_incomplete(root: xml.Element, msg_type: MsgType) -> None:
    fields.required(root, "scope")
    if msg_type is not MsgType.ALERT:
        fields.required(root, "references")
    for info in xml.children(root, "info"):
        for name in ("event", "urgency", "severity", "certainty"):
            fields.required(info, name)


def _preferred(infos: list[xml.Element]) -> list[xml.Element]:
    """The info blocks in the preferred language; the others are translations of them."""
    if not infos:
        return []
    best = min((_language(info) for info in infos), key=_distance_from_chinese)
    return [info for info in infos if _language(info) == best]


def _language(info: xml.Element) -> str:
    return xml.text(info, "language") or _DEFAULT_LANGUAGE


def _distance_from_chinese(language: str) -> int:
    wanted = language.lower()
    return 0 if wanted == "zh-cn" else 1 if wanted.startswith("zh") else 2


def _references(written: str, own: str) -> tuple[str, ...]:
    """The second item of each `sender,identifier,sent`."""
    triples = [triple.split(",") for triple in written.split()]
    names = [parts[1] if len(parts) > 1 else parts[0] for parts in triples]
    return tuple(dict.fromkeys(name for name in names if name and name != own))


def _info(element: xml.Element, cma: bool) -> tuple[Info, fields.Doubts]:
    doubts: list[str] = []
    event, headline, description = (xml.text(element, name) for name in ("event", "headline", "description"))
    hazard, level = hazard_named(event), None
    if cma:
        severity = _CMA_LEVELS.get(xml.text(element, "severity").lower())
        hazard, level, judged = judge(None, event, headline, severity, description)
        doubts.extend(judged)
    else:
        doubts.append("不是中国气象部门的来文，severity 不能换算成颜色级别，需人工判断")
    areas = tuple(_area(area, cma, doubts) for area in xml.children(element, "area"))
    info = Info(
        event=event,
        hazard=hazard,
        level=level,
        areas=areas,
        effective=fields.time(element, "effective", doubts),
        onset=fields.time(element, "onset", doubts),
        expires=fields.time(element, "expires", doubts),
        headline=headline,
        description=description,
        instruction=xml.text(element, "instruction"),
        language=_language(element),
    )
    return info, (*doubts, *fields.area_doubts(areas))


def _area(element: xml.Element, cma: bool, doubts: list[str]) -> Area:
    codes = [code for code in xml.children(element, "geocode") if xml.text(code, "valueName") == _CMA_GEOCODE]
    values = [xml.text(code, "value") for code in codes] if cma else []
    return Area(xml.text(element, "areaDesc"), fields.geocodes(values, doubts))
