"""One door for documents from outside: which form is it, and what does it say."""

import re

from lxml import etree

from callout.domain.alert import Alert
from callout.domain.errors import Refusal
from callout.sources import cap, cn12379, xml

_NAME = rb"(?:[\w.-]{1,64}:)?senderName"
_SENDER_NAME = re.compile(rb"(<" + _NAME + rb"(?:\s[^<>]*)?(?<!/)>).*?(?=</" + _NAME + rb"\s*>|\Z)", re.DOTALL)


class XmlReader:
    """The reader port over `read` and `blank_sender_name`."""

    def read(self, raw: bytes) -> Alert:
        """See `read`."""
        return read(raw)

    def blank(self, raw: bytes) -> bytes:
        """See `blank_sender_name`."""
        return blank_sender_name(raw)


def read(raw: bytes) -> Alert:
    """The alert that `raw` holds: 12379 XML, CAP 1.2 or CAP 1.1.

    Raises Refusal, and nothing else, with one Chinese sentence when it holds none.
    """
    root = xml.parse(raw)
    if xml.local(root) != "alert":
        raise Refusal(f"来文的根元素是“{xml.local(root)[:40]}”而不是 alert，不是预警，请让发送方检查文件。")
    namespace = xml.namespace(root)
    if namespace in cap.NAMESPACES:
        return cap.read(root)
    if namespace not in cn12379.NAMESPACES:
        raise Refusal("来文的命名空间不认识，只读 CAP 1.2、CAP 1.1 和 12379 三种，请让发送方改正后重发。")
    if xml.text(root, "sent") and not xml.text(root, "sendTime"):
        raise Refusal("来文像 CAP 却没有命名空间，请让发送方补上 CAP 1.2 的命名空间后重发。")
    return cn12379.read(root)


def blank_sender_name(raw: bytes) -> bytes:
    """The document as it may be stored: the text of every `senderName` (a forecaster's personal name) removed.

    Everything else stays byte for byte, unless the name hides (in CDATA, attributes, a wide encoding): then the
    document is written anew, in UTF-8 and without comments. Bytes that are no XML are blanked as far as they can be
    read, or dropped whole. Never fails.
    """
    blanked = _SENDER_NAME.sub(rb"\1", raw)
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
