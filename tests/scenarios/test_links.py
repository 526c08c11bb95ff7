"""The link in a text: only where the channel carries one, and what a pressed button counts for."""

import re
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from callout.domain.alert import MsgType
from callout.domain.level import Level
from callout.ports import InboundKind
from callout.simulation.carrier import ABILITIES
from callout.store import schema
from tests.scenarios.field import BAIMA, DEPUTY, GRID_1, GRID_2, SMS, VOICE, Field

LINKS = {"link_key": "a synthetic secret", "public_url": "https://callout.example"}
_LINK = re.compile(r"https://callout\.example/c/[a-z2-7]{24}$")


def test_a_text_ends_with_a_link_of_its_own_and_a_call_reads_none(open_county: Callable[..., Field]) -> None:
    field = open_county(**LINKS)
    field.alert()
    field.wait(600)
    texts = [m.text for _, m in field.phones.got if m.channel is SMS]
    assert len(texts) >= 6
    assert all(_LINK.search(text) for text in texts)
    assert len({_LINK.findall(text)[0] for text in texts}) == len(texts)
    assert not [m for _, m in field.phones.got if m.channel is VOICE and "callout.example" in m.text]


def test_where_the_channel_carries_no_link_or_nothing_is_signed_the_text_has_none(
    open_county: Callable[..., Field],
) -> None:
    plain = open_county(link_key=LINKS["link_key"])
    plain.alert()
    barred = open_county(**LINKS)
    barred.phones.able = replace(ABILITIES, links=False)
    barred.alert()
    assert plain.phones.got
    assert barred.phones.got
    assert not [m for _, m in plain.phones.got + barred.phones.got if "http" in m.text]


def test_a_notice_has_no_link(open_county: Callable[..., Field]) -> None:
    field = open_county(**LINKS)
    field.alert(identifier="A", areas=[BAIMA])
    field.reply(GRID_1, "收到")
    field.wait(60)
    field.alert(msg_type=MsgType.UPDATE, references=["A"], areas=[BAIMA])
    field.wait(60)
    notices = [m for _, m in field.to(GRID_1) if m.notice]
    assert notices
    assert not [m for m in notices if "http" in m.text]


def test_a_pressed_button_answers_exactly_what_its_text_spoke_of(field: Field) -> None:
    field.alert()
    old = field.last(GRID_1, SMS).attempt
    field.alert(level=Level.RED, identifier="another")
    new = field.last(GRID_1, SMS).attempt
    field.come(InboundKind.LINK, "1", attempt=new)
    assert field.callout(GRID_1, 2).grade == "acknowledged"
    assert field.callout(GRID_2, 2).state == "waiting"
    field.come(InboundKind.LINK, "1", attempt=old)
    assert field.callout(GRID_1, 1).state == "superseded"


def test_moving_people_is_an_answer_with_a_report(field: Field) -> None:
    field.alert(level=Level.RED)
    field.come(InboundKind.LINK, "moving:12", attempt=field.last(GRID_1, SMS).attempt)
    assert field.callout(GRID_1).grade == "acknowledged"
    a = schema.answer
    [row] = field.rows(select(a.c.moved, a.c.grade, a.c.body).where(a.c.post == GRID_1))
    assert tuple(row) == (12, "acknowledged", "moving:12")
    [entry] = field.audit("callout.answered")
    assert "key=moving:12 moved=12" in entry.detail


def test_cannot_come_by_the_link_calls_the_deputy_at_once(field: Field) -> None:
    field.alert(level=Level.RED)
    field.new()
    field.come(InboundKind.LINK, "2", attempt=field.last(GRID_1, SMS).attempt)
    assert (DEPUTY, VOICE) in field.new()
    assert (GRID_1, "cannot_come") in field.human_calls()


def test_support_by_the_link_opens_an_item_and_the_ladder_goes_on(field: Field) -> None:
    field.alert(level=Level.RED)
    field.come(InboundKind.LINK, "3", attempt=field.last(GRID_1, SMS).attempt)
    assert (GRID_1, "asked") in field.human_calls()
    assert field.callout(GRID_1).state == "waiting"


def test_a_link_of_a_stand_in_answers_for_the_post_only(field: Field) -> None:
    field.alert(level=Level.RED)
    field.come(InboundKind.LINK, "2", attempt=field.last(GRID_1, SMS).attempt)
    field.come(InboundKind.LINK, "1", attempt=field.last(DEPUTY, VOICE).attempt)
    assert field.callout(GRID_1).grade == "proxy"
