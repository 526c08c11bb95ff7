"""What comes back is kept and understood in one commit; what cannot be understood is kept alone."""

import pytest
from sqlalchemy import select

from callout.domain.call_facts import CallFacts
from callout.ports import Inbound, InboundKind
from callout.store import schema
from tests.scenarios.baima import CALL, TEXT, only
from tests.scenarios.field import DEPUTY, GRID_1, Field, number
from tests.scenarios.test_replies import answers


def test_what_comes_together_is_understood_together_in_its_order(field: Field) -> None:
    """Three texts of one phone and the deputy's key, in one delivery and one commit: each sees what came before it."""
    only(field, GRID_1)
    field.wait(180)
    at, call = field.clock.now(), field.last(DEPUTY, CALL).attempt
    texts = [("sms:1", "在哪里"), ("sms:2", "1"), ("sms:3", "收到")]
    events = [Inbound(name, InboundKind.REPLY, at, text, e164=number(GRID_1).e164) for name, text in texts]
    events.append(Inbound("call:1", InboundKind.KEY, at, "1", attempt=call))
    assert field.app.take_in([*events, events[0]]) == len(events)
    assert answers(field) == [("proxy", -1), ("contact", -1), ("acknowledged", -1), ("acknowledged", -1)]
    assert {r.state for r in field.rows(select(schema.inbound))} == {"done"}
    named = [e.detail.split(" ")[2] for e in field.audit("callout.answered") if e.post == GRID_1]
    assert named == ["call:1", "sms:2"]
    assert field.app.take_in(events) == 0


@pytest.mark.parametrize("told", [GRID_1, DEPUTY])
def test_one_call_tells_its_times_and_the_other_does_not(field: Field, told: int) -> None:
    """Two receipts in one delivery, in either order: both are understood in its commit, and no time is lost."""
    only(field, GRID_1)
    field.wait(180)
    at, calls = field.clock.now(), {serial: field.last(serial, CALL).attempt for serial in (GRID_1, DEPUTY)}
    facts = {told: CallFacts(at, at)}
    events = [
        Inbound(f"end:{serial}", InboundKind.RECEIPT, at, "no_reply", call, facts=facts.get(serial, CallFacts()))
        for serial, call in sorted(calls.items())
    ]
    assert field.app.take_in(events) == 2
    assert {a.id: (a.receipt, a.ended_at) for a in field.attempts() if a.id in calls.values()} == {
        call: ("no_reply", at if serial == told else None) for serial, call in calls.items()
    }
    assert not [e for e in field.audit("inbound.came") if e.ref.startswith("end:")]


@pytest.mark.parametrize("end", ["heard_whole", "no_reply"])
def test_the_end_of_a_call_and_the_answer_come_together(field: Field, end: str) -> None:
    """A key in the call, or a text while it rang: the answer counts, and the end of the call moves nothing on."""
    only(field, GRID_1)
    field.wait(90)
    at, call = field.clock.now(), field.last(GRID_1, CALL).attempt
    key = Inbound("key", InboundKind.KEY, at, "1", attempt=call)
    text = Inbound("sms", InboundKind.REPLY, at, "1", e164=number(GRID_1).e164)
    over = Inbound("end", InboundKind.RECEIPT, at, end, attempt=call)
    assert field.app.take_in([over, key if end == "heard_whole" else text]) == 2
    assert field.callout(GRID_1).grade == "acknowledged"
    assert [a.receipt for a in field.attempts() if a.id == call] == [end]
    assert not [e for e in field.audit("callout.not_reached") if e.post == GRID_1]
    assert {r.state for r in field.rows(select(schema.inbound))} == {"done"}


def test_what_cannot_be_understood_is_kept_all_the_same(field: Field) -> None:
    """A receipt whose word nobody knows: it is durable, and so is the answer that came with it."""
    only(field, GRID_1)
    at = field.clock.now()
    odd = Inbound("odd", InboundKind.RECEIPT, at, "示例", attempt=field.last(GRID_1, TEXT).attempt)
    reply = Inbound("sms:1", InboundKind.REPLY, at, "1", e164=number(GRID_1).e164)
    assert field.app.take_in([reply, odd]) == 2
    waiting = field.rows(select(schema.inbound).where(schema.inbound_pending).order_by(schema.inbound.c.event))
    assert [r.event for r in waiting] == ["odd", "sms:1"]
    assert [e.ref for e in field.audit("inbound.came")][-2:] == ["odd", "sms:1"]
