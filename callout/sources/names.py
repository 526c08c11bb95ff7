"""Personal names leave a document before it is stored: the forecaster's `senderName`, the signer's `UNDERWRITER`."""

import re
from collections.abc import Mapping

from lxml import etree

from callout.domain.errors import Refusal
from callout.sources import jsontext, xml

PERSONAL = ("sendername", "underwriter")
"""Keys of JSON records, in lower case, whose value is a person's name."""

_NAME = rb"(?:[\w.-]{1,64}:)?senderName"
_IN_XML = re.compile(rb"(<" + _NAME + rb"(?:\s[^<>]*)?(?<!/)>).*?(?=</" + _NAME + rb"\s*>|\Z)", re.DOTALL)
_IN_JSON = re.compile(
    rb'("(?:' + "|".join(PERSONAL).encode() + rb')"\s{0,99}:\s{0,99}")(?:[^"\\]|\\.)*+', re.DOTALL | re.IGNORECASE
)


def blank_names(raw: bytes) -> bytes:
    """The document as it may be stored: the text of every personal name removed.

    Everything else stays byte for byte, unless the name hides (in CDATA, attributes, a wide encoding, an escaped key):
    then the document is written anew, in UTF-8. Bytes that are no document are blanked as far as they can be read, or
    dropped whole. Never fails.
    """
    return _blank_json(raw) if jsontext.looks_like(raw) else _blank_xml(raw)


def _blank_xml(raw: bytes) -> bytes:
    blanked = _IN_XML.sub(rb"\1", raw)
    try:
        root = xml.parse(raw)
    except Refusal:
        return b"" if b"\0" in raw else blanked
    for element in list(root.iter("{*}senderName")):
        _clear(element)
    try:
        if etree.tostring(xml.parse(blanked)) == etree.tostring(root):
            return blanked
    except Refusal:
        pass
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _clear(element: xml.Element) -> None:
    tail = element.tail
    element.clear()
    element.tail = tail


def _blank_json(raw: bytes) -> bytes:
    blanked = _IN_JSON.sub(rb"\1", raw)
    texts = jsontext.lines(raw) if len(raw) <= xml.MAX_BYTES else None
    if texts is not None:
        return b"\n".join(_blank_json(text) if text else text for text in texts)
    try:
        wanted = _without_names(jsontext.parse(raw))
    except Refusal:
        return blanked
    try:
        if jsontext.parse(blanked) == wanted:
            return blanked
    except Refusal:
        pass
    return jsontext.written(wanted)


def _without_names(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: "" if key.lower() in PERSONAL else _without_names(item) for key, item in value.items()}
    return [_without_names(item) for item in value] if isinstance(value, list) else value
