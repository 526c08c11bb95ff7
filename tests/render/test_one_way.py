"""Where no reply is heard nobody is asked for one."""

from dataclasses import replace

import pytest

from callout.domain.meaning import NoticeKind, StopWords
from tests.render.test_messages import TEMPLATES, USUAL


@pytest.mark.parametrize("kind", [NoticeKind.REMINDER, NoticeKind.CONFIRM, NoticeKind.STOP_ORDERED])
def test_a_notice_asks_for_a_reply_only_where_one_is_heard(kind: NoticeKind) -> None:
    asked = replace(USUAL, wanted=("到岗",), code="A1", stop=StopWords("停工"))
    heard, unheard = (TEMPLATES.notice(kind, replace(asked, one_way=one_way)) for one_way in (False, True))
    assert "回" in heard
    assert "本短信不能回复" in unheard
    assert "请电话" in unheard
    assert "请回" not in unheard
