"""The file of 区划码 beyond the own county: what was abolished, and which codes are in use around."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from callout.domain.code_changes import CodeBook, CodeChange
from callout.rulebook.document import Document, FileError
from callout.rulebook.entries import Strict
from callout.rulebook.words import CountyCode, Text

FILE = "codes.yaml"

_SINCE = "[12][0-9]{3}(-(0[1-9]|1[0-2]))?"


def _since(value: str) -> str:
    if re.fullmatch(_SINCE, value):
        return value
    raise ValueError(f'看不懂撤销时间“{value}”；请写成 "2025-11" 或 "2025" 的样子。')


Since = Annotated[str, AfterValidator(_since), WithJsonSchema({"type": "string", "pattern": f"^{_SINCE}$"})]


class ChangeEntry(Strict):
    """变更：一个已撤销的区县代码"""

    old: CountyCode
    """旧码：已撤销的 6 位区县代码，加英文引号。"""
    name: Text
    """原名：撤销前的名称。"""
    since: Since
    """何时撤销：写成 "2025-11" 或 "2025"，加英文引号。"""
    now: Annotated[dict[CountyCode, Text], Field(min_length=1)]
    """现属：现在的代码和名称，最可能的写在最前。"""
    note: str = ""
    """补充：如哪几个乡镇划到了别处。"""
    source: Text
    """依据：文号或数据来源。"""


class CodesFile(Strict):
    """别处的区划码 codes.yaml"""

    changes: list[ChangeEntry] = Field(default=[])
    """变更：已撤销的代码，来文用到时转人工并提示现属哪里。"""
    as_of: str = ""
    """口径：listed 来自哪里、到哪一天。"""
    listed: dict[CountyCode, Text] = Field(default={})
    """已知代码：本省（市）在用的区县代码和名称；同一地区而不在其中的代码，来文用到时转人工。"""


def book_of(entry: CodesFile) -> CodeBook:
    """What the file says."""
    changes = (CodeChange(c.old, c.name, c.since, c.now, c.note.strip(), c.source) for c in entry.changes)
    return CodeBook(tuple(changes), entry.listed, entry.as_of or "codes.yaml")


def code_mistakes(doc: Document, entry: CodesFile) -> Iterator[FileError]:
    """A code that is said to be abolished and in use, or to have been abolished twice."""
    olds = [change.old for change in entry.changes]
    for at, change in enumerate(entry.changes):
        if change.old in olds[:at]:
            yield doc.fail(("changes", at, "old"), f"旧码 {change.old} 写了两次；请合成一条。")
        if change.old in entry.listed:
            yield doc.fail(("changes", at, "old"), f"旧码 {change.old} 又列在 listed 里；已撤销的请从 listed 删去。")
