"""Nobody vanishes: everybody whom the rules demand is called, answers, is worked on by a human, or shows as lost."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, delete, event, select, update

from callout.domain.area import Coverage
from callout.domain.conditions import Facts
from callout.domain.due import due
from callout.domain.level import Hazard, Level
from callout.domain.roster import Post, Responder, Roster
from callout.reports.account import Account, account
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import (
    BAIMA,
    COUNTY,
    COUNTY_AREA,
    DESK,
    GRID_1,
    GRID_2,
    GRID_3,
    JIANGKOU,
    LEADER_BAIMA,
    LEADER_JIANGKOU,
    SMS,
    Field,
    standard_roster,
)

Entry = tuple[str, int, int, str]
"""(event, alert, post, ref) of an audit entry."""


def the_account(field: Field) -> Account:
    return field.app.database.read(lambda db: account(db, field.app.rulebooks))


def commits(field: Field) -> list[set[Entry]]:
    """From now on: the audit entries of every transaction, at the moment of its commit."""
    seen, each = [0], list[set[Entry]]()
    a = schema.audit

    def on_commit(db: Connection) -> None:
        rows = db.execute(select(a.c.id, a.c.event, a.c.alert, a.c.post, a.c.ref).where(a.c.id > seen[0])).all()
        seen[0] = max([seen[0], *(r.id for r in rows)])
        each.append({(r.event, r.alert, r.post, r.ref) for r in rows})

    event.listen(field.app.database.engine, "commit", on_commit)
    return each


def together(transactions: Sequence[set[Entry]], *entries: Entry) -> bool:
    """Whether one transaction holds all of them."""
    return any(set(entries) <= one for one in transactions)


def with_post(changed: Post, *people: Responder) -> Roster:
    """The standard roster with one post, and perhaps people, replaced."""
    usual, new = standard_roster(), {p.id: p for p in people}
    return replace(
        usual,
        posts=tuple(changed if p.id == changed.id else p for p in usual.posts),
        responders=tuple(new.get(p.id, p) for p in usual.responders),
    )


def without_plan(field: Field, folder: Path, township: str) -> None:
    """Put rules in force from which the plan of one township is missing."""
    rules = shutil.copytree(field.app.settings.rules, folder / "rules")
    [plan] = (rules / "townships").glob(f"*{township}*")
    plan.unlink()
    field.app.settings = field.app.settings.model_copy(update={"rules": rules})
    field.app.use_rules()


def test_who_is_due_is_counted_a_second_time_and_equals_the_callouts(field: Field) -> None:
    """The rules and the roster in force, counted the slow and plain way, name exactly the posts that are called."""
    [county] = field.app.store.read(lambda work: work.rosters.counties())
    rulebook = field.app.rulebooks.get(COUNTY, county.rulebook)
    townships = frozenset(t.key for t in rulebook.county.townships)
    stories = ((Level.BLUE, ()), (Level.YELLOW, (BAIMA,)), (Level.ORANGE, (JIANGKOU,)), (Level.RED, (BAIMA, JIANGKOU)))
    for alert, (level, areas) in enumerate(stories, 1):
        field.alert(level, areas=areas)
        covered = Coverage(COUNTY, frozenset(areas or townships) | {COUNTY_AREA})
        wanted = due(rulebook, standard_roster(), Facts(Hazard.RAINSTORM, level), covered)
        assert wanted == set(field.states(alert)) != set()
    assert [tally.due for _, tally in the_account(field).per_alert] == [1, 1, 3, 6]
    assert the_account(field).total.lost == 0


def test_a_post_that_nobody_holds_is_called_out_and_given_to_a_human_in_one_commit(open_county: Opener) -> None:
    """A due post without a holder has its callout and its item on the officer's list from the same commit on."""
    field = open_county(roster=with_post(Post(GRID_1, BAIMA, "网格员", "示例·白马镇网格员一", None)))
    done = commits(field)
    field.alert(areas=[BAIMA])
    assert together(done, ("callout.opened", 1, GRID_1, "0"), ("human_call.opened", 1, GRID_1, "vacant:"))
    assert (GRID_1, "vacant") in field.human_calls()
    assert the_account(field).total.lost == 0


def test_a_holder_without_a_number_is_given_to_a_human_in_the_same_commit(open_county: Opener) -> None:
    """A due post whose holder has no number goes to the officer at once, and its superior is called meanwhile."""
    nobody = Responder(GRID_2, "示例·无号码", ())
    usual = Post(GRID_2, BAIMA, "网格员", "示例·白马镇网格员二", GRID_2, superior=LEADER_BAIMA)
    field = open_county(roster=with_post(usual, nobody))
    done = commits(field)
    field.alert(areas=[BAIMA])
    assert together(done, ("callout.opened", 1, GRID_2, "0"), ("human_call.opened", 1, GRID_2, "no_number:"))
    assert field.human_calls() == [(GRID_2, "no_number")]
    assert [m.text for _, m in field.to(LEADER_BAIMA) if "网格员二" in m.text] != []


def test_an_alerted_township_without_a_plan_goes_to_a_human(field: Field, tmp_path: Path) -> None:
    """Where no plan says whom to call in an alerted township, the officer knows with the commit that found it."""
    without_plan(field, tmp_path, "江口")
    done = commits(field)
    field.alert(areas=[BAIMA, JIANGKOU])
    assert together(done, ("alert_county.matched", 1, 0, ""), ("human_call.opened", 1, 0, f"no_plan:{JIANGKOU}"))
    assert field.human_calls() == [(0, "no_plan")]
    assert set(field.states()) == {DESK, LEADER_BAIMA, GRID_1, GRID_2}


def test_an_alert_that_no_rule_speaks_of_goes_to_a_human(field: Field) -> None:
    """An alert in scope that no rule matches calls nobody, and the officer has it with the same commit."""
    done = commits(field)
    field.alert(hazard=Hazard.SNOWSTORM)
    assert together(done, ("alert_county.matched", 1, 0, ""), ("human_call.opened", 1, 0, f"no_rule:{COUNTY_AREA}"))
    assert field.human_calls() == [(0, "no_rule")]
    assert field.states() == {}
    assert field.new() == []


def test_only_an_attempt_that_a_provider_took_counts_as_called(field: Field) -> None:
    """UNKNOWN is not called; a receipt that proves the attempt makes it so."""
    field.phones.script = lambda _: "unknown"
    field.alert(areas=[JIANGKOU])
    before = the_account(field)
    assert (before.total.due, before.total.called, before.total.lost) == (3, 0, 0)
    assert before.unknown_attempts > 0
    field.receipt(GRID_3, "delivered")
    assert the_account(field).total.called == 1


def test_an_attempt_that_the_provider_refused_is_not_a_call(field: Field) -> None:
    """What provably never left the house reached nobody, and a human has every one of them."""
    field.phones.script = lambda _: "refused"
    field.alert(areas=[JIANGKOU])
    assert (field.new(), the_account(field).total.called) == ([], 0)
    assert field.human_calls() == [(p, "exhausted") for p in (DESK, LEADER_JIANGKOU, GRID_3)]
    assert the_account(field).total.lost == 0


def test_reached_is_an_answer_or_a_contact_and_delivery_is_neither(field: Field) -> None:
    """A text on the phone proves nothing; any word from the person is a contact; only 应 is an answer."""
    field.alert(areas=[BAIMA])
    field.receipt(GRID_1, "delivered")
    assert the_account(field).total.reached == 0
    field.reply(GRID_1, "收到但路断了过不去")
    assert (the_account(field).total.reached, the_account(field).total.answered) == (1, 0)
    field.reply(GRID_2, "收到")
    assert (the_account(field).total.reached, the_account(field).total.answered) == (2, 1)


def test_one_callout_row_that_disappears_shows_as_lost(field: Field) -> None:
    """The account never counts callout rows, so one that is missing is missed, by name."""
    field.alert(areas=[BAIMA])
    assert the_account(field).total.lost == 0
    c = schema.callout
    field.app.database.write(lambda db: db.execute(delete(c).where(c.c.post == GRID_1)))
    found = the_account(field)
    assert (found.total.due, found.total.lost) == (4, 1)
    assert found.lost == ((COUNTY, 1, GRID_1),)


def test_a_ladder_without_a_timer_shows_as_lost(field: Field) -> None:
    """A callout that waits for nothing, was not answered and is on nobody's list is lost though its row exists."""
    field.alert(areas=[BAIMA])
    c = schema.callout
    field.app.database.write(lambda db: db.execute(update(c).values(next_at=None).where(c.c.post == GRID_2)))
    assert the_account(field).lost == ((COUNTY, 1, GRID_2),)


def test_everybody_who_stays_silent_ends_on_the_officers_list(field: Field) -> None:
    """When every ladder has run out without an answer, each due post is an open item, and none is lost."""
    field.alert(areas=[BAIMA, JIANGKOU])
    assert {m.channel for _, m in field.to(GRID_3)} == {SMS}
    field.wait(15 * 60)
    assert set(field.states().values()) == {"exhausted"}
    assert field.human_calls() == [(post, "exhausted") for post in sorted(field.states())]
    assert (the_account(field).total.due, the_account(field).total.lost) == (6, 0)
