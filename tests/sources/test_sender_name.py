"""The forecaster's personal name neither reaches an alert nor the stored document."""

from pathlib import Path

import pytest

from callout.domain.errors import Refusal
from callout.ports import Reader
from callout.sources.names import blank_names
from callout.sources.reading import DocumentReader, read_xml

OWN = Path(__file__).parent / "documents"
GOOD = sorted(OWN.glob("*.xml"))
NAME = "示例员甲"


@pytest.mark.parametrize("path", GOOD, ids=[path.stem for path in GOOD])
def test_the_forecasters_name_stays_outside(path: Path) -> None:
    raw = path.read_bytes()
    encoding = "GB18030" if "gb18030" in path.name else "UTF-8"
    assert NAME.encode(encoding) in raw
    blanked = blank_names(raw)
    assert NAME not in repr(read_xml(raw))
    assert blanked == raw.replace(NAME.encode(encoding), b"")
    assert read_xml(blanked) == read_xml(raw)


PLAIN = (OWN / "12379-plain.xml").read_text(encoding="utf-8")
NAMED = f"<senderName>{NAME}</senderName>"


@pytest.mark.parametrize(
    "document",
    [
        PLAIN.replace(NAMED, f"<senderName><![CDATA[x</senderName>{NAME}]]></senderName>"),
        PLAIN.replace(NAMED, f"<senderName><![CDATA[{NAME}]]></senderName>"),
        PLAIN.replace(NAMED, f'<senderName who="a>{NAME}">{NAME}</senderName>'),
        PLAIN.replace(NAMED, f"<senderName><b>{NAME}</b><senderName>{NAME}</senderName>{NAME}</senderName>"),
        PLAIN.replace(NAMED, f"<!-- <senderName> -->{NAMED}<!-- {NAME} -->"),
        PLAIN.replace(NAMED, f"<x:senderName xmlns:x='urn:example:x'\n>{NAME}</x:senderName >"),
        PLAIN.replace(NAMED, NAMED + NAMED),
    ],
    ids=["cdata-trap", "cdata", "attribute", "nested", "comments", "prefix", "twice"],
)
def test_a_name_that_hides(document: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        raw = document.replace("UTF-8", encoding).encode(encoding)
        blanked = blank_names(raw)
        assert NAME.encode() not in blanked
        assert NAME.encode(encoding)[2:] not in blanked
        assert NAME not in repr(read_xml(raw))
        assert read_xml(blanked) == read_xml(raw)


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.split("</senderName>")[0].encode(),
        PLAIN.replace("</alert>", "").encode(),
        PLAIN.replace("UTF-8", "utf-16").encode("utf-16")[:-9],
        b"<senderName>" * 80_000 + NAME.encode(),
        PLAIN.replace(NAMED, NAMED + " " * 1_100_000).encode(),
    ],
    ids=["cut in the name", "cut at the end", "cut and wide", "repeated", "too large"],
)
def test_names_leave_broken_documents_too(raw: bytes) -> None:
    with pytest.raises(Refusal):
        read_xml(raw)
    assert NAME.encode() not in blank_names(raw)
    assert NAME.encode("utf-16")[2:] not in blank_names(raw)


def test_the_reader_port_reads_and_blanks() -> None:
    reader: Reader = DocumentReader()
    raw = PLAIN.encode()
    assert [part.alert for part in reader.read(raw).parts] == [read_xml(raw)]
    assert reader.blank(raw) == blank_names(raw)
