"""An officer's own call, from taking the item to what came of it: each is one transaction of the attend stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callout.domain.answer import Grade
from callout.domain.callout import CalloutKey, CalloutState
from callout.domain.desk import CallResult
from callout.domain.desk_call import DeskCallState, Leg
from callout.domain.errors import CalloutError, Unknown
from callout.domain.human_call import HumanCallState
from callout.domain.instant import MINUTE, Instant, beijing
from callout.domain.moves import VACANT, Number, PostView
from callout.domain.user import Viewer
from callout.pipeline import acknowledge, attend
from callout.pipeline.attend import ItemKey
from callout.pipeline.connect import NO_WAY
from callout.ports import InboundKind, InboundRow
from callout.reports.desk_list import DeskLine, desk_line, opened_at, place_of, same_person
from callout.rulebook.phones import read_numbers
from callout.store.desk_calls import NewDeskCall
from callout.store.store import Work
from callout.store.transaction import Event
from callout.web.site import Site

LONGEST_NOTE = 200
_SETTLED = (CalloutState.ANSWERED, CalloutState.INFORMED, CalloutState.LIFTED)
_RINGS = 3 * MINUTE
"""After so long a call without news of its end is over."""


@dataclass(frozen=True, slots=True)
class Called:
    """What came of one call."""

    result: CallResult
    note: str = ""
    number: int = 0
    """Id of the number that was wrong; 0 = not said."""
    at: Instant | None = None
    """When it was, for what is entered later from paper; None = now."""
    caller: str = ""
    """Who called, for what is entered from paper."""

    def words(self, now: Instant) -> str:
        """For the record: the result, the note, and where it comes from."""
        when = beijing(self.at if self.at is not None else now, "%H:%M")
        paper = f"；纸质记录，叫应人 {self.caller}" if self.caller else ""
        return f"{when} {self.result.zh}" + (f"：{self.note.strip()}" if self.note.strip() else "") + paper


def take(where: Site, who: Viewer, key: ItemKey) -> None:
    """This officer rings this person, about all that is open. Raises CalloutError where somebody else does."""

    def work(writing: Work) -> None:
        line = below(writing, who, key)
        about = _person(writing, line)
        busy = next((one.claimed_by for one in about if one.claimed_by not in ("", who.actor)), "")
        if busy:
            raise CalloutError(f"{busy}正在联系这个人，请不要重复打电话")
        if line.state is not HumanCallState.OPEN:
            attend.claim(writing, key, who.actor)  # says why not
        for one in about:
            if one.state is HumanCallState.OPEN:
                attend.claim(writing, one.key, who.actor)

    where.store.write(work)


def give_back(where: Site, who: Viewer, key: ItemKey) -> None:
    """Let the person wait for somebody else. Raises CalloutError where it is not this officer's."""

    def work(writing: Work) -> None:
        for one in _person(writing, mine(writing, who, key)):
            if one.claimed_by == who.actor:
                attend.release(writing, one.key, who.actor)

    where.store.write(work)


def _person(reading: Work, line: DeskLine) -> list[DeskLine]:
    """Everything open about the person that this item is about; the item alone where it is about nobody."""
    county, _, post = line.key[:3]
    return same_person(reading.ledger.connection, county, post) if post else [line]


def others(reading: Work, line: DeskLine) -> list[DeskLine]:
    """What else is open about the same person."""
    return [one for one in _person(reading, line) if one.key != line.key]


def put_through(where: Site, who: Viewer, key: ItemKey, wanted: tuple[int, str]) -> None:
    """Have the engine ring this officer, then a number (its id) of the person of an item that they have claimed.

    `wanted`: the id, and the officer's own phone; empty = that of last time. Raises CalloutError where that cannot be.
    """

    def work(writing: Work) -> None:
        line = mine(writing, who, key)
        number = next((one for one in _numbers(writing, key) if one.id == wanted[0]), None)
        if number is None or not number.usable:
            raise CalloutError("这个人没有这个号码，或者号码已经标为错误")
        own = _own(wanted[1]) or writing.desk_calls.phone_of(who.actor)
        if not own:
            raise CalloutError("请写您自己的电话：先打给您，您按任意键，再接通对方")
        if any(under_way(one, writing.at) for one in writing.desk_calls.about(key[:3])):
            raise CalloutError("这个人的电话正在接通，请接听您自己的电话")
        run = line.run or where.intake.run
        if not where.connects(run, own, number.e164):
            raise CalloutError(f"{NO_WAY}（对方 ****{number.e164[-4:]}，您 ****{own[-4:]}），请用手边的电话直接拨打")
        writing.desk_calls.ask(NewDeskCall(key[:3], number.id, own, who.actor, run))

    where.store.write(work)


def _numbers(reading: Work, key: ItemKey) -> Sequence[Number]:
    view = reading.sends.resolve([(key[0], key[2])]).get((key[0], key[2]), VACANT)
    return view.holder.numbers if view.holder else ()


def _own(text: str) -> str:
    if not text.strip():
        return ""
    read = read_numbers(text.strip(), landlines=True)
    if len(read.contacts) != 1 or read.errors:
        raise CalloutError("您自己的电话没有写对，请写一个手机号，或带区号的固定电话")
    return read.contacts[0].e164


def under_way(call: Any, now: Instant) -> bool:
    """Whether this call (a row) may still ring or be talked in."""
    if call.state in (DeskCallState.REFUSED, DeskCallState.UNKNOWN) or now - call.asked_at > _RINGS:
        return False
    return not any(leg and Leg(leg).rank > Leg.TALKING.rank for leg in (call.officer_leg, call.person_leg))


def end(where: Site, who: Viewer, key: ItemKey, outcome: str) -> None:
    """It is done, in the officer's words. Raises CalloutError where it is not this officer's."""

    def work(writing: Work) -> None:
        mine(writing, who, key)
        attend.close(writing, key, who.actor, outcome)

    where.store.write(work)


def came_of(where: Site, who: Viewer, key: ItemKey, called: Called) -> None:
    """Keep what came of a call about an item. Raises CalloutError where that cannot be."""

    def work(writing: Work) -> None:
        mine(writing, who, key)
        said = called.words(writing.at)
        if not called.result.ends:
            if called.result is CallResult.WRONG_NUMBER and called.number:
                writing.hears.bury([called.number])
            attend.note(writing, key, who.actor, said)
            return
        if _answered_before(writing, key):
            done = attend.note if called.result is CallResult.REFUSED else attend.close
            done(writing, key, who.actor, said)  # a refusal after all leaves the item with the officer
            return
        _answered(writing, where, who, key[:3], called)
        left = writing.humans.find(key)
        if left and left.state is not HumanCallState.CLOSED:
            attend.close(writing, key, who.actor, said)

    where.store.write(work)


def _answered_before(writing: Work, key: ItemKey) -> bool:
    """Whether the person has answered this warning already, so that only what they asked is left to be settled."""
    heard = writing.hears.find(CalloutKey(*key[:3], 0))
    return heard is not None and not heard.open and heard.callout.state in _SETTLED


def from_paper(where: Site, who: Viewer, post: tuple[str, int, int], called: Called) -> None:
    """Keep what a paper sheet says about a post: at its true time, with who called and who entered it.

    Raises CalloutError where the time cannot be, or the post was not called about this alert.
    """

    def work(writing: Work) -> None:
        county, alert, number = post
        _within(writing, who, county, number)
        row = writing.hears.find(CalloutKey(*post, 0))
        if row is None:
            raise CalloutError(f"预警 {alert} 没有叫应岗位 {number}，请核对预警号和岗位号")
        opened = opened_at(writing.ledger.connection, row.callout.key)
        if called.at is None or not opened <= called.at <= writing.at:
            raise CalloutError("纸上的时间不对：应在开始叫应之后、现在之前")
        if called.result.ends:
            _answered(writing, where, who, post, called)
        else:
            event = Event("callout.noted", who.actor)
            writing.ledger.note(event, alert, county, called.words(writing.at), number)

    where.store.write(work)


def _answered(writing: Work, where: Site, who: Viewer, post: tuple[str, int, int], called: Called) -> None:
    """An answer that a human heard does what any answer does; a post that was never called has none to give."""
    county, alert, number = post
    heard = writing.hears.find(CalloutKey(county, alert, number, 0))
    if heard is None:
        return
    event = f"human:{county}:{alert}:{number}:{where.ids.attempt()}"
    at = called.at if called.at is not None else writing.at
    row = InboundRow(event, InboundKind.KEY, "", 0, called.words(writing.at), "", at, 0)
    if called.result is CallResult.REFUSED:
        acknowledge.refuse(writing, heard, row, who.actor)
    else:
        grade = Grade.PROXY if called.result is CallResult.PROXY else Grade.CONFIRMED_BY_HUMAN
        acknowledge.confirm(writing, heard, row, who.actor, grade)


def below(writing: Work, who: Viewer, key: ItemKey) -> DeskLine:
    """The item, where it lies below this officer's place. Raises CalloutError where it does not."""
    line = desk_line(writing.ledger.connection, key)
    if line is None or not who.scope.holds(key[0], line.area, line.role):
        raise Unknown("人工叫应里没有这一项，或者不在您的范围内")
    return line


def mine(writing: Work, who: Viewer, key: ItemKey) -> DeskLine:
    """The item, where this officer has it. Raises CalloutError where they have not."""
    line = below(writing, who, key)
    if line.state is HumanCallState.CLOSED:
        raise CalloutError("这一项已经办结：可能本人刚刚应答了，请返回清单")
    if line.claimed_by != who.actor:
        taken = f"由{line.claimed_by}处理" if line.claimed_by else "还没有人认领"
        raise CalloutError(f"这一项{taken}，请先认领")
    return line


def _within(writing: Work, who: Viewer, county: str, post: int) -> None:
    place = place_of(writing.ledger.connection, county, post)
    if place is None or not who.scope.holds(county, *place):
        raise Unknown(f"岗位 {post} 不在您的范围内")


def reveal(where: Site, who: Viewer, post: tuple[str, int, int], why: str) -> PostView:
    """Who is on a post and their numbers in the clear; that this user saw them, and why, is on record.

    Raises CalloutError where the post does not lie below this user's place.
    """
    county, alert, number = post

    def work(writing: Work) -> PostView:
        _within(writing, who, county, number)
        view = writing.sends.resolve([(county, number)]).get((county, number), VACANT)
        writing.ledger.note(Event("number.viewed", who.actor), alert, county, why, number)
        return view

    return where.store.write(work)
