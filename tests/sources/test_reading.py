"""Every document is read rightly or refused in one clear sentence, whatever the bytes."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callout.domain.alert import Geocode, MsgType, Status
from callout.domain.errors import Refusal
from callout.domain.instant import Instant, beijing
from callout.domain.level import Hazard, Level
from callout.sources.fields import STATUS_MISSING
from callout.sources.names import blank_names
from callout.sources.reading import read_xml as read
from tests.sources.expected import Expected, check_alert

OWN = Path(__file__).parent / "documents"
GOOD = sorted(OWN.glob("*.xml"))
BAD = sorted((OWN / "refused").glob("*.xml"))
FIRST = "50015641600000_20260701093000"
NINE, SIX = "2026-07-01 09:25:00", "2026-07-02 05:58:00"


OWN_DOCUMENTS = {
    "12379-plain": Expected(),
    "12379-namespace": Expected(Hazard.LIGHTNING, expires="2026-07-01 15:30:00"),
    "12379-several-areas": Expected(areas=(("500156",), ("500156101",), ("500156101201",), ("500102",))),
    "12379-one-name-two-codes": Expected(areas=(("500156101", "500156102"),)),
    "12379-repeated-elements": Expected(
        areas=(("500156101",), ("500156102",)),
        msg_type=MsgType.UPDATE,
        references=("50015641600000_20260701060000", "50015641600000_20260630060000"),
    ),
    "12379-cancel": Expected(Hazard.GALE, Level.BLUE, msg_type=MsgType.CANCEL, sent=SIX, references=(FIRST,)),
    "12379-update": Expected(level=Level.ORANGE, msg_type=MsgType.UPDATE, references=(FIRST,)),
    "12379-no-status": Expected(),
    "12379-test": Expected(),
    "12379-no-sender-code": Expected(),
    "12379-other-code": Expected(Hazard.TYPHOON, Level.RED),
    "12379-colour-contradicts": Expected(level=Level.ORANGE, doubt="蓝色、橙色"),
    "12379-hazard-contradicts": Expected(Hazard.GALE, doubt="大风、暴雨"),
    "12379-lifting-alert": Expected(doubt="标题写的是解除"),
    "12379-split-levels": Expected(doubt="还写有橙色"),
    "12379-gb18030": Expected(),
    "12379-headline-in-text": Expected(Hazard.FLASH_FLOOD),
    "12379-advice": Expected(level=None, doubt="提示类信息，没有级别"),
    "12379-no-area": Expected(areas=(), doubt="没有可用的区划码"),
    "cap-cma": Expected(
        level=Level.ORANGE,
        msg_type=MsgType.UPDATE,
        expires="2026-07-01 15:30:00",
        references=("50015641600000_20260630200000",),
    ),
    "cap-cma-township": Expected(Hazard.FOG, areas=(("500156101",),), expires="2026-07-01 15:30:00"),
    "cap-cma-two-infos": Expected(
        level=Level.RED, areas=(("500156102",),), expires="2026-07-01 15:30:00", doubt="2 段 info"
    ),
}
STORM = {
    "01-blue": Expected(level=Level.BLUE, sent="2026-08-02 20:17:57", expires="2026-08-03 01:20:00"),
    "02-yellow": Expected(
        msg_type=MsgType.UPDATE,
        sent="2026-08-02 23:02:29",
        expires="2026-08-03 05:00:00",
        references=("50015641600000_20260802201757",),
    ),
    "03-orange": Expected(
        level=Level.ORANGE,
        msg_type=MsgType.UPDATE,
        sent="2026-08-03 03:43:34",
        expires="2026-08-03 09:10:00",
        references=("50015641600000_20260802201757",),
    ),
}
REFUSED = {
    "bad-send-time": "sendTime 不是可读的时间",
    "cap-no-scope": "缺少 scope",
    "cap-no-sender": "缺少 sender",
    "cap-update-without-references": "缺少 references",
    "cap-without-namespace": "没有命名空间",
    "cut-off": "不是完整的 XML（第 34 行出错）",
    "empty": "是空的",
    "entity-bomb": "DOCTYPE",
    "external-entity": "DOCTYPE",
    "identifier-with-blank": "identifier 含有空格",
    "no-identifier": "缺少 identifier",
    "no-info": "没有 info",
    "no-msg-type": "缺少 msgType",
    "no-send-time": "缺少 sendTime",
    "no-sender": "没有 senderCode 也没有 sender",
    "other-namespace": "命名空间不认识",
    "other-root": "根元素是“rss”",
    "unknown-encoding": "不是完整的 XML",
    "unknown-msg-type": "msgType 不认识",
    "unknown-status": "status 不认识",
}


def check(path: Path, expected: Expected) -> None:
    check_alert(read(path.read_bytes()), expected)


def check_refusal(raw: bytes, part: str) -> None:
    with pytest.raises(Refusal, match=part) as caught:
        read(raw)
    sentence = str(caught.value)
    assert sentence.startswith("来文")
    assert sentence.endswith("。")
    assert "\n" not in sentence
    assert len(sentence) < 120


@pytest.mark.parametrize("name", OWN_DOCUMENTS)
def test_our_own_documents(name: str) -> None:
    check(OWN / f"{name}.xml", OWN_DOCUMENTS[name])


@pytest.mark.parametrize("name", STORM)
def test_the_demo_messages(storm: Path, name: str) -> None:
    check(storm / f"{name}.xml", STORM[name])


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_what_is_refused(path: Path) -> None:
    check_refusal(path.read_bytes(), REFUSED[path.stem])


def test_a_missing_status_is_marked_and_other_statuses_are_kept() -> None:
    missing, test, plain = (read((OWN / f"12379-{name}.xml").read_bytes()) for name in ("no-status", "test", "plain"))
    assert (missing.status, missing.marks) == (Status.ACTUAL, (STATUS_MISSING,))
    assert (test.status, test.marks) == (Status.TEST, ())
    assert (plain.status, plain.marks) == (Status.ACTUAL, ())


def test_the_sender_is_the_code_where_there_is_one() -> None:
    assert read((OWN / "12379-plain.xml").read_bytes()).sender == "50015641600000"
    assert read((OWN / "12379-no-sender-code.xml").read_bytes()).sender == "示例区气象局"


def test_fields_that_people_read() -> None:
    cancel = read((OWN / "12379-cancel.xml").read_bytes())
    assert (cancel.note, cancel.info.event) == ("大风影响已结束（合成）", "大风")
    timed = read((OWN / "12379-namespace.xml").read_bytes()).info
    assert (timed.onset, timed.effective) == (Instant(1782871200000), Instant(1782869400000))
    chinese = read((OWN / "cap-cma.xml").read_bytes())
    assert [info.language for info in chinese.infos] == ["zh-CN"]
    assert chinese.info.headline == "示例区气象台变更发布暴雨橙色预警信号[Ⅱ级/严重]"


def test_no_colour_gives_no_level_and_goes_to_a_human() -> None:
    alert = read((OWN / "12379-no-colour.xml").read_bytes())
    assert (alert.info.hazard, alert.info.level) == (None, None)
    assert len(alert.doubts) == 2


def test_unreadable_details_do_not_lose_the_warning() -> None:
    alert = read((OWN / "12379-bad-details.xml").read_bytes())
    assert (alert.info.level, alert.info.expires) == (Level.YELLOW, None)
    assert [area.geocodes for area in alert.info.areas][1:] == [()]
    assert "ABC" in alert.doubts[0]
    assert "expires" in alert.doubts[1]


def test_a_foreign_severity_is_no_level() -> None:
    alert = read((OWN / "cap-foreign.xml").read_bytes())
    assert (alert.info.level, alert.info.language) == (None, "zh-TW")
    assert [area.geocodes for area in alert.info.areas] == [()]
    assert "不是中国气象部门" in alert.doubts[0]


def test_codes_know_their_system() -> None:
    codes = [code for area in read((OWN / "12379-several-areas.xml").read_bytes()).info.areas for code in area.geocodes]
    assert [code.system for code in codes] == ["gb2260", "undeclared", "undeclared", "gb2260"]
    assert all(isinstance(code, Geocode) for code in codes)


PLAIN = (OWN / "12379-plain.xml").read_text(encoding="utf-8")


def mutated(raw: bytes) -> st.SearchStrategy[bytes]:
    """`raw` with one stretch replaced by other bytes."""
    cuts = st.tuples(st.integers(0, len(raw)), st.integers(0, 40))
    filling = st.binary(max_size=20) | st.sampled_from(
        [b"<", b"&#0;", b"<!DOCTYPE a>", b"<info/>", b"9999", b"\xff\xfe"]
    )
    return st.builds(lambda cut, filler: raw[: cut[0]] + filler + raw[cut[0] + cut[1] :], cuts, filling)


DOCUMENTS = [path.read_bytes() for path in GOOD]


@settings(max_examples=400)
@given(st.binary(max_size=400) | st.sampled_from(DOCUMENTS).flatmap(mutated))
@example(b"<alert/>")
@example(b"\xff\xfe<\0a\0/\0>\0")
@example(b"<?xml version='1.0' encoding='UNICODE'?><a/>")
@example(PLAIN.replace("2026-07-01 09:25", "9999-12-31 23:59").encode())
@example(PLAIN.replace("2026-07-01 09:25:00+08:00", "2026-07-01 09:25:00+99:99").encode())
def test_no_bytes_raise_anything_but_a_refusal(raw: bytes) -> None:
    blank_names(raw)
    try:
        alert = read(raw)
    except Refusal:
        return
    assert alert.infos
    assert beijing(alert.sent)


@pytest.mark.parametrize(
    "raw",
    [
        (OWN / "refused" / "entity-bomb.xml").read_bytes(),
        (OWN / "refused" / "external-entity.xml").read_bytes(),
        b"<a>" * 300_000,
        b"<a>" * 60 + b"</a>" * 60,
        b"<alert " + b" ".join(b'a%d="1"' % n for n in range(70_000)) + b"/>",
        b"<alert>" + b"x" * 2_000_000 + b"</alert>",
        PLAIN.replace("</description>", "暴雨红色升级为" * 45_000 + "</description>").encode(),
        b"<senderName " * 87_000,
        b"<senderName" + b" " * 1_000_000,
        b"no markup" * 200_000,
    ],
    ids=[
        "bomb",
        "external",
        "endless",
        "deep",
        "attributes",
        "large",
        "long text",
        "half names",
        "blanks",
        "plain text",
    ],
)
def test_hostile_documents_are_dealt_with_quickly(raw: bytes) -> None:
    begin = process_time()
    blank_names(raw)
    with pytest.raises(Refusal):
        raise Refusal(repr(read(raw)))
    assert process_time() - begin < 5
