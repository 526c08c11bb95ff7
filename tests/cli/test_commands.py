"""Commands without a running engine: what they do by themselves, and what they say when something is wrong."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from callout.__main__ import run
from callout.app import RandomIds, StoredRulebooks, SystemClock
from callout.cli import app
from callout.cli.human_calls import handle, parse
from callout.cli.screen import plain
from callout.domain.roster import Roster
from callout.settings import Settings
from callout.store.database import Database
from callout.store.store import Store
from tests.cli.office import OFFICER, Office


def commands(group: Any, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of every command, and of every group of commands."""
    yield words
    for name in group.list_commands(None) if hasattr(group, "list_commands") else ():
        yield from commands(group.get_command(None, name), *words, name)


@pytest.mark.parametrize("words", list(commands(get_command(app))), ids=" ".join)
def test_help_is_chinese(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    said = capsys.readouterr().out
    assert "用法：" in said
    english = r"Usage|Options|Arguments|Show this|required|default|<[a-z ]+>"
    assert not re.findall(english, said)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (["ack", "1"], "缺少 岗位号"),
        (["ack", "1", "2"], "缺少 --officer"),
        (["ack", "x", "2", "--officer", "甲"], "预警号 的值不对"),
        (["status", "--bogus"], "没有 --bogus 这个选项"),
        (["bogus"], "命令写得不对；用法见 callout --help"),
        (["roster", "sample", "--people", "3"], "--people 的值不对，应不小于 50；用法见"),
        (["roster", "sample", "--people", "x"], "--people 的值不对；用法见"),
        (["serve", "--no-web", "extra"], "命令写得不对"),
    ],
)
def test_a_mistyped_command_is_told_in_one_sentence(office: Office, mistake: list[str], said: str) -> None:
    heard = office(*mistake)
    assert (heard.code, heard.err.count("\n")) == (2, 1)
    assert said in heard.err


def test_a_noun_alone_shows_its_commands(office: Office) -> None:
    heard = office("human-calls")
    assert (heard.code, "claim" in heard.out) == (2, True)


def test_errors_end_in_one_sentence_without_a_traceback(office: Office) -> None:
    said = office.process("status")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "还没有数据库" in said.err


def test_wrong_settings_and_a_broken_file_are_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.database.write_bytes(b"not a database" * 100)
    assert "数据库出错（DatabaseError）" in office("status").err
    monkeypatch.setenv("CALLOUT_SLOTS", "many")
    assert "CALLOUT_SLOTS" in office("status").err


def test_an_unforeseen_error_names_its_place_only(office: Office) -> None:
    office.staffed(50)
    Path("callout.sqlite3.pulse").write_text('"secret"', encoding="utf-8")
    said = office("status")
    assert said.code == 1
    assert "程序内部出错（TypeError，cli/pulse.py:" in said.err
    assert "secret" not in said.err


def test_files_are_judged_one_by_one(office: Office) -> None:
    office.staffed(50)
    good, bad = office.write(office.home, 1), office.home / "bad.xml"
    bad.write_text("<alert>", encoding="utf-8")
    said = office("receive", str(bad), str(good), "nowhere.xml", str(office.home))
    assert said.code == 1
    assert "已收" in said.out
    assert "引擎没有运行：现在不会叫任何人" in said.out
    assert [line.split("：")[0] for line in said.err.splitlines()] == [str(bad), "nowhere.xml", str(office.home)]
    assert office("receive", str(good)).code == 0


def test_standard_input_is_read(office: Office) -> None:
    said = office.process("receive", "-", stdin=office.write(office.home, 1).read_bytes())
    assert (said.code, "标准输入：已收" in said.out) == (0, True)
    assert "标准输入：超过" in office.process("receive", "-", stdin=b"x" * 1_048_577).err


def test_a_real_roster_is_never_replaced_by_a_synthetic_one(office: Office) -> None:
    assert office("roster", "sample", "--people", "50").code == 0
    assert office("roster", "sample", "--people", "60", "--seed", "2").code == 0
    database = Database(Settings().database_url)
    store = Store(database, SystemClock(), RandomIds())
    county = StoredRulebooks(store).counties()[0]
    store.write(lambda work: work.rosters.use_roster(Roster("真实", county.code, (), ()), "actual", "示例"))
    database.close()
    said = office("roster", "sample", "--people", "50", "--seed", "3")
    assert (said.code, "已有真实名册在用" in said.err) == (1, True)


def test_the_schema_is_shown_and_raised(office: Office) -> None:
    assert office("db", "upgrade").code == 0
    now = office("db", "revision", "--json").document
    assert now["revision"] == now["head"]
    assert now["head"] in office("db", "revision").out
    with sqlite3.connect(office.database) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    for command in (["status"], ["db", "upgrade"], ["roster", "sample", "--people", "50"], ["serve"]):
        assert "比本程序新" in office(*command).err
    with sqlite3.connect(office.database) as db:
        db.execute("DELETE FROM alembic_version")
    db.close()
    assert "太旧" in office("status").err


def test_postgresql_is_upgraded_by_hand_only(
    office: Office, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", fresh_postgres.replace("postgresql://", "postgresql+psycopg://"))
    for command in (["serve"], ["status"], ["roster", "sample", "--people", "50"]):
        assert "请先运行 callout db upgrade" in office(*command).err
    assert office("db", "upgrade").code == 0
    assert office("roster", "sample", "--people", "50").code == 0
    assert office("receive", str(office.write(office.home, 1))).code == 0
    assert "暴雨橙色" in office("status").out


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (("500156", 3, 120, "exhausted", ""), "3-120-exhausted"),
        (("500156", 3, 0, "no_plan", "stats:500156100"), "3-0-no_plan-stats:500156100"),
        (("500156", 3, 1, "asked", "a-b/c"), "3-1-asked-a-b/c"),
        (("500157", 3, 1, "asked", "x/y"), "500157/3-1-asked-x/y"),
    ],
)
def test_a_handle_names_one_item(key: tuple[str, int, int, str, str], shown: str) -> None:
    assert handle(key, "500156") == shown
    assert parse(shown, "500156") == key


@pytest.mark.parametrize("text", ["", "3", "3-1", "3-1-bogus", "x-1-asked", "3--asked", "9" * 17 + "-1-asked", "/"])
def test_what_is_no_handle_is_refused_with_an_example(office: Office, text: str) -> None:
    office.staffed(50)
    said = office("human-calls", "claim", "--officer", OFFICER, "--", text)
    assert (said.code, "3-120-exhausted" in said.err) == (1, True)


def test_the_screen_shows_no_control_characters() -> None:
    assert plain("a\x1b[31m\u202eb\ud800") == "a [31m b "


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_address_of_the_database_counts_as_not_set(
    office: Office, monkeypatch: pytest.MonkeyPatch, empty: str
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", empty)
    said = office("status")
    assert (said.code, "还没有数据库 data/callout.sqlite3" in said.err) == (1, True)


@pytest.mark.parametrize("empty", ["", " "])
def test_a_file_folder_or_address_that_is_left_blank_is_none(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    """None of them may mean the folder one stands in, or (the pages' address) every network."""
    places = {name: one for name, one in Settings.model_fields.items() if name.endswith(("_url", "_host", "_issuer"))}
    places |= {name: one for name, one in Settings.model_fields.items() if "Path" in str(one.annotation)}
    del places["checkpoint_key"]
    for name in places:
        monkeypatch.setenv(f"CALLOUT_{name.upper()}", empty)
    settings = Settings()
    assert len(places) == 13
    assert {name: getattr(settings, name) for name in places} == {
        name: one.get_default(call_default_factory=True) for name, one in places.items()
    }


def test_a_blank_line_for_the_channels_simulates_unless_real_ones_are_meant(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLOUT_CHANNELS", "")
    assert office("doctor", "--json").document["ok"]
    office.staffed(50)
    monkeypatch.setenv("CALLOUT_LIVE", "1")  # a warning would be taken for one of a demo, and call nobody
    assert "CALLOUT_LIVE=1 却没有设 CALLOUT_CHANNELS：引擎不启动" in office("doctor").err
    said = office("receive", str(office.write(office.home, 1)))
    assert (said.code, "请用 CALLOUT_CHANNELS 指明通道文件" in said.err) == (1, True)


@pytest.mark.parametrize("name", ["INBOX_KEY", "CHECKPOINT_KEY", "OIDC_CLIENT_SECRET", "LINK_KEY", "LIVE"])
def test_another_setting_that_is_empty_is_named(office: Office, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It may be a secret that did not arrive: nothing is taken for left out in silence."""
    monkeypatch.setenv(f"CALLOUT_{name}", "")
    assert f"请检查环境变量 CALLOUT_{name}" in office("status").err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("INBOX_KEY", " ", "是空的：密钥没有传到；不用它就删去这一行"),
        ("HEARTBEAT_URL", "http://example.com/示例秘密", "应以 https:// 开头（http:// 只能指本机）"),
        ("OIDC_ISSUER", "ftp://示例秘密", "应以 https:// 开头（http:// 只能指本机）"),
        ("RETENTION_DAYS", "3", "应是 0，或不小于 30"),
        ("RETENTION_DAYS", "-1", "应不小于 0"),
        ("RETENTION_DAYS", "99999", "应不大于 36500"),
        ("RETENTION_DAYS", "示例秘密", "应是整数"),
        ("SLOTS", "1.5", "应是整数"),
        ("SUBMIT_TIMEOUT_SECONDS", "示例秘密", "应是数字"),
        ("LIVE", "示例秘密", "应是 0 或 1"),
        ("LINK_KEY", "示例秘密", "应至少有 16 个字符"),
        ("OIDC_NAME", "", "应至少有 1 个字符"),
        ("OIDC_NAME", "示例秘密" * 11, "应至多有 40 个字符"),
        ("OIDC_CLAIM", "示例秘密", "应是 'sub' 或 'email'"),
        ("CANARY_EXPECTS", "示例秘密", "应是 'sent', 'delivered' 或 'answered'"),
        ("CANARY_AT", "示例秘密", "格式不对，写法见 README 的设置表"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_without_its_value(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"CALLOUT_{name}", value)
    told = office("status")
    assert (told.code, told.err.strip()) == (1, f"设置有误，请检查环境变量 CALLOUT_{name} {said}")
