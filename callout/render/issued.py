"""A warning of our own as a CAP 1.2 document (OASIS): the message itself, for other systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from callout.domain.alert import Alert, Area, CodeSystem, Info, MsgType
from callout.domain.instant import Instant
from callout.domain.level import Level
from callout.render.cap import NAMESPACE, add, category, severity, status, time_of

_MARKS: Mapping[str, str] = {"actual": "", "drill": "【演练】", "demo": "【演示】", "rehearsal": "【推演】"}
_CODES: Mapping[CodeSystem, str] = {
    CodeSystem.GB2260: "GB/T 2260",
    CodeSystem.STATS: "stats.gov.cn",
    CodeSystem.MCA: "mca.gov.cn",
    CodeSystem.UNDECLARED: "undeclared",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that another refers to."""

    sender: str
    identifier: str
    sent: Instant


@dataclass(frozen=True, slots=True)
class Issued:
    """One warning that an office here has issued."""

    alert: Alert
    run: str
    issuer: str
    """The office's name; never a person's."""
    earlier: Sequence[Earlier] = ()

    @property
    def headline(self) -> str:
        """With a mark before it where it is not real."""
        return _MARKS[self.run] + self.alert.info.headline


def document(it: Issued) -> bytes:
    """The document. What is not real says so in its status and in its first words."""
    alert, root = it.alert, etree.fromstring(f'<alert xmlns="{NAMESPACE}"/>')
    kind = MsgType.ALERT if alert.msg_type is MsgType.UNKNOWN else alert.msg_type
    add(
        root,
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", time_of(alert.sent)),
        ("status", status(it.run)),
        ("msgType", kind),
        ("scope", "Public"),
        ("note", _MARKS[it.run] + alert.note),
        ("references", " ".join(f"{one.sender},{one.identifier},{time_of(one.sent)}" for one in it.earlier)),
    )
    for info in alert.infos:
        _info(_child(root, "info"), info, it)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _info(into: etree._Element, info: Info, it: Issued) -> None:
    lifts = it.alert.msg_type is MsgType.CANCEL
    times = {name: getattr(info, name) for name in ("effective", "onset", "expires")}
    add(
        into,
        ("language", info.language),
        ("category", category(info.hazard or "")),
        ("event", info.event),
        ("responseType", "AllClear" if lifts else "Execute"),
        ("urgency", "Past" if lifts else "Immediate" if info.level is Level.RED else "Expected"),
        ("severity", severity(info.level)),
        ("certainty", "Likely"),
        *((name, "" if at is None else time_of(at)) for name, at in times.items()),
        ("senderName", it.issuer),
        ("headline", _MARKS[it.run] + info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
    )
    if info.level:
        add(_child(into, "parameter"), ("valueName", "预警级别"), ("value", info.level.zh))
    for area in info.areas:
        _area(_child(into, "area"), area)


def _area(into: etree._Element, area: Area) -> None:
    add(into, ("areaDesc", area.desc))
    for code in area.geocodes:
        add(_child(into, "geocode"), ("valueName", _CODES[code.system]), ("value", code.value))


def _child(into: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(into, f"{{{NAMESPACE}}}{name}")
