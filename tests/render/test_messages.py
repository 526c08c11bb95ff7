"""The wording: short, marked, answerable, and never with a hole in it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from callout.domain.answer import Grade, answer_code
from callout.domain.feedback import FeedbackKind
from callout.domain.instant import HOUR, Instant
from callout.domain.ladder import ChannelKind
from callout.domain.level import Hazard, Level
from callout.domain.meaning import Meaning, MessageKind, NoticeKind
from callout.domain.reply import read_reply
from callout.ports import Renderer
from callout.render.messages import Templates
from callout.render.sms import parts

TEMPLATES = Templates(Path(__file__).parents[2] / "templates")
ISSUED = Instant(1_784_541_600_000)

USUAL = Meaning(
    county="示例县",
    hazard=Hazard.RAINSTORM,
    level=Level.RED,
    area="示例·白马镇、示例·江口镇",
    issued_at=ISSUED,
    expires_at=Instant(ISSUED + 3 * HOUR + 5 * 60_000),
    measure="停止户外作业，组织危险区群众转移",
    issuer="示例县气象台",
    titles=("示例·白马镇防汛责任人",),
)
SILENT = ("示例·白马镇党委书记", "示例·江口镇镇长")
MANY = tuple(f"示例·第{n}村责任人" for n in range(1, 13))
ASKING = [
    USUAL,
    replace(USUAL, kind=MessageKind.DEPUTY, silent=SILENT),
    replace(USUAL, kind=MessageKind.SUPERIOR, silent=SILENT),
    replace(USUAL, kind=MessageKind.DESK, silent=SILENT),
]
BY_KIND = pytest.mark.parametrize("meaning", ASKING, ids=[m.kind for m in ASKING])


def test_a_call_in_words() -> None:
    assert TEMPLATES.sms(USUAL) == (
        "【叫应】示例县暴雨红色预警（示例县气象台7月20日18:00发布，至21:05）：示例·白马镇、示例·江口镇。"
        "请落实：停止户外作业，组织危险区群众转移。您负责：示例·白马镇防汛责任人。"
        "收到回1，无法到岗回2，需要支援回3。"
    )
    assert TEMPLATES.voice(USUAL) == (
        "您好，这里是示例县预警叫应。示例县气象台7月20日18点整发布暴雨红色预警，"
        "影响示例·白马镇、示例·江口镇，有效至7月20日21点5分。请落实：停止户外作业，组织危险区群众转移。"
        "您负责的岗位：示例·白马镇防汛责任人。收到请按1，无法到岗请按2，需要支援请按3。"
    )


def test_escalation_in_words() -> None:
    deputy, superior, desk = (TEMPLATES.sms(m) for m in ASKING[1:])
    assert deputy.startswith("【叫应】示例·白马镇党委书记等2人未应答，请您代为到岗。示例县暴雨红色预警")
    assert superior.startswith("【叫应】示例·白马镇党委书记、示例·江口镇镇长未应答，请您督促到岗或另派人员。")
    assert desk.startswith(
        "【叫应】有待办事项无人处理，请立即到值班台处理：示例·白马镇党委书记、示例·江口镇镇长未应答。"
    )
    assert "请立即到值班台处理。示例县暴雨红色预警" in TEMPLATES.sms(replace(ASKING[3], silent=()))
    assert "示例·江口镇镇长未应答，请您代为到岗。" in TEMPLATES.voice(ASKING[1])


@BY_KIND
def test_how_to_answer_is_said_and_the_code_when_there_is_one(meaning: Meaning) -> None:
    assert TEMPLATES.sms(meaning).endswith("收到回1，无法到岗回2，需要支援回3。")
    assert TEMPLATES.sms(replace(meaning, code="C4")).endswith("需要支援回3（加编号，如1C4）。")
    assert TEMPLATES.voice(meaning).endswith("收到请按1，无法到岗请按2，需要支援请按3。")


@given(st.integers(0, 215).map(answer_code))
def test_what_the_text_tells_people_to_send_is_understood(code: str) -> None:
    example = TEMPLATES.sms(replace(USUAL, code=code)).partition("，如")[2].removesuffix("）。")
    assert (read_reply(example).grade, read_reply(example).code) == (Grade.ACKNOWLEDGED, code)


@BY_KIND
@pytest.mark.parametrize(
    ("run", "repeated", "code"), [("actual", False, "C4"), ("demo", False, ""), ("actual", True, "")]
)
def test_a_usual_message_costs_two_parts_even_for_many_silent(
    meaning: Meaning, run: str, repeated: bool, code: str
) -> None:
    usual = replace(meaning, run=run, possibly_repeated=repeated, code=code)
    many = replace(usual, silent=usual.silent and MANY)
    assert parts(TEMPLATES.sms(usual)) <= 2
    assert parts(TEMPLATES.sms(many)) <= 2
    assert not many.silent or "等12人未应答" in TEMPLATES.sms(many)


def reminder(*wanted: str, **changes: Any) -> str:
    meaning = replace(USUAL, wanted=wanted, due_at=Instant(ISSUED + HOUR), code="C4", **changes)
    return TEMPLATES.notice(NoticeKind.REMINDER, meaning)


def test_a_reminder_in_words() -> None:
    assert reminder("到岗", "转移") == (
        "【叫应】示例县暴雨红色预警：您负责的示例·白马镇防汛责任人还没有反馈到岗、转移情况，请在7月20日19:00前反馈。"
        "请回：已到岗C4；已转移X户X人C4（X填数字）。需要支援回3C4。"
    )
    assert "【演示】" in reminder("到岗", run="demo")
    assert parts(reminder("到岗", "措施", "转移", titles=MANY)) <= 3


@pytest.mark.parametrize("kind", list(FeedbackKind))
def test_every_feedback_can_be_given_with_the_words_of_its_reminder(kind: FeedbackKind) -> None:
    """To the letter, once the numbers are filled in."""
    words = reminder(kind).partition("请回：")[2].partition("。")[0].partition("（")[0]
    read = read_reply(words.replace("X", "3"))
    assert (read.grade, read.code) == (Grade.ACKNOWLEDGED, "C4")
    assert read.report is not None
    assert read.report.kind is kind
    assert read_reply(words).grade is (Grade.CONTACT if "X" in words else Grade.ACKNOWLEDGED)


def test_a_validity_that_ends_on_another_day_names_the_day() -> None:
    assert "，至7月21日04:00）" in TEMPLATES.sms(replace(USUAL, expires_at=Instant(ISSUED + 10 * HOUR)))


def test_many_posts_of_one_person_are_cut() -> None:
    assert "您负责：示例·第1村责任人、示例·第2村责任人等12个岗位。" in TEMPLATES.sms(replace(USUAL, titles=MANY))
    assert "您负责的岗位：示例·第1村责任人、" in TEMPLATES.voice(replace(USUAL, titles=MANY))


@BY_KIND
@pytest.mark.parametrize(
    ("run", "written", "said"),
    [("demo", "【演示】", "演示"), ("drill", "【演练】", "演练"), ("rehearsal", "【推演】", "推演")],
)
def test_what_is_not_real_is_marked_first(meaning: Meaning, run: str, written: str, said: str) -> None:
    marked = replace(meaning, run=run)
    assert TEMPLATES.sms(marked).startswith("【叫应】" + written)
    assert TEMPLATES.voice(marked).startswith(f"这是{said}，不是真实预警。")
    assert all(TEMPLATES.notice(kind, marked).startswith("【叫应】" + written) for kind in NoticeKind)
    assert written not in TEMPLATES.sms(meaning)
    assert said not in TEMPLATES.voice(meaning)


@BY_KIND
def test_a_possibly_repeated_message_says_so(meaning: Meaning) -> None:
    again = replace(meaning, possibly_repeated=True)
    assert TEMPLATES.sms(again).startswith("【叫应】（可能重复）")
    assert "这个电话可能是重复的。" in TEMPLATES.voice(again)
    assert "重复" not in TEMPLATES.sms(meaning) + TEMPLATES.voice(meaning)


def test_an_unknown_run_cannot_be_worded() -> None:
    strange = replace(USUAL, run="trial")
    for render in (TEMPLATES.sms, TEMPLATES.voice, lambda m: TEMPLATES.notice(NoticeKind.WHICH, m)):
        with pytest.raises(UndefinedError):
            render(strange)


def test_what_is_missing_leaves_no_hole() -> None:
    bare = replace(USUAL, level=None, expires_at=None, measure="", titles=())
    assert TEMPLATES.sms(bare) == (
        "【叫应】示例县暴雨预警（示例县气象台7月20日18:00发布）：示例·白马镇、示例·江口镇。收到回1，无法到岗回2，需要支援回3。"
    )
    assert "None" not in TEMPLATES.voice(bare)


def test_standdown_and_which() -> None:
    done = replace(USUAL, silent=SILENT)
    assert TEMPLATES.notice(NoticeKind.STANDDOWN, done) == (
        "【叫应】示例县暴雨红色预警：示例·白马镇党委书记、示例·江口镇镇长已应答，您不必再联系，谢谢。"
    )
    assert TEMPLATES.notice(NoticeKind.WHICH, replace(USUAL, code="A1", rest=("B2", "C3"))) == (
        "【叫应】您的答复已记入示例县暴雨红色预警（A1）。另有预警待答复，收到请分别回编号B2、C3，或回：全部收到。"
    )
    assert TEMPLATES.notice(NoticeKind.WHICH, USUAL) == "【叫应】您的答复已记入示例县暴雨红色预警。"


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("channel", list(ChannelKind))
def test_every_notice_has_words_for_every_channel_and_says_when_it_may_be_a_repetition(
    kind: NoticeKind, channel: ChannelKind
) -> None:
    """A landline hears what others read."""
    asked = replace(USUAL, silent=("甲村村支书",), rest=("B2",), wanted=("到岗",), code="A1", run="drill")
    once, again = (TEMPLATES.notice(kind, replace(asked, possibly_repeated=r), channel) for r in (False, True))
    assert ("重复" in once, "重复" in again) == (False, True)
    assert "演练" in once
    assert ("按" in once) is False


def test_a_renewal_in_words() -> None:
    same = replace(USUAL, level=Level.ORANGE)
    assert TEMPLATES.notice(NoticeKind.RENEWED, same) == (
        "【叫应】示例县暴雨橙色预警继续生效（示例县气象台7月20日18:00发布，至21:05）。您已应答，不必再回，请继续落实措施。"
    )
    lower = TEMPLATES.notice(NoticeKind.RENEWED, replace(same, lowered=True))
    assert lower.startswith("【叫应】示例县暴雨预警降为橙色（")
    assert (parts(lower), parts(TEMPLATES.notice(NoticeKind.RENEWED, same))) == (1, 1)
    assert TEMPLATES.notice(NoticeKind.RENEWED, same, ChannelKind.VOICE) == (
        "您好，这里是示例县预警叫应。示例县气象台7月20日18点整发布：暴雨橙色预警继续生效，有效至7月20日21点5分。"
        "您已应答，不必再回，请继续落实措施。"
    )


def test_an_all_clear_in_words() -> None:
    assert (
        TEMPLATES.notice(NoticeKind.ALL_CLEAR, USUAL)
        == "【叫应】示例县暴雨红色预警已解除（示例县气象台7月20日18:00）。"
    )
    usual = replace(USUAL, in_force=("地质灾害橙色",), stopped=("停学", "停工"))
    text = TEMPLATES.notice(NoticeKind.ALL_CLEAR, usual)
    assert text.endswith(
        "已解除（示例县气象台7月20日18:00）。地质灾害橙色仍生效，不得返回。熔断（停学、停工）没有解除。"
    )
    assert parts(text) == 1
    assert TEMPLATES.notice(NoticeKind.ALL_CLEAR, usual, ChannelKind.VOICE).startswith(
        "您好，这里是示例县预警叫应。示例县气象台7月20日18点整发布：暴雨红色预警已解除。地质灾害橙色仍生效"
    )


@pytest.mark.parametrize("channel", ChannelKind)
def test_while_people_are_moved_away_nothing_says_that_it_is_over(channel: ChannelKind) -> None:
    """The word 解除 itself sends people home."""
    text = TEMPLATES.notice(NoticeKind.ALL_CLEAR, replace(USUAL, evacuated=True), channel)
    assert "解除" not in text
    assert "暴雨红色预警有变化，转移没有结束" in text
    assert "不得返回" in text


def test_a_warning_that_came_late_says_so_before_anything_else() -> None:
    late = replace(USUAL, late=True)
    assert TEMPLATES.sms(late).startswith("【叫应】（迟到）示例县暴雨红色预警")
    assert "收到时已经迟了" in TEMPLATES.voice(late)


def test_templates_are_the_renderer_that_the_stages_ask_for() -> None:
    renderer: Renderer = TEMPLATES
    assert renderer.call(USUAL, ChannelKind.SMS) == TEMPLATES.sms(USUAL)
    assert renderer.call(USUAL, ChannelKind.VOICE) == TEMPLATES.voice(USUAL)


def test_text_is_plain_and_one_line() -> None:
    text = TEMPLATES.sms(replace(USUAL, area="A<B>&\nC。", measure="走。\r\n"))
    assert "A<B>&C。请落实：走。您负责" in text


def test_a_template_that_names_something_unknown_fails_loudly(tmp_path: Path) -> None:
    (tmp_path / "sms").mkdir()
    (tmp_path / "sms" / "call.txt.j2").write_text("{{ m.colour }}", encoding="utf-8")
    with pytest.raises(UndefinedError):
        Templates(tmp_path).sms(USUAL)
    with pytest.raises(TemplateNotFound):
        Templates(tmp_path).voice(USUAL)


WORDS = st.text(st.sampled_from("示例合成镇村，。、AB12 \n"), max_size=12)
MEANINGS = st.builds(
    Meaning,
    county=WORDS,
    hazard=st.sampled_from(Hazard),
    level=st.none() | st.sampled_from(Level),
    area=WORDS,
    issued_at=st.integers(0, 4_000_000_000_000).map(Instant),
    expires_at=st.none() | st.integers(0, 4_000_000_000_000).map(Instant),
    measure=WORDS,
    issuer=WORDS,
    titles=st.lists(WORDS, max_size=5).map(tuple),
    silent=st.lists(WORDS, max_size=5).map(tuple),
    code=st.just("") | st.integers(0, 215).map(answer_code),
    rest=st.lists(st.integers(0, 215).map(answer_code), max_size=9).map(tuple),
    kind=st.sampled_from(MessageKind),
    run=st.sampled_from(["actual", "demo", "drill", "rehearsal"]),
    possibly_repeated=st.booleans(),
    late=st.booleans(),
    lowered=st.booleans(),
    in_force=st.lists(WORDS, max_size=5).map(tuple),
    stopped=st.lists(WORDS, max_size=7).map(tuple),
    evacuated=st.booleans(),
)


@given(MEANINGS)
def test_every_meaning_can_be_worded(meaning: Meaning) -> None:
    for text in (TEMPLATES.sms(meaning), *(TEMPLATES.notice(kind, meaning) for kind in NoticeKind)):
        assert text.startswith("【叫应】")
        assert "\n" not in text
        assert "None" not in text
        assert ("【演示】" in text) == (meaning.run == "demo")
    assert "\n" not in TEMPLATES.voice(meaning)
