"""feedback: a named officer enters what a person reported by phone, by radio or on paper."""

from collections.abc import Sequence
from typing import Protocol

from callout.domain.callout import lane_of
from callout.domain.errors import CalloutError
from callout.domain.feedback import Feedback, FeedbackKey
from callout.domain.human_call import NewHumanCall
from callout.domain.level import Level
from callout.ports import Given, Keys, RelocationReports


class _Duties(Protocol):
    def find(self, keys: Sequence[FeedbackKey]) -> list[Feedback]: ...
    def give(self, given: Sequence[Given], actor: str = ...) -> Keys: ...


class _List(Protocol):
    def open(self, new: Sequence[NewHumanCall], lane: int) -> object: ...


class FeedbackWork(Protocol):
    """What feedback works on."""

    @property
    def relocations(self) -> RelocationReports:
        """转移."""

    @property
    def humans(self) -> _List:
        """The officer's list."""

    @property
    def feedback(self) -> _Duties:
        """Feedback duties."""


def give(work: FeedbackWork, given: Given, officer: str) -> None:
    """Record it. Raises CalloutError, and writes nothing, where the post owes no such feedback."""
    if not officer.strip():
        raise CalloutError("请写明值班人员姓名")
    kind = given.report.kind
    key = FeedbackKey(given.county, given.alert, given.post, kind)
    if not work.feedback.find([key]):
        raise CalloutError(
            f"预警 {given.alert} 岗位 {given.post} 没有“{kind}”反馈任务：规则没有要求，"
            f"或本岗位还没有应答（先用 callout ack），或已由新预警接替；请用 callout feedback list 核对"
        )
    work.feedback.give([given], officer.strip())
    work.humans.open(work.relocations.reported([given], officer.strip()), lane_of(Level.ORANGE))
