"""What a period came to: planted weaknesses are found, a month without any has none, and the page shows it all."""

import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callout.domain.answer import Grade
from callout.domain.attempt import ReceiptKind
from callout.domain.callout import CalloutState
from callout.domain.instant import HOUR, SECOND, Instant, later
from callout.domain.intake import AlertState
from callout.domain.level import Hazard, Level
from callout.reports.account import tally
from callout.reports.effect import Report, report, share_answered, spread
from callout.reports.effect_json import as_json
from callout.reports.effect_page import page, rate
from callout.reports.findings import FindingKind, findings
from callout.reports.pairs import AlertLine, Course, Pair, Tries
from callout.reports.parts import Grouping
from callout.reports.process import GAP, processes
from callout.reports.statistics import fisher, interval, percent, slower
from tests.reports.world import COUNTY, T0, Books, World
from tests.shape import ROOT

TOWNSHIPS = [f"stats:5001560{n:02}" for n in range(1, 21)]
POSTS = 12
"""In each township."""


def line(alert: int, sent: Instant, **given: object) -> AlertLine:
    values: dict[str, object] = {
        "county": COUNTY, "alert": alert, "identifier": f"示例-{alert}", "hazard": Hazard("暴雨"),
        "level": Level.ORANGE, "sent": sent, "run": "actual", "state": AlertState.OVER, "episode": alert, "cursor": 999,
        "areas": frozenset(TOWNSHIPS), "rulebook": "b1", "roster": "v1", "expires_at": later(sent, 3 * HOUR),
        "received_at": sent,
    }  # fmt: skip
    return AlertLine(**{**values, **given})  # type: ignore[arg-type]


Spoil = Callable[[str, int, bool, int | None], int | None]
"""(area, post, by night, seconds to the answer) → the seconds that it takes now, None = nobody answers."""


def month(seed: int, spoil: Spoil = lambda *given: given[-1]) -> list[Pair]:
    """Twenty warnings, half of them by night, to everybody; people differ, and some do not answer in time."""
    chance = Random(seed)
    temper = {post: chance.lognormvariate(0, 0.4) for post in range(len(TOWNSHIPS) * POSTS)}
    found = []
    for alert in range(20):
        night = alert % 2 == 1
        sent = later(T0, alert * 48 * HOUR + (15 * HOUR if night else 0))
        for post, own in temper.items():
            area = TOWNSHIPS[post // POSTS]
            usual = round(own * chance.lognormvariate(4.3, 0.7)) if chance.random() > 0.004 else None
            found.append(pair(line(alert, sent), area, post, spoil(area, post, night, usual)))
    return found


def pair(of: AlertLine, area: str, post: int, took: int | None, grade: Grade = Grade.ACKNOWLEDGED) -> Pair:
    at = None if took is None else later(of.sent, took * SECOND)
    state = CalloutState.EXHAUSTED if took is None else CalloutState.ANSWERED
    course = Course(state, of.sent, None, at, None if took is None else grade, late=False)
    return Pair(of, post, area, course, Tries(sent=True), frozenset(), frozenset(), None)


def kinds(pairs: list[Pair]) -> set[tuple[FindingKind, str]]:
    return {(each.kind, each.about) for each in findings(pairs, {}) if each.post == 0}


@pytest.mark.parametrize("seed", range(12))
def test_a_month_without_weakness_has_no_finding(seed: int) -> None:
    assert findings(month(seed), {}) == []


def test_a_dead_township_is_found_and_no_other() -> None:
    def dead(area: str, post: int, _night: bool, usual: int | None) -> int | None:
        return None if area == TOWNSHIPS[4] and post % 2 else usual

    found = findings(month(3, dead), {})
    assert (FindingKind.SILENT_PLACE, TOWNSHIPS[4]) in {(each.kind, each.about) for each in found}
    assert {each.about for each in found if each.post == 0} == {TOWNSHIPS[4]}


def test_a_slow_night_shift_is_found_by_night_only() -> None:
    def slow(area: str, _post: int, night: bool, usual: int | None) -> int | None:
        return usual * 4 if usual is not None and area == TOWNSHIPS[7] and night else usual

    assert kinds(month(5, slow)) == {(FindingKind.SLOW_NIGHT, TOWNSHIPS[7])}


def test_a_person_who_never_answers_at_night_is_named() -> None:
    def sleeper(_area: str, post: int, night: bool, usual: int | None) -> int | None:
        return None if night and post == 17 else usual

    found = findings(month(6, sleeper), {(COUNTY, 17): "示例17村书记"})
    assert [(each.kind, each.about) for each in found] == [(FindingKind.NEVER_AT_NIGHT, "示例17村书记")]
    assert "夜间 10 次都没有应答" in found[0].text


def test_one_who_is_always_answered_for_is_named_and_one_who_was_once_is_not() -> None:
    days = [line(n, later(T0, n * 36 * HOUR)) for n in range(3)]
    always = [pair(each, TOWNSHIPS[0], 1, 60, Grade.PROXY) for each in days]
    once = [
        pair(each, TOWNSHIPS[0], 2, 60, Grade.PROXY if n == 1 else Grade.ACKNOWLEDGED) for n, each in enumerate(days)
    ]
    assert [(each.kind, each.post) for each in findings(always + once, {})] == [(FindingKind.ALWAYS_ANOTHER, 1)]


def test_a_dead_number_is_named() -> None:
    silent = pair(line(1, T0), TOWNSHIPS[0], 1, None)
    dead = Pair(silent.line, 1, silent.area, silent.course, Tries(sent=True, receipt=ReceiptKind.DEAD), frozenset(),
                frozenset(), None)  # fmt: skip
    assert [each.kind for each in findings([dead], {})] == [FindingKind.DEAD_NUMBER]


def test_warnings_that_follow_closely_are_one_process_and_drills_another() -> None:
    first, second = line(1, T0), line(2, later(T0, 3 * HOUR + GAP))
    third = line(3, later(second.sent, 3 * HOUR + GAP + 1))
    drill = line(4, T0, run="drill")
    assert [[each.alert for each in one.lines] for one in processes([third, drill, second, first])] == [
        [1, 2],
        [3],
        [4],
    ]


def test_a_long_warning_holds_its_process_together() -> None:
    long, inside = line(1, T0, expires_at=later(T0, 72 * HOUR)), line(2, later(T0, HOUR))
    assert len(processes([long, inside, line(3, later(T0, 70 * HOUR))])) == 1


@pytest.mark.parametrize(("hits", "total", "low", "high"), [(0, 0, 0, 1), (10, 10, 0.72, 1), (81, 263, 0.255, 0.366)])
def test_the_interval_of_a_share(hits: int, total: int, low: float, high: float) -> None:
    """The last one is Wilson's interval in Newcombe's table of 1998."""
    assert interval(hits, total) == pytest.approx((low, high), abs=0.003)


def test_fishers_tea() -> None:
    """The lady who tastes tea: all four right by chance once in 70, three once in about four."""
    assert fisher(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)


@given(st.lists(st.integers(0, 9), min_size=8, max_size=20), st.lists(st.integers(0, 9), min_size=8, max_size=20))
def test_slower_is_one_sided(ours: list[int], others: list[int]) -> None:
    assert slower(ours, [each + 100 for each in others]) > 0.9
    assert slower([each + 100 for each in ours], others) < 0.01


def test_few_values_say_nothing() -> None:
    assert slower([1000.0] * 7, [1.0] * 50) == 1.0


def test_how_long_until_most_had_answered() -> None:
    of = line(1, T0)
    some = [pair(of, TOWNSHIPS[0], n, n + 1) for n in range(9)]
    assert share_answered([*some, pair(of, TOWNSHIPS[0], 9, None)], 90) == 9
    assert share_answered([*some, pair(of, TOWNSHIPS[0], 9, None)], 91) is None
    assert share_answered([], 50) is None


def test_answers_are_counted_by_the_time_they_took() -> None:
    of = line(1, T0)
    took = [60, 61, 30 * 60, 30 * 60 + 1, None]
    assert spread([pair(of, TOWNSHIPS[0], n, each) for n, each in enumerate(took)]) == (1, 1, 0, 0, 0, 0, 1, 1)


def test_a_rate_is_cut_and_not_rounded_up_to_everybody() -> None:
    assert [percent(1999, 2000), percent(5, 5), percent(0, 3), percent(0, 0)] == ["99.9%", "100.0%", "0.0%", "-"]


def test_a_rate_of_few_shows_how_little_is_known_and_never_rounds_up_to_everybody() -> None:
    of = line(1, T0)
    few = tally([pair(of, TOWNSHIPS[0], n, None if n == 0 else 5) for n in range(4)], ())
    many = tally([pair(of, TOWNSHIPS[0], n, None if n == 0 else 5) for n in range(2000)], ())
    assert rate(few) == "3/4（30%–95%）"
    assert rate(many) == "99.9%"
    assert rate(tally([], ())) == "—"


def test_the_record_gives_the_report_and_the_report_the_page(either: World) -> None:
    either.use_roster()
    either.alert()
    either.all_answered(4)
    either.callout(4, "exhausted")
    made: Report = either.database.read(lambda db: report(db, Books(), T0, later(T0, HOUR), COUNTY))
    [effect] = made.effects
    assert (effect.total.due, effect.per_alert[0].first_ring_s) == (9, 1)
    assert list(effect.parts[Grouping.ROLE]) == ["村书记"]
    assert as_json(made)["processes"][0]["total"]["due"] == 9
    html = page(made, ROOT / "templates" / "reports", "示例分析", {TOWNSHIPS[0]: "示例镇"})
    assert html.count("<svg") == 3
    assert "过程时间线" in html
    assert not re.findall(r"(?:src|href)=", html), "nothing is fetched"
    assert "<script" not in html


def test_what_is_not_in_the_period_is_not_in_the_report(world: World) -> None:
    world.use_roster()
    world.alert()
    made: Report = world.database.read(lambda db: report(db, Books(), later(T0, 1), later(T0, HOUR), COUNTY))
    assert made.effects == ()
    assert "这段时间没有预警" in page(made, ROOT / "templates" / "reports", "示例分析", {})
