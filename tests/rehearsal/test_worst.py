"""反例: weaknesses that were planted are found, those too that need two failures at once; a good plan has none."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from callout.cli import app as commands
from callout.cli.worst_case import DUTIFUL
from callout.domain.ladder import ChannelKind
from callout.domain.roster import NumberKind, Post
from callout.rehearsal.setting import Setting
from callout.rehearsal.storm import Storm
from callout.rehearsal.worst.failures import Bounds, Kind, losses
from callout.rehearsal.worst.hunting import Hunted, Means, hunt
from callout.rehearsal.worst.screening import screen
from callout.rehearsal.worst.story import as_document, as_story
from callout.simulation.gateways import ASSUMED_GATEWAYS, Gateway
from callout.sources.reading import DocumentReader
from tests.rehearsal.storms import setting

HERE, THERE = "stats:500156102", "stats:500156104"
BOTH = frozenset({ChannelKind.SMS, ChannelKind.VOICE})
FAST = (Gateway("一路", BOTH), Gateway("二路", BOTH))
NIGHT = Bounds(hours=(3,), courses=("红",), paces=(5,), runs=4, dark_townships=1)
"""One red warning at three in the morning; few rehearsals."""


def good(change: Mapping[str, int | None] | None = None, gateways: tuple[Gateway, ...] = FAST) -> Setting:
    """Posts of two townships, each with a deputy in the other one and a superior in neither; one of them changed."""
    whole = setting()
    roster = whole.roster
    kept = [p for p in roster.posts if p.area in (HERE, THERE) and p.holder and "值班" not in p.role]
    boss = next(p for p in roster.posts if p.role == whole.rulebook.desk_role and p.holder)
    holders = {area: [p.holder for p in kept if p.area == area] for area in (HERE, THERE)}
    spare = next(p.holder for p in roster.posts if p.area not in (HERE, THERE, boss.area) and p.holder)
    posts = [replace(boss, deputy=spare, superior=None)]
    for at, post in enumerate(kept):
        away = holders[THERE if post.area == HERE else HERE]
        posts.append(replace(post, deputy=away[at % len(away)], superior=boss.id))
    if change is not None:
        weak = next(p for p in posts if p.area == HERE)
        posts[posts.index(weak)] = replace(weak, **change)  # type: ignore[arg-type]
    people = tuple(one for one in roster.responders if one.id in {spare, *(p.holder for p in posts)})
    cut = replace(roster, posts=tuple(posts), responders=people, shifts=())
    return replace(whole, roster=cut, habits=DUTIFUL, gateways=gateways)


def weak_post(one: Setting) -> Post:
    return next(p for p in one.roster.posts if p.area == HERE)


def found(one: Setting, bounds: Bounds = NIGHT, *given: Storm) -> tuple[Hunted, str, list[str]]:
    lines: list[str] = []
    storms = {storm.name: storm for storm in given}
    it = hunt(one, bounds, Means(DocumentReader(), lines.append, lambda: 0.0, storms))
    return it, "\n".join(as_story(it, one)), lines


@pytest.mark.long
def test_a_good_plan_has_no_counter_example_within_the_bounds_that_are_printed() -> None:
    plan = good()
    it, told, progress = found(plan, replace(NIGHT, losses=1))
    assert it.worst is None
    assert "没有反例" in told
    assert "至多 1 样同时失效" in told
    assert "03 时" in told
    assert progress[0].startswith("筛查完毕")
    assert as_document(it, plan)["worst"] is None


def test_a_missing_deputy_is_found_with_one_failure_and_its_mend_helps() -> None:
    plan = good({"deputy": None, "superior": None})
    it, told, _ = found(plan, replace(NIGHT, losses=1))
    assert it.worst is not None
    assert it.worst.missed == {weak_post(plan).id}
    assert losses(it.worst.failures) == 1
    assert "示例·江口·带班领导" in told
    assert it.mended is not None
    assert it.mended.missed == frozenset()
    assert f"给{weak_post(plan).title}设一名副职" in told
    assert "补救后再推演：0 岗没有及时叫到（原来 1 岗）" in told


@pytest.mark.long
def test_a_storm_that_is_given_is_searched_instead_of_made_ones() -> None:
    plan = good({"deputy": None, "superior": None})
    it, told, _ = found(plan, replace(NIGHT, losses=1), setting(storm="red-at-two").storm)
    assert it.worst is not None
    assert it.worst.missed == {weak_post(plan).id}
    assert "范围：风暴“" in told
    assert "补救后再推演：0 岗没有及时叫到（原来 1 岗）" in told


def test_a_weakness_that_needs_two_failures_at_once_is_found_and_both_are_named() -> None:
    plan = good({"superior": None})
    post = weak_post(plan)
    alone, *_ = found(plan, replace(NIGHT, losses=1))
    assert alone.worst is None
    it, told, _ = found(plan)
    assert it.worst is not None
    assert it.worst.missed == {post.id}
    assert losses(it.worst.failures) == 2
    assert "坏了 2/2" in told
    assert "去掉其中任何一样，就没有这么坏" in told
    assert "叫副职" in told


@pytest.mark.long
def test_a_gateway_limit_is_found_without_any_failure_and_more_speed_helps() -> None:
    plan = good(gateways=(Gateway("慢通道", BOTH, per_second=0.001),))
    it, told, _ = found(plan, replace(NIGHT, losses=0))
    assert it.worst is not None
    assert it.worst.failures == frozenset()
    assert it.mended is not None
    assert len(it.mended.missed) < len(it.worst.missed)
    assert "什么都没有坏" in told
    assert "加大慢通道的线路或并发（现在每秒 0.001）" in told


@pytest.mark.long
def test_the_command_tells_its_bounds_and_writes_the_same_json_each_time() -> None:
    asked = ["worst-case", "--sample", "60", "--hours", "3", "--courses", "红", "--runs", "4", "--json"]
    first, again = (CliRunner().invoke(commands, asked) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    document = json.loads(first.stdout)
    assert document["bounds"]["losses"] == 2
    assert document["rehearsals"] >= 4
    for wrong in (["--courses", "红黄"], ["--hours", "25"], ["--paces", "x"], ["--hazard", "鱼"]):
        assert CliRunner().invoke(commands, ["worst-case", "--sample", "60", *wrong]).exit_code == 1


def test_a_lost_gateway_cuts_only_what_the_other_channel_cannot_say() -> None:
    """The engine texts a mobile whose call nobody carries; a landline, or an office with calls alone, it cannot."""
    storm = setting(storm="red-at-two").storm

    def cutting(plan: Setting) -> set[str]:
        ways = screen(replace(plan, storm=storm), storm, NIGHT).ways.values()
        return {one.about for each in ways for way in each for one in way.cut_by if one.kind is Kind.GATEWAY}

    plan = good(gateways=ASSUMED_GATEWAYS)
    assert cutting(plan) == set()
    people = plan.roster.responders
    homes = [replace(p, contacts=tuple(replace(c, kind=NumberKind.LANDLINE) for c in p.contacts)) for p in people]
    assert cutting(replace(plan, roster=replace(plan.roster, responders=tuple(homes)))) == {"语音网关"}
    assert cutting(replace(plan, gateways=ASSUMED_GATEWAYS[1:])) == {"语音网关"}
