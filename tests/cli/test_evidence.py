"""A seal leaves the house signed, as a file, as a picture, and stamped by somebody else's clock."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from callout.reports.timestamps import QUERY, REPLY
from tests.cli.office import Office

_CONF = """
[tsa]
default_tsa = here
[here]
serial = {home}/serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
[v3]
basicConstraints = critical,CA:true
[tsa_ext]
basicConstraints = CA:false
extendedKeyUsage = critical,timeStamping
"""


@pytest.fixture
def signed(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose seals are signed, with one warning on record."""
    key = office.home / "elsewhere.pem"
    assert office("audit", "new-key", str(key)).code == 0
    monkeypatch.setenv("CALLOUT_CHECKPOINT_KEY", str(key))
    assert office("roster", "sample", "--people", "60").code == 0
    warning = office.write(office.home, 1)
    assert office("receive", str(warning)).code == 0
    return office


def shown(office: Office, *options: str) -> dict[str, object]:
    said = office("checkpoint", "show", "--json", *options)
    assert said.code == 0, said.err
    found: dict[str, object] = said.document
    return found


def test_the_newest_seal_is_handed_out_and_vouches_for_the_record(signed: Office) -> None:
    paper, picture = signed.home / "held.jsonl", signed.home / "held.svg"
    held = shown(signed, "--out", str(paper), "--qr", str(picture))
    assert json.loads(paper.read_text(encoding="utf-8")) == held
    assert "<svg" in picture.read_text(encoding="utf-8")
    public = str(held["key"])
    assert signed("audit", "verify", "--checkpoints", str(paper), "--public-key", public).code == 0
    other = signed("audit", "verify", "--checkpoints", str(paper), "--public-key", "0" * 64)
    assert other.code == 2
    assert "不是这把钥匙签的" in other.err


def test_an_export_is_checked_without_the_database(signed: Office) -> None:
    public = str(shown(signed)["key"])
    out = signed.home / "out"
    assert signed("audit", "export", str(out)).code == 0
    signed.database.unlink()
    whole = signed("audit", "verify", "--export", str(out), "--public-key", public)
    assert (whole.code, whole.out.splitlines()[-1]) == (0, "完好。")
    entries = (out / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    (out / "audit.jsonl").write_text("\n".join(entries[1:]) + "\n", encoding="utf-8")
    assert signed("audit", "verify", "--export", str(out)).code == 2


def test_an_alert_that_nobody_was_called_about_has_no_proof(signed: Office) -> None:
    said = signed("audit", "prove", "1", "99999", "--out", str(signed.home / "p.json"))
    assert said.code == 1
    assert "没有叫应 500156/1/99999" in said.err


def test_without_seals_there_is_nothing_to_hand_out(office: Office) -> None:
    said = office("checkpoint", "show")
    assert said.code == 1
    assert "还没有封条" in said.err


class _Authority(BaseHTTPRequestHandler):
    """A time-stamping authority: OpenSSL behind HTTP."""

    def __init__(self, home: Path, *given: object) -> None:
        self.home = home
        super().__init__(*given)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == QUERY
        (self.home / "asked.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        _openssl(self.home, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked.tsq", "-inkey", "tsa.key",
                 "-signer", "tsa.pem", "-out", "reply.tsr")  # fmt: skip
        body = (self.home / "reply.tsr").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", REPLY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _openssl(home: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=home, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The authority's address and the folder with its certificates."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: no time-stamping authority to ask")
    home = tmp_path_factory.mktemp("tsa")
    (home / "tsa.cnf").write_text(_CONF.format(home=home), encoding="utf-8")
    (home / "serial").write_text("01\n", encoding="utf-8")
    name = "/CN=\\u793a\\u4f8b"
    _openssl(home, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
             "-subj", f"{name} CA", "-days", "30")  # fmt: skip
    _openssl(home, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
             "-subj", f"{name} TSA")  # fmt: skip
    _openssl(home, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
             "-out", "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "tsa_ext", "-days", "30")  # fmt: skip
    with HTTPServer(("127.0.0.1", 0), partial(_Authority, home)) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/", home
        server.shutdown()
        serving.join()


def test_an_authority_stamps_what_was_handed_out(signed: Office, authority: tuple[str, Path]) -> None:
    url, home = authority
    paper, stamp = signed.home / "held.jsonl", signed.home / "held.tsr"
    shown(signed, "--out", str(paper))
    assert signed("checkpoint", "stamp", str(paper), "--url", url, "--out", str(stamp)).code == 0
    good = signed("checkpoint", "check-stamp", str(paper), str(stamp), "--roots", str(home / "ca.pem"))
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith("时间戳成立")
    paper.write_text(paper.read_text(encoding="utf-8").replace('"seq": ', '"seq": 9'), encoding="utf-8")
    bad = signed("checkpoint", "check-stamp", str(paper), str(stamp), "--roots", str(home / "ca.pem"))
    assert bad.code == 1
    assert "时间戳不成立" in bad.err


def test_a_request_can_be_carried_to_an_authority_by_hand(signed: Office, authority: tuple[str, Path]) -> None:
    _, home = authority
    paper, asked, stamp = signed.home / "held.jsonl", signed.home / "held.tsq", signed.home / "held.tsr"
    shown(signed, "--out", str(paper))
    assert signed("checkpoint", "stamp", str(paper), "--request", str(asked), "--out", str(stamp)).code == 0
    _openssl(home, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", str(asked), "-inkey", "tsa.key", "-signer",
             "tsa.pem", "-out", str(stamp))  # fmt: skip
    assert signed("checkpoint", "check-stamp", str(paper), str(stamp), "--roots", str(home / "ca.pem")).code == 0
    other = signed("checkpoint", "check-stamp", str(paper), str(stamp), "--roots", str(paper))
    assert "根证书文件里没有证书" in other.err


def test_an_authority_that_does_not_answer_is_said_so(signed: Office) -> None:
    paper = signed.home / "held.jsonl"
    shown(signed, "--out", str(paper))
    said = signed("checkpoint", "stamp", str(paper), "--url", "http://127.0.0.1:9/", "--out", "x.tsr")
    assert (said.code, "没有答复" in said.err) == (1, True)
    said = signed("checkpoint", "stamp", str(paper), "--url", "ftp://x/", "--out", "x.tsr")
    assert "http(s)" in said.err


def test_an_analysis_is_told_written_and_given_as_json(signed: Office) -> None:
    days = ("--from", "2020-01-01", "--to", "2099-12-31")
    told = signed("report", *days)
    assert (told.code, "应叫" in told.out) == (0, True)
    assert signed("report", *days, "--format", "json").document["processes"][0]["total"]["lost"] == 0
    file = signed.home / "分析.html"
    assert signed("report", *days, "--format", "html", "--out", str(file)).code == 0
    assert "武隆区预警叫应效能分析" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("options", "said"), [
    (("--from", "1月", "--to", "2026-01-01"), "不是日期"),
    (("--from", "2026-02-01", "--to", "2026-01-01"), "不能早于"),
    (("--from", "2026-01-01", "--to", "2026-01-01", "--format", "html"), "请用 --out"),
])  # fmt: skip
def test_a_period_that_cannot_be_is_refused(signed: Office, options: tuple[str, ...], said: str) -> None:
    heard = signed("report", *options)
    assert heard.code == 1
    assert said in heard.err
