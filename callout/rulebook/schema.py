"""JSON Schemas of the rule files, from which editors complete keys and words and say in Chinese what they mean."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from callout.rulebook.codes_file import CodesFile
from callout.rulebook.gauges import GaugesFile
from callout.rulebook.models import AreasFile, CountyFile, IndustryFile, LaddersFile, TownshipFile

FILES: Mapping[str, type[BaseModel]] = {
    "areas": AreasFile,
    "codes": CodesFile,
    "county": CountyFile,
    "gauges": GaugesFile,
    "industry": IndustryFile,
    "ladders": LaddersFile,
    "township": TownshipFile,
}
"""Kind of rule file → its shape."""


def schemas() -> dict[str, str]:
    """File name → JSON text, one for each kind of rule file."""
    return {f"{kind}.schema.json": _text(model) for kind, model in FILES.items()}


def _text(model: type[BaseModel]) -> str:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(_titled(document), ensure_ascii=False, indent=2) + "\n"


def _titled(node: Any) -> Any:
    """The same with the short Chinese name that each description begins with as the title."""
    if isinstance(node, list):
        return [_titled(each) for each in node]
    if not isinstance(node, dict):
        return node
    named = {key: _titled(value) for key, value in node.items() if key != "title" or not isinstance(value, str)}
    if isinstance(node.get("description"), str):
        named["title"] = node["description"].partition("：")[0].rstrip("。")
    return named
