"""docs/rules.md tells people how to write a plan: its tables are those of the reader, its examples can be read."""

import re
from pathlib import Path

import pytest

from callout.domain.conditions import CONDITIONS
from callout.rulebook.entries import RuleEntry
from callout.rulebook.reading import parse, read_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
SAMPLE = read_files(ROOT / "rules")
NO_CONDITIONS = {"id", "calls", "stop_work", "feedback", "measure", "measures"}


def test_the_table_of_conditions_is_what_the_reader_takes() -> None:
    _, _, table = PAGE.partition("<!-- conditions -->")
    rows = re.findall(r"(?m)^\| `(\w+)` \| (\S+) \| (.+) \|$", table.partition("\n\n")[0])
    fields = {name: field for name, field in RuleEntry.model_fields.items() if name not in NO_CONDITIONS}
    said = [(name, *(field.description or "").split("：", 1)) for name, field in fields.items()]
    assert rows == said
    assert {kind.partition("_")[0] for kind in CONDITIONS} == set(fields) - {"at"}


@pytest.mark.parametrize(
    ("begins", "file"),
    [
        ("township:", "townships/500156101-白马镇.yaml"),
        ("industry:", "industries/education.yaml"),
        ("ladders:", "ladders.yaml"),
    ],
)
def test_the_examples_can_be_used_as_they_stand(begins: str, file: str) -> None:
    [example] = [body for body in re.findall(r"(?ms)^```yaml\n(.*?)^```", PAGE) if body.startswith(begins)]
    if begins == "ladders:":  # the sample's other ladders, which its plans name
        example += SAMPLE[file].partition("\nladders:")[2].replace("\n  red:", "\n  sample-red:", 1)
    assert parse({**SAMPLE, file: example}, "500156").rules
