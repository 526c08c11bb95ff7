"""receive: documents become alerts, kept once, and put before every county that they touch."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from callout.domain.alert import Alert, MsgType
from callout.domain.area import County, Coverage
from callout.domain.callout import lane_of
from callout.domain.confirming import Terms, put_off
from callout.domain.coverage import placed
from callout.domain.drill import DRILL, EXERCISES, is_drill
from callout.domain.errors import CalloutError, Refusal
from callout.domain.faults import lost, one_by_one
from callout.domain.human_call import HumanCallKind, NewHumanCall
from callout.domain.intake import NO_SAY, digest, duplicate, judge, marked, validity
from callout.domain.level import Level
from callout.domain.split import concerned
from callout.ports import (
    AlertKeeper,
    Document,
    Listener,
    Part,
    Pulse,
    RawDocument,
    Reader,
    Reading,
    Settlement,
    Source,
    Summary,
    Writer,
)

PER_WRITE = 100
"""Alerts of a listing that are kept in one transaction, so that answers and calls get their turn in between."""
TURNS = 10
"""Beats in a row in which a document may lose its turn before a human has it, if the database takes that."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one document."""

    outcome: Settlement
    note: str
    """One sentence for a person."""
    alert: int = 0


@dataclass(frozen=True, slots=True)
class _Met:
    """One alert on its way to the record, and the counties that it concerns."""

    alert: Alert
    raw: RawDocument
    covered: tuple[Coverage, ...]
    counties: Mapping[str, County]
    """Those that this installation serves, by code."""
    listed: bool
    """It came as one record of a listing."""
    terms: Terms | None = None
    """At which levels it waits for an officer's word; None: as each county has set."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What the receive stage stands on."""

    store: Writer[AlertKeeper]
    reader: Reader
    counties: Callable[[], Sequence[County]]
    run: str
    lost_turns: Counter[str] = field(default_factory=Counter)
    """How often documents that wait have lost their turn since this process began, by SHA-256."""


def run_once(intake: Intake, sources: Sequence[Source]) -> Summary:
    """Take in every document that waits; each is put away only after it is on record.

    What a source cannot read holds up neither the stage nor the other sources: a human is rung about it. So is one
    about a source that has fallen silent.
    """
    moved = one_by_one(sources, lambda source: _drain(intake, source), lambda _source, _error: None)
    return Summary("receive", moved + sum(_hear(intake, one.pulse) for one in sources if isinstance(one, Listener)))


def _hear(intake: Intake, pulse: Pulse) -> int:
    """Put a silence on the officer's list; take it off when the source is heard again."""
    hearing = pulse.hearing()
    if hearing is None:
        return 0
    outcome = "同一来源又失联，见新的一条" if hearing.silent else f"{hearing.noun}已恢复"
    kind = HumanCallKind.SOURCE_SILENT
    items = [NewHumanCall(county.code, 0, 0, kind, hearing.about, hearing.note) for county in intake.counties()]

    def record(work: AlertKeeper) -> None:
        work.humans.heard_again(hearing.source, outcome)
        if hearing.silent:
            work.humans.open(items, lane_of(Level.ORANGE))

    intake.store.write(record)
    pulse.told(hearing)
    return 1


def _drain(intake: Intake, source: Source) -> int:
    moved = 0
    try:
        for document in source.poll():
            received = _taken(intake, document)
            if intake.lost_turns:
                intake.lost_turns.pop(_fingerprint(document.raw), None)
            source.settle(document, received.outcome, received.note)
            moved += 1
    except CalloutError as error:
        _to_a_human(intake, _fingerprint(str(error).encode()), str(error))
    return moved


def _taken(intake: Intake, document: Document) -> Received:
    """A document at which the program itself fails is tried three times, then put away and given to a human.

    Where its turn was merely lost it stays with its source, which hands it over again: it is not at fault. One that
    loses `TURNS` on end, while the database takes what is written about it, would keep those behind it for good.
    """
    for _ in range(2):  # a commit may be lost, and the next one too
        with suppress(Exception):
            return receive(intake, document)
    try:
        return receive(intake, document)
    except Exception as error:
        sha256, why = _fingerprint(document.raw), f"程序出错：{type(error).__name__}"
        if lost(error):
            intake.lost_turns[sha256] += 1
            if intake.lost_turns[sha256] < TURNS:
                raise
            why = f"写入数据库时一再中断，已连续 {TURNS} 轮"
        note = f"来文没能处理（{why}），已转人工，请查看原件，并告知维护人员"
        _to_a_human(intake, sha256, note)
        return Received(Settlement.REFUSED, note)


def receive(intake: Intake, document: Document) -> Received:
    """Take in one document. Never raises for its content: a refusal has its reason, and a human is rung about it.

    Of a listing every record stands for itself: one that cannot be read is refused alone, and the others are kept.
    """
    sha256 = _fingerprint(document.raw)
    try:
        reading = _read(intake, document)
    except Refusal as refusal:
        _to_a_human(intake, sha256, str(refusal))
        return Received(Settlement.REFUSED, str(refusal))
    for sentence in reading.refused:
        _to_a_human(intake, _fingerprint(f"{sha256} {sentence}".encode()), sentence)
    return _sum_up(_take_in(intake, document, reading), reading.refused)


@dataclass(frozen=True, slots=True)
class Issued:
    """A warning that this office issues itself, as an officer filled in the form."""

    alert: Alert
    document: Document
    """The form, for the record."""
    terms: Terms
    """Levels at which somebody else must confirm it; empty: it goes out at once."""


def issue(intake: Intake, issued: Issued) -> Received:
    """Take in a warning of our own: kept, judged, called and recorded like one from outside."""
    part = Part(issued.alert, issued.document.raw)
    met = replace(_met(intake, issued.document, part, intake.counties()), terms=issued.terms)
    return intake.store.write(lambda work: _keep_once(work, met, intake.run))


def _keep_once(work: AlertKeeper, one: _Met, run: str) -> Received:
    """A form that is sent twice is one warning, though the second would bear a later time."""
    same = [known.id for known in work.alerts.known(one.alert) if known.identifier == one.alert.identifier]
    if same:
        return Received(Settlement.DUPLICATE, "这张表已经发布过，没有再发布一次", same[0])
    return _keep(work, one, run)


def _read(intake: Intake, document: Document) -> Reading:
    if document.fault:
        raise Refusal(document.fault)
    return intake.reader.read(document.raw)


def _take_in(intake: Intake, document: Document, reading: Reading) -> list[Received]:
    """Keep every alert of the document: what touches a county first, red before the others, some per transaction."""
    counties = intake.counties()
    met = [_met(intake, document, part, counties) for part in reading.parts]
    met.sort(key=lambda one: (not one.covered, lane_of(one.alert.info.level)))
    taken: list[Received] = []
    for first in range(0, len(met), PER_WRITE):
        keep = partial(_keep_all, some=met[first : first + PER_WRITE], run=intake.run)
        taken += intake.store.write(keep)
    return taken


def _met(intake: Intake, document: Document, part: Part, counties: Sequence[County]) -> _Met:
    """What is known of an alert before it is kept."""
    alert, by_code = placed(part.alert, document.place), {each.code: each for each in counties}
    raw, listed = _raw(intake, document, part), part.raw != document.raw
    drills = intake.store.read(lambda work: work.drills.running()) if alert.status in EXERCISES else {}
    covered = tuple(replace(one, county=drills.get(one.county, one.county)) for one in concerned(counties, alert))
    return _Met(alert, raw, covered, by_code | {code: by_code[base] for base, code in drills.items()}, listed)


def _raw(intake: Intake, document: Document, part: Part) -> RawDocument:
    """The document as it is kept; of a listing the alert's own record, which names the whole by its SHA-256."""
    listing = "" if part.raw == document.raw else f" sha256:{_fingerprint(document.raw)}"
    body = intake.reader.blank(part.raw)
    return RawDocument(_fingerprint(part.raw), body, document.name, document.origin + listing)


def _sum_up(taken: Sequence[Received], refused: Sequence[str]) -> Received:
    """One sentence for the person who sent the document."""
    if len(taken) == 1 and not refused:
        return taken[0]
    if refused and not taken:
        more = f"（另有 {len(refused) - 1} 条也没有读懂）" if len(refused) > 1 else ""
        return Received(Settlement.REFUSED, refused[0] + more)
    kept = [one for one in taken if one.outcome is Settlement.KEPT]
    note = f"文件里有 {len(taken) + len(refused)} 条：新收 {len(kept)} 条，已有 {len(taken) - len(kept)} 条"
    if refused:
        note += f"，没有读懂 {len(refused)} 条，已转人工；第一条：{refused[0]}"
    outcome = Settlement.KEPT if kept or not taken else Settlement.DUPLICATE
    return Received(outcome, note, kept[0].alert if kept else 0)


def _fingerprint(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _to_a_human(intake: Intake, about: str, note: str) -> None:
    """Every county may have lost a warning in what cannot be read."""
    kind = HumanCallKind.REFUSED_DOCUMENT
    items = [NewHumanCall(county.code, 0, 0, kind, about, note) for county in intake.counties()]
    intake.store.write(lambda work: work.humans.open(items, lane_of(None)))


def _elsewhere(one: _Met) -> str:
    """Out of scope; where an abolished code was used, also what became of it."""
    said = (county.codes.likely(one.alert) for county in one.counties.values())
    return "；".join(dict.fromkeys(each for each in ("不在服务范围", *said) if each))


def _keep_all(work: AlertKeeper, some: Sequence[_Met], run: str) -> list[Received]:
    return [_keep(work, one, run) for one in some]


def _keep(work: AlertKeeper, one: _Met, run: str) -> Received:
    alert, raw, covered = one.alert, one.raw, one.covered
    known, fingerprint = work.alerts.known(alert), digest(alert)
    same = duplicate(known, alert, fingerprint)
    if same is not None:
        if not one.listed:  # a listing names what is in force again and again: that is no message
            work.alerts.repeated(same, alert.identifier)
        return Received(Settlement.DUPLICATE, f"重复消息 {alert.identifier}，不再处理", same)
    told = marked(alert, work.at, [one.counties[coverage.county] for coverage in covered])
    drilled = any(is_drill(coverage.county) for coverage in covered)
    alert_id = work.alerts.add(told, fingerprint, raw, DRILL if drilled else run)
    conflict = any(k.identifier == alert.identifier for k in known)
    for coverage in covered:
        _put_before(work, alert_id, one, coverage, conflict=conflict)
    scope = "、".join(c.county for c in covered) or _elsewhere(one)
    note = f"已收 {alert.identifier}：{alert.info.headline or alert.info.event}（{scope}）"
    return Received(Settlement.KEPT, note, alert_id)


def _put_before(work: AlertKeeper, alert_id: int, one: _Met, coverage: Coverage, *, conflict: bool) -> None:
    alert = one.alert
    county = one.counties[coverage.county]
    expires, _assumed = validity(alert, work.at, county.validity)
    terms = {} if is_drill(coverage.county) else county.confirm if one.terms is None else one.terms
    verdict = put_off(judge(alert, coverage, expires, work.at), (alert, coverage), expires, work.at, terms)
    joined = work.alerts.add_county(alert_id, alert, coverage, verdict, expires)
    items = list(verdict.work)
    if alert.msg_type is MsgType.CANCEL and verdict.state not in NO_SAY and not joined:
        items.append((HumanCallKind.CANCELLED, f"解除消息 {alert.identifier} 所指的预警没有收到；收到后即适用"))
    if conflict:
        items.append((HumanCallKind.CONFLICT, f"同一编号 {alert.identifier} 的内容不同，两份都已保留"))
    lane = lane_of(coverage.highest(alert.info.level))
    work.humans.open([NewHumanCall(coverage.county, alert_id, 0, kind, note=note) for kind, note in items], lane)
