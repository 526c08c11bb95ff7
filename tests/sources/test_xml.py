"""Times, limits and fields of strangers' XML."""

import pytest

from callout.domain.errors import Refusal
from callout.domain.instant import Instant
from callout.sources import xml
from callout.sources.times import moment

AT = Instant(1785672000000)


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-02 20:00:00+08:00",
        "2026-08-02T20:00:00+08:00",
        "2026-08-02T12:00:00Z",
        "2026-08-02T12:00:00-00:00",
        "2026-08-02 20:00:00",
        "2026-08-02 20:00",
        "2026/08/02 20:00",
        "2026-08-02T20:00:00.000+08:00",
    ],
)
def test_times(written: str) -> None:
    assert moment(written) == AT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-08-02",
        "2026-02-30 00:00:00",
        "9999-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "20260802T200000",
        "明天",
    ],
)
def test_what_is_no_time(written: str) -> None:
    assert moment(written) is None


def test_depth_and_size_limits_hold_exactly() -> None:
    depth, size = xml.MAX_DEPTH, xml.MAX_BYTES
    xml.parse(b"<a>" * depth + b"</a>" * depth)
    with pytest.raises(Refusal, match="50 层"):
        xml.parse(b"<a>" * (depth + 1) + b"</a>" * (depth + 1))
    xml.parse(b"<a>" + b" " * (size - 7) + b"</a>")
    with pytest.raises(Refusal, match="1024 KiB"):
        xml.parse(b"<a>" + b" " * (size - 6) + b"</a>")


def test_a_doctype_is_seen_in_any_encoding() -> None:
    document = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    for encoding in ("utf-8", "utf-16", "utf-32", "utf-7"):
        with pytest.raises(Refusal, match="DOCTYPE"):
            xml.parse(document.format(encoding).encode(encoding))


def test_a_doctype_cannot_hide_in_an_encoding() -> None:
    with pytest.raises(Refusal, match="DOCTYPE"):
        xml.parse(b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY x "y">]><a>&x;</a>')


def test_a_refusal_never_quotes_the_document() -> None:
    with pytest.raises(Refusal) as caught:
        xml.parse("<alert><示例员甲></alert>".encode())
    assert "示例员甲" not in str(caught.value)


def test_comments_do_not_split_a_text() -> None:
    root = xml.parse("<a><b> 暴<!-- 合成 -->雨 <?x y?></b></a>".encode())
    assert (xml.text(root, "b"), xml.text(root, "c")) == ("暴雨", "")
