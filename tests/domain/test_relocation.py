"""What one number in a reply means for several places, and what a new list changes."""

from dataclasses import replace

from callout.domain.feedback import FeedbackKind, Report
from callout.domain.instant import HOUR
from callout.domain.level import Level
from callout.domain.relocation import (
    Relocation,
    RelocationEvent,
    RelocationKey,
    RelocationState,
    apportion,
    moved,
)
from callout.domain.relocation_plan import RelocationPlan, Shelter, SiteKind, diff
from tests.domain.test_proof_sites import care_home


def one(site: str, people: int) -> Relocation:
    key = RelocationKey("500156", 1, site)
    state = RelocationState.TO_MOVE
    return Relocation(key, 1, "actual", state, 4, people, 1, -1, "A1", "", Level.ORANGE, HOUR, None, 0)


def shares(people: int, *of: int) -> list[int]:
    found = apportion(Report(FeedbackKind.MOVED, people), [one(f"Z{at}", many) for at, many in enumerate(of)])
    return [-9] if found.doubt else [many for _, many in found.moved]


def test_a_number_for_one_place_is_its_number() -> None:
    assert (shares(32, 69), shares(69, 69), shares(70, 69), shares(0, 69)) == ([32], [69], [70], [0])


def test_a_number_for_several_is_the_number_of_all_or_of_nobody_else_it_is_a_doubt() -> None:
    assert (shares(5, 1, 4), shares(7, 1, 4), shares(0, 1, 4), shares(-1, 1, 4)) == ([1, 4], [1, 4], [0, 0], [1, 4])
    assert (shares(4, 1, 4), shares(1, 1, 4)) == ([-9], [-9])
    assert shares(4) == []


def test_fewer_than_all_is_a_part() -> None:
    assert moved(one("Z", 69), 32) is RelocationEvent.PARTLY
    assert {moved(one("Z", 69), people) for people in (-1, 69, 80)} == {RelocationEvent.MOVED}


def test_what_a_new_list_changes_is_named_by_its_columns() -> None:
    shelter = Shelter("A1", "示例中心校", "stats:500156101", "示例街", 300)
    before = RelocationPlan("p1", "500156", (care_home(), care_home("Z2"), care_home("A2")), (shelter,))
    after = RelocationPlan(
        "p2", "500156",
        (care_home(people=70, kind=SiteKind.HOSPITAL), care_home("Z3")),
        (replace(shelter, capacity=200), Shelter("A2", "示例礼堂", "stats:500156101", "示例街", 9)),
    )  # fmt: skip
    found = diff(before, after)
    assert (found.added, found.removed) == (("Z3",), ("Z2",))
    assert found.changed == {"A1": ("容量",), "A2": ("类别",), "Z1": ("类别", "人数")}
    assert found
    assert not diff(before, replace(before, version="p9"))
