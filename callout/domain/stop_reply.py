"""What somebody who was told of a 熔断 answers by text: a closed table. None of it is the word from the site."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from callout.domain.reply import read_reply


class StopWord(StrEnum):
    """What an object says of itself; a human still has to see it."""

    STOPPED = "stopped"
    """已停: it says that the work has stopped."""
    NOT_STOPPED = "not_stopped"
    """未停, 停不了: a human must act."""
    READ = "read"
    """收到: it has read the order, no more."""

    @property
    def zh(self) -> str:
        """In words."""
        return {"stopped": "已停", "not_stopped": "没有停", "read": "收到"}[self.value]


_WORKS = ("", "学", "课", "工", "产", "业", "运", "游", "航", "止")
_TABLE: Mapping[str, StopWord] = MappingProxyType(
    {f"{done}停{work}": StopWord.STOPPED for done in ("已", "已经", "已全部", "全部已", "都已") for work in _WORKS}
    | {f"{no}停{work}": StopWord.NOT_STOPPED for no in ("未", "没", "没有", "还没", "还没有") for work in _WORKS}
    | dict.fromkeys(("停不了", "不能停", "无法停", "停不下来"), StopWord.NOT_STOPPED)
    | dict.fromkeys(("已封闭", "已关闭", "已撤离", "已撤", "已疏散"), StopWord.STOPPED)
    | dict.fromkeys(("收到", "已收到", "1"), StopWord.READ)
)


def read_stop_reply(text: str) -> StopWord | None:
    """The meaning where the whole text stands in the table; None for any other, which is read as any reply is."""
    return _TABLE.get(read_reply(text).text)
