"""One door for documents from outside: which form is it, and what does it say."""

from callout.domain.alert import Alert
from callout.domain.errors import Refusal
from callout.ports import Part, Reading
from callout.sources import archive, cap, cn12379, jsontext, listing, xml
from callout.sources.names import blank_names

_HEAD = 1000
"""Bytes in which an XML document must have begun; comments and blanks may stand before."""


class DocumentReader:
    """The reader port over `read` and `blank_names`."""

    def read(self, raw: bytes) -> Reading:
        """See `read`."""
        return read(raw)

    def blank(self, raw: bytes) -> bytes:
        """See `blank_names`."""
        return blank_names(raw)


def read(raw: bytes) -> Reading:
    """The alerts that `raw` holds: one in XML, one or many in JSON or in a ZIP (docs/formats.md lists the forms).

    Raises Refusal, and nothing else, with one Chinese sentence when it holds none.
    """
    if archive.looks_like(raw):
        return _read_archive(raw)
    return listing.read(raw) if jsontext.looks_like(raw) else Reading((Part(read_xml(raw), raw),))


def _read_archive(raw: bytes) -> Reading:
    documents, refused = archive.unpacked(raw)
    parts = []
    for each in documents:
        try:
            parts.append(Part(read_xml(each), each))
        except Refusal as refusal:
            refused.append(str(refusal))
    return Reading(tuple(parts), tuple(refused))


def read_xml(raw: bytes) -> Alert:
    """The alert that `raw` holds: 12379 XML, CAP 1.2 or CAP 1.1. Raises Refusal, and nothing else."""
    if raw and b"<" not in raw[:_HEAD]:
        raise Refusal("来文既不是 XML 也不是 JSON，读不出预警，请让发送方检查文件。")
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
