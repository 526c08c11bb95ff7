"""semantics 5: a 熔断 is proposed by rule, ordered by a named human, confirmed on site, lifted by its own decision."""

from functools import partial

import pytest
from sqlalchemy import select

from callout.domain.alert import MsgType
from callout.domain.errors import CalloutError
from callout.domain.instant import MINUTE, later
from callout.domain.level import Level
from callout.pipeline import attend, stop_work
from callout.reports.account import account
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    DESK,
    JIANGKOU,
    VOICE,
    Field,
)
from tests.scenarios.sites import (
    CHIEF,
    OFFICER,
    ON_SITE,
    decide,
    decision,
    items,
    rows,
    seen,
    sites_and_a_school,
    states,
    warn,
    wish,
)


@pytest.fixture
def town(open_county: Opener) -> Field:
    """Everybody answers at once, so that only the 熔断 is left."""
    return open_county(roster=sites_and_a_school())


STOPPED = [("停学", BAIMA, "proposed"), ("停工", BAIMA, "proposed"), ("停工", JIANGKOU, "proposed")]


def test_a_rule_proposes_and_nothing_is_stopped(town: Field) -> None:
    """Each township with objects has its proposal; whatever happens next, the warning's end too, a human orders."""
    warn(town, hours=1)
    assert states(town) == STOPPED
    assert [(r.objects, r.run) for r in rows(town)] == [(1, "actual")] * 3
    town.wait(2 * 3600)
    assert states(town) == STOPPED


def test_a_proposal_that_nobody_decides_rings_the_desk(town: Field) -> None:
    """It waits for a human like everything else that does: one item for each kind, and the desk after two minutes."""
    warn(town)
    assert town.human_calls() == [(0, "stop_undecided"), (0, "stop_undecided")]
    town.wait(119)
    assert town.new() == []
    town.wait(1)
    assert town.new() == [(DESK, VOICE)]


def test_only_the_decision_closes_the_item(town: Field) -> None:
    """Ordering the one and declining the other leaves nothing to decide; half of them leaves the item open."""
    warn(town)
    decide(town, stop_work.order, seen(town, "停工", area=BAIMA))
    assert [r.about for r in items(town, "stop_undecided")] == ["停学", "停工"]
    decide(town, stop_work.decline, seen(town, "停工", area=JIANGKOU), basis="江口镇只有内装修")
    assert [r.about for r in items(town, "stop_undecided")] == ["停学"]
    decide(town, stop_work.order, seen(town, "停学"))
    assert town.human_calls() == []
    assert states(town) == [("停学", BAIMA, "ordered"), ("停工", BAIMA, "ordered"), ("停工", JIANGKOU, "declined")]


def test_an_officer_who_takes_the_item_keeps_the_desk_quiet_but_decides_nothing(town: Field) -> None:
    """Claiming or closing the item is no decision: the proposal stays open and shown."""
    warn(town)
    for one in items(town, "stop_undecided"):
        key = (one.county, one.alert, one.post, one.kind, one.about)
        town.app.store.write(partial(attend.close, key=key, officer=OFFICER, outcome="已报区领导会商"))
    town.wait(600)
    assert town.new() == []
    assert states(town) == STOPPED


def test_the_order_names_who_with_which_office_and_why(town: Field) -> None:
    """One decision for several objects: name, 职务, 依据, from when, and who is exempt; it can be read afterwards."""
    warn(town)
    effect = later(town.clock.now(), 30 * MINUTE)
    decide(town, stop_work.order, seen(town, "停工"), effective_at=effect, exceptions="供水供电抢险")
    d, p = schema.stop_decision, schema.personal
    [made] = town.rows(select(d, p.c.value).join(p, p.c.commitment == d.c.name))
    assert (made.event, made.value, made.title, made.basis) == ("ordered", CHIEF, "副区长", "暴雨橙色、Ⅱ级响应、会商")
    assert (made.effective_at, made.exceptions, made.officer) == (effect, "供水供电抢险", OFFICER)
    assert [r.ordering for r in rows(town)] == [0, 1, 1]
    told = town.audit("stop_work.ordered")
    assert {(r.before, r.after, r.actor, r.commitment, r.detail) for r in told} == {
        ("proposed", "ordered", OFFICER, made.name, "decision=1 run=actual")
    }
    assert CHIEF not in "".join(str(v) for r in town.rows(select(schema.audit)) for v in r)


@pytest.mark.parametrize("missing", ["by", "title", "basis", "officer"])
def test_nobody_orders_without_a_name_an_office_and_a_basis(town: Field, missing: str) -> None:
    warn(town)
    with pytest.raises(CalloutError, match="写明"):
        decide(town, stop_work.order, seen(town), **{missing: " "})
    assert states(town) == STOPPED


def test_an_order_without_word_from_the_site_goes_to_a_human(town: Field) -> None:
    """Half an hour after it takes effect somebody must have seen it closed, else the desk is rung; the order stands."""
    warn(town)
    decide(town, stop_work.order, seen(town), effective_at=later(town.clock.now(), 10 * MINUTE))
    town.new()
    town.wait(40 * 60 - 1)
    assert town.human_calls() == []
    town.wait(1)
    assert town.human_calls() == [(0, "stop_unconfirmed")] * 2
    assert {state for _, _, state in states(town)} == {"ordered"}
    town.wait(120)
    assert town.new() == [(DESK, VOICE)]
    decide(town, stop_work.confirm, seen(town, "停工"), by=ON_SITE, basis="两处工地已停", evidence="照片 17")
    assert [r.about for r in items(town, "stop_unconfirmed")] == ["停学:1"]


def test_the_word_from_the_site_in_time_is_all_that_is_needed(town: Field) -> None:
    """Who saw it closed, and where the photo is: no item opens."""
    warn(town)
    decide(town, stop_work.order, seen(town))
    decide(town, stop_work.confirm, seen(town), by=ON_SITE, basis="已停", evidence="照片 17")
    town.wait(3600)
    assert town.human_calls() == []
    assert {state for _, _, state in states(town)} == {"confirmed"}


def test_two_orders_of_one_warning_are_each_asked_about(town: Field) -> None:
    """An item that an officer closed does not swallow the next order's."""
    warn(town, hours=24)
    decide(town, stop_work.order, seen(town, "停工", area=BAIMA))
    town.wait(31 * 60)
    one = items(town, "stop_unconfirmed")[0]
    key = (one.county, one.alert, one.post, one.kind, one.about)
    town.app.store.write(lambda work: attend.close(work, key, OFFICER, "已派人查看"))
    decide(town, stop_work.order, seen(town, "停工", area=JIANGKOU))
    town.wait(31 * 60)
    assert [r.about for r in items(town, "stop_unconfirmed")] == ["停工:2"]


def in_force(field: Field, hours: float = 6) -> None:
    warn(field, identifier="示例-橙", hours=hours)
    decide(field, stop_work.order, seen(field))


def test_expiry_does_not_lift_it(town: Field) -> None:
    """The warning ends; what was stopped stays stopped."""
    in_force(town, hours=1)
    town.wait(2 * 3600)
    assert town.rows(select(schema.alert_county.c.state))[0].state == "over"
    assert {state for _, _, state in states(town)} == {"ordered"}


def test_a_cancel_does_not_lift_it(town: Field) -> None:
    in_force(town)
    town.alert(
        Level.ORANGE,
        identifier="示例-解除",
        msg_type=MsgType.CANCEL,
        references=["示例-橙"],
        headline="武隆区气象台解除暴雨橙色预警",
    )
    town.wait(3600)
    assert {state for _, _, state in states(town)} == {"ordered"}


def test_a_downgrade_does_not_lift_it(town: Field) -> None:
    in_force(town)
    town.wait(60)
    town.alert(Level.BLUE, identifier="示例-蓝", msg_type=MsgType.UPDATE, references=["示例-橙"])
    town.wait(3600)
    assert {state for _, _, state in states(town, 1)} == {"ordered"}


def test_it_is_lifted_by_a_decision_of_its_own(town: Field) -> None:
    """Who, when, why, and what was looked at before; without the check nobody lifts."""
    in_force(town)
    decide(town, stop_work.confirm, seen(town, "停工"), by=ON_SITE, basis="已停")
    with pytest.raises(CalloutError, match="恢复前检查"):
        decide(town, stop_work.lift, seen(town), check="")
    with pytest.raises(CalloutError, match="职务"):
        decide(town, stop_work.lift, seen(town), title="")
    decide(town, stop_work.lift, seen(town), basis="雨已停，会商同意")
    assert {state for _, _, state in states(town)} == {"lifted"}
    d = schema.stop_decision
    made = town.rows(select(d).where(d.c.event == "lifted"))
    assert [(r.basis, r.checks) for r in made] == [("雨已停，会商同意", "边坡和用电已查")]
    with pytest.raises(CalloutError, match="已经解除"):
        decide(town, stop_work.lift, seen(town))


def test_red_proposes_again_what_nobody_decided_and_the_older_proposal_gives_way(town: Field) -> None:
    """One thing to decide, not two; what is ordered already need not be decided again."""
    warn(town, identifier="示例-橙")
    decide(town, stop_work.order, seen(town, "停学"))
    town.wait(60)
    warn(town, Level.RED, identifier="示例-红", msg_type=MsgType.UPDATE, references=["示例-橙"])
    assert states(town, 1) == [
        ("停学", BAIMA, "ordered"), ("停工", BAIMA, "superseded"), ("停工", JIANGKOU, "superseded")
    ]  # fmt: skip
    assert states(town, 2) == [
        ("停学", BAIMA, "superseded"), ("停工", BAIMA, "proposed"), ("停工", JIANGKOU, "proposed")
    ]  # fmt: skip
    assert [(r.alert, r.about) for r in items(town, "stop_undecided")] == [(2, "停工")]


def test_what_was_declined_is_proposed_anew_by_the_next_warning(town: Field) -> None:
    """A red one may change the mind of whoever declined at orange."""
    warn(town, identifier="示例-橙")
    decide(town, stop_work.decline, seen(town), basis="影响不大")
    town.wait(60)
    warn(town, Level.RED, identifier="示例-红", msg_type=MsgType.UPDATE, references=["示例-橙"])
    assert {state for _, _, state in states(town, 1)} == {"declined"}
    assert {state for _, _, state in states(town, 2)} == {"proposed"}
    decide(town, stop_work.order, seen(town, alert=1))
    assert {state for _, _, state in states(town, 1)} == {"ordered"}


def test_a_human_may_propose_too(town: Field) -> None:
    """About a bridge, with no warning at all: it waits for a decision and rings the desk soon, like a rule's."""
    wish(town)
    assert states(town) == [("断", BAIMA, "proposed"), ("断", JIANGKOU, "proposed")]
    assert [(r.alert, r.about, r.note) for r in items(town, "stop_undecided")] == [(0, "断:1", "断 2 处")]
    town.wait(60)
    assert town.new() == [(DESK, VOICE)]
    with pytest.raises(CalloutError, match="不必再建议"):
        wish(town)
    decide(town, stop_work.order, seen(town))
    assert town.human_calls() == [(0, "stop_untold")] * 2


def test_what_was_lifted_can_be_proposed_and_ordered_again(town: Field) -> None:
    """The second wave: a new proposal, a new item, a new decision."""
    alert = warn(town)
    wish(town, alert, "工地负责人")
    decide(town, stop_work.order, seen(town, "断"))
    decide(town, stop_work.lift, seen(town, "断"))
    wish(town, alert, "工地负责人")
    assert [r.about for r in items(town, "stop_undecided")] == ["停学", "停工", "断:4"]
    decide(town, stop_work.order, seen(town, "断"))
    assert [(r.state, r.ordering, r.ending, r.objects) for r in rows(town) if r.code == "断"] == [
        ("ordered", 5, 0, 1)
    ] * 2


def test_a_demo_never_orders_a_real_stop_nor_the_other_way_round(open_county: Opener) -> None:
    """Rows carry the run of their alert; a decision counts within its own run only."""
    demo = open_county(roster=sites_and_a_school(), run="demo")
    warn(demo)
    assert {r.run for r in rows(demo)} == {"demo"}
    shown = seen(demo)
    with pytest.raises(CalloutError, match="是演示的熔断，不能在实战中处理"):
        demo.app.store.write(lambda work: stop_work.order(work, shown, decision(), "actual"))
    decide(demo, stop_work.order, seen(demo))
    assert {r.detail for r in demo.audit("stop_work.ordered")} == {"decision=1 run=demo"}


def test_what_somebody_else_changed_is_not_decided_unseen(town: Field) -> None:
    """All or nothing: what was on the screen is what is decided."""
    warn(town)
    before = seen(town)
    decide(town, stop_work.order, seen(town, "停工", area=BAIMA))
    with pytest.raises(CalloutError, match="已经决定执行"):
        decide(town, stop_work.order, before)
    decide(town, stop_work.decline, seen(town, "停学"))
    stale = [(key, rev - 1) for key, rev in seen(town, "停学")]
    with pytest.raises(CalloutError, match="刚被别人改动"):
        decide(town, stop_work.order, stale)
    with pytest.raises(CalloutError, match="没有选中"):
        decide(town, stop_work.order, [])
    with pytest.raises(CalloutError, match="没有这个熔断"):
        decide(town, stop_work.order, [(before[0][0]._replace(alert=99), 0)])
    assert states(town) == [("停学", BAIMA, "declined"), ("停工", BAIMA, "ordered"), ("停工", JIANGKOU, "proposed")]


def test_the_account_counts_an_object_once(town: Field) -> None:
    """However many warnings propose it."""
    warn(town, identifier="示例-橙")
    town.wait(60)
    warn(town, Level.RED, identifier="示例-红", msg_type=MsgType.UPDATE, references=["示例-橙"])
    work = town.app.database.read(lambda db: account(db, town.app.rulebooks)).work
    assert work.stop_work == {"停学": (2, 1), "停工": (4, 2)}
