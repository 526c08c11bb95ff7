"""Codes that were abolished or that nobody knows: who is asked, and which unit is named."""

import pytest

from callout.domain.alert import Alert, Area, CodeSystem, Geocode, Info, MsgType, Status
from callout.domain.code_changes import CodeBook, CodeChange
from callout.domain.instant import Instant
from callout.domain.level import Hazard, Level

YUBEI = CodeChange(
    "500112", "渝北区", "2025-11", {"500157": "两江新区", "500109": "北碚区"}, "北部五镇划归北碚区", "某文"
)
WULONG = CodeChange("500232", "武隆县", "2016", {"500156": "武隆区"})
LISTED = {"500000": "重庆市", "500109": "北碚区", "500155": "梁平区", "500156": "武隆区", "500157": "两江新区"}
BOOK = CodeBook((YUBEI, WULONG), LISTED, "示例口径")
HERE = "500156"


def alert(*codes: str, desc: str = "", headline: str = "") -> Alert:
    area = Area(desc, tuple(Geocode(CodeSystem.GB2260, code) for code in codes))
    info = Info("暴雨", Hazard.RAINSTORM, Level.RED, (area,), headline=headline)
    return Alert("A1", "50015641600000", Instant(0), Status.ACTUAL, MsgType.ALERT, (info,))


@pytest.mark.parametrize("code", ["500232", "500232000000", "500232101", "500232101200", "50023200000000"])
def test_an_abolished_code_is_put_before_the_county_that_took_its_place(code: str) -> None:
    [said] = BOOK.questions(HERE, alert(code))
    assert said == "区划码 500232（武隆县）已于 2016 撤销，现多半是武隆区（500156）。请人工确认是否涉及本级"


@pytest.mark.parametrize("county", ["500157", "500109"])
def test_every_county_that_took_a_part_is_asked(county: str) -> None:
    [said] = BOOK.questions(county, alert("500112"))
    wanted = (
        "区划码 500112（渝北区）已于 2025-11 撤销，现多半是两江新区（500157）或北碚区（500109）；北部五镇划归北碚区"
    )
    assert said.startswith(f"{wanted}，依据某文。")


def test_a_county_that_still_goes_by_its_old_code_is_asked_about_the_new_one() -> None:
    [said] = BOOK.questions("500112", alert("500157"))
    assert "本级仍用旧码，来文用 500157；请人工确认，并更新区划文件" in said
    assert BOOK.questions("500112", alert("500112")) == ()


def test_another_county_is_not_rung_but_can_read_what_became_of_the_code() -> None:
    assert BOOK.questions(HERE, alert("500112")) == ()
    assert BOOK.likely(alert("500112", "500155")) == YUBEI.says()
    assert BOOK.likely(alert("500155")) == ""


@pytest.mark.parametrize("code", ["500155", "500157000000", "500000", "500100", "50", "5001", "410105", "51015", "x"])
def test_a_known_code_a_code_from_far_away_and_no_code_ask_nothing(code: str) -> None:
    """What lies outside the region is out of scope, as before; its codes are not listed here."""
    assert BOOK.questions(HERE, alert(code)) == ()


@pytest.mark.parametrize(
    ("book", "desc", "said"),
    [
        (
            BOOK,
            "",
            "区划码 500197 不在已知的区县代码里（示例口径），按前几位多半是重庆市下的单位。请人工确认是否涉及本级",
        ),
        (BOOK, "重庆市武隆区", "文字写的是武隆区，多半是它"),
        (CodeBook((), {"500100": "示例市", HERE: "武隆区"}, "示例口径"), "", "多半是示例市下的单位"),
        (CodeBook((), {"500109": "北碚区", HERE: "武隆区"}, "示例口径"), "", "与 武隆区（500156） 同属一地"),
    ],
)
def test_an_unknown_code_of_the_region_names_the_likely_unit(book: CodeBook, desc: str, said: str) -> None:
    [question] = book.questions(HERE, alert("500197", desc=desc))
    assert said in question


def test_the_headline_names_the_unit_too() -> None:
    [question] = BOOK.questions(HERE, alert("500197", headline="梁平区气象台发布暴雨红色预警"))
    assert "文字写的是梁平区，多半是它" in question


def test_without_a_list_no_code_is_unknown() -> None:
    assert CodeBook((WULONG,)).questions(HERE, alert("500197")) == ()


def test_one_code_twice_is_one_question() -> None:
    assert len(BOOK.questions(HERE, alert("500197", "500197000000"))) == 1
