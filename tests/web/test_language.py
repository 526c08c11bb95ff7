"""Pages in English: every sentence has its words, with the same gaps; Chinese unless asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from callout.domain.level import Hazard, Level
from callout.web.language import catalogue, speaking, when
from tests.scenarios.field import DAY, GRID_1, SMS, open_field
from tests.web.room import ADDRESS, Room

PAGES = Path(__file__).parents[2] / "templates" / "web"
SPEAKING = ("called.html.j2",)
"""Templates that speak English."""
GAP = r"%\((\w+)\)s"


def words_of(name: str) -> set[str]:
    """Every sentence that a template asks the catalogue for."""
    made = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, autoescape=True)
    source = (PAGES / name).read_text(encoding="utf-8")
    every = [said for _, _, said in made.extract_translations(source)]  # type: ignore[attr-defined]
    return {str(said[0] if isinstance(said, tuple) else said) for said in every} - {"None"}


@pytest.mark.parametrize("name", SPEAKING)
def test_every_sentence_of_a_page_has_its_english(name: str) -> None:
    english = catalogue(PAGES, "en")
    closed = {*(hazard.value for hazard in Hazard), *(level.zh for level in Level)}
    code = (PAGES.parents[1] / "callout" / "web" / "called.py").read_text(encoding="utf-8")
    asked = words_of(name) | closed | set(re.findall(r'"((?:没有|这个|按的)[^"]+)"', code))
    assert len(asked) > 40
    assert asked <= set(english)


def test_a_translation_has_the_gaps_of_its_original_and_none_is_in_doubt() -> None:
    with (PAGES / "en.po").open("rb") as file:
        every = [(str(one.id), str(one.string), one.fuzzy) for one in read_po(file, locale="en") if one.id]
    assert not [zh for zh, en, _ in every if sorted(re.findall(GAP, zh)) != sorted(re.findall(GAP, en))]
    assert not [zh for zh, en, fuzzy in every if fuzzy or not en or re.search("[一-鿿]", en)]


def test_times_are_said_as_the_language_says_them() -> None:
    assert when(DAY) == "8月2日 10:00"
    with speaking("en") as spoken:
        assert (spoken, when(DAY)) == ("en", "2 Aug, 10:00")
    with speaking("xx") as spoken:
        assert (spoken, when(DAY)) == ("zh", "8月2日 10:00")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    field = open_field(f"sqlite:///{tmp_path}/field.sqlite3", link_key="a synthetic secret", public_url=ADDRESS)
    yield Room(field)
    field.app.close()


def test_the_person_called_may_read_and_answer_in_english(room: Room) -> None:
    room.field.alert(Level.RED)
    browser, path = room.browser(), room.field.last(GRID_1, SMS).text.rpartition(ADDRESS)[2]
    assert "收到" in browser.get(path).text
    text = browser.get(f"{path}?lang=en").text
    assert '<html lang="en">' in text
    assert "Red rainstorm warning: 武隆区" in text
    assert ">Received</button>" in text
    answer = browser.client.post(f"{path}?lang=en", data={"choice": "moving", "people": "3", "n": "0"})
    assert "Recorded: Moving people now (3 people moved)" in answer.text
    room.field.settle()
    assert room.field.callout(GRID_1).grade == "acknowledged"
    assert "There is no such link" in browser.get("/c/" + "a" * 24 + "?lang=en").text
