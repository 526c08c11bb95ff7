"""扩展码: a reply that was sent back to the number a text came from answers that text, also after a restart."""

import dataclasses

import pytest
from sqlalchemy import select

from callout.app import build
from callout.domain.extension import extension
from callout.ports import Inbound, InboundKind
from callout.store import schema
from tests.scenarios.baima import TEXT, only
from tests.scenarios.field import GRID_1, GRID_2, Field, number
from tests.scenarios.test_replies import code, slide, state

DIGITS = 4


def back(field: Field, text: str, digits: str, serial: int = GRID_1) -> None:
    """A text to the number whose last digits are these."""
    field.events += 1
    came = Inbound(
        f"ext:{field.events}", InboundKind.REPLY, field.clock.now(), text, e164=number(serial).e164, extension=digits
    )
    field.app.take_in([came])
    field.settle()


def restart(field: Field) -> Field:
    """Another process on the same database."""
    app = build(field.app.settings, field.app.world, field.app.database)
    app.intake = field.app.intake
    return dataclasses.replace(field, app=app)


def two_texts(field: Field) -> tuple[int, int, str]:
    """Two warnings, and the digits of the first one's text."""
    storm = only(field, GRID_1)
    field.wait(40)
    digits = extension(field.last(GRID_1, TEXT).attempt, DIGITS)
    return storm, slide(field), digits


def test_a_reply_answers_the_text_that_it_was_sent_back_to_after_a_restart(field: Field) -> None:
    """A bare 1 would count for the newer text; the digits say which one is meant. The other is named in the reply."""
    storm, mud, digits = two_texts(field)
    field.wait(35)
    again = restart(field)
    back(again, "1", digits)
    assert (state(again, storm), state(again, mud)) == ("answered", "waiting")
    assert again.new() == [(GRID_1, TEXT)]
    assert code(again, mud) in again.last(GRID_1, TEXT).text


def test_a_code_in_the_words_says_more_than_the_number(field: Field) -> None:
    """Who writes the code of the other text means the other."""
    storm, mud, digits = two_texts(field)
    field.wait(35)
    back(field, code(field, mud), digits)
    assert (state(field, storm), state(field, mud)) == ("waiting", "answered")


@pytest.mark.parametrize("digits", ["0000", "12", ""])
def test_digits_that_name_no_text_leave_it_to_the_number(field: Field, digits: str) -> None:
    """As without digits: the newest text that is old enough."""
    storm, mud, _ = two_texts(field)
    field.wait(35)
    back(field, "1", digits)
    assert (state(field, storm), state(field, mud)) == ("waiting", "answered")


def test_anothers_digits_answer_nothing_of_theirs(field: Field) -> None:
    """The digits hold together with the number that the text went to."""
    storm, mud, digits = two_texts(field)
    field.wait(35)
    back(field, "1", digits, serial=GRID_2)
    assert (state(field, storm), state(field, mud)) == ("waiting", "waiting")


def test_a_question_belongs_to_the_text_that_it_was_sent_back_to(field: Field) -> None:
    """The officer sees it at the right warning."""
    storm, _, digits = two_texts(field)
    field.wait(35)
    back(field, "哪条沟？", digits)
    [(at, kind)] = {(row.alert, row.kind) for row in field.rows(select(schema.human_call))}
    assert (at, kind) == (storm, "asked")
    assert field.callout(GRID_1, storm).state == "waiting"
