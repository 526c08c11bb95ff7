"""Every row of Twilio's error table, and what it leads to."""

import pytest

from callout.channels.twilio_errors import FAILURES, REFUSALS, CallEnd, call_receipt, message_receipt, verdict
from callout.domain.attempt import ReceiptKind
from callout.pipeline.send.fleet import ELSEWHERE
from callout.ports import Outcome, Refusal

K, R = Refusal, ReceiptKind

REFUSED = [
    (21611, K.BUSY), (30001, K.BUSY), (10004, K.BUSY), (22005, K.BUSY),
    (21211, K.CONTACT), (21217, K.CONTACT), (21614, K.CONTACT), (30005, K.CONTACT), (30006, K.CONTACT),
    (21610, K.SUPPRESSED), (21216, K.SUPPRESSED), (30004, K.SUPPRESSED),
    (21612, K.ROUTE),
    (30007, K.CONTENT),
    (20003, K.CONFIG), (20404, K.CONFIG), (21212, K.CONFIG), (21408, K.CONFIG), (21602, K.CONFIG), (21603, K.CONFIG),
    (21606, K.CONFIG), (21608, K.CONFIG), (21705, K.CONFIG), (30002, K.CONFIG), (35114, K.CONFIG), (35115, K.CONFIG),
    (35116, K.CONFIG), (35117, K.CONFIG),
    (21617, K.WORDS),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), REFUSED)
def test_a_refusal_says_why(code: int, kind: Refusal) -> None:
    said = verdict(400, code, "x")
    assert (said.outcome, said.kind) == (Outcome.REFUSED, kind)


def test_a_text_that_is_too_long_is_offered_to_no_other_provider_and_opens_no_breaker() -> None:
    said = verdict(400, 21617, "x")
    assert said.kind not in ELSEWHERE | {Refusal.CONFIG}


def test_the_table_has_no_row_without_a_test() -> None:
    assert dict(REFUSED) == dict(REFUSALS)
    assert {code for code, _ in FAILED} - {99999} == set(FAILURES)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (429, 20429, Outcome.THROTTLED),
        (429, 429, Outcome.THROTTLED),
        (500, 20500, Outcome.UNKNOWN),
        (503, 20503, Outcome.UNKNOWN),
        (502, 502, Outcome.UNKNOWN),
        (504, 504, Outcome.UNKNOWN),
        (408, 408, Outcome.UNKNOWN),
        (404, 404, Outcome.UNKNOWN),  # not Twilio's own words: somebody in between may have said it
        (400, 29999, Outcome.REFUSED),
    ],
)
def test_what_is_not_clearly_refused_is_unknown(status: int, code: int, outcome: Outcome) -> None:
    assert verdict(status, code, "x").outcome is outcome


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_turned_away_at_the_door_has_set_something_up_wrongly(status: int) -> None:
    assert verdict(status, status, "x").kind is Refusal.CONFIG


FAILED = [
    (21610, R.SUPPRESSED), (30001, R.FAILED), (30002, R.STOPPED), (30003, R.SWITCHED_OFF), (30004, R.SUPPRESSED),
    (30005, R.NO_TEXTS), (30006, R.NO_TEXTS), (30007, R.FILTERED), (30008, R.UNDELIVERED), (30036, R.EXPIRED),
    (99999, R.UNDELIVERED),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), FAILED)
def test_a_failure_after_acceptance_says_why(code: int, kind: ReceiptKind) -> None:
    assert message_receipt("undelivered", str(code)) is kind
    assert kind.failed


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("accepted", R.TAKEN), ("queued", R.TAKEN), ("sending", R.TAKEN), ("sent", R.SENT), ("delivered", R.DELIVERED),
        ("read", R.READ), ("undelivered", R.UNDELIVERED), ("failed", R.FAILED), ("canceled", R.FAILED),
        ("a word of next year", R.TAKEN),
    ],
)  # fmt: skip
def test_the_status_of_a_text(status: str, kind: ReceiptKind) -> None:
    assert message_receipt(status, "") is kind


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (CallEnd("ringing"), R.TAKEN),
        (CallEnd("in-progress"), R.TAKEN),
        (CallEnd("completed"), R.HEARD_PART),
        (CallEnd("completed", "human"), R.HEARD_PART),
        (CallEnd("completed", "unknown"), R.HEARD_PART),
        (CallEnd("completed", "machine_start"), R.MACHINE),
        (CallEnd("completed", "machine_end_beep"), R.MACHINE),
        (CallEnd("", "fax"), R.MACHINE),
        (CallEnd("busy", sip="486"), R.BUSY),
        (CallEnd("no-answer", sip="487"), R.NO_REPLY),
        (CallEnd("no-answer", sip="480"), R.SWITCHED_OFF),
        (CallEnd("failed", sip="404"), R.DEAD),
        (CallEnd("failed", sip="603"), R.REJECTED),
        (CallEnd("failed"), R.FAILED),
        (CallEnd("canceled"), R.NO_REPLY),
    ],
)
def test_answered_is_not_heard_and_a_voicemail_has_heard_nothing(end: CallEnd, kind: ReceiptKind) -> None:
    assert call_receipt(end) is kind
