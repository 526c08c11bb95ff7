"""What is wrong in an areas file that reads well: codes that cannot be or are of the other system, and repetitions."""

from collections.abc import Iterator, Sequence

from callout.domain.alert import CodeSystem
from callout.rulebook.document import Document, FileError, near
from callout.rulebook.models import AreasFile, TownshipEntry
from callout.rulebook.township_codes import BOTH, SYSTEMS, code_in


def area_mistakes(doc: Document, entry: AreasFile, code: str) -> Iterator[FileError]:
    """Codes that cannot be, and what stands there twice."""
    if entry.county.gb2260 != code:
        yield doc.fail(("county", "gb2260"), f"代码与文件名不符；应为“{code}”。")
    for name, codes in (
        ("stats", [each.stats for each in entry.townships]),
        ("mca", [each.mca for each in entry.townships]),
        ("name", [each.name for each in entry.townships]),
    ):
        yield from _column_mistakes(doc, name, codes, code)
    yield from _spot_mistakes(doc, entry)
    yield from _village_mistakes(doc, entry)
    yield from _abolished_mistakes(doc, entry, code)


def _spot_mistakes(doc: Document, entry: AreasFile) -> Iterator[FileError]:
    names, towns = [place.name for place in entry.places], [each.name for each in entry.townships]
    for at, place in enumerate(entry.places):
        if place.name in names[:at]:
            yield doc.fail(("places", at, "name"), f"地点“{place.name}”写了两次；请改成不同的名称，或合成一条。")
        for i, town in enumerate(place.townships):
            if town not in towns:
                said = f"没有“{town}”这个乡镇{near(town, towns)}；请写区划文件里的全称。"
                yield doc.fail(("places", at, "townships", i), said)


def _column_mistakes(doc: Document, column: str, values: Sequence[str | None], county: str) -> Iterator[FileError]:
    for at, value in enumerate(values):
        if value is not None and value in values[:at]:
            yield doc.fail(("townships", at, column), f"“{value}”与前面的乡镇重复；请改正。")
        if value is not None and column != "name" and not value.startswith(county):
            yield doc.fail(("townships", at, column), f"“{value}”不在本区县（{county}）之内；请改正。")


def _village_mistakes(doc: Document, entry: AreasFile) -> Iterator[FileError]:
    """A village's code begins with that of its township, in the same system; its name is that of no other place."""
    towns, spots = {each.name: each for each in entry.townships}, {place.name for place in entry.places}
    seen: set[str] = set()
    for at, one in enumerate(entry.villages):
        town = towns.get(one.township)
        if town is None or one.township in seen:
            why = "写了两次；请合成一条" if town else f"不在乡镇里{near(one.township, list(towns))}；请写全称"
            yield doc.fail(("villages", at, "township"), f"“{one.township}”{why}。")
            continue
        seen.add(one.township)
        listed = [(system, code, name) for system in BOTH for code, name in getattr(one, system.value).items()]
        for system, code, name in listed:
            again = [each for each in getattr(one, system.value).values() if each == name]
            said = f"{town.name}有 {len(again)} 个{name}；请改成不同的名称。" if len(again) > 1 else ""
            if said := said or _village_mistake(entry, (code, name), town, system) or _taken(name, spots):
                yield doc.fail(("villages", at, system.value, code), said)


def _taken(name: str, spots: set[str]) -> str:
    return f"“{name}”已是 places 里的地点；请改其一的名称，或删去一个。" if name in spots else ""


def _village_mistake(entry: AreasFile, village: tuple[str, str], town: TownshipEntry, system: CodeSystem) -> str:
    code, name = village
    if code.startswith(code_in(town, system) or "-"):
        return ""
    under = f"{town.name}的{SYSTEMS[system]}代码（{code_in(town, system) or '没有'}）之下"
    return f"{name}的“{code}”不在{under}{_other(entry, code, system)}。"


def _other(entry: AreasFile, code: str, system: CodeSystem) -> str:
    """Where the code lies in each system; the other one is likely meant."""
    means = [
        f"在{SYSTEMS[each]}是{town.name}的"
        for each in BOTH
        for town in entry.townships
        if code[:9] == code_in(town, each)
    ]
    other = CodeSystem.MCA if system is CodeSystem.STATS else CodeSystem.STATS
    return f"；{code[:9]} {'，'.join(means)}；请改正，或写到 {other.value}" if means else "；请改正"


def _abolished_mistakes(doc: Document, entry: AreasFile, county: str) -> Iterator[FileError]:
    towns = [each.name for each in entry.townships]
    for at, gone in enumerate(entry.abolished):
        here = ("abolished", at)
        if not (gone.stats or gone.mca):
            yield doc.fail((*here, "name"), f"“{gone.name}”没有任何代码；stats 和 mca 请至少写一个。")
        for i, town in enumerate(gone.now):
            if town not in towns:
                yield doc.fail((*here, "now", i), f"没有“{town}”这个乡镇{near(town, towns)}；请写区划文件里的全称。")
        for system in BOTH:
            code = code_in(gone, system)
            user = next((each.name for each in entry.townships if code and code_in(each, system) == code), "")
            if user:
                yield doc.fail((*here, system.value), f"“{code}”是{user}在用的代码，不能又算撤销；请改正。")
            elif code and not code.startswith(county):
                yield doc.fail((*here, system.value), f"“{code}”不在本区县（{county}）之内；请改正。")
