"""XML from strangers: parsed without entities, network or surprises, and its fields picked by name."""

from lxml import etree

from callout.domain.errors import Refusal

MAX_BYTES = 1024 * 1024
"""Largest document that is read; real warnings have 2 to 90 KiB."""
MAX_DEPTH = 50
"""Deepest nesting that is read; real warnings have 5 levels."""

Element = etree._Element


def parse(raw: bytes, most: int = MAX_BYTES) -> Element:
    """The root element, without comments and processing instructions.

    Raises Refusal, and nothing else, for bytes that are too many, too deep, not XML, or hold a DOCTYPE.
    """
    if not raw:
        raise Refusal("来文是空的，请让发送方重发。")
    if len(raw) > most:
        raise Refusal(f"来文超过 {most // 1024} KiB，没有读取，请让发送方检查文件。")
    # lxml sees it too, but only after the parser has worked through the declarations.
    if b"<!DOCTYPE" in raw.replace(b"\0", b""):
        raise _doctype()
    root = _root(raw)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if _too_deep(root):
        raise Refusal(f"来文的 XML 嵌套超过 {MAX_DEPTH} 层，不是预警，请让发送方检查文件。")
    return root


def namespace(element: Element) -> str:
    """The namespace of an element's name; empty when it has none."""
    return etree.QName(element).namespace or ""


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname


def children(element: Element, name: str) -> list[Element]:
    """The child elements of this name, in whatever namespace."""
    return element.findall(f"{{*}}{name}")


def text(element: Element, name: str) -> str:
    """The text of the first child of this name, without surrounding blanks; empty when absent or empty."""
    child = element.find(f"{{*}}{name}")
    return "" if child is None or child.text is None else child.text.strip()


def joined(element: Element, name: str) -> str:
    """The texts of all children of this name, with commas between them; empty when there are none."""
    return ",".join(child.text.strip() for child in children(element, name) if child.text)


def _root(raw: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        # The parser's own words may quote the document, so only the line is passed on.
        line = getattr(error, "lineno", None) or 1
        raise Refusal(f"来文不是完整的 XML（第 {line} 行出错），请让发送方用 UTF-8 重发。") from None


def _doctype() -> Refusal:
    return Refusal("来文带有 DOCTYPE 声明，预警不应有，没有读取，请让发送方去掉后重发。")


def _too_deep(root: Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False
