"""The areas file as lines of the workbook's sheets, and the same file out of these lines again."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from callout.rulebook.models import AreasFile, VillagesEntry
from callout.rulebook.plan_cells import Row, several
from callout.rulebook.plan_columns import Col, Tab
from callout.rulebook.plan_draft import Data, Draft
from callout.rulebook.plan_lines import Line, joined


def area_lines(found: AreasFile) -> dict[Tab, list[Line]]:
    """Every line of the four sheets."""
    return {
        Tab.TOWNS: [
            {Col.NAME: t.name, Col.ALIAS: joined(t.alias), Col.STATS: t.stats or "", Col.MCA: t.mca or ""}
            for t in found.townships
        ],
        Tab.SPOTS: [
            {Col.NAME: p.name, Col.SPOT_KIND: p.kind, Col.INSIDE: joined(p.townships)} for p in found.places
        ],
        Tab.VILLAGES: [line for one in found.villages for line in _villages(one)],
        Tab.GONE: [
            {Col.NAME: a.name, Col.STATS: a.stats or "", Col.MCA: a.mca or "", Col.NOW: joined(a.now),
             Col.SINCE: a.since, Col.BASIS: a.basis}
            for a in found.abolished
        ],
    }  # fmt: skip


def _villages(one: VillagesEntry) -> Iterator[Line]:
    """One line for each village, both codes in it where its name is the same in both systems."""
    for name in dict.fromkeys([*one.stats.values(), *one.mca.values()]):
        codes = [[code for code, each in listed.items() if each == name] for listed in (one.stats, one.mca)]
        for stats, mca in zip_longest(*codes, fillvalue=""):
            yield {Col.INSIDE: one.township, Col.NAME: name, Col.STATS: stats, Col.MCA: mca}


def areas_draft(tables: Mapping[Tab, Sequence[Row]], county: tuple[str, str]) -> Draft | None:
    """The areas file of a county, (code, name), by the lines of its sheets; None where no township stands there."""
    code, name = county
    if not tables[Tab.TOWNS]:
        return None
    draft = Draft(f"areas/{code}.yaml", (tables[Tab.TOWNS][0], Col.NAME), {"county": {"gb2260": code, "name": name}})
    for key, tab, entry in (
        ("townships", Tab.TOWNS, _town),
        ("places", Tab.SPOTS, _spot),
        ("abolished", Tab.GONE, _gone),
    ):
        for at, row in enumerate(tables[tab], 1):
            base = f"{key}[{at}]"
            data: Data = {}
            draft.data.setdefault(key, []).append(data)
            draft.at(base, row, Col.NAME)
            draft.put((data, f"{base}.name"), row, Col.NAME)
            entry(draft, row, (data, base))
    _peopled(draft, tables[Tab.VILLAGES])
    return draft


def _town(draft: Draft, row: Row, where: tuple[Data, str]) -> None:
    data, base = where
    draft.put((data, f"{base}.alias"), row, Col.ALIAS, several(row[Col.ALIAS]))
    _codes(draft, row, where)


def _codes(draft: Draft, row: Row, where: tuple[Data, str]) -> None:
    """A blank cell says that the system does not list it. Zeros behind a township's nine digits mean nothing."""
    data, base = where
    for name, key in ((Col.STATS, "stats"), (Col.MCA, "mca")):
        code = row[name].removesuffix("000") if len(row[name]) == len("500156101000") else row[name]
        data[key] = code or None
        draft.at(f"{base}.{key}", row, name)


def _spot(draft: Draft, row: Row, where: tuple[Data, str]) -> None:
    data, base = where
    draft.put((data, f"{base}.kind"), row, Col.SPOT_KIND)
    draft.put((data, f"{base}.townships"), row, Col.INSIDE, several(row[Col.INSIDE]))


def _gone(draft: Draft, row: Row, where: tuple[Data, str]) -> None:
    data, base = where
    _codes(draft, row, where)
    draft.put((data, f"{base}.now"), row, Col.NOW, several(row[Col.NOW]))
    draft.put((data, f"{base}.since"), row, Col.SINCE)
    draft.put((data, f"{base}.basis"), row, Col.BASIS)


def _peopled(draft: Draft, rows: Sequence[Row]) -> None:
    """The villages of a township together, wherever their lines stand; a blank township is that of the line above."""
    towns: dict[str, tuple[Data, str]] = {}
    town = ""
    for row in rows:
        town = row[Col.INSIDE] or town
        if town not in towns:
            entries: list[Data] = draft.data.setdefault("villages", [])
            entries.append({"township": town})
            towns[town] = entries[-1], f"villages[{len(entries)}]"
            draft.at(towns[town][1], row, Col.INSIDE)
            draft.at(f"{towns[town][1]}.township", row, Col.INSIDE)
        data, base = towns[town]
        for name, key in ((Col.STATS, "stats"), (Col.MCA, "mca")):
            if row[name]:
                data.setdefault(key, {})[row[name]] = row[Col.NAME]
                draft.at(f"{base}.{key}.{row[name]}", row, name)
