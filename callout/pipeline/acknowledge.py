"""acknowledge: what came back from phones and providers is read, graded and stops what it must stop."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from callout.domain.answer import PHONE, Grade
from callout.domain.callout import LIVE, Callout, CalloutEvent, CalloutState, lane_of
from callout.domain.errors import CalloutError
from callout.domain.faults import one_by_one, told
from callout.domain.feedback import Report
from callout.domain.hearing import Heard, Hearing, hear_key, hear_reply
from callout.domain.human_call import OVERTAKEN, HumanCallKind, NewHumanCall
from callout.domain.link import read_pressed
from callout.domain.moves import after_refusal, beyond
from callout.domain.reply import read_reply
from callout.ports import Given, HearWork, Inbound, InboundKind, InboundRow, Summary, Writer, first_of_each


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """What the acknowledge stage stands on."""

    store: Writer[HearWork]
    batch: int = 500


@dataclass(frozen=True, slots=True)
class _Understood:
    """One inbound row with what it does."""

    row: InboundRow
    hearing: Hearing
    report: Report | None = None

    @property
    def moved(self) -> int:
        """People moved to safety, where it says so."""
        return self.report.people if self.report else -1


_ANSWERS_FOR_NOTHING = {
    CalloutState.SUPERSEDED: "这个叫应已由更新的预警接替，请对新预警的叫应作人工确认",
    CalloutState.INFORMED: "这个岗位已应答前一条预警，不必再作人工确认",
    CalloutState.LIFTED: "这条预警已经解除，不必再作人工确认",
}


def confirm(
    work: HearWork, heard: Heard, row: InboundRow, officer: str, grade: Grade = Grade.CONFIRMED_BY_HUMAN
) -> None:
    """人工确认: a named officer had the answer, by phone or face to face; `row` says how and when.

    From the person, or (PROXY) from somebody else for the post. Raises CalloutError, and writes nothing, where a newer
    alert has taken over or as good an answer is there already.
    """
    _still_open(heard)
    if grade is Grade.PROXY and heard.grade is Grade.PROXY:
        raise CalloutError("已经有人代答，请继续找本人")
    given = (heard, grade, row)
    if tuple(heard.callout.key) not in work.hears.answer([(*given, -1)], officer):
        raise CalloutError("这个叫应刚有变动，请查看后再确认")
    _settle(work, [given])
    work.feedback.open([_post(heard)])


def refuse(work: HearWork, heard: Heard, row: InboundRow, officer: str) -> None:
    """拒绝, 无法到岗: a named officer heard it; the deputy is called at once where the ladder still runs.

    Raises CalloutError, and writes nothing, where a newer alert has taken over or an answer is there already.
    """
    _still_open(heard)
    if tuple(heard.callout.key) not in _cannot_come(work, [(heard, row)], officer):
        raise CalloutError("这个叫应刚有变动，请查看后再记录")


def _still_open(heard: Heard) -> None:
    if heard.callout.state in _ANSWERS_FOR_NOTHING:
        raise CalloutError(_ANSWERS_FOR_NOTHING[heard.callout.state])
    if not heard.open:
        raise CalloutError("本人已经应答，不必再作人工确认")


def run_once(acknowledging: Acknowledging) -> Summary:
    """Understand up to `batch` waiting events; those that touch the same callout wait for the next run."""
    store = acknowledging.store
    try:
        moved = store.write(lambda work: _acknowledge(work, first_of_each(work.hears.pending(acknowledging.batch))))
    except Exception:
        moved = one_by_one(
            store.write(lambda work: first_of_each(work.hears.pending(acknowledging.batch))),
            lambda row: store.write(lambda work: _acknowledge(work, [row])),
            lambda row, error: _give_up(store, row, error),
        )
    return Summary("acknowledge", moved)


def _give_up(store: Writer[HearWork], row: InboundRow, error: Exception) -> None:
    """What cannot be handled is put before the officers of whoever was called there; the ladders go on."""
    heard: Sequence[Heard] = []
    with suppress(Exception):
        heard = store.read(lambda work: _spoken(work, row))
    note = told(error, "有一条回话没能处理，请查看并回拨")
    items = [NewHumanCall(*key, HumanCallKind.FAULT, row.event, note) for key in sorted({_post(one) for one in heard})]

    def put_aside(work: HearWork) -> None:
        work.hears.close([(row, HumanCallKind.FAULT.value)])
        work.humans.open(items, lane_of(None))

    store.write(put_aside)


def _spoken(work: HearWork, row: InboundRow) -> Sequence[Heard]:
    if row.number:
        return work.hears.spoken_to([row.number], work.at).get(row.number, [])
    return work.hears.spoken_in([row.attempt]).get(row.attempt, [])


def take_in(acknowledging: Acknowledging, events: Sequence[Inbound]) -> int:
    """Keep what came, durably, and understand it in the same commit if that can be done; returns how many were new."""
    new = 0
    waiting = sorted(events, key=lambda e: (e.at, e.event))
    for first in range(0, len(waiting), acknowledging.batch):
        new += _keep(acknowledging.store, waiting[first : first + acknowledging.batch])
    return new


def _keep(store: Writer[HearWork], events: Sequence[Inbound]) -> int:
    try:
        return store.write(lambda work: _take_in(work, events))
    except Exception:
        return store.write(lambda work: work.hears.accept(events))


def _take_in(work: HearWork, events: Sequence[Inbound]) -> int:
    came = work.hears.take(events)
    waiting, understood = [row for row in came if not row.unmatched], list[tuple[InboundRow, str]]()
    behind = work.hears.waits  # what lay there already was first
    while waiting and not behind and (heard := _hear(work, first_of_each(waiting))):
        understood += heard
        done = {row.event for row, _ in heard}
        waiting = [row for row in waiting if row.event not in done]
    work.hears.keep(waiting + [row for row in came if row.unmatched], understood)
    return len(came)


def _acknowledge(work: HearWork, rows: Sequence[InboundRow]) -> int:
    understood = _hear(work, rows)
    work.hears.close(understood)
    return len(understood)


def _hear(work: HearWork, rows: Sequence[InboundRow]) -> list[tuple[InboundRow, str]]:
    """Do what these events say; returns those that are understood, each with what it was taken for."""
    receipts = [r for r in rows if r.kind == InboundKind.RECEIPT]
    words = [r for r in rows if r.kind != InboundKind.RECEIPT]
    own, rest = work.asides.hear(words) if words else ([], words)  # own: what no open warning can claim
    said = _apart(_understand(work, rest))
    _receipts(work, receipts, {key for u in said for key in _keys(u.hearing)})
    kept = _apply(work, said) if said else []
    return [*own, *((r, r.body) for r in receipts), *((u.row, u.hearing.grade.value) for u in kept)]


def _understand(work: HearWork, rows: Sequence[InboundRow]) -> list[_Understood]:
    told = work.hears.spoken_to([r.number for r in rows if r.kind == InboundKind.REPLY], work.at)
    called = work.hears.spoken_in([r.attempt for r in rows if r.kind != InboundKind.REPLY])
    return [_read(work, r, told.get(r.number, []), called.get(r.attempt, [])) for r in rows]


def _read(work: HearWork, row: InboundRow, told: Sequence[Heard], called: Sequence[Heard]) -> _Understood:
    if row.kind != InboundKind.REPLY:
        pressed = read_pressed(row.body)
        return _Understood(row, hear_key(pressed.key, called), pressed.report)
    reply = read_reply(row.text)
    if reply.opt_out or reply.opt_in:
        work.hears.opt_out(row.number, back=reply.opt_in)
    return _Understood(row, hear_reply(reply, told, row.came_at, row.attempt), reply.report)


def _keys(hearing: Hearing) -> set[tuple[object, ...]]:
    return {tuple(h.callout.key) for h in (*(h for h, _ in hearing.answered), *hearing.cannot_come)}


def _apart(said: Sequence[_Understood]) -> list[_Understood]:
    """Only the first event for each callout: the next must see what this one changed."""
    touched, first = set[tuple[object, ...]](), []
    for one in said:
        keys = _keys(one.hearing)
        if not keys & touched:
            first.append(one)
        touched |= keys
    return first


def _apply(work: HearWork, said: Sequence[_Understood]) -> list[_Understood]:
    """Write what was said; returns the events all of whose changes were written."""
    given = [(h, grade, u.row, u.moved) for u in said for h, grade in u.hearing.answered]
    written = work.hears.answer(given)
    refusing = [(h, u.row) for u in said for h in u.hearing.cannot_come]
    written |= _cannot_come(work, refusing) if refusing else set()
    kept = [u for u in said if _keys(u.hearing) <= written]
    _asked(work, kept)
    done = [(h, grade, row) for h, grade, row, _ in given if tuple(h.callout.key) in written]
    if done:
        _settle(work, done)
        work.hears.tell_renewed([(h, row) for h, _, row in done if h.outdated])
    _which(work, kept)
    _feedback(work, done, kept)
    return kept


def _feedback(work: HearWork, done: Sequence[tuple[Heard, Grade, InboundRow]], kept: Sequence[_Understood]) -> None:
    """应 is not done: an answer opens what the post must report; a reply that reports something closes that."""
    if done:
        work.feedback.open([_post(h) for h, _, _ in done if h.callout.key.round == 0])
    if given := [
        Given(*_post(h), u.report, u.row.event)
        for u in kept
        if u.report
        for h in (*(h for h, _ in u.hearing.answered), *u.hearing.noted)
    ]:
        work.feedback.give(given)
        work.humans.open(work.relocations.reported(given), lane_of(None))


def _settle(work: HearWork, done: Sequence[tuple[Heard, Grade, InboundRow]]) -> None:
    """Whoever was called in the silent person's place learns that the answer came, except who gave it."""
    gave = {(*_post(h), h.number) for h, _, _ in done}
    told = work.hears.spared([h for h, _, _ in done])
    _human_work(work, done)
    work.hears.stand_down([t for t in told if (t.county, t.alert, t.post, t.number) not in gave])


def _human_work(work: HearWork, done: Sequence[tuple[Heard, Grade, InboundRow]]) -> None:
    """An answer closes the officer's item; somebody else's answer leaves the person on the list."""
    own = [_post(h) for h, grade, _ in done if grade is not Grade.PROXY and h.callout.key.round == 0]
    other = [h for h, grade, _ in done if grade is Grade.PROXY and h.callout.key.round == 0]
    work.humans.settle(own, "answered", OVERTAKEN)
    work.humans.settle([_post(h) for h in other], "answered_by_another", (HumanCallKind.EXHAUSTED,))
    _open(work, [(h, "") for h in other], HumanCallKind.PERSON_SILENT)


def _post(heard: Heard) -> tuple[str, int, int]:
    return heard.callout.key[:3]


def _open(work: HearWork, said: Sequence[tuple[Heard, str]], kind: HumanCallKind) -> None:
    """One item per callout; what was said (its event) has an item of its own, however often the person writes."""
    for lane in sorted({h.callout.lane for h, _ in said}):
        new = [NewHumanCall(*_post(h), kind, event, event) for h, event in said if h.callout.lane == lane]
        work.humans.open(new, lane)


def _asked(work: HearWork, kept: Sequence[_Understood]) -> None:
    """A question, a doubt or a cry for help goes to the officer; the ladder goes on. What changes nothing is kept."""
    asked = [(h, Grade.CONTACT, u.row) for u in kept for h in u.hearing.asked]
    moved = {u.row.event: u.moved for u in kept}
    work.hears.contact(asked + [(h, h.own_grade, u.row) for u in kept for h in u.hearing.noted], moved)
    _open(work, [(h, row.event) for h, _, row in asked], HumanCallKind.ASKED)


def _cannot_come(
    work: HearWork, refusing: Sequence[tuple[Heard, InboundRow]], actor: str = PHONE
) -> set[tuple[object, ...]]:
    """无法到岗: the deputy at once, and the officer knows.

    A ladder that has ended, or calls somebody above already, only gets the officer. The desk has its item already.
    """
    ladders = work.sends.ladders([h.callout for h, _ in refusing])
    live = [
        h for h, _ in refusing if h.callout.state in LIVE and not beyond(h.callout, ladders[h.callout.ladder], h.target)
    ]
    after = [(h.callout, after_refusal(h.callout, ladders[h.callout.ladder], h.target)) for h in live]
    on: list[tuple[Callout, Callout]] = [(c, replace(a, next_at=work.at)) for c, a in after if a]
    written = work.sends.advance(on, CalloutEvent.CANNOT_COME)
    ended = [c for c, a in after if a is None]
    work.sends.run_out(ended)
    written |= {tuple(c.key) for c in ended}
    written |= {tuple(h.callout.key) for h, _ in refusing if h not in live}
    done = [(h, row) for h, row in refusing if tuple(h.callout.key) in written]
    work.hears.contact([(h, Grade.CANNOT_COME, row) for h, row in done], actor=actor)
    _open(work, [(h, row.event) for h, row in done if h.callout.key.round == 0], HumanCallKind.CANNOT_COME)
    return written


def _which(work: HearWork, kept: Sequence[_Understood]) -> None:
    """When a bare answer counted for one of several open alerts, the person is told which, and the other codes."""
    for u in kept:
        if u.hearing.unclear:
            work.hears.tell_unclear(u.hearing.unclear, u.row)
        if u.hearing.rest and u.hearing.counted:
            work.hears.tell_rest(u.hearing.counted, u.row, u.hearing.rest)


def _receipts(work: HearWork, receipts: Sequence[InboundRow], heard: set[tuple[object, ...]]) -> None:
    """`heard`: callouts that somebody speaks for in this moment, so that no failed call moves them on."""
    if failed := work.hears.receipts(receipts):
        waiting = [c for c in work.hears.still_waiting(failed) if tuple(c.key) not in heard]
        work.sends.advance([(c, replace(c, next_at=work.at)) for c in waiting], CalloutEvent.NOT_REACHED)
        work.sends.say_again(failed, doubt=False)
