"""Messages that come zipped, as 12379 clients get them; and archives that are no message."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callout.domain.errors import Refusal
from callout.sources.archive import MAX_MEMBERS
from callout.sources.names import blank_names
from callout.sources.reading import read

OWN = Path(__file__).parent / "documents"
PLAIN = (OWN / "12379-plain.xml").read_bytes()
CANCEL = (OWN / "12379-cancel.xml").read_bytes()
BOMB = (OWN / "refused" / "entity-bomb.xml").read_bytes()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return raw.getvalue()


def locked(raw: bytes) -> bytes:
    """The same archive, its member marked as encrypted."""
    local, central = raw.index(b"PK\x03\x04") + 6, raw.index(b"PK\x01\x02") + 8
    changed = bytearray(raw)
    changed[local] |= 1
    changed[central] |= 1
    return bytes(changed)


@pytest.mark.parametrize("name", ["50015641600000_20260802231100_11B03_BLUE_CANCLE", "任意名称", "../../x"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zipped_message_is_the_message_whatever_it_is_called(name: str, method: int) -> None:
    reading = read(zipped({f"{name}.xml": PLAIN, "图.png": b"\x89PNG"}, method))
    assert [(part.alert, part.raw) for part in reading.parts] == [(part.alert, PLAIN) for part in read(PLAIN).parts]
    assert reading.refused == ()


def test_each_member_stands_for_itself() -> None:
    reading = read(zipped({"a.xml": PLAIN, "b.xml": BOMB, "c.XML": CANCEL, "d.xml": b"<a" * 700_000}))
    assert [part.raw for part in reading.parts] == [PLAIN, CANCEL]
    assert len(reading.refused) == 2


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (zipped({}), "没有 XML"),
        (zipped({"内.zip": zipped({"a.xml": PLAIN})}), "没有 XML"),
        (zipped({f"{n}.txt": b"" for n in range(MAX_MEMBERS + 1)}), "超过 20 个"),
        (zipped({"a.xml": PLAIN})[:-40], "已损坏"),
        (zipped({"a.xml": PLAIN}, zipfile.ZIP_STORED) + b"x" * 2_000_000, "没有读取"),
    ],
)
def test_an_archive_that_is_no_message_is_refused(raw: bytes, word: str) -> None:
    with pytest.raises(Refusal, match=word):
        read(raw)


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (zipped({"a.xml": b"<alert>" + b" " * 5_000_000}), "过大"),
        (zipped({"a.xml": b"<alert>" + b" " * 500_000}), "过大"),
        (zipped({"a.xml": PLAIN}, zipfile.ZIP_LZMA), "压缩方法"),
        (locked(zipped({"a.xml": PLAIN})), "密码"),
        (zipped({"a.xml": PLAIN}, zipfile.ZIP_STORED).replace(b"<alert", b"<alarm", 1), "已损坏"),
    ],
)
def test_a_member_that_cannot_be_had_is_refused(raw: bytes, word: str) -> None:
    reading = read(raw)
    assert reading.parts == ()
    [sentence] = reading.refused
    assert word in sentence


WHOLE = zipped({"a.xml": PLAIN, "b.xml": CANCEL})


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE)), st.integers(0, 30), st.binary(max_size=30))
@example(0, 0, b"")
def test_no_bytes_raise_anything_but_a_refusal(at: int, cut: int, filling: bytes) -> None:
    raw = WHOLE[:at] + filling + WHOLE[at + cut :]
    blank_names(raw)
    try:
        reading = read(raw)
    except Refusal:
        return
    assert reading.parts or reading.refused
