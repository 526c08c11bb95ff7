"""Any roster comes back from its file as it went; any bytes are read or refused, and nothing else."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from callout.domain.errors import RosterError
from callout.domain.roster import ContactMethod, NumberKind, Post, Responder, Roster
from callout.domain.rule import Rulebook
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster_file import read_roster
from callout.rulebook.roster_writing import write_roster

BOOK: Rulebook = parse(read_files(Path(__file__).parents[2] / "rules"), "500156")
NOBODY = Roster("", "500156", (), ())
BAIMA, JIANGKOU = "stats:500156101", "stats:500156102"
HEADER = "乡镇,岗位,角色,姓名,号码,副职,上级岗位"

WORDS = st.text(st.sampled_from("示例镇村网格员甲乙丙丁一二三12,\"'、；（）()Ab"), min_size=1, max_size=8).map(
    lambda word: f"示{word.strip()}例"
)
SERIALS = st.integers(0, 10**7)
CONTACTS = st.lists(
    st.builds(
        ContactMethod,
        st.one_of(
            SERIALS.map(lambda n: f"+999{n:07d}"),
            SERIALS.map(lambda n: f"+86139{n:08d}"),
            SERIALS.map(lambda n: f"+86231{n:07d}"[:13]),
        ),
        st.sampled_from(NumberKind),
    ),
    max_size=4,
    unique_by=lambda c: c.e164,
).map(lambda some: tuple(_kind(c) for c in some))


def _kind(contact: ContactMethod) -> ContactMethod:
    """Mainland numbers say themselves what they are; sample numbers may be either."""
    if contact.e164.startswith("+999"):
        return contact
    return replace(contact, kind=NumberKind.MOBILE if contact.e164[3] == "1" else NumberKind.LANDLINE)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    ids = draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=6, unique=True))
    people = tuple(Responder(i, draw(WORDS), draw(CONTACTS)) for i in sorted(ids))
    posts = sorted(draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=6, unique=True)))
    anyone, any_post = st.one_of(st.none(), st.sampled_from(ids)), st.one_of(st.none(), st.sampled_from(posts))
    areas = st.sampled_from([BAIMA, JIANGKOU, "gb2260:500156"])
    return Roster(
        "v1",
        "500156",
        tuple(Post(i, draw(areas), "网格员", draw(WORDS), draw(anyone), draw(anyone), draw(any_post)) for i in posts),
        people,
    )


@given(rosters(), st.booleans())
@settings(max_examples=150)
def test_what_is_exported_is_imported_without_a_difference(roster: Roster, known: bool) -> None:
    file = read_roster(write_roster(roster, BOOK.county), BOOK, roster if known else NOBODY, "v2")
    assert file.errors == ()
    assert file.roster is not None
    assert (file.roster.posts, file.roster.responders) == (roster.posts, roster.responders)


@given(st.binary(max_size=400), st.text(st.sampled_from("示例,\"'\n\t;123+9白马镇网格员"), max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(noise: bytes, lines: str) -> None:
    for raw in (noise, f"{HEADER}\n{lines}".encode()):
        try:
            file = read_roster(raw, BOOK, NOBODY, "v")
        except RosterError:
            continue
        assert (file.roster is None) == bool(file.errors)
