"""A reader of CAP 1.2 that forgives nothing, written from the standard: order, number, words and forms of all elements.

No package that could be installed carries the OASIS schema, so the documents are judged by this.
"""

import re
from xml.etree import ElementTree as ET

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
_TIME = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_NAME = re.compile(r"[^\s&<,]+")
_ONE, _MAY, _ANY, _SOME = (1, 1), (0, 1), (0, 999), (1, 999)
_WORDS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
_CHILDREN = {
    "alert": (
        *(("identifier", _ONE), ("sender", _ONE), ("sent", _ONE), ("status", _ONE), ("msgType", _ONE)),
        *(("source", _MAY), ("scope", _ONE), ("restriction", _MAY), ("addresses", _MAY), ("code", _ANY)),
        *(("note", _MAY), ("references", _MAY), ("incidents", _MAY), ("info", _ANY)),
    ),
    "info": (
        *(("language", _MAY), ("category", _SOME), ("event", _ONE), ("responseType", _ANY), ("urgency", _ONE)),
        *(("severity", _ONE), ("certainty", _ONE), ("audience", _MAY), ("eventCode", _ANY), ("effective", _MAY)),
        *(("onset", _MAY), ("expires", _MAY), ("senderName", _MAY), ("headline", _MAY), ("description", _MAY)),
        *(("instruction", _MAY), ("web", _MAY), ("contact", _MAY), ("parameter", _ANY), ("resource", _ANY)),
        ("area", _ANY),
    ),
    "area": (
        *(("areaDesc", _ONE), ("polygon", _ANY), ("circle", _ANY), ("geocode", _ANY)),
        *(("altitude", _MAY), ("ceiling", _MAY)),
    ),
    "geocode": (("valueName", _ONE), ("value", _ONE)),
    "parameter": (("valueName", _ONE), ("value", _ONE)),
}


def faults(raw: bytes) -> list[str]:
    """Everything that the standard does not allow."""
    root = ET.fromstring(raw)  # our own bytes
    return _faults(root) + _about(root) if root.tag == f"{NAMESPACE}alert" else ["not a CAP 1.2 alert"]


def _faults(element: ET.Element) -> list[str]:
    name = element.tag.removeprefix(NAMESPACE)
    text = (element.text or "").strip()
    if name not in _CHILDREN:
        return _leaf(name, text, element)
    order = [one for one, _ in _CHILDREN[name]]
    tags = [child.tag.removeprefix(NAMESPACE) for child in element]
    wrong = [f"{name} has {tag}" for tag in tags if tag not in order]
    known = [tag for tag in tags if tag in order]
    wrong += [f"{name}: wrong order {known}"] if known != sorted(known, key=order.index) else []
    for one, (least, most) in _CHILDREN[name]:
        wrong += [] if least <= tags.count(one) <= most else [f"{name}: {tags.count(one)} times {one}"]
    return wrong + [fault for child in element for fault in _faults(child)]


def _leaf(name: str, text: str, element: ET.Element) -> list[str]:
    wrong = [f"{name} has children"] if len(element) else []
    if name in _WORDS and text not in _WORDS[name].split():
        wrong.append(f"{name}: {text}")
    if name in ("sent", "effective", "onset", "expires") and not _TIME.fullmatch(text):
        wrong.append(f"{name}: {text}")
    if name in ("identifier", "sender") and not _NAME.fullmatch(text):
        wrong.append(f"{name}: {text}")
    return wrong if text else [*wrong, f"{name} is empty"]


def _about(root: ET.Element) -> list[str]:
    kind = root.findtext(f"{NAMESPACE}msgType")
    refers = root.findtext(f"{NAMESPACE}references") or ""
    triples = [one.split(",") for one in refers.split()]
    wrong = [f"references: {one}" for one in triples if len(one) != 3 or not _TIME.fullmatch(one[2])]
    return wrong + ([f"{kind} refers to nothing"] if kind in ("Update", "Cancel") and not refers else [])
