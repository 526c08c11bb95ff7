"""The auditor's desk: everything is found and told, nothing is changed, and every number seen is on record."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from callout.domain.level import Level
from callout.domain.user import Role, Scope, ScopeKind
from callout.reports import verify_record
from callout.store import schema
from callout.store.sealing import seals as seals_of
from callout.web import taking
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, GRID_2, GRID_3, LEADER_BAIMA, number, open_field
from tests.web.room import PRICES, Browser, Room

WHOLE = r"\+999\d{13}"
TOWN = Scope(ScopeKind.TOWNSHIP, COUNTY, BAIMA)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One day for all tests here, which only look; the second warning comes a day later."""
    folder = tmp_path_factory.mktemp("audit")
    field = open_field(f"sqlite:///{folder}/field.sqlite3")
    made = Room(field)
    day(made)
    made.wait(24 * 3_600_000)
    field.alert(Level.YELLOW, identifier="next day")
    field.app.seal()
    yield made
    field.app.close()


def day(room: Room) -> None:
    """Orange: one answers by text, one by key after his text arrived, the others are silent."""
    room.field.alert(Level.ORANGE)
    room.field.reply(GRID_2, "收到")
    room.field.wait(200)
    room.field.receipt(GRID_1, "delivered")
    room.field.wait(400)
    room.field.key(GRID_1, "1")


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def page_of(post: int) -> str:
    return f"/audit/callout?county={COUNTY}&alert=1&post={post}"


def found(browser: Browser, asked: str) -> list[str]:
    """Titles of the list."""
    return re.findall(r'">(示例·[^<]+)</a>', browser.get(f"/audit?{asked}").text.partition("<main")[2])


def test_callouts_are_found_by_warning_person_post_township_result_and_time(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    first = found(browser, "alert=1")
    assert len(first) == 6
    assert found(browser, f"alert=1&post={GRID_1}") == ["示例·白马镇网格员一"]
    assert found(browser, "q=人员5&alert=1") == ["示例·白马镇网格员二"]
    assert set(found(browser, f"alert=1&area={BAIMA}")) == {t for t in first if "白马" in t}
    assert set(found(browser, "state=answered&alert=1")) == {"示例·白马镇网格员一", "示例·白马镇网格员二"}
    assert sorted(found(browser, "until=2026-08-02")) == sorted(first)
    assert not set(found(browser, "since=2026-08-04"))
    assert found(browser, "q=没有这个人") == []
    assert "没有查到叫应" in browser.text
    assert browser.get("/audit?since=昨天").status_code == 409


def test_a_long_list_goes_on_where_the_page_before_ended(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    first = found(browser, "alert=1")
    assert found(browser, "alert=1&skip=4") == first[4:]
    assert "第 5 至 6 个" in browser.text
    assert 'href="/audit?alert=1">上一页' in browser.text


def test_one_callout_is_told_with_what_each_thing_proves(room: Room) -> None:
    text = room.officer(Role.AUDITOR).get(page_of(GRID_1)).text
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr><td>2026.*?</tr>", text)]
    told = "\n".join(rows)
    assert "短信：通道已接收" in told
    assert "已提交" in told
    assert re.search(r"回执：送达.*送达\|", told)
    assert re.search(r"电话里按 1.*本人应答", told)
    assert rows == sorted(rows, key=lambda row: row[2:21])
    assert "规则版本" in text
    assert "r1" in text
    assert {"callout.answered", "attempt.claimed", "attempt.accepted", "attempt.receipt"} <= set(
        re.findall(r"<td>([a-z_]+\.[a-z_]+)</td>", text)
    )


def test_numbers_are_masked_until_a_reason_is_on_record(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    assert not re.search(WHOLE, browser.get(page_of(GRID_1)).text)
    assert f"****{number(GRID_1).e164[-4:]}" in browser.text
    assert browser.post("/audit/callout", county=COUNTY, alert="1", post=str(GRID_1), why=" ").status_code == 409
    before = len(room.field.audit("number.viewed"))
    shown = browser.post("/audit/callout", county=COUNTY, alert="1", post=str(GRID_1), why="举报核查")
    assert number(GRID_1).e164 in shown.text
    [seen] = room.field.audit("number.viewed")[before:]
    assert (seen.post, seen.detail, seen.actor) == (GRID_1, "举报核查", "示例·审计员（auditor.county）")


def test_the_board_leads_to_whoever_has_not_answered(room: Room) -> None:
    browser = room.officer(Role.LEADER)
    [link] = re.findall(r'href="(/audit\?alert=\d+&amp;state=unanswered)">谁还没有应答', browser.get("/").text)
    assert found(browser, link.partition("?")[2].replace("&amp;", "&")) == ["示例·区应急值班室"]
    first, answered = (set(found(browser, f"alert=1&state={one}")) for one in ("unanswered", "answered"))
    assert first | answered == set(found(browser, "alert=1"))
    assert (first & answered, "示例·白马镇网格员一" in answered) == (set(), True)


def test_whoever_belongs_to_a_township_finds_only_what_lies_in_it(room: Room) -> None:
    browser = room.officer(Role.AUDITOR, TOWN)
    before = len(room.field.audit("number.viewed", "record.exported", "ledger.exported"))
    assert all("白马" in title for title in found(browser, "alert=1"))
    assert browser.get(page_of(GRID_3)).status_code == 404
    assert browser.post("/audit/callout", county=COUNTY, alert="1", post=str(GRID_3), why="看看").status_code == 404
    assert browser.get(page_of(GRID_3).replace("/callout", "/proof")).status_code == 404
    assert browser.post("/audit/export").status_code == 409
    assert browser.get("/audit/why?alert=1&q=江口镇").status_code == 409
    assert browser.get("/audit/report?since=2026-08-01&until=2026-08-03").status_code == 409
    assert browser.post("/audit/ledger", alert="1", full="1", why="看看").status_code == 409
    assert len(room.field.audit("number.viewed", "record.exported", "ledger.exported")) == before


def test_why_somebody_was_called_or_was_not(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    assert "人员4" in browser.get("/audit/why?alert=1&q=网格员一").text
    assert "没有预警 9" in browser.get("/audit/why?alert=9&q=网格员一").text


def test_the_proof_of_one_callout_is_taken_away_and_holds(room: Room, tmp_path_factory: pytest.TempPathFactory) -> None:
    answer = room.officer(Role.AUDITOR).get(page_of(GRID_1).replace("/callout", "/proof"))
    assert answer.headers["content-disposition"].startswith("attachment")
    document = json.loads(answer.text)
    assert document["callout"] == {"county": COUNTY, "alert": 1, "post": GRID_1}
    file = tmp_path_factory.mktemp("proof") / "proof.json"
    file.write_text(answer.text, encoding="utf-8")
    assert verify_record.run(["--proof", str(file)]) == 0


def test_the_record_is_taken_away_whole_without_a_number_in_it(room: Room) -> None:
    answer = room.officer(Role.AUDITOR).post("/audit/export")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        names = files.namelist()
        whole = b"".join(files.read(name) for name in names)
    assert {"audit.jsonl", "seals.jsonl", "verify_record.py"} <= {name.rpartition("/")[2] for name in names}
    assert not re.search(WHOLE.encode(), whole)
    [asked], [written] = room.field.audit("record.exported"), room.field.audit("record.written")
    assert {asked.actor, written.actor} == {"示例·审计员（auditor.county）"}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        [readme, seals] = [files.read(name) for name in ("README.txt", "seals.jsonl")]
        assert json.loads(files.read("tables/about.json"))["prices"] == PRICES
    assert json.loads(written.detail)["files"] == {"README.txt": hashlib.sha256(readme).hexdigest()}
    seal = json.loads(seals.splitlines()[-1])
    assert [asked.xid, asked.id] <= seal["hi"], "the seal that goes with it stands over its own entry"
    assert seal["hash"] in readme.decode("utf-8-sig")


def test_a_record_that_was_changed_is_found_from_the_page(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    assert "记录完好" in browser.post("/audit/verify").text
    [first, *_] = room.field.audit("callout.answered")
    assert "记录被改动过" in forged(room, browser, first.id, "别的话")
    assert "记录完好" in forged(room, browser, first.id, first.detail)


def forged(room: Room, browser: Browser, entry: int, detail: str) -> str:
    """What the page says after somebody has written into the table."""
    a = schema.audit
    with room.field.app.database.engine.begin() as db:
        db.execute(a.update().where(a.c.id == entry).values(detail=detail))
    return str(browser.post("/audit/verify").text)


def test_an_analysis_of_a_period_is_taken_away(room: Room) -> None:
    pytest.importorskip("vl_convert", reason="pip install 'callout[reports]'")
    browser = room.officer(Role.AUDITOR)
    answer = browser.get("/audit/report?since=2026-08-01&until=2026-08-03")
    assert "效能分析" in answer.text
    [asked], [written] = room.field.audit("report.exported"), room.field.audit("report.written")
    assert {asked.actor, written.actor} == {"示例·审计员（auditor.county）"}
    [sha256] = json.loads(written.detail)["files"].values()
    assert sha256 == hashlib.sha256(answer.content).hexdigest()
    seals = room.field.app.database.read(seals_of)
    [named] = [one for one in seals if one.hash in answer.text]
    assert (asked.xid, asked.id) <= named.hi
    assert not re.search(WHOLE, answer.text)
    assert browser.get("/audit/report?since=2026-08-03&until=2026-08-01").status_code == 409
    assert browser.get(f"/audit/report?since=2026-08-01&until=2026-08-03&county={COUNTY}9").status_code == 404


@pytest.mark.parametrize("form", ["xlsx", pytest.param("pdf", marks=pytest.mark.long)])
def test_the_analysis_is_a_workbook_or_a_pdf_too(room: Room, form: str) -> None:
    pytest.importorskip("weasyprint", reason="pip install 'callout[reports]'")
    browser = room.officer(Role.AUDITOR)
    answer = browser.get(f"/audit/report?since=2026-08-01&until=2026-08-03&form={form}")
    if form == "xlsx":
        assert "口径" in str([*load_workbook(io.BytesIO(answer.content))["说明"].values])
    else:
        assert answer.content.startswith(b"%PDF")
    written = json.loads(room.field.audit("report.written")[-1].detail)
    assert (written["format"], *written["files"].values()) == (form, sha256(answer.content))


def test_the_ledger_of_one_warning_is_taken_away_masked_and_on_record(room: Room) -> None:
    pytest.importorskip("weasyprint", reason="pip install 'callout[reports]'")
    browser = room.officer(Role.AUDITOR)
    before = len(room.field.audit("ledger.written"))
    answers = [browser.post("/audit/ledger", alert="1", form=form) for form in ("json", "xlsx", "pdf")]
    assert [one.headers["content-disposition"].rpartition(".")[2] for one in answers] == ['json"', 'xlsx"', 'pdf"']
    document = json.loads(answers[0].text)
    assert len(document["叫应"]) == 6
    assert not re.search(WHOLE, answers[0].text)
    assert answers[2].content.startswith(b"%PDF")
    written = room.field.audit("ledger.written")[before:]
    assert {one.actor for one in written} == {"示例·审计员（auditor.county）"}
    told = [json.loads(one.detail) for one in written]
    assert [{*one["files"].values()} for one in told] == [{sha256(one.content)} for one in answers]
    assert {(one["full"], *one["alerts"]) for one in told} == {(False, 1)}
    [seal] = [one for one in room.field.app.database.read(seals_of) if one.hash == document["说明"]["校验值"]]
    [asked, *_] = room.field.audit("ledger.exported")
    assert (asked.xid, asked.id) <= seal.hi


def test_the_ledgers_of_a_period_come_as_one_pack_with_every_file_on_record(room: Room) -> None:
    browser = room.officer(Role.LEADER)
    before = len(room.field.audit("ledger.written"))
    pack = browser.post("/audit/ledger", since="2026-08-01", until="2026-08-04", form="csv")
    with zipfile.ZipFile(io.BytesIO(pack.content)) as files:
        inside = {name: sha256(files.read(name)) for name in files.namelist()}
    first, second, whole = (json.loads(one.detail)["files"] for one in room.field.audit("ledger.written")[before:])
    assert first | second == inside
    assert len({name.partition("-alert")[2][0] for name in inside}) == 2, "two processes"
    assert whole == {f"callout-ledger-{COUNTY}-2026-08-01-2026-08-04.zip": sha256(pack.content)}


def test_a_ledger_has_numbers_only_for_a_reason(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    before = len(room.field.audit("ledger.exported"))
    assert browser.post("/audit/ledger", alert="1", form="json", full="1", why=" ").status_code == 409
    for nothing in ({}, {"alert": "7"}, {"since": "2026-08-01"}, {"since": "2026-08-03", "until": "2026-08-01"}):
        assert browser.post("/audit/ledger", **nothing).status_code == 409
    assert len(room.field.audit("ledger.exported")) == before
    shown = browser.post("/audit/ledger", alert="1", form="json", full="1", why="示例调查组调阅")
    assert number(GRID_1).e164 in shown.text
    [asked] = room.field.audit("ledger.exported")[before:]
    told = json.loads(asked.detail)
    assert (asked.alert, told["full"], told["reason"]) == (1, True, "示例调查组调阅")


def test_while_one_file_is_made_another_waits_for_its_turn(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    before = len(room.field.audit("ledger.exported"))
    with taking.one_at_a_time():
        assert "请过一分钟再下载" in browser.post("/audit/ledger", alert="1", form="json").text
    assert len(room.field.audit("ledger.exported")) == before
    assert browser.post("/audit/ledger", alert="1", form="json").status_code == 200


def test_looking_writes_nothing(room: Room) -> None:
    browser = room.officer(Role.AUDITOR)
    before = room.field.rows(schema.audit.select())
    for path in ("/audit", page_of(GRID_1), page_of(LEADER_BAIMA), "/audit/why?alert=1&q=白马镇"):
        assert browser.get(path).status_code == 200
    assert room.field.rows(schema.audit.select()) == before
