"""Only a text that stands whole in the closed table is an answer; everything else goes to a human."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from callout.domain.answer import Grade, answer_code
from callout.domain.feedback import FeedbackKind, Report
from callout.domain.reply import Reply, _number, _spelled, read_reply

ANSWERED, REFUSED, CONTACT = Grade.ACKNOWLEDGED, Grade.CANNOT_COME, Grade.CONTACT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Reply(ANSWERED, "1")),
        ("收到", Reply(ANSWERED, "收到")),
        ("已收到", Reply(ANSWERED, "已收到")),
        ("2", Reply(REFUSED, "2")),
        ("无法到岗", Reply(REFUSED, "无法到岗")),
        ("3", Reply(CONTACT, "3", support=True)),
        ("需要支援", Reply(CONTACT, "需要支援", support=True)),
        ("全部收到", Reply(ANSWERED, "全部收到", all=True)),
        ("已转移12人", Reply(ANSWERED, "已转移12人", moved=12)),
        ("已转移十二人", Reply(ANSWERED, "已转移十二人", moved=12)),
        ("已转移两百零五人", Reply(ANSWERED, "已转移两百零五人", moved=205)),
        ("已转移一百十五人", Reply(ANSWERED, "已转移一百十五人", moved=115)),
        ("已转移0人", Reply(ANSWERED, "已转移0人", moved=0)),
        ("已转移3户12人", Reply(ANSWERED, "已转移3户12人", moved=12, households=3)),
        ("已转移三户十二人", Reply(ANSWERED, "已转移三户十二人", moved=12, households=3)),
        ("已到岗", Reply(ANSWERED, "已到岗", feedback=FeedbackKind.ON_POST)),
        ("已落实", Reply(ANSWERED, "已落实", feedback=FeedbackKind.MEASURES)),
    ],
)
def test_the_closed_table(text: str, expected: Reply) -> None:
    assert read_reply(text) == expected


@pytest.mark.parametrize(
    ("text", "grade", "code"),
    [
        ("A1", ANSWERED, "A1"),
        ("a1", ANSWERED, "A1"),
        ("1 A1", ANSWERED, "A1"),
        ("1A1", ANSWERED, "A1"),
        ("A1 1", ANSWERED, "A1"),
        ("A11", ANSWERED, "A1"),
        ("收到A1", ANSWERED, "A1"),
        ("A1收到", ANSWERED, "A1"),
        ("Z9，已收到。", ANSWERED, "Z9"),
        ("2 B7", REFUSED, "B7"),
        ("B7 无法到岗", REFUSED, "B7"),
        ("3B7", CONTACT, "B7"),
        ("A1 在哪里集合", CONTACT, "A1"),
        ("A1 1人受伤", CONTACT, "A1"),
        ("A1 B2 收到", CONTACT, None),
        ("A1收到B2", CONTACT, None),
        ("A1 全部收到", CONTACT, "A1"),
        ("I1", CONTACT, None),
        ("O1", CONTACT, None),
        ("A0", CONTACT, None),
        ("G50公路断了", CONTACT, None),
    ],
)
def test_an_answer_code_before_or_after(text: str, grade: Grade, code: str | None) -> None:
    read = read_reply(text)
    assert (read.grade, read.code) == (grade, code)


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("收到", None),
        ("3", None),
        ("已转移12人", Report(FeedbackKind.MOVED, 12)),
        ("已转移3户12人A1", Report(FeedbackKind.MOVED, 12, 3)),
        ("A1 已到岗", Report(FeedbackKind.ON_POST)),
        ("已落实", Report(FeedbackKind.MEASURES)),
    ],
)
def test_what_a_reply_reports_beyond_the_answer(text: str, report: Report | None) -> None:
    assert read_reply(text).report == report


def test_a_code_and_a_count_in_one_text() -> None:
    assert read_reply("C3 已转移8人") == Reply(ANSWERED, "C3已转移8人", "C3", moved=8)
    assert read_reply("已转移8人C3") == Reply(ANSWERED, "已转移8人C3", "C3", moved=8)


@pytest.mark.parametrize(
    ("text", "plain", "grade"),
    [
        ("１", "1", ANSWERED),
        ("①", "1", ANSWERED),
        (" 1。", "1", ANSWERED),
        ("1.", "1", ANSWERED),
        ("收 到！！", "收到", ANSWERED),
        ("收到~", "收到", ANSWERED),
        ("\ufeff收到\u200b\r\n", "收到", ANSWERED),
        ("\u3000收到，", "收到", ANSWERED),
        ("Ａ１　收到", "A1收到", ANSWERED),
        ("無法到崗", "无法到岗", REFUSED),
        ("已轉移兩萬零五十人", "已转移两万零五十人", ANSWERED),
        ("已转移一百〇五人", "已转移一百零五人", ANSWERED),
        ("已转移 3 户，12 人。", "已转移3户12人", ANSWERED),
        ("已轉移3戶12人", "已转移3户12人", ANSWERED),
        ("已到崗！", "已到岗", ANSWERED),
        ("已落實", "已落实", ANSWERED),
    ],
)
def test_width_space_punctuation_and_traditional_do_not_matter(text: str, plain: str, grade: Grade) -> None:
    read = read_reply(text)
    assert (read.text, read.grade) == (plain, grade)


NEVER = [
    "没收到",
    "未收到短信",
    "收到请回复",
    "【自动回复】收到",
    "收到但路断了过不去",
    "1人受伤",
    "收到？",
    "收到吗",
    "收到?",
    "1?",
    "",
    "   ",
    "？",
    "11",
    "1 1",
    "1、2",
    "1%",
    "-1",
    "1\x00",
    "收到收到",
    "不是1",
    "已转移人",
    "已转移3户",
    "已转移户12人",
    "已转移3户人",
    "已转移12人3户",
    "已转移十十户12人",
    "已转移X户X人",
    "没到岗",
    "未到岗",
    "已到岗?",
    "已到岗吗",
    "到岗",
    "落实",
    "已到岗但路断了",
    "已落实请回复",
    "【自动回复】已到岗",
    "已到岗1人受伤",
    "已转移1、2人",
    "已转移1.5人",
    "已转移二、十人",
    "已转移一二人",
    "已转移十十人",
    "已转移一百零十人",
    "已转移1234567人",
    "已转移-5人",
    "已转移5人受伤",
    "未转移5人",
    "自動回復:收到",
]


@pytest.mark.parametrize("text", NEVER)
def test_what_is_never_an_answer(text: str) -> None:
    read = read_reply(text)
    assert (read.grade, read.moved, read.all, read.support) == (CONTACT, None, False, False)


@pytest.mark.parametrize("text", ["STOP", "stop.", "ＴＤ", "td", "退订", "退訂"])
def test_opt_out_is_marked_and_is_no_answer(text: str) -> None:
    read = read_reply(text)
    assert (read.grade, read.opt_out) == (CONTACT, True)


@pytest.mark.parametrize("text", ["不要STOP", "TD A1", "我要退订吗", "收到"])
def test_opt_out_is_a_whole_text_too(text: str) -> None:
    assert not read_reply(text).opt_out


WORRIES = [*"没沒未不无無非别但却可伤傷亡死困断斷塌堵路水淹洪漫吗嗎么呢?？", "自动回复", "自動回復", "请", "哪里"]
PIECES = st.sampled_from(
    [
        *"123１一 \u3000。，！",
        "收到",
        "已收到",
        "全部收到",
        "已转移",
        "12",
        "人",
        "A1",
        "b2",
        "到岗",
        "需要支援",
        *WORRIES,
    ]
)
NOISE = st.text(st.sampled_from(" \u3000\t\r\n。，,.!！~～;；:：、\u200b\ufeff"), max_size=6)


@given(st.lists(PIECES, max_size=6).map("".join), st.sampled_from(WORRIES), st.lists(PIECES, max_size=6).map("".join))
@example("", "无", "法到岗")
def test_no_text_with_a_worry_in_it_is_an_answer(head: str, worry: str, tail: str) -> None:
    assert read_reply(head + worry + tail).grade is not ANSWERED


@given(st.one_of(st.text(), st.lists(PIECES, max_size=8).map("".join), st.sampled_from(NEVER)), NOISE, NOISE)
def test_noise_around_a_contact_never_makes_it_an_answer(text: str, head: str, tail: str) -> None:
    assume(read_reply(text).grade is CONTACT)
    assert read_reply(head + text + tail).grade is CONTACT


@given(st.sampled_from(["1", "收到", "2", "3", "全部收到", "已转移3人", "A1"]), NOISE, NOISE)
def test_noise_around_an_answer_changes_nothing(text: str, head: str, tail: str) -> None:
    assert read_reply(head + text + tail) == read_reply(text)


@given(st.text())
def test_any_text_is_read_and_reading_twice_gives_the_same(text: str) -> None:
    read = read_reply(text)
    assert read_reply(read.text).grade is read.grade


@given(st.integers(0, 999_999), st.integers(0, 400))
def test_a_count_is_read_with_any_code(people: int, seq: int) -> None:
    code = answer_code(seq)
    read = read_reply(f"{code} 已转移{people}人")
    assert (read.grade, read.moved, read.code) == (ANSWERED, people, code)


@given(st.integers(0, 99_999_999))
def test_a_chinese_numeral_means_its_number(value: int) -> None:
    assert _number(_spelled(value)) == value
    assert read_reply(f"已转移{_spelled(value)}人").moved == value


@given(st.text(st.sampled_from("零一二三九十百千万"), min_size=1, max_size=8))
def test_a_malformed_numeral_is_no_number(spelled: str) -> None:
    value = _number(spelled)
    assert value is None or _spelled(value).replace("一十", "十") == spelled.replace("一十", "十")
