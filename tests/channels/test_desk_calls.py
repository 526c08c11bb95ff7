"""An officer is put through by Twilio over real HTTP: their own phone first, a key, then the person; both on record."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from callout.channels import load
from callout.pipeline.connect import Connecting, run_once, way
from callout.ports import Called, Forged, Setup
from callout.simulation.people import Temperament
from callout.simulation.twilio.options import ACCOUNT, TOKEN, Fault, Troubles
from callout.store import schema
from callout.store.desk_calls import NewDeskCall
from callout.store.ear import Ear
from tests.channels.lines import PUBLIC, SENDER, Lines, phone, tell
from tests.scenarios.field import COUNTY, DAY, GRID_1

DESK = 1
OFFICER = "示例·值班员"


async def put_through(lines: Lines) -> None:
    """The officer has clicked; the engine places the call."""
    n, x = schema.number, schema.personal
    same = x.c.commitment == n.c.commitment
    [row] = lines.rows(select(n.c.id).join(x, same).where(x.c.value == phone(GRID_1)))
    new = NewDeskCall((COUNTY, 1, GRID_1), row.id, phone(DESK), OFFICER, "demo")
    lines.app.store.write(lambda work: work.desk_calls.ask(new))
    world = lines.app.world
    assert (await run_once(Connecting(lines.app.store, world.providers, world.clock))).moved == 1


def stands(lines: Lines) -> Any:
    [row] = lines.rows(select(schema.desk_call))
    return row


def did(lines: Lines, serial: int) -> list[tuple[str, str]]:
    """What happened on a phone, in order."""
    return [(one["what"], one["words"]) for one in lines.carrier.network.tally.journal(phone(serial))]


def test_the_officer_is_rung_first_and_the_person_after_a_key(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        await lines.until(lambda: (stands(lines).officer_leg, stands(lines).person_leg) == ("over", "over"))
        assert [what for what, _ in did(lines, DESK)][:3] == ["call", "said", "key"]
        assert did(lines, GRID_1) == [("dialled", "")]
        row = stands(lines)
        assert (row.state, row.asked_by, row.provider) == ("placed", OFFICER, "voice")
        assert row.officer_at
        assert row.person_at
        assert lines.answers(GRID_1) == []  # that they talked is no answer
        a = schema.audit
        told = lines.rows(select(a.c.detail).where(a.c.event == "desk_call.heard"))
        assert {one.detail.split()[0] for one in told} >= {"officer:talking", "person:talking"}
        assert phone(GRID_1) not in str(lines.rows(select(a)))

    tell(tmp_path, story, cast={DESK: Temperament.PROMPT, GRID_1: Temperament.PROMPT})


def test_an_officer_who_does_not_pick_up_rings_nobody(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        await lines.until(lambda: stands(lines).officer_leg == "no_reply")
        assert did(lines, GRID_1) == []
        assert stands(lines).person_leg == ""

    tell(tmp_path, story)


def test_a_voicemail_of_the_officer_is_not_put_through(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        await lines.until(lambda: stands(lines).officer_leg == "over")
        assert did(lines, GRID_1) == []
        assert ("said", "没有按键，没有接通。") in did(lines, DESK)

    tell(tmp_path, story, voicemail=1.0, voice={"key_seconds": 3})


def test_the_officer_hears_that_nobody_picks_up(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        await lines.until(lambda: stands(lines).officer_leg == "over")
        assert stands(lines).person_leg == "no_reply"
        assert ("said", "对方无人接听。") in did(lines, DESK)

    tell(tmp_path, story, cast={DESK: Temperament.PROMPT})


def test_a_call_that_the_carrier_refuses_says_so(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        assert (stands(lines).state, stands(lines).reason) == ("refused", "400/21211")

    tell(tmp_path, story, refuse_calls={phone(DESK): 21211})


def test_a_broken_answer_is_in_doubt_until_a_phone_is_heard_of(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        await put_through(lines)
        assert stands(lines).state in ("unknown", "placed")  # the first word of the phone may be sooner
        await lines.until(lambda: stands(lines).state == "placed")

    tell(tmp_path, story, troubles=Troubles(requests={Fault.BROKEN: 1.0}))


def voice(public: str = PUBLIC) -> Any:
    module = load("twilio_voice")
    config = module.Config(account_sid=ACCOUNT, auth_token_env="X", senders=(SENDER,))
    return module.channel(Setup("voice", config, {"auth_token": TOKEN}, lambda: DAY, Ear(), public))


@pytest.mark.parametrize(("public", "number", "can"), [
    (PUBLIC, "+852", True), (PUBLIC, "+86", False), ("", "+852", False),
])  # fmt: skip
def test_twilio_says_where_it_cannot(public: str, number: str, can: bool) -> None:
    """No voice to mainland China; and where nobody can call us, no key can put the call through."""
    assert voice(public).abilities(number).connects is can


def test_no_provider_is_asked_for_what_it_cannot_or_may_not(tmp_path: Path) -> None:
    async def story(lines: Lines) -> None:
        providers = lines.app.world.providers
        assert way(providers, "demo", phone(DESK), phone(GRID_1)) is not None
        assert way(providers, "demo", phone(DESK), "+86") is None
        assert way(providers, "demo", phone(DESK), "") is None
        assert way(providers[:1], "demo", phone(DESK), phone(GRID_1)) is None  # texts only

    tell(tmp_path, story)


def test_an_address_that_we_never_gave_puts_nobody_through() -> None:
    path, query = "/hooks/voice/bridge", "attempt=500156.x&to=gAAAA"
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{path}?{query}", {"Digits": "1"})
    with pytest.raises(Forged):
        voice().called(Called("bridge", path, query, {"x-twilio-signature": signed}, b"Digits=1"))
