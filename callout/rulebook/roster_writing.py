"""A roster as the file that the office edits; `read_roster` gives the same roster back."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence

from callout.domain.alert import CodeSystem
from callout.domain.area import County
from callout.domain.roster import ContactMethod, NumberKind, Responder, Roster
from callout.rulebook.phones import write_numbers
from callout.rulebook.roster_table import EXAMPLE, Column
from callout.rulebook.township_codes import SYSTEMS

_HEADER = list(Column)


def write_roster(roster: Roster, county: County) -> bytes:
    """The file: UTF-8 with the mark that spreadsheets look for, one line per post, then those who only stand in."""
    return _file(roster_lines(roster, county))


def template(county: County) -> bytes:
    """The header and two lines that show how to fill it in, for nobody who exists."""
    town = next(iter(county.townships))
    head = {
        **_place(county, town.key),
        Column.TITLE: f"示例·{town.name}党委书记",
        Column.ROLE: "党政主要负责人",
        Column.NAME: "示例甲",
        Column.NUMBERS: "+9990000001、+9990000002",
        Column.LANDLINE: "固话+9990000003",
        Column.NOTE: EXAMPLE,
    }
    grid = {
        **_place(county, town.key),
        Column.TITLE: f"示例·{town.name}网格员一",
        Column.ROLE: "网格员",
        Column.NAME: "示例乙",
        Column.NUMBERS: "+9990000004",
        Column.DEPUTY: "示例甲",
        Column.SUPERIOR: f"示例·{town.name}党委书记",
        Column.NOTE: EXAMPLE,
    }
    return _file([head, grid])


def _file(lines: Sequence[Mapping[Column, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADER)
    writer.writerows([line.get(column, "") for column in _HEADER] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def roster_lines(roster: Roster, county: County) -> list[dict[Column, str]]:
    """Each line of the file, column by column."""
    people = {p.id: p for p in roster.responders}
    names = Counter(p.name for p in roster.responders)
    titles = Counter(p.title for p in roster.posts)
    posts = {p.id: p for p in roster.posts}
    lines = []
    for post in roster.posts:
        deputy = people[post.deputy] if post.deputy is not None else None
        above = posts[post.superior] if post.superior is not None else None
        lines.append(
            {
                **_place(county, post.area),
                Column.POST: str(post.id),
                Column.TITLE: post.title,
                Column.ROLE: post.role,
                **_person(people[post.holder] if post.holder is not None else None),
                Column.DEPUTY: _named(deputy.id, deputy.name, names) if deputy else "",
                Column.SUPERIOR: _named(above.id, above.title, titles) if above else "",
            }
        )
    holders = {post.holder for post in roster.posts}
    return lines + [dict(_person(p)) for p in roster.responders if p.id not in holders]


def _named(ident: int, word: str, known: Counter[str]) -> str:
    """The word where it can mean nothing else, the id otherwise."""
    return word if known[word] == 1 and not word.isdecimal() else str(ident)


def _place(county: County, area: str) -> dict[Column, str]:
    system, _, code = area.partition(":")
    names = {county.key: county.name, **{t.key: t.name for t in county.townships}}
    own = area == county.key
    return {
        Column.COUNTY: county.code,
        Column.TOWNSHIP: names.get(area, ""),
        Column.CODE: "" if own else code,
        Column.SYSTEM: "" if own else SYSTEMS[CodeSystem(system)],
    }


def _person(person: Responder | None) -> Mapping[Column, str]:
    if person is None:
        return {}
    mobiles, landlines = _columns(person.contacts)
    return {
        Column.PERSON: str(person.id),
        Column.NAME: person.name,
        Column.NUMBERS: write_numbers(mobiles),
        Column.LANDLINE: write_numbers(landlines),
    }


def _columns(contacts: Sequence[ContactMethod]) -> tuple[Sequence[ContactMethod], Sequence[ContactMethod]]:
    """Landlines go to their own column only where they come last: the order of trial is the order in the file."""
    split = next((at for at, c in enumerate(contacts) if c.kind is NumberKind.LANDLINE), len(contacts))
    first, rest = contacts[:split], contacts[split:]
    return (contacts, ()) if any(c.kind is NumberKind.MOBILE for c in rest) else (first, rest)
