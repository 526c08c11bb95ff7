"""approve: a named officer lets an alert out that waits for a word, or decides that it calls nobody."""

from typing import Protocol

from callout.domain.errors import CalloutError
from callout.domain.intake import AlertEvent
from callout.ports import PlanJob


class _Alerts(Protocol):
    def awaiting(self, county: str, alert: int) -> PlanJob | None: ...
    def decide(self, job: PlanJob, event: AlertEvent, officer: str, why: str) -> bool: ...


class ApproveWork(Protocol):
    """What approve works on."""

    @property
    def alerts(self) -> _Alerts:
        """Alerts."""


def confirm(work: ApproveWork, county: str, alert: int, officer: str) -> None:
    """It goes out now. Raises CalloutError where it does not wait (any more)."""
    _decide(work, (county, alert), AlertEvent.CONFIRMED, officer, "已确认，自动叫应")


def decline(work: ApproveWork, county: str, alert: int, officer: str, why: str) -> None:
    """It calls nobody, for this reason; it stays on record. Raises CalloutError where it does not wait (any more)."""
    if not why.strip():
        raise CalloutError("决定不叫应要写明理由，理由会写入记录")
    _decide(work, (county, alert), AlertEvent.DECLINED, officer, f"决定不叫应：{why.strip()}")


def _decide(work: ApproveWork, key: tuple[str, int], event: AlertEvent, officer: str, why: str) -> None:
    if not officer.strip():
        raise CalloutError("请写明值班人员姓名")
    job = work.alerts.awaiting(*key)
    if job is None or not work.alerts.decide(job, event, officer.strip(), why):
        raise CalloutError("这条预警已经不在等确认：可能刚有人处理，或已到时限自动叫应")
