"""推演: the production engine over a storm, the same to the byte for the same seed, and no phone in reach."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callout.cli import app as commands
from callout.domain.instant import SECOND
from callout.domain.ladder import ChannelKind
from callout.rehearsal.assumptions import Assumptions, as_document, read_assumptions
from callout.rehearsal.monte_carlo import Company, play_all
from callout.rehearsal.play import MEMORY, Stage, assemble
from callout.rehearsal.rehearsing import Asked, rehearse
from callout.rehearsal.what_if import dark, lost_gateway, officers, silenced
from callout.reports.rehearsal_words import NEVER, until
from callout.simulation.gateways import Gateway
from callout.simulation.habits import ASSUMED, Temperament
from callout.store.database import Database
from tests.rehearsal.storms import only, setting

TOWNS = ("仙女山街道", "火炉镇", "桐梓镇")
PROMPT = replace(ASSUMED, shares={Temperament.PROMPT: 1})
SMALL = only(setting(), 2)
"""One orange warning for three townships, by day."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    one = Stage(SMALL)
    yield one
    one.close()


def played(one: Any, seed: int = 1) -> Mapping[str, Any]:
    return play_all(one, (seed,))[0]


def test_everybody_who_is_due_is_accounted_for_and_nobody_is_lost(stage: Stage) -> None:
    facts = stage.play(1)
    total = facts["total"]
    assert facts["lost"] == 0
    assert total["due"] > 5
    assert total["answered"] + total["unreached"] == total["due"]
    assert sum(one["due"] for one in facts["townships"].values()) == total["due"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(stage: Stage) -> None:
    first, again, other = (json.dumps(stage.play(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_processes_change_nothing_but_the_time() -> None:
    """Nor does what was played before, in the process from which they come."""
    seeds, more = (2, 1), officers(SMALL, 2)
    with closing(Company(SMALL, processes=2)) as company:
        assert company.play(SMALL, seeds) == play_all(SMALL, seeds)
        assert company.play(more, seeds) == play_all(more, seeds)


def test_what_goes_wrong_in_a_process_is_raised_here() -> None:
    no_set: Any = None
    no_seed: Any = []
    broken, odd = replace(SMALL, rules=Path("nowhere")), replace(SMALL, off=no_set)
    with pytest.raises(Exception, match="规则"):
        play_all(broken, (1, 2), processes=2)
    with closing(Company(SMALL, processes=2)) as company:
        company.play(SMALL, (1,))
        with pytest.raises(TypeError, match="NoneType"):
            company.play(odd, (1, 2))
        with pytest.raises(TypeError, match="unhashable"):  # wherever it is played
            company.play(SMALL, (1, no_seed))


def test_a_lost_gateway_is_seen_in_the_load_and_in_the_answers() -> None:
    whole, without = played(SMALL), played(lost_gateway(SMALL, "短信网关"))
    assert sum(whole["load"]["短信网关"].values()) > 0
    assert without["load"]["短信网关"] == {}
    assert without["lost"] == 0
    with pytest.raises(Exception, match="没有通道“烽火”；可用的有：短信网关、语音网关"):
        lost_gateway(SMALL, "烽火")


def test_where_the_network_is_away_the_answers_come_late_or_from_elsewhere() -> None:
    prompt = replace(SMALL, habits=PROMPT, working=replace(SMALL.working, by_phone={"door_knock_ordered": 1}))
    cut = dark(prompt, TOWNS, 1)
    assert cut.outages[0].begins == SMALL.storm.alerts[0].sent
    there, then = played(prompt), played(cut)
    assert there["total"]["late"] == 0
    assert then["total"]["escalated"] > there["total"]["escalated"] + 3
    assert then["lost"] == 0
    with pytest.raises(Exception, match="没有乡镇“东京”"):
        dark(SMALL, ["东京"], 1)


def test_a_phone_that_is_off_is_called_in_vain_and_its_post_is_found() -> None:
    alone = replace(SMALL, habits=PROMPT)
    facts = played(alone)
    post = next(
        p for p in SMALL.roster.posts if p.area in facts["townships"] and p.holder and p.area.startswith("stats")
    )
    holder = post.holder
    assert holder is not None
    off = played(silenced(alone, holder))
    assert off["total"]["escalated"] >= facts["total"]["escalated"]
    assert json.dumps(off) != json.dumps(facts)


def test_a_slow_gateway_is_used_as_fast_as_it_may_be_and_no_faster() -> None:
    slow = replace(
        SMALL, gateways=(Gateway("慢", frozenset({ChannelKind.SMS, ChannelKind.VOICE}), per_second=1.0, fen=10.0),)
    )
    facts = played(slow)
    assert facts["busiest"]["慢"] == SMALL.beat // SECOND
    assert facts["fen"]["慢"] >= 10 * facts["total"]["due"] // 3
    assert (facts["total"]["t90"] or 0) >= (played(SMALL)["total"]["t90"] or 0)


def test_no_setting_reaches_a_real_provider(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("这个文件读了就会出错", encoding="utf-8")
    monkeypatch.setenv("CALLOUT_LIVE", "true")
    monkeypatch.setenv("CALLOUT_CHANNELS", str(channels))
    app, _, network = assemble(SMALL, 1, Database(MEMORY))
    try:
        assert app.world.run == "rehearsal"
        assert not app.settings.live
        assert not any(provider.real for provider in app.world.providers)
        assert [p.channel.name for p in app.world.providers] == [p.channel.name for p in network.providers()]
    finally:
        app.close()


@pytest.mark.long
def test_two_rehearsals_side_by_side_hold_no_wall_time() -> None:
    asked = Asked(SMALL, (1,), (2,), lost_gateway(SMALL, "语音网关"), "语音网关整夜不通")
    document = rehearse(asked)
    assert json.dumps(document) == json.dumps(rehearse(asked))
    assert document["run"] == "推演"
    assert [one["officers"] for one in document["desks"]] == [2]
    assert document["other"]["change"] == "语音网关整夜不通"
    gateways = {one["name"]: one for one in document["other"]["result"]["gateways"]}
    assert gateways["语音网关"]["sent"]["high"] == 0


def test_the_command_writes_json_and_a_page_and_touches_no_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    html = tmp_path / "r.html"
    arguments = ["rehearse", "noon-in-town", "--sample", "60", "--officers", "0", "--processes", "1"]
    result = CliRunner().invoke(commands, [*arguments, "--if-dark", "火炉镇", "--json", "--html", str(html)])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["storm"]["name"] == "午后强对流"
    page = html.read_text(encoding="utf-8")
    assert "【推演】没有一条是真的" in page
    assert page.count("<svg") >= 4
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    shown = CliRunner().invoke(commands, arguments)
    assert shown.output.startswith("用时") or "【推演】武隆区 午后强对流" in shown.output


def test_assumptions_can_be_written_read_and_say_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "行为.yaml"
    file.write_text(json.dumps(as_document(Assumptions()), ensure_ascii=False), encoding="utf-8")
    assert as_document(read_assumptions(file)) == as_document(Assumptions())
    for text, said in (
        ("people: {shares: {loud: 1}}", "不认识的人群“loud”"),
        ("people: {delivery: [3]}", "delivery 应是由小到大的至少两个秒数"),
        ("gateways: [{name: 旗, kinds: [旗语]}]", "kinds 只能是 短信 和 语音"),
        ("people: {wakes: 2}", "行为.yaml 第 1 行"),
        ("officers: {by_phone: {x: 1}}", "officers.by_phone"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Exception, match=said):
            read_assumptions(file)


def test_never_is_said_as_never() -> None:
    assert [until(each) for each in (None, 5, 65, 3700)] == [NEVER, "5秒", "1分05秒", "1小时01分"]
