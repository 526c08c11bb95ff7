"""What a ledger is about, and how much of a person it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callout.domain.instant import Instant, beijing
from callout.reports import words
from callout.reports.pairs import AlertLine
from callout.reports.sheets import mask_name, mask_number

NOT_KEPT = "未记录"
"""Where it could have been known: better said than left empty."""
NOT_TOLD = "渠道不提供"
"""Where the provider never tells it."""
NOT_RECORDED = "不录音"
"""Where calls are not recorded, which is the rule."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of a person a ledger shows."""

    full: bool = False
    """Everything; only for a named person with a reason, on record before the first file is written."""

    def name(self, value: str | None) -> str:
        """A name, as it may be shown."""
        return value if self.full and value else mask_name(value)

    def number(self, value: str | None) -> str:
        """A number, as it may be shown."""
        return value if self.full and value else mask_number(value)

    def said(self, value: str | None) -> str:
        """The words of a reply, as they may be shown."""
        if value is None:
            return "已删除"
        return value if self.full else "（不显示原文）"

    def people(self, value: str | None) -> str:
        """Several names as they were written, as they may be shown."""
        if value is None:
            return "已删除"
        return value if self.full else "（不显示姓名）"

    def recording(self, ident: str) -> str:
        """The id of a recording at its provider, as it may be shown."""
        return ident if self.full else "有录音（不显示编号）"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a ledger is to be about."""

    county: str
    county_name: str
    lines: Sequence[AlertLine]
    """One warning, or all of one weather process."""
    names: Mapping[str, str]
    """Area key → name."""
    shown: Shown = field(default_factory=Shown)

    @property
    def alerts(self) -> list[int]:
        """Their numbers."""
        return [line.alert for line in self.lines]

    @property
    def identifiers(self) -> dict[int, str]:
        """Their identifiers."""
        return {line.alert: line.identifier for line in self.lines}

    @property
    def title(self) -> str:
        """What stands at the head."""
        first = self.lines[0]
        mark = "" if first.run == "actual" else f"【{words.RUNS.get(first.run, first.run)}】"
        what = f"{first.hazard or '未定'}{words.LEVELS.get(first.level or '', '')}预警" if len(self.lines) == 1 else (
            f"天气过程（{len(self.lines)} 条预警）"
        )  # fmt: skip
        return f"{mark}{self.county_name}叫应台账 {beijing(first.sent, '%Y-%m-%d %H:%M')} {what}"

    @property
    def file_name(self) -> str:
        """Stem of its files; plain letters and digits, whatever a message says."""
        first, last = self.lines[0], self.lines[-1]
        which = f"alert{first.alert}" + (f"-{last.alert}" if last is not first else "")
        return f"callout-ledger-{self.county}-{beijing(first.sent, '%Y%m%d%H%M')}-{which}"


def at(when: Any) -> str:
    """A time of the record, Beijing; empty for never."""
    return "" if when is None else beijing(Instant(when))
