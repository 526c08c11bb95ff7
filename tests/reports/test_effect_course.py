"""What stands beside the counts of a report, what it cost, and that an export alone gives the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from callout.domain.errors import CalloutError
from callout.domain.feedback import FeedbackKind
from callout.domain.instant import DAY, HOUR, later
from callout.reports.account import tally
from callout.reports.effect import Report, report
from callout.reports.effect_json import as_json
from callout.reports.effect_page import page
from callout.reports.effect_sheets import points, sheets
from callout.reports.parts import Grouping, Part, change
from callout.reports.raw_tables import about_tables, load_tables
from callout.reports.record import Going, export
from callout.reports.statistics import difference
from callout.store import schema
from callout.store.database import Database
from callout.store.migrate import upgrade
from tests.reports.world import BAIMA, COUNTY, LADDER, T0, XIANNV, Books, World
from tests.shape import ROOT


def test_what_stands_beside_the_counts(either: World) -> None:
    either.put(schema.ladder, id=LADDER.id, steps=LADDER.to_json())
    files = {"industries/education.yaml": "# 示例\nindustry: 教育\n", "county.yaml": "name: 示例区\n"}
    either.put(schema.rulebook_version, county=COUNTY, version="b1", files=json.dumps(files), loaded_at=T0)
    either.alert()
    either.all_answered(1, 2, 3, 4, 5, rules="education/橙色起,county/橙色起,500156101-示例镇/橙色起")
    for post in (1, 2, 3, 4):
        either.callout(post, answered_at=T0 + post * 40_000)
        either.attempt(post)
    either.callout(5, "exhausted")
    either.attempt(5)
    either.attempt(4, name="up", target="superior")
    either.answer(3, "confirmed_by_human", body="当面：示例")
    either.human_call(5, "exhausted", outcome="08:20 已派人上门", opened_at=T0 + 1)
    owed = {"episode": 1, "rule": "r1", "lane": 1, "opened_at": T0, "due_at": T0 + 60_000, "county": COUNTY, "alert": 1}
    either.put(schema.feedback, post=6, kind="到岗", state="given", given_at=T0, **owed)
    either.put(schema.feedback, post=7, kind="到岗", state="overdue", **owed)
    either.attempt(1, name="clear", notice="all_clear:1:1", submitted_at=T0 + 9_000)
    made: Report = either.database.read(lambda db: report(db, Books(), T0, later(T0, HOUR), COUNTY))
    [effect] = made.effects
    course = effect.course
    assert course.depth == {"holder": 8, "deputy": 0, "superior": 1}
    assert (course.human_calls, course.doors, course.ends) == ({"exhausted": 1}, 2, T0 + 9_000)
    assert (course.feedback[FeedbackKind.ON_POST].given, course.feedback[FeedbackKind.ON_POST].overdue) == (1, 1)
    assert (effect.whole.timed, effect.whole.in_first) == (9, 5), "40 s is in time, 80 s is not; 60 s just are"
    assert set(effect.parts[Grouping.PLAN]) == {"教育", "区级方案", "乡镇方案"}
    assert list(effect.parts[Grouping.LEVEL]) == ["orange"]
    assert len(effect.answered_at) == 8
    titles = {table.title: table for table in sheets(made, {})}
    assert titles["行业和方案"].rows[0][1] in effect.parts[Grouping.PLAN]
    assert ("上门或当面", "岗次", 2) in {row[1:] for row in titles["其他"].rows}


def test_each_part_stands_beside_the_last_process_even_where_that_lies_before_the_period(world: World) -> None:
    """白马 answered five days ago and two of its five do not now: few, so the interval is wide and nothing bold."""
    world.put(schema.ladder, id=LADDER.id, steps=LADDER.to_json())
    world.alert(1, sent=T0 - 5 * DAY, episode=1)
    world.all_answered(alert=1, opened_at=T0 - 5 * DAY, answered_at=T0 - 5 * DAY + 30_000)
    world.alert(2, sent=T0 - 5 * DAY, episode=2, run="drill")
    world.all_answered(1, 3, 5, 7, alert=2)
    for alert in (1, 2):
        world.change(schema.alert_county, {"alert": alert}, expires_at=T0 - 4 * DAY)
    world.alert(3, episode=3)
    world.all_answered(1, 3, alert=3)
    for post in (1, 3):
        world.callout(post, "exhausted", alert=3)
    made: Report = world.database.read(lambda db: report(db, Books(), T0, later(T0, HOUR), COUNTY))
    [effect] = made.effects
    assert effect.before is not None
    assert [line.alert for line in effect.before.process.lines] == [1], "a drill is not compared with what was real"
    towns = effect.changes(Grouping.AREA)
    assert {area: round(one.by, 2) for area, one in towns.items()} == {BAIMA: -0.4, XIANNV: 0.0}
    low, high = towns[BAIMA].span
    assert low < -0.7
    assert 0 < high < 0.2
    assert not towns[BAIMA].certain
    part = effect.parts[Grouping.AREA][BAIMA]
    assert (part.posts, part.timed, part.in_first, part.in_ladder) == (5, 5, 3, 3)
    line = {row[1]: row for row in {table.title: table for table in sheets(made, {})}["乡镇"].rows}[BAIMA]
    assert line[-7:] == (5, 5, 3, 3, "−40.0", f"{points(low)} 至 {points(high)}", "")
    html = page(made, ROOT / "templates" / "reports", "示例分析", {})
    assert f"−40.0（{points(low)} 至 {points(high)}）" in html
    assert as_json(made)["processes"][0]["per_township"][BAIMA]["change"]["by"] == pytest.approx(-0.4)


def test_a_change_that_chance_does_not_explain_is_marked() -> None:
    def of(answered: int, posts: int) -> Part:
        counts = replace(tally([], ()), due=posts * 10, answered=answered * 10)
        return Part(counts, posts, 0, 0, 0)

    big, small = change(of(60, 100), of(98, 100), 20), change(of(6, 10), of(10, 10), 20)
    assert big is not None
    assert small is not None
    assert (big.certain, small.certain) == (True, False)
    assert big.span[0] < big.by < big.span[1] < 0
    assert change(of(5, 10), None) is None
    assert change(of(0, 0), of(10, 10)) is None
    assert difference(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-4), "Newcombe 1998, case (a)"


def test_an_export_alone_gives_the_same_figures(either: World, tmp_path: Path) -> None:
    either.alert()
    either.all_answered(4, at=T0 + 1_000)
    either.callout(4, "exhausted")
    either.human_call(4, "exhausted")
    either.note(at=later(T0, HOUR))

    def figures(db: Connection) -> str:
        return json.dumps(as_json(report(db, Books(), T0, later(T0, HOUR), COUNTY)), sort_keys=True)

    either.database.read(lambda db: export(db, tmp_path, Going(COUNTY)))
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    upgrade(other)
    other.write(lambda db: load_tables(db, tmp_path))
    assert other.read(figures) == either.database.read(figures)
    assert other.read(lambda db: db.execute(select(func.max(schema.audit.c.at))).scalar()) == later(T0, HOUR)
    other.close()


def test_an_export_of_another_version_or_a_damaged_one_is_refused(world: World, tmp_path: Path) -> None:
    world.database.read(lambda db: export(db, tmp_path))
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    upgrade(other)
    (tmp_path / "tables" / "callout.jsonl").write_text('{"county": 1}\n{', encoding="utf-8")
    with pytest.raises(CalloutError, match="读不出来"):
        other.write(lambda db: load_tables(db, tmp_path))
    about = tmp_path / "tables" / "about.json"
    about.write_text(about.read_text(encoding="utf-8").replace('"revision": "0', '"revision": "9'), encoding="utf-8")
    with pytest.raises(CalloutError, match="另一个版本"):
        other.write(lambda db: load_tables(db, tmp_path))
    about.unlink()
    with pytest.raises(CalloutError, match="重新导出"):
        other.write(lambda db: load_tables(db, tmp_path))
    other.close()


def test_what_was_billed_has_its_price_where_the_file_says_it(either: World, tmp_path: Path) -> None:
    either.alert()
    either.all_answered()
    either.change(schema.attempt, {"channel": "sms"}, provider="示例短信", parts=2)
    either.attempt(1, name="x", channel="voice", provider="line", parts=1, state="unknown")
    either.attempt(2, name="y", channel="voice", provider="line", parts=1, state="refused")
    made: Report = either.database.read(lambda db: report(db, Books(), T0, later(T0, HOUR), COUNTY))
    bills = as_json(made, {"示例短信": 5})["processes"][0]["bills"]
    assert bills == {
        "line": {"attempts": 1, "parts": 1, "fen": None},
        "示例短信": {"attempts": 9, "parts": 18, "fen": 90},
    }
    [table] = [one for one in sheets(made, {}, {"示例短信": 5}) if one.title == "费用"]
    assert {row[1:] for row in table.rows} == {("line", 1, 1, None, None), ("示例短信", 9, 18, 5, 90)}
    assert "0.90 元" in page(made, ROOT / "templates" / "reports", "示例分析", {}, {"示例短信": 5})
    either.database.read(lambda db: export(db, tmp_path, Going(COUNTY, prices={"示例短信": 5})))
    assert about_tables(tmp_path)["prices"] == {"示例短信": 5}
