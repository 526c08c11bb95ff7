"""What editors are told about rule files is what the reader takes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from callout.rulebook.document import load
from callout.rulebook.reading import read_files
from callout.rulebook.schema import FILES, schemas

RULES = Path(__file__).parents[2] / "rules"
KINDS = {"areas": "areas", "industries": "industry", "townships": "township"}
"""Folder → kind of file; the others are named after their kind."""


def kind(name: str) -> str:
    folder, _, file = name.rpartition("/")
    return KINDS.get(folder, file.removesuffix(".yaml"))


def schema_of(name: str) -> Any:
    return json.loads(schemas()[f"{kind(name)}.schema.json"])


def keys(node: Any) -> list[tuple[str, Any]]:
    """Every key of every object in a schema, with what is said about it."""
    here = list(node.get("properties", {}).items()) if isinstance(node, dict) else []
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [*here, *(found for each in inside for found in keys(each))]


def test_the_sample_carries_the_schemas_of_this_version() -> None:
    held = {path.name: path.read_text(encoding="utf-8") for path in (RULES / "schema").iterdir()}
    assert held == schemas(), "run: callout rules schema --out rules/schema"


@pytest.mark.parametrize("name", sorted(read_files(RULES)))
def test_every_sample_file_names_its_schema_and_is_taken_by_it(name: str) -> None:
    text = (RULES / name).read_text(encoding="utf-8")
    [named] = [line.partition("$schema=")[2] for line in text.splitlines() if "yaml-language-server" in line]
    assert ((RULES / name).parent / named).resolve() == (RULES / "schema" / f"{kind(name)}.schema.json").resolve()
    assert list(Draft202012Validator(schema_of(name)).iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize("kind_", sorted(FILES))
def test_every_key_has_a_chinese_name_and_meaning(kind_: str) -> None:
    schema = json.loads(schemas()[f"{kind_}.schema.json"])
    Draft202012Validator.check_schema(schema)
    unnamed = {key for key, said in keys(schema) if not any("一" <= c <= "鿿" for c in said.get("title", ""))}
    assert unnamed <= {"at_least", "exactly"}


BASE = """\
industry: 示例
roles: [甲]
rules:
  - id: 一
    hazard: 暴雨
    calls: [{roles: [甲], ladder: red}]
"""


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("level: 橙色", True),
        ("level: {at_least: 红}", True),
        ("level: {exactly: red}", True),
        ("level: 紫色", False),
        ("level: {at_least: 橙色, exactly: 红色}", False),
        ("level: {}", False),
        ("level: {atleast: 橙色}", False),
        ('at: "22:00"', True),
        ('at: "24:00"', False),
        ("at: 22:00", False),
        ('issued: "22:00-06:00"', True),
        ('issued: "22:00"', False),
        ('season: "05-01..09-30"', True),
        ('season: "5-1..9-30"', False),
        ("measure: 停", True),
        ("stop_work: [{code: 停学, role: 甲, measure: 停}]", True),
        ("stop_work: [{code: 停电, role: 甲, measure: 停}]", False),
        ("hazrad: 暴雨", False),
    ],
)
def test_schema_and_reader_agree(line: str, fits: bool) -> None:
    text = f"{BASE}    {line}\n"
    errors = list(Draft202012Validator(schema_of("industries/x.yaml")).iter_errors(yaml.safe_load(text)))
    _, mistakes = load("x.yaml", text).read(FILES["industry"])
    assert (not errors, not mistakes) == (fits, fits)
