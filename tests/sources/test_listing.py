"""JSON sources: every record is read by its own code table, refused alone, and nothing breaks the reading."""

from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callout.domain.alert import MsgType, Status
from callout.domain.errors import Refusal
from callout.domain.instant import beijing
from callout.domain.level import Hazard, Level
from callout.sources import codes, jsontext
from callout.sources.jsontext import MAX_DEPTH, MAX_DIGITS
from callout.sources.listing import AT_MOST
from callout.sources.names import blank_names
from callout.sources.reading import read
from callout.sources.relay import AREA_OF_ISSUER, KIND_MISSING
from callout.sources.xml import MAX_BYTES
from tests.sources.expected import NO_CODE, Expected, check_alert

OWN = Path(__file__).parent / "documents"
JSON = sorted(path for path in OWN.iterdir() if path.suffix in (".json", ".jsonl", ".js"))
ID = "50015641600000_20260701093000"
ENDS = "2026-07-01 15:30:00"
UNKNOWN = MsgType.UNKNOWN
NAME = "示例员甲"

DOCUMENTS: dict[str, tuple[Expected, ...]] = {
    "wmo-snapshot.json": (
        Expected(msg_type=UNKNOWN, expires=ENDS),
        Expected(Hazard.LANDSLIDE, Level.ORANGE, msg_type=UNKNOWN),
        Expected(Hazard.CONVECTION, Level.BLUE, (("500102",),), UNKNOWN, expires=ENDS),
    ),
    "wmo-needs-a-human.json": (
        Expected(Hazard.LANDSLIDE, None, msg_type=UNKNOWN, expires=ENDS, doubt="认不出级别"),
        Expected(None, msg_type=UNKNOWN, expires=ENDS, doubt="认不出灾种"),
        Expected(level=Level.ORANGE, msg_type=UNKNOWN, expires=ENDS, doubt="颜色和级别不一致"),
        Expected(Hazard.FOG, msg_type=UNKNOWN, doubt="expires 不是可读的时间"),
        Expected(level=Level.RED, areas=((),), msg_type=UNKNOWN, expires=ENDS, doubt=NO_CODE),
    ),
    "wmo-one-bad.json": (Expected(Hazard.GALE, Level.BLUE, msg_type=UNKNOWN, expires=ENDS),),
    "wmo-lines.jsonl": (
        Expected(msg_type=UNKNOWN, expires=ENDS),
        Expected(Hazard.GALE, Level.BLUE, msg_type=UNKNOWN, expires=ENDS),
    ),
    "wmo-nothing-in-force.json": (),
    "weathercomcn-detail.js": (Expected(expires=ENDS),),
    "weathercomcn-callback.js": (Expected(Hazard.GALE, expires=ENDS),),
    "weathercomcn-cancel.json": (Expected(msg_type=MsgType.CANCEL, expires=ENDS, references=(ID,)),),
    "weathercomcn-bare.json": (Expected(areas=((),), msg_type=UNKNOWN, doubt=NO_CODE),),
    "weathercomcn-codes-contradict.json": (
        Expected(Hazard.GALE, Level.ORANGE, expires=ENDS, doubt="灾种不一致（大风、暴雨）"),
    ),
    "weathercomcn-list.json": (Expected(level=Level.ORANGE, areas=((),), msg_type=UNKNOWN, doubt=NO_CODE),),
    "nmc-list.json": (
        Expected(Hazard.FOG, msg_type=UNKNOWN),
        Expected(Hazard.FLASH_FLOOD, Level.RED, msg_type=UNKNOWN),
    ),
    "nmc-lifted.json": (Expected(Hazard.FOG, msg_type=UNKNOWN, doubt="标题写的是解除"),),
    "nmc-no-office.json": (Expected(level=Level.RED, areas=((),), msg_type=UNKNOWN, doubt=NO_CODE),),
    "nmc-alarm.json": (
        Expected(Hazard.HAIL, Level.ORANGE, msg_type=UNKNOWN),
        Expected(Hazard.LIGHTNING, msg_type=UNKNOWN, doubt="两个代码分别是雷电、冰雹"),
    ),
    "qweather-old.json": (Expected(Hazard.GALE, Level.BLUE, ((),), expires=ENDS, doubt=NO_CODE),),
    "qweather-old-english.json": (Expected(Hazard.FLASH_FLOOD, Level.ORANGE, ((),), expires=ENDS, doubt=NO_CODE),),
    "qweather-old-cancel.json": (
        Expected(
            Hazard.GALE,
            Level.BLUE,
            ((),),
            MsgType.CANCEL,
            expires=ENDS,
            references=("10104010020260701093000500681616",),
            doubt=NO_CODE,
        ),
    ),
    "qweather-new.json": (
        Expected(
            Hazard.GALE,
            Level.BLUE,
            ((),),
            MsgType.UPDATE,
            expires=ENDS,
            references=("202606301140",),
            doubt=NO_CODE,
        ),
    ),
    "qweather-new-foreign.json": (Expected(Hazard.GALE, None, ((),), UNKNOWN, expires=ENDS, doubt="不是中国气象部门"),),
    "qweather-nothing-in-force.json": (),
}
BROKEN = {
    "wmo-one-bad.json": ("区划 500156 第 1 条没有读懂：来文的 issued 不是可读的时间", "区划 500102 第 1 条没有读懂"),
    "wmo-lines.jsonl": ("第 2 行没有读懂：来文不是完整的 JSON",),
}
ONE = (OWN / "weathercomcn-bare.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", JSON, ids=[path.name for path in JSON])
def test_our_own_documents(path: Path) -> None:
    reading = read(path.read_bytes())
    for part, expected in zip(reading.parts, DOCUMENTS[path.name], strict=True):
        check_alert(part.alert, expected)
        assert part.alert.status is Status.ACTUAL
    for sentence, begin in zip(reading.refused, BROKEN.get(path.name, ()), strict=True):
        assert sentence.startswith(begin)


@pytest.mark.parametrize("path", JSON, ids=[path.name for path in JSON])
def test_each_kept_record_can_be_read_alone_and_holds_no_name(path: Path) -> None:
    for part in read(path.read_bytes()).parts:
        kept = blank_names(part.raw)
        assert NAME.encode() not in kept
        assert [again.alert for again in read(kept).parts] == [part.alert]


def test_names_that_hide_in_json() -> None:
    plain = (OWN / "qweather-new.json").read_text(encoding="utf-8")
    for written in (
        plain,
        plain.replace('"senderName": "示例员甲"', '"sender\\u004eame" : "示例\\u0022员甲"'),
        plain.replace('"senderName": "示例员甲"', '"SENDERNAME": ["示例员甲"]'),
        plain.replace("\n", ""),
        "show(" + plain + ");",
    ):
        raw = written.encode()
        kept = blank_names(raw)
        assert "员甲".encode() not in kept
        assert [part.alert for part in read(kept).parts] == [part.alert for part in read(raw).parts]
        assert "员甲" not in repr(read(raw).parts[0].alert)
    cut = plain.partition("员甲")[0].encode()
    assert "示例".encode() not in blank_names(cut).partition(b"senderName")[2]


def test_keys_of_sources_without_identifiers() -> None:
    [rain, slide, other] = read((OWN / "wmo-snapshot.json").read_bytes()).parts
    assert rain.alert.identifier == "500156_20260701092500_暴雨_黄色"
    assert slide.alert.identifier == "500156_20260701092500_地质灾害气象风险_橙色"
    assert other.alert.identifier == "500102_20260701092500_Strong-convection_蓝色"
    assert rain.alert.sender == "50015641600000"
    [page] = read((OWN / "weathercomcn-list.json").read_bytes()).parts
    assert page.alert.identifier == "示例区_20260701092500_暴雨_橙色"


def test_what_was_assumed_is_marked() -> None:
    [detail] = read((OWN / "weathercomcn-detail.js").read_bytes()).parts
    [snapshot, *_] = read((OWN / "wmo-snapshot.json").read_bytes()).parts
    assert AREA_OF_ISSUER in detail.alert.marks
    assert KIND_MISSING not in detail.alert.marks
    assert KIND_MISSING in snapshot.alert.marks


def test_the_code_tables_contradict_each_other() -> None:
    """Why there is one table for each source: the same digits mean different things."""
    assert (codes.WEATHER_COM_CN["05"], codes.NMC["05"], codes.CN12379["11B05"]) == (
        Hazard.GALE,
        Hazard.FOG,
        Hazard.COLD_WAVE,
    )
    assert (codes.WEATHER_COM_CN_LEVELS["01"], codes.NMC_LEVELS["001"]) == (Level.BLUE, Level.RED)


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), f"超过 {MAX_DEPTH} 层"),
        (b"[" * 500_000, f"超过 {MAX_DEPTH} 层"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b'{"a": ' + b"9" * (MAX_DIGITS + 1) + b"}", f"超过 {MAX_DIGITS} 位"),
        (b'{"a": 1, "a": 2}', "同一个键写了两次"),
        (b'{"a": "\\ud800"}', "不成字"),
        ('{"a": "预警"}'.encode("gb18030"), "不是 UTF-8"),
        (b'{"a": 1', "第 1 行出错"),
        (b'{"a":\n1,}', "第 2 行出错"),
        (b'{"code": "401"}', "不是认识的格式"),
        (b"{}", "不是认识的格式"),
        (b'"text"', "既不是 XML 也不是 JSON"),
        (b'{"warnings": []}', "键: 值"),
        (b'{"a": "' + b"x" * MAX_BYTES + b'"}', "超过 1024 KiB"),
        (b"[" + b"1," * (AT_MOST + 1) + b"1]", f"超过 {AT_MOST} 条"),
        (ONE.replace('"暴雨"', "[1]").encode(), "SIGNALTYPE 应是文字"),
        (ONE.replace('"暴雨"', "true").encode(), "SIGNALTYPE 应是文字"),
        (ONE.replace('"暴雨"', "null").encode(), "缺少 SIGNALTYPE"),
        (ONE.replace("2026-07-01 09:25:00", "昨天").encode(), "ISSUETIME 不是可读的时间"),
        (ONE.replace("{", '{"identifier": "a b",', 1).encode(), "编号含有空格"),
        (ONE.replace("{", '{"msgType": "Unknown",', 1).encode(), "msgType 不认识"),
        (b'{"id": "1", "pubTime": "2026-07-01 09:25", "title": "x", "status": "y"}', "status 不认识"),
        (
            b'{"id":"1","issuedTime":"2026-07-01 09:25","headline":"x","messageType":{"code":"update","supersedes":1}}',
            "supersedes 应是列表",
        ),
    ],
)
def test_what_is_refused(raw: bytes, part: str) -> None:
    begin = process_time()
    blank_names(raw)
    with pytest.raises(Refusal, match=part) as caught:
        read(raw)
    assert str(caught.value).startswith("来文")
    assert str(caught.value).endswith("。")
    assert len(str(caught.value)) < 120
    assert process_time() - begin < 5


def test_numbers_and_control_characters_do_no_harm() -> None:
    raw = ONE.replace('"LEVELCODE": "02"', '"LEVELCODE": 1e999').replace("（合成）", "\\u0000一\\u0007").encode()
    [part] = read(raw).parts
    assert part.alert.info.description == "示例区气象台发布暴雨黄色预警信号一"


STRUCTURE = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"null",
    b"-1e9",
    b"\\u0000",
    b"\xff",
    b"\n",
    b'"id":1,',
    b"[{}]",
]


def mutated(raw: bytes) -> st.SearchStrategy[bytes]:
    """`raw` with one stretch replaced by other bytes."""
    cuts = st.tuples(st.integers(0, len(raw)), st.integers(0, 60))
    filling = st.binary(max_size=20) | st.sampled_from(STRUCTURE)
    return st.builds(lambda cut, filler: raw[: cut[0]] + filler + raw[cut[0] + cut[1] :], cuts, filling)


@settings(max_examples=400)
@given(
    st.binary(max_size=200).map(lambda tail: b"{" + tail)
    | st.lists(st.sampled_from(STRUCTURE)).map(b"".join)
    | st.sampled_from([path.read_bytes() for path in JSON]).flatmap(mutated)
)
def test_no_bytes_raise_anything_but_a_refusal(raw: bytes) -> None:
    kept = blank_names(raw)
    try:
        reading = read(raw)
    except Refusal:
        return
    for part in reading.parts:
        assert beijing(part.alert.sent)
        part.alert.identifier.encode()
    assert len(read(kept).parts) == len(reading.parts)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.data())
def test_a_known_record_with_any_values_is_read_or_refused(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in JSON if path.suffix == ".json"]))
    for part in read(path.read_bytes()).parts:
        record = dict(jsontext.fields_of(jsontext.parse(part.raw)))
        for key in data.draw(st.sets(st.sampled_from(sorted(record)), max_size=3)):
            record[key] = data.draw(VALUES)
        with suppress(Refusal):
            read(jsontext.written(record))
