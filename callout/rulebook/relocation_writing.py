"""The 转移台账 as a file: an empty one with examples, or the one in force, in the columns that the import reads."""

import csv
import io
from collections.abc import Iterable, Mapping

from callout.domain.area import County
from callout.domain.instant import MINUTE
from callout.domain.relocation_plan import NOBODY, RelocationPlan, Shelter, Site
from callout.rulebook.relocation_file import NOTE_OF_EXAMPLE, SHELTER, Column

_C = Column
Line = Mapping[Column, object]


def template(county: County) -> bytes:
    """The header and two examples, which the import does not read."""
    town = county.townships[0].name
    site: Line = {
        _C.KIND: "养老机构", _C.ID: "Z001", _C.NAME: "示例养老院", _C.TOWNSHIP: town, _C.PLACE: "示例村一组",
        _C.HOUSEHOLDS: 1, _C.PEOPLE: 69, _C.IMMOBILE: 55, _C.RISK: "示例溪", _C.LYING: "下游",
        _C.HAZARDS: "暴雨、山洪", _C.LEVEL: "橙色", _C.WITHIN: "1小时", _C.ORGANIZER: "分管领导", _C.KEEPER: "网格员",
        _C.SHELTER: "A001", _C.ROUTE: "出门向东走高处", _C.SIGNAL: "急促敲锣", _C.CARE: "专人看守，登记去向",
        _C.NOTE: NOTE_OF_EXAMPLE,
    }  # fmt: skip
    shelter: Line = {
        _C.KIND: SHELTER, _C.ID: "A001", _C.NAME: "示例中心校", _C.TOWNSHIP: town, _C.PLACE: "示例街",
        _C.CAPACITY: 300, _C.KEEPER: "带班领导", _C.NOTE: NOTE_OF_EXAMPLE,
    }  # fmt: skip
    return _table([site, shelter])


def write_relocation(plan: RelocationPlan, county: County) -> bytes:
    """The whole list; posts stand by their numbers."""
    names = {town.key: town.name for town in county.townships}
    sites = [_site(one, names) for one in plan.sites]
    return _table([*sites, *(_shelter(one, names) for one in plan.shelters)])


def _site(one: Site, names: Mapping[str, str]) -> Line:
    return {
        _C.KIND: one.kind, _C.ID: one.id, _C.NAME: one.name, _C.TOWNSHIP: names.get(one.area, one.area),
        _C.PLACE: one.place, _C.HOUSEHOLDS: one.households, _C.PEOPLE: one.people, _C.IMMOBILE: one.immobile,
        _C.RISK: one.risk, _C.LYING: one.lying, _C.HAZARDS: "、".join(one.hazards), _C.LEVEL: one.level.zh,
        _C.WITHIN: f"{one.within // MINUTE}分钟", _C.ORGANIZER: _post(one.organizer), _C.KEEPER: _post(one.keeper),
        _C.SHELTER: one.shelter, _C.ROUTE: one.route, _C.SIGNAL: one.signal, _C.CARE: one.care,
    }  # fmt: skip


def _shelter(one: Shelter, names: Mapping[str, str]) -> Line:
    return {
        _C.KIND: SHELTER, _C.ID: one.id, _C.NAME: one.name, _C.TOWNSHIP: names.get(one.area, one.area),
        _C.PLACE: one.place, _C.CAPACITY: one.capacity, _C.KEEPER: _post(one.keeper),
    }  # fmt: skip


def _post(post: int) -> str:
    return "" if post == NOBODY else str(post)


def _table(lines: Iterable[Line]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.value for column in Column)
    writer.writerows([str(line.get(column, "")) for column in Column] for line in lines)
    return text.getvalue().encode("utf-8-sig")
