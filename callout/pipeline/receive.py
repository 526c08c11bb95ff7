"""receive: documents become alerts, kept once, and put before every county that they touch."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callout.domain.alert import Alert
from callout.domain.area import County, Coverage
from callout.domain.callout import lane_of
from callout.domain.coverage import cover
from callout.domain.errors import CalloutError, Refusal
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.intake import digest, duplicate, judge, marked, validity
from callout.ports import AlertKeeper, Document, RawDocument, Reader, Settlement, Source, Summary, Writer


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one document."""

    outcome: Settlement
    note: str
    """One sentence for a person."""
    alert: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """What the receive stage stands on."""

    store: Writer[AlertKeeper]
    reader: Reader
    counties: Callable[[], Sequence[County]]
    run: str


def run_once(intake: Intake, sources: Sequence[Source]) -> Summary:
    """Take in every document that waits; each is put away only after it is on record.

    What a source cannot read holds up neither the stage nor the other sources: a human is rung about it.
    """
    return Summary("receive", sum(_drain(intake, source) for source in sources))


def _drain(intake: Intake, source: Source) -> int:
    moved = 0
    try:
        for document in source.poll():
            received = receive(intake, document)
            source.settle(document, received.outcome, received.note)
            moved += 1
    except CalloutError as error:
        _to_a_human(intake, _fingerprint(str(error).encode()), str(error))
    return moved


def receive(intake: Intake, document: Document) -> Received:
    """Take in one document. Never raises for its content: a refusal has its reason, and a human is rung about it."""
    try:
        alert = intake.reader.read(document.raw)
    except Refusal as refusal:
        _to_a_human(intake, _fingerprint(document.raw), str(refusal))
        return Received(Settlement.REFUSED, str(refusal))
    body = intake.reader.blank(document.raw)
    raw = RawDocument(_fingerprint(document.raw), body, document.name, document.origin)
    covered = [c for c in (covered_part(county, alert) for county in intake.counties()) if c is not None]
    return intake.store.write(lambda work: _keep(work, alert, raw, covered, intake.run))


def _fingerprint(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _to_a_human(intake: Intake, about: str, note: str) -> None:
    """Every county may have lost a warning in what cannot be read."""
    kind = HumanCallKind.REFUSED_DOCUMENT
    items = [NewHumanCall(county.code, 0, 0, kind, about, note) for county in intake.counties()]
    intake.store.write(lambda work: work.humans.open(items, lane_of(None)))


def _keep(work: AlertKeeper, alert: Alert, raw: RawDocument, covered: Sequence[Coverage], run: str) -> Received:
    known, fingerprint = work.alerts.known(alert.identifier), digest(alert)
    same = duplicate(known, fingerprint)
    if same is not None:
        work.alerts.repeated(same, alert.identifier)
        return Received(Settlement.DUPLICATE, f"重复消息 {alert.identifier}，不再处理", same)
    alert_id = work.alerts.add(marked(alert, work.at), fingerprint, raw, run)
    for coverage in covered:
        _put_before(work, alert_id, alert, coverage, conflict=bool(known))
    scope = "、".join(c.county for c in covered) or "不在服务范围"
    note = f"已收 {alert.identifier}：{alert.info.headline or alert.info.event}（{scope}）"
    return Received(Settlement.KEPT, note, alert_id)


def covered_part(county: County, alert: Alert) -> Coverage | None:
    """What all info blocks of the alert together cover of the county; None where they do not touch it."""
    parts = [c for c in (cover(county, info) for info in alert.infos) if c is not None]
    if not parts:
        return None
    areas = frozenset().union(*(p.areas for p in parts))
    return Coverage(county.code, areas, tuple(dict.fromkeys(d for p in parts for d in p.doubts)))


def _put_before(work: AlertKeeper, alert_id: int, alert: Alert, coverage: Coverage, *, conflict: bool) -> None:
    expires, _assumed = validity(alert, work.at)
    verdict = judge(alert, coverage, expires, work.at)
    work.alerts.add_county(alert_id, alert, coverage, verdict.state, expires)
    items = list(verdict.work)
    if conflict:
        items.append((HumanCallKind.CONFLICT, f"同一编号 {alert.identifier} 的内容不同，两份都已保留"))
    lane = lane_of(alert.info.level)
    work.humans.open([NewHumanCall(coverage.county, alert_id, 0, kind, note=note) for kind, note in items], lane)
