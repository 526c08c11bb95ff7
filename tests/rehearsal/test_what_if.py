"""“What if” by command: other rules, another roster, the night shift absent; the same storm twice, side by side."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callout.cli import app as commands

STORM = """
storm: 一夜一镇
warnings:
  - {at: "2026-08-02 23:30", until: "2026-08-03 02:00", hazard: 暴雨, level: 红, areas: [白马镇]}
"""


@pytest.fixture
def storm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{tmp_path / 'office.sqlite3'}")
    file = tmp_path / "storm.yaml"
    file.write_text(STORM, encoding="utf-8")
    return str(file)


def ask(storm: str, *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(commands, ["rehearse", storm, "--officers", "0", "--processes", "1", "--json", *more])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def total(document: dict[str, Any], what: str) -> tuple[int, int]:
    """The median as it is, and if."""
    return tuple(one["result"]["total"][what]["median"] for one in (document, document["other"]))


@pytest.mark.long
def test_with_the_night_shift_absent_others_are_called_and_it_takes_longer(storm: str) -> None:
    found = ask(storm, "--sample", "60", "--if-absent", "1")
    assert found["other"]["change"] == "夜间值班的人缺 100%"
    (as_is, absent), (soon, later) = total(found, "escalated"), total(found, "t90")
    assert absent > as_is
    assert later > soon
    assert total(found, "due")[0] == total(found, "due")[1]


@pytest.mark.long
def test_with_other_rules_the_same_night_goes_as_they_say(storm: str, tmp_path: Path) -> None:
    """The red ladder waits five minutes after each step instead of one."""
    rules = tmp_path / "更慢的规则"
    shutil.copytree("rules", rules)
    ladders = rules / "ladders.yaml"
    ladders.write_text(ladders.read_text(encoding="utf-8").replace("wait: 60秒", "wait: 300秒"), encoding="utf-8")
    found = ask(storm, "--sample", "60", "--if-rules", str(rules))
    assert found["other"]["change"] == "规则换成 更慢的规则"
    assert found["rules"] != found["other"]["rules"]
    soon, later = total(found, "t99")
    assert later > soon + 200


@pytest.mark.long
def test_with_another_roster_whoever_is_not_on_it_is_not_called(storm: str, tmp_path: Path) -> None:
    """The roster in force is played as it is, and once more with somebody who has lost the post."""
    run, file = CliRunner(), tmp_path / "名册.csv"
    assert run.invoke(commands, ["roster", "sample", "--people", "60"]).exit_code == 0
    assert run.invoke(commands, ["roster", "export", str(file), "--officer", "示例值班员"]).exit_code == 0
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    gone = next(row for row in rows if row[1] == "白马镇")
    kept = rows[0].index("人员号"), rows[0].index("姓名"), rows[0].index("号码")
    gone[1:] = [cell if at in kept else "" for at, cell in enumerate(gone)][1:]
    with (tmp_path / "少一岗.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    found = ask(storm, "--if-roster", str(tmp_path / "少一岗.csv"))
    assert found["other"]["change"] == "名册换成 少一岗.csv"
    as_is, fewer = total(found, "due")
    assert fewer == as_is - 1


@pytest.mark.parametrize(
    ("option", "said"), [("--if-roster", "读不出来"), ("--if-rules", "没有"), ("--if-lost", "没有通道“x”")]
)
def test_what_cannot_be_supposed_is_said(storm: str, option: str, said: str) -> None:
    result = CliRunner().invoke(commands, ["rehearse", storm, "--sample", "60", option, "x"])
    assert result.exit_code == 1
    assert said in str(result.exception)
