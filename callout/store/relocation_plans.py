"""The 转移台账 on record: kept by version, names and addresses in the erasable table only."""

from typing import Any

from sqlalchemy import String, and_, bindparam, select

from callout.domain.level import Hazard, Level
from callout.domain.relocation_plan import Lying, RelocationPlan, Shelter, Site, SiteKind
from callout.ports import Ids
from callout.store import schema
from callout.store.batch import Values
from callout.store.personal import keep_many
from callout.store.prepared import fetch
from callout.store.transaction import Event, Ledger, Note, changed

ERASED = "（已删除）"
"""Instead of a name or an address that was removed from the erasable table."""
_K = schema.county
_VERSION = select(_K.c.relocation).where(_K.c.county == bindparam("of_county", type_=String))


class RelocationPlanRows:
    """Reads and writes of the list inside one transaction."""

    def __init__(self, ledger: Ledger, ids: Ids) -> None:
        self._ledger = ledger
        self._db = ledger.connection
        self._ids = ids

    def use(self, plan: RelocationPlan, actor: str, detail: str = "") -> None:
        """Make this list the one in force for its county; older versions stay on record.

        `detail` goes into the record: where it came from and what it changed, without personal data.
        """
        row = {
            "county": plan.county,
            "version": plan.version,
            "loaded_at": self._ledger.at,
            "loaded_by": actor,
        }
        notes = {(plan.county, plan.version): Note(detail=detail)}
        if self._ledger.record_rows(schema.relocation_version, [row], Event("loaded", actor), notes):
            self._load(plan, actor)
        k = schema.county
        changing = changed(k, relocation=plan.version).where(k.c.county == plan.county)
        self._ledger.record_set(changing, Event("relocation_in_force", actor))

    def _load(self, plan: RelocationPlan, actor: str) -> None:
        places: list[Site | Shelter] = [*plan.sites, *plan.shelters]
        names = keep_many(self._db, self._ids, "name", (one.name for one in places))
        where = keep_many(self._db, self._ids, "place", (one.place for one in places))
        event, version = Event("loaded", actor), {"county": plan.county, "version": plan.version}

        def row(at: int, key: str, one: Site | Shelter) -> Values:
            kept = {"name": names[one.name], "place": where[one.place]}
            return {**version, key: one.id, "ord": at, "area": one.area, "keeper": one.keeper, **kept}

        sites = [row(at, "site", site) | _written(site) for at, site in enumerate(plan.sites, 1)]
        self._ledger.record_rows(schema.relocation_site, sites, event)
        shelters = [row(at, "shelter", one) | {"capacity": one.capacity} for at, one in enumerate(plan.shelters, 1)]
        self._ledger.record_rows(schema.relocation_shelter, shelters, event)

    def version(self, county: str) -> str:
        """The version in force; empty where the county has no list yet."""
        found = fetch(self._db, _VERSION, {"of_county": county})
        return str(found[0].relocation) if found else ""

    def plan(self, county: str, version: str = "") -> RelocationPlan:
        """A version of the list, names included; without one the version in force. Empty where there is none."""
        version = version or self.version(county)
        s, h = schema.relocation_site, schema.relocation_shelter
        sites = tuple(_site(row) for row in self._rows(s, county, version))
        shelters = tuple(
            Shelter(r.shelter, r.name_said or ERASED, r.area, r.place_said or ERASED, r.capacity, r.keeper)
            for r in self._rows(h, county, version)
        )
        return RelocationPlan(version, county, sites, shelters)

    def _rows(self, table: Any, county: str, version: str) -> list[Any]:
        name, place = schema.personal.alias("names"), schema.personal.alias("places")
        of = and_(table.c.county == county, table.c.version == version)
        chosen = (
            select(table, name.c.value.label("name_said"), place.c.value.label("place_said"))
            .outerjoin(name, name.c.commitment == table.c.name)
            .outerjoin(place, place.c.commitment == table.c.place)
            .where(of)
            .order_by(table.c.ord)
        )
        return list(self._db.execute(chosen)) if version else []


_PLAIN = ("households", "people", "immobile", "risk", "within", "organizer", "shelter", "route", "signal", "care")
"""Columns of a site that stand as they are."""


def _written(site: Site) -> Values:
    words = {"kind": site.kind.value, "lying": site.lying.value, "level": site.level.value}
    return words | {"hazards": ",".join(site.hazards)} | {name: getattr(site, name) for name in _PLAIN}


def _site(row: Any) -> Site:
    return Site(
        id=row.site,
        kind=SiteKind(row.kind),
        name=row.name_said or ERASED,
        area=row.area,
        place=row.place_said or ERASED,
        lying=Lying(row.lying),
        hazards=tuple(Hazard(word) for word in row.hazards.split(",") if word),
        level=Level(row.level),
        keeper=row.keeper,
        **{name: row._mapping[name] for name in _PLAIN},
    )
