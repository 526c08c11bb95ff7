"""CMPP on the wire: round trips of everything, and tshark as a reader that we did not write."""

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.channels.cmpp.codec import authenticator, decode, encode, login, pack, unpack, valid_until
from callout.channels.cmpp.pdus import MESSAGES, Deliver, Pdu, StatusReport, Submit, SubmitResp, Version
from callout.channels.line import Broken
from callout.channels.parts import ucs2
from tests.channels.desk import LONG, NOW

VERSIONS = st.sampled_from(Version)


def _value(kind: type[Pdu], name: str, version: Version) -> st.SearchStrategy[Any]:
    field = next(f for f in kind.LAYOUT if f.name == name)
    size = field.size(version)
    match field.kind:
        case "int":
            return st.just(1) if name == "dest_count" else st.integers(0, 256**size - 1)
        case "text":
            words = st.characters(min_codepoint=33, max_codepoint=126)
            return st.text(words, max_size=size)
        case "content":
            return st.binary(max_size=255)
    return st.binary(min_size=size, max_size=size)


@st.composite
def pdus(draw: st.DrawFn) -> tuple[Version, Pdu]:
    kinds: tuple[type[Pdu], ...] = (*MESSAGES, StatusReport)
    version, kind = draw(VERSIONS), draw(st.sampled_from(kinds))
    names = [f.name for f in kind.LAYOUT if f.size(version)]
    return version, kind(**{name: draw(_value(kind, name, version)) for name in names})


@given(pdus(), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read_back(one: tuple[Version, Pdu], sequence: int) -> None:
    version, pdu = one
    if isinstance(pdu, StatusReport):
        assert unpack(StatusReport, pack(pdu, version), version) == pdu
        return
    assert decode(encode(pdu, version, sequence), version) == (sequence, pdu)


@given(VERSIONS, st.binary(max_size=300), st.sampled_from([m.COMMAND for m in MESSAGES]))
def test_hostile_bytes_are_broken_and_nothing_else(version: Version, body: bytes, command: int) -> None:
    frame = struct.pack(">III", 12 + len(body), command, 7) + body
    try:
        sequence, _ = decode(frame, version)
    except Broken:
        return
    assert sequence == 7


def test_widths_are_those_of_the_two_published_versions() -> None:
    submit = Submit("99900000000", b"x" * 10, "10690000", "901234")
    deliver, report = Deliver(1, "10690000", "99900000000", b""), StatusReport(1, "DELIVRD")
    both = [(len(pack(one, Version.V20)), len(pack(one, Version.V30))) for one in (submit, deliver, report)]
    # Fixed fields plus content, by the tables of the published protocol.
    assert both == [(126 + 21 + 10, 151 + 32 + 10), (73, 97), (60, 71)]


def test_the_login_is_the_digest_that_the_protocol_defines() -> None:
    connect = login("901234", "1234", Version.V20, NOW)
    assert connect.timestamp == 802220000  # 0802220000, a leading nought that a number does not show
    assert connect.authenticator == authenticator("901234", "1234", "0802220000")
    # MD5 of "901234", nine NULs, "1234", "0802220000", computed with coreutils' md5sum.
    assert connect.authenticator.hex() == "25de5afcf8bd6ada31a80450ca52b116"


def test_validity_is_told_in_beijing_time() -> None:
    assert valid_until(NOW) == "260802220000032+"


@pytest.fixture(scope="module")
def tshark() -> str:
    path = shutil.which("tshark")
    if path is None:
        pytest.skip("tshark is not installed (apt install tshark)")
    return path


def _captured(frames: list[bytes], path: Path) -> None:
    """A capture file of TCP segments to port 7890, one frame in each."""
    out, position = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1), 1
    for frame in frames:
        tcp = struct.pack(">HHIIBBHHH", 40000, 7890, position, 1, 0x50, 0x18, 8192, 0, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(frame), 1, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        packet = b"\0" * 12 + b"\x08\0" + ip + tcp + frame
        out += struct.pack("<IIII", 1, 0, len(packet), len(packet)) + packet
        position += len(frame)
    path.write_bytes(out)


def _dissected(tshark: str, frames: list[bytes], folder: Path) -> list[dict[str, Any]]:
    file = folder / "cmpp.pcap"
    _captured(frames, file)
    command = [tshark, "-n", "-r", str(file), "-d", "tcp.port==7890,cmpp", "-T", "json"]
    told = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    return [packet["_source"]["layers"] for packet in json.loads(told)]


def test_tshark_reads_what_we_write_in_3_0(tshark: str, tmp_path: Path) -> None:
    parts = ucs2(LONG, 7)
    submits = [
        Submit(
            "999000000000001", part, "106900001234", "901234", valid_time=valid_until(NOW),
            pk_total=len(parts), pk_number=n, tp_udhi=1, service_id="YJ",
        )
        for n, part in enumerate(parts, 1)
    ]  # fmt: skip
    frames = [encode(login("901234", "1234", Version.V30, NOW), Version.V30, 1)]
    frames += [encode(one, Version.V30, n) for n, one in enumerate(submits, 2)]
    report = pack(StatusReport(0x5A5B, "DELIVRD", "2608022200", "2608022201", "999000000000001", 9), Version.V30)
    deliver = Deliver(1, "106900001234", "999000000000001", report, registered_delivery=1, msg_fmt=0)
    frames += [encode(SubmitResp(0x5A5B, 8), Version.V30, 2), encode(deliver, Version.V30, 77)]
    layers = _dissected(tshark, frames, tmp_path)
    read = [layer["cmpp"] for layer in layers]
    assert [(one["cmpp.Command_Id"], int(one["cmpp.Sequence_Id"])) for one in read] == [
        ("0x00000001", 1), ("0x00000004", 2), ("0x00000004", 3), ("0x00000004", 4), ("0x80000004", 2),
        ("0x00000005", 77),
    ]  # fmt: skip
    assert read[0] | {
        "cmpp.connect.Source_Addr": "901234", "cmpp.Version": "03.00", "cmpp.connect.Timestamp": "08/02 22:00:00",
    } == read[0]  # fmt: skip
    assert read[1] | {
        "cmpp.submit.Pk_total": "3", "cmpp.submit.Pk_number": "1", "cmpp.submit.Registered_Delivery": "1",
        "cmpp.Servicd_Id": "YJ", "cmpp.TP_udhi": "1", "cmpp.Msg_Fmt": "8", "cmpp.submit.Msg_src": "901234",
        "cmpp.submit.FeeType": "01", "cmpp.submit.Valld_Time": "260802220000032+",
        "cmpp.submit.Src_Id": "106900001234", "cmpp.submit.DestUsr_tl": "1",
        "cmpp.Dest_terminal_Id": "999000000000001", "cmpp.submit.Dest_terminal_type": "0", "cmpp.Msg_Length": "140",
    } == read[1]  # fmt: skip
    assert read[4]["cmpp.submit_resp.Result"] == "8"
    assert "DELIVRD" in json.dumps(read[5])
    assert not [name for layer in layers for name in layer if name.startswith("_ws")]  # nothing malformed


def test_tshark_reads_our_login_in_2_0(tshark: str, tmp_path: Path) -> None:
    (layer,) = _dissected(tshark, [encode(login("901234", "1234", Version.V20, NOW), Version.V20, 1)], tmp_path)
    assert (layer["cmpp"]["cmpp.Version"], layer["cmpp"]["cmpp.connect.Source_Addr"]) == ("02.00", "901234")
