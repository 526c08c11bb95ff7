"""The list of whom to move, version by version, and what the reports make of it."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.cli.personal import ERASE
from callout.domain.instant import DAY, later
from callout.domain.relocation_plan import RelocationPlan
from callout.pipeline import relocation
from callout.reports.record import Going, export
from callout.reports.relocation import by_area, count, lines, shelter_lines, titles
from callout.reports.verification import check_commitments
from callout.store import schema
from tests.databases import Shelf
from tests.scenarios.field import BAIMA, COUNTY, GRID_1, Field
from tests.scenarios.moving import HOME, HOUSE, LONE, OFFICER, listed, plan, release, rows, site, tell, warned

HOUR = 3600


@pytest.fixture
def shelf(sqlite_shelf: Shelf) -> Shelf:
    """What is decided here does not depend on the database; the whole story is told on both below."""
    return sqlite_shelf


@pytest.fixture
def baima(field: Field) -> Field:
    return warned(field)


def listing(field: Field, version: str) -> RelocationPlan:
    """A version of the list as it can be read now."""
    return field.app.store.read(lambda work: work.relocations.plans.plan(COUNTY, version))


def test_a_new_version_of_the_list_does_not_touch_what_is_under_way(baima: Field) -> None:
    listed(baima, site(people=70), version="p2")
    assert rows(baima)[HOME].people == 69
    assert baima.app.store.read(lambda work: work.relocations.plans.plan(COUNTY)).sites[0].people == 70
    assert baima.app.store.read(lambda work: work.relocations.plans.plan(COUNTY, "p1")) == plan()


def test_names_and_addresses_lie_in_the_erasable_table_alone(baima: Field) -> None:
    kept = baima.rows(select(schema.relocation_site))
    assert not any("示例养老院" in str(row) or "示例村一组" in str(row) for row in kept)
    baima.app.database.write(lambda db: db.execute(schema.personal.delete()))
    assert baima.app.store.read(lambda work: work.relocations.plans.plan(COUNTY)).sites[0].name == "（已删除）"


def test_the_auditors_export_has_each_of_them_and_nobodys_name(baima: Field, tmp_path: Path) -> None:
    baima.reply(GRID_1, "已转移32人")
    tell(baima, relocation.refused, HOUSE, by="示例·网格员")
    baima.app.database.read(lambda db: export(db, tmp_path, Going(COUNTY)))
    text = (tmp_path / "relocations.csv").read_text(encoding="utf-8-sig")
    found = {row["处所编号"]: row for row in csv.DictReader(text.splitlines())}
    assert {ident: (r["状态"], r["应转人数"], r["已转人数"], r["行动不便"]) for ident, r in found.items()} == {
        HOME: ("待转移", "69", "32", "55"), LONE: ("待转移", "1", "", "1"), HOUSE: ("拒绝", "4", "", "0"),
    }  # fmt: skip
    assert not [name for name in ("示例养老院", "示例老人", "示例户", "示例村一组", "示例·网格员") if name in text]
    assert found[HOME]["名称校验值"] == baima.rows(select(schema.relocation_site.c.name).filter_by(site=HOME))[0].name


def test_a_list_that_is_in_force_or_at_work_is_not_erased_and_an_old_one_is(baima: Field) -> None:
    """Whoever is on the move by the old list must be findable; the record stays whole."""
    listed(baima, site(name="示例新院", place="示例新村"), version="p2")
    erase = {"officer": OFFICER, "reason": "示例依据", "days": 365, "person": 0, "apply": True}
    baima.clock.advance(later(baima.clock.now(), 400 * DAY))
    ERASE.run(baima.app, erase)
    assert {one.name for one in listing(baima, "p1").sites} == {"示例养老院", "示例老人", "示例户", "示例小学"}
    release(baima, HOME, LONE, HOUSE)
    ERASE.run(baima.app, erase)
    old, new = (listing(baima, version) for version in ("p1", "p2"))
    assert {site.place for site in old.sites} == {"（已删除）"}
    assert (new.sites[0].name, new.sites[0].place) == ("示例新院", "示例新村")
    assert baima.app.database.read(check_commitments) == []


def test_the_report_counts_households_and_people_by_township(baima: Field) -> None:
    baima.reply(GRID_1, "已转移32人")
    tell(baima, relocation.refused, HOUSE, by="示例·网格员")
    found = baima.app.database.read(lambda db: lines(db, COUNTY, alert=1))
    assert [(one.key.site, one.left, one.keeper) for one in found] == [
        (HOUSE, 4, "示例·白马镇网格员二"), (HOME, 37, "示例·白马镇网格员一"), (LONE, 1, "示例·白马镇网格员二")
    ]  # fmt: skip
    total = count(found)
    assert (total.sites, total.people, total.moved_people, total.left, total.refused) == (3, 74, 32, 42, 1)
    assert by_area(found) == {BAIMA: total}
    first = plan().shelters[0]
    names = baima.app.database.read(lambda db: titles(db, COUNTY))
    [full] = shelter_lines([first], found, names)
    assert (full.there, full.coming, full.over) == (32, 42, 0)
    baima.wait(HOUR)
    release(baima, HOUSE)
    again = baima.app.database.read(lambda db: lines(db, COUNTY, states=tuple(type(found[0].state))))
    assert (count(again).released, count(again).late, again[-1].left) == (1, 2, 0)
