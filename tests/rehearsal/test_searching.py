"""Counter-examples: a planted weakness is found under its name, with a mend that a rehearsal shows to help."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from callout.cli import app as commands
from callout.domain.ladder import ChannelKind
from callout.domain.roster import Post
from callout.rehearsal.searching import Bounds, Found, as_document, as_story, lonely, search
from callout.rehearsal.setting import Setting
from callout.simulation.gateways import Gateway
from callout.simulation.habits import ASSUMED, Temperament
from tests.rehearsal.storms import only, setting

PROMPT = replace(ASSUMED, shares={Temperament.PROMPT: 1})
AREA = "stats:500156102"
SMALL = replace(only(setting(storm="red-at-two"), 5), habits=PROMPT)
"""One red warning at night for four townships, and people who answer at once."""
BOTH = frozenset({ChannelKind.SMS, ChannelKind.VOICE})


def bare() -> tuple[Setting, Post]:
    """One post of those townships has neither deputy nor superior; all the others have."""
    roster = SMALL.roster
    post = next(p for p in roster.posts if p.area == AREA and p.holder and p.role == "带班领导")
    spare = next(p.holder for p in roster.posts if p.area != AREA and p.holder)
    posts = tuple(
        replace(p, deputy=None, superior=None) if p.id == post.id else replace(p, deputy=p.deputy or spare)
        for p in roster.posts
    )
    return replace(SMALL, roster=replace(roster, posts=posts)), post


def test_a_missing_deputy_is_found_and_its_mend_helps() -> None:
    planted, post = bare()
    assert lonely(planted, {AREA})[0] == post.holder
    found = search(planted, Bounds(people=3, townships=0))
    worst = max((one for one in found.found if one.loss.kind == "person"), key=lambda one: one.harm)
    assert worst.missed == (post.id,)
    assert worst.harm == 1
    assert [one.harm for one in found.found if one.loss.kind == "person" and one is not worst] == [0, 0]
    first = found.found[0]
    assert first.loss is worst.loss
    assert first.mended is not None
    assert first.mended <= 0
    told = "\n".join(as_story(found, planted))
    assert post.title in told
    assert "补上副职" in told
    assert as_document(found)["losses"][0]["kind"] == "person"


def test_a_gateway_limit_is_found_and_more_speed_helps() -> None:
    slow = Gateway("慢通道", BOTH, per_second=0.004)
    found = search(replace(SMALL, gateways=(slow,)), Bounds(people=0, townships=0))
    worst: Found = next(one for one in found.found if one.loss.kind == "limit")
    assert worst.harm >= 5
    assert worst.loss.about == "慢通道每秒只能发 0.004"
    told = "\n".join(as_story(found, SMALL))
    assert "加大线路或并发" in told


@pytest.mark.long
def test_without_a_weakness_the_story_says_so_and_names_its_bounds() -> None:
    fast = (Gateway("一", BOTH), Gateway("二", BOTH))
    found = search(replace(SMALL, gateways=fast), Bounds(people=0, townships=0))
    assert [one.harm for one in found.found] == [0, 0]
    told = as_story(found, SMALL)
    assert told[-1].startswith("没有一种单一失效会让更多岗位叫不到")
    assert "2 种单一失效" in told[0]


@pytest.mark.long
def test_the_command_tells_a_story_or_writes_json() -> None:
    arguments = [
        "worst-case",
        "noon-in-town",
        "--sample",
        "60",
        "--people",
        "0",
        "--townships",
        "1",
        "--processes",
        "1",
    ]
    result = CliRunner().invoke(commands, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    (document,) = json.loads(result.stdout)
    assert {one["kind"] for one in document["losses"]} == {"gateway", "limit", "township"}
    assert document["rehearsals"] == 6
