"""The sample plan as a workbook, and a part of it that is quick to write and read."""

import io
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook, load_workbook

from callout.domain.roster import Roster
from callout.domain.rule import Rulebook
from callout.rulebook.plan_reading import PlanFile, read_plan
from callout.rulebook.plan_writing import write_plan
from callout.rulebook.reading import parse, read_files
from callout.rulebook.roster import roster_sample
from callout.rulebook.workbook import read_workbook

COUNTY = "500156"
FILES = read_files(Path(__file__).parents[2] / "rules")
BOOK: Rulebook = parse(FILES, COUNTY)
AREAS = {"areas/500156.yaml": FILES["areas/500156.yaml"].partition("# 村（社区）")[0]}
"""Without villages, which would make every small workbook slow."""
BESIDE = AREAS | {name: FILES[name] for name in ("gauges.yaml", "codes.yaml")}
"""What a workbook does not hold, gauges and their thresholds, codes of elsewhere; and areas as they were before."""
NOBODY = Roster("", COUNTY, (), ())
SAMPLE = roster_sample(BOOK.county, 60, 1, BOOK)
WHOLE = write_plan(FILES, BOOK, SAMPLE)
BAIMA = "500156101-白马镇"


def small() -> dict[str, str]:
    """The sample with one industry and one township: quick to write and read."""
    kept = ("county.yaml", "ladders.yaml", "industries/education.yaml", f"townships/{BAIMA}.yaml")
    return AREAS | {name: FILES[name] for name in kept}


SMALL = small()
SMALL_BOOK = parse(SMALL, COUNTY)
SMALL_RAW = write_plan(SMALL, SMALL_BOOK, SAMPLE)


def read(raw: bytes, base: dict[str, str] | None = None) -> PlanFile:
    return read_plan(read_workbook(raw), SMALL if base is None else base, COUNTY)


def edited(change: Callable[[Workbook], None], raw: bytes = SMALL_RAW) -> bytes:
    book = load_workbook(io.BytesIO(raw))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
