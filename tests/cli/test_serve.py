"""The engine as a process: warnings come in, people are called, commands go to it, it stops when told."""

import sqlite3
import stat
from pathlib import Path

import pytest

from tests.cli.office import OFFICER, Office, stop, wait_for


def called(office: Office) -> bool:
    counts = office("status", "--json").document
    opened = all(alert["state"] == "planned" for alert in counts["per_alert"])
    return opened and bool(counts["due"]) and counts["called"] == counts["due"]


def test_a_night_at_the_desk(office: Office) -> None:
    office.staffed(60)
    with office.serving() as engine:
        office.write(office.inbox, 1, "02-yellow")
        wait_for(lambda: called(office))
        assert (office.inbox / "done" / "1.xml").is_file()
        a_file_reaches_the_running_engine(office)
        an_officer_confirms_for_a_person(office)
        an_officer_works_on_the_list(office)
        nobody_else_becomes_the_writer(office)
        said = stop(engine)
    assert engine.returncode == 0
    assert "不会拨打任何电话" in said
    assert "引擎已停止" in said
    assert "Traceback" not in said
    assert not list(office.home.glob("*.socket")) + list(office.home.glob("*.pulse"))
    assert office("status", "--json").document["engine"]["state"] == "stopped"
    the_record_is_whole_until_somebody_changes_it(office)


def a_file_reaches_the_running_engine(office: Office) -> None:
    path = office.write(office.home, 2)
    first, again = office("receive", str(path)), office("receive", str(path))
    assert (first.code, again.code) == (0, 0)
    assert "已收" in first.out
    assert "引擎没有运行" not in first.out
    assert "重复" in again.out
    wait_for(lambda: called(office))


def an_officer_confirms_for_a_person(office: Office) -> None:
    said = office("ack", "2", "1", "--officer", OFFICER, "--face-to-face", "--note", "已在岗")
    assert (said.code, "当面确认" in said.out) == (0, True)
    assert "已经应答" in office("ack", "2", "1", "--officer", OFFICER).err
    assert "更新的预警" in office("ack", "1", "2", "--officer", OFFICER).err
    unknown = office("ack", "2", "9999", "--officer", OFFICER)
    assert (unknown.code, "没有叫应岗位 9999" in unknown.err) == (1, True)
    with sqlite3.connect(office.database) as db:
        found = db.execute("SELECT grade FROM callout WHERE alert = 2 AND post = 1 AND round = 0").fetchone()
        actor = db.execute("SELECT actor, body FROM answer WHERE alert = 2 AND post = 1").fetchone()
    db.close()
    assert (found, actor) == (("confirmed_by_human",), (OFFICER, "当面：已在岗"))


def an_officer_works_on_the_list(office: Office) -> None:
    wait_for(lambda: bool(office("human-calls", "list", "--json").document["human_calls"]))
    handle = office("human-calls", "list", "--json").document["human_calls"][0]["handle"]
    assert handle in office("human-calls", "list").out
    assert office("human-calls", "claim", handle, "--officer", OFFICER).code == 0
    twice = office("human-calls", "claim", handle, "--officer", "示例甲")
    assert (twice.code, "已经有人认领" in twice.err) == (1, True)
    assert OFFICER in office("human-calls", "list").out
    assert office("human-calls", "release", handle, "--officer", OFFICER).code == 0
    assert "结果" in office("human-calls", "close", handle, "--officer", OFFICER, "--outcome", " ").err
    assert office("human-calls", "close", handle, "--officer", OFFICER, "--outcome", "已派人上门").code == 0
    assert handle not in office("human-calls", "list").out
    assert "已派人上门" in office("human-calls", "list", "--all").out


def nobody_else_becomes_the_writer(office: Office) -> None:
    for command in (["serve"], ["db", "upgrade"]):
        said = office(*command)
        assert said.code == 1
        assert "正由另一个 callout 进程使用" in said.err
    assert stat.S_IMODE((office.home / "callout.sqlite3.socket").stat().st_mode) == 0o600


def the_record_is_whole_until_somebody_changes_it(office: Office) -> None:
    whole = office("audit", "verify")
    assert (whole.code, "记录完好" in whole.out, "不能担保" in whole.out) == (0, True, True)
    assert office("audit", "export", "out").code == 0
    assert (office.home / "out" / "README.txt").is_file()
    with sqlite3.connect(office.database) as db:
        db.execute("UPDATE audit SET actor = '别人' WHERE id = (SELECT max(id) - 5 FROM audit)")
    db.close()
    changed = office("audit", "verify")
    assert (changed.code, "记录被改动过" in changed.err) == (2, True)
    assert office("audit", "verify", "--json").document["ok"] is False
    assert "没有存证文件" in office("audit", "verify", "--checkpoints", "nowhere").err


def test_a_silent_engine_is_reported(office: Office) -> None:
    office("roster", "sample", "--people", "50")
    Path("callout.sqlite3.pulse").write_text('{"beat_at": 1000, "channels": ""}', encoding="utf-8")
    said = office("status")
    assert (said.code, "引擎没有心跳" in said.err) == (3, True)


def test_an_engine_that_died_is_reported_at_once(office: Office) -> None:
    with office.serving() as engine:
        engine.kill()
        engine.wait()
        said = office("status")
    assert (said.code, "引擎没有心跳" in said.err) == (3, True)


def test_real_phones_need_a_file_of_providers(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_LIVE", "1")
    said = office.process("serve")
    assert (said.code, said.out) == (1, "")
    assert "请用 CALLOUT_CHANNELS 指明通道文件" in said.err
    assert not office.database.exists()
