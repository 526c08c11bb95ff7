"""The analysis as a file: for whoever takes it away, by command or at the auditor's desk, it is the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from callout.domain.area import County
from callout.reports.effect import Report
from callout.reports.effect_page import page
from callout.reports.effect_sheets import sheets
from callout.reports.paper import pdf


class EffectForm(StrEnum):
    """Kinds of file."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class EffectMaker:
    """Makes the files of the analysis of one county and period."""

    code: str
    county: County | None
    """What is known of it."""
    since: str
    until: str
    prices: Mapping[str, int]
    """Of one part or call in 分, by provider."""

    @property
    def names(self) -> dict[str, str]:
        """Area key → name."""
        it = self.county
        return {one.key: one.name for one in it.townships} | {it.key: "区级"} if it else {}

    @property
    def title(self) -> str:
        """What stands at the head."""
        name = self.county.name if self.county else self.code
        return f"{name}预警叫应效能分析 {self.since} 至 {self.until}"

    def file(self, form: EffectForm, made: Report, templates: Path) -> bytes:
        """Its content. Raises CalloutError where something that it needs is not installed."""
        if form is EffectForm.XLSX:
            from callout.reports.workbook import workbook  # noqa: PLC0415 - most commands never write one

            about = {"口径": "应只算按键、回复、链接、人工确认和代答；率只舍不入", **made.about}
            return workbook(self.title, about, sheets(made, self.names, self.prices))
        html = page(made, templates / "reports", self.title, self.names, self.prices)
        return pdf(html) if form is EffectForm.PDF else html.encode()
