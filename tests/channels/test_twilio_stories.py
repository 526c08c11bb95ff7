"""Field stories over real HTTP: what people do with our texts and calls, and what the engine makes of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from callout.domain.level import Hazard
from callout.pipeline import reconcile
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import Fault, HookFault, Troubles
from callout.store import schema
from tests.channels.lines import Lines, phone, tell
from tests.channels.test_webhooks import post, sign
from tests.scenarios.field import BAIMA, GRID_1, NIGHT


async def warned(lines: Lines) -> None:
    """An orange warning; the text to the grid member has gone out."""
    lines.alert(areas=[BAIMA])
    await lines.sent(GRID_1)


def first(lines: Lines) -> tuple[str, str, str]:
    return next(iter(lines.attempts(GRID_1)), ("", "", ""))


def test_a_reply_by_text_is_an_answer(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        lines.say(GRID_1, "收到")
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert lines.answers(GRID_1) == [("acknowledged", "reply")]
        await lines.until(lambda: first(lines) == ("sms", "sent", "delivered"))

    tell(tmp_path, story)


def test_with_two_open_warnings_the_code_says_which(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        lines.alert(areas=[BAIMA], hazard=Hazard.GALE, headline="武隆区气象台发布大风橙色预警", identifier="gale")
        await lines.until(lambda: len([a for a in lines.attempts(GRID_1) if a[1] == "sent"]) > 1)
        codes = [r.code for r in lines.rows(select(schema.alert.c.code).order_by(schema.alert.c.id))]
        lines.say(GRID_1, f"1{codes[0]}")
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert lines.state(GRID_1, alert=2) != "answered"

    tell(tmp_path, story)


def test_a_key_is_an_answer(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: lines.state(GRID_1) == "answered")
        assert first(lines)[:2] == ("voice", "sent")
        assert lines.answers(GRID_1)[0] == ("acknowledged", "key")

    tell(tmp_path, story, cast={GRID_1: Temperament.PROMPT}, start=NIGHT)


def test_picking_up_and_hanging_up_is_none(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: first(lines) == ("voice", "sent", "heard_part"))
        assert ("acknowledged", "key") not in lines.answers(GRID_1)
        call = lines.rows(select(schema.attempt).where(schema.attempt.c.receipt == "heard_part"))[0]
        assert call.submitted_at <= call.picked_up_at <= call.ended_at
        assert (call.heard_s > 0, call.tells, call.recording) == (True, "picked_up,ended,heard", "")

    tell(tmp_path, story, cast={GRID_1: Temperament.HASTY}, start=NIGHT)


def test_of_a_recording_only_its_id_is_kept_and_only_where_calls_are_recorded(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: first(lines)[:2] == ("voice", "sent"))
        t = schema.attempt
        [call] = lines.rows(select(t).where(t.c.channel == "voice", t.c.provider_ref != "").limit(1))
        assert call.tells == "picked_up,ended,heard,recording"
        path = f"/hooks/voice/recording?attempt={call.id}"
        for told in ("https://twilio.example/RE2", "RE1"):
            form = {"CallSid": call.provider_ref, "RecordingSid": told, "RecordingUrl": "https://twilio.example/RE1"}
            assert await post(lines, form, sign(form, path), path) == 200
        await lines.until(lambda: lines.rows(select(t.c.recording).where(t.c.id == call.id))[0].recording)
        assert lines.rows(select(t.c.recording).where(t.c.id == call.id))[0].recording == "RE1"
        assert "https://twilio.example" not in str(lines.rows(select(schema.audit)))

    tell(tmp_path, story, start=NIGHT, voice={"record": True})


def test_a_wrong_key_is_asked_again(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        i = schema.inbound
        keys = select(i.c.body).where(i.c.kind == "key")
        await lines.until(lambda: lines.rows(keys))
        assert lines.rows(keys)[0].body not in ("1", "2", "3")
        assert ("acknowledged", "key") not in lines.answers(GRID_1)
        journal = lines.carrier.network.tally.journal
        await lines.until(lambda: "没有收到有效的按键" in str(journal(phone(GRID_1))))

    tell(tmp_path, story, cast={GRID_1: Temperament.NONSENSE})


def test_a_voicemail_is_a_failed_step(tmp_path: Path) -> None:
    """The ladder goes on at once, not when the wait is over."""

    async def story(lines: Lines) -> None:
        await warned(lines)
        await lines.until(lambda: ("voice", "sent", "machine") in lines.attempts(GRID_1))
        assert lines.answers(GRID_1) == []

    tell(tmp_path, story, voicemail=1.0)


@pytest.mark.parametrize(("code", "receipt"), [(30003, "switched_off"), (30007, "filtered"), (30008, "undelivered")])
def test_undelivered_after_sent_goes_on_in_the_same_cycle(tmp_path: Path, code: int, receipt: str) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        await lines.until(lambda: "voice" in [a[0] for a in lines.attempts(GRID_1)])
        assert first(lines) == ("sms", "sent", receipt)
        assert [a[0] for a in lines.attempts(GRID_1)] == ["sms", "voice"]  # the same text is not tried once more
        a = schema.audit
        moved = select(a.c.id).where(a.c.event == "callout.not_reached", a.c.post == GRID_1)
        assert lines.rows(moved)

    # Slower than the others, so that a busy machine does not let the wait run out first.
    tell(tmp_path, story, undelivered={phone(GRID_1): code}, speed=20.0)


def test_a_number_that_is_blocked_is_rung_at_once_and_never_texted_again(tmp_path: Path) -> None:
    """30004: the operator, or its owner, blocks our texts. The next warning begins with a call."""

    async def story(lines: Lines) -> None:
        await warned(lines)
        await lines.until(lambda: "voice" in [a[0] for a in lines.attempts(GRID_1)])
        assert first(lines) == ("sms", "sent", "suppressed")
        lines.alert(areas=[BAIMA], hazard=Hazard.GALE, headline="武隆区气象台发布大风橙色预警", identifier="gale")
        t = schema.attempt
        second = select(t.c.channel).where(t.c.alert == 2, t.c.responder == GRID_1).order_by(t.c.claimed_at)
        await lines.until(lambda: lines.rows(second))
        assert lines.rows(second)[0].channel == "voice"
        assert [a[0] for a in lines.attempts(GRID_1)].count("sms") == 1

    tell(tmp_path, story, undelivered={phone(GRID_1): 30004}, speed=20.0)


@pytest.mark.parametrize("fault", [HookFault.SWAPPED, HookFault.TWICE, HookFault.LATE])
def test_callbacks_out_of_order_twice_and_late_end_alike(tmp_path: Path, fault: HookFault) -> None:
    async def story(lines: Lines) -> None:
        await warned(lines)
        await lines.until(lambda: first(lines) == ("sms", "sent", "delivered"))
        i = schema.inbound
        seen = [r.body for r in lines.rows(select(i.c.body).where(i.c.kind == "receipt"))]
        assert len(lines.rows(select(i.c.event))) == len({r.event for r in lines.rows(select(i.c.event))})
        assert "delivered" in seen

    tell(tmp_path, story, troubles=Troubles(hooks={fault: 1.0}))


def test_stop_is_kept_per_number_and_the_officer_sees_it(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        n = schema.number
        out = select(n.c.id).where(n.c.opted_out == 1)
        await warned(lines)
        lines.say(GRID_1, "STOP")
        await lines.until(lambda: len(lines.rows(out)) == 1)
        assert (GRID_1, "asked") in lines.human_calls()
        assert lines.state(GRID_1) != "answered"
        lines.say(GRID_1, "START")
        await lines.until(lambda: not lines.rows(out))

    tell(tmp_path, story)


def test_a_server_error_after_acceptance_is_unknown_until_the_callback_proves_it(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: lines.attempts(GRID_1))
        await lines.until(lambda: first(lines)[1] in ("unknown", "sent"))
        await lines.until(lambda: first(lines) == ("sms", "sent", "delivered"))
        t = schema.attempt
        refs = lines.rows(select(t.c.provider_ref, t.c.provider).where(t.c.state == "sent", t.c.channel == "sms"))
        assert all(r.provider_ref.startswith("SM") and r.provider == "sms" for r in refs)
        assert lines.rows(select(schema.audit).where(schema.audit.c.event == "attempt.doubtful"))

    tell(tmp_path, story, troubles=Troubles(requests={Fault.BROKEN: 1.0}))


@pytest.mark.parametrize(("fault", "state"), [(Fault.RESET_TAKEN, "sent"), (Fault.RESET, "unknown")])
def test_an_unknown_text_is_found_in_the_providers_list_where_no_callback_comes(
    tmp_path: Path, fault: Fault, state: str
) -> None:
    """In a network that nobody can call into, the sweep by number proves it; what was never taken stays in doubt."""

    async def story(lines: Lines) -> None:
        lines.alert(areas=[BAIMA])
        await lines.until(lambda: lines.attempts(GRID_1) and first(lines)[1] == "unknown")
        world = lines.app.world
        sweep = reconcile.Reconciling(lines.app.store, world.providers, world.clock, world.ear)
        found = (await reconcile.run_once(sweep)).moved
        await lines.app.settle()
        assert (found > 0, first(lines)[1]) == (state == "sent", state)
        assert (await reconcile.run_once(replace(sweep, providers=()))).moved == 0

    troubles = Troubles(requests={fault: 1.0}, hooks={HookFault.LOST: 1.0})
    tell(tmp_path, story, troubles=troubles)
