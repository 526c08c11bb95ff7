"""The proof of a county's rules and roster as plain data: space, findings, what mends them, matrix."""

from collections.abc import Mapping
from typing import Any

from callout.domain.level import Level
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.finding import Danger, Finding
from callout.domain.proof.proving import EMPTY, Proof
from callout.domain.proof.rungs import STARTS
from callout.domain.proof.space import Case, clock_of
from callout.domain.rule import Condition

CONDITIONS: Mapping[str, str] = {
    "season": "适用日期",
    "words": "标题字样",
    "place": "地点",
    "beside": "同时生效",
    "observed": "实测值",
}
"""Kinds of conditions that a proof assumes, by their names in the rule files."""


def as_document(proof: Proof, ground: Ground) -> dict[str, Any]:
    """For programs, and for the screen, the page and the workbook."""
    county = ground.rulebook.county
    names = {county.key: county.name, **{t.key: t.name for t in county.townships}}
    return {
        "ok": proof.holds,
        "county": {"code": county.code, "name": county.name},
        "rulebook": ground.rulebook.version,
        "roster": ground.roster.version,
        "relocation": ground.relocation.version,
        "people": len(ground.roster.responders),
        "posts": proof.posts,
        "classes": proof.shapes,
        "space": _space(proof, ground),
        "counts": {danger.zh: sum(one.danger is danger for one in proof.findings) for danger in reversed(Danger)},
        "findings": [_finding(one, names) for one in proof.findings],
        "smallest_change": [{"change": one.change, "mends": [at + 1 for at in one.mends]} for one in proof.remedies],
        "matrix": {
            "columns": [_column(case) for case in proof.space.cases],
            "rows": [_row(names[area], cells, proof) for area, cells in proof.matrix.items()],
        },
    }


def _space(proof: Proof, ground: Ground) -> dict[str, Any]:
    space = proof.space
    return {
        "points": len(space.demands),
        "rules": len(ground.rulebook.rules),
        "townships": len(ground.rulebook.county.townships),
        "issued": [clock_of(at) for at in space.times],
        "begins": list(STARTS),
        "assumed": [assumed(one) for one in space.assumed],
        "unspoken": [hazard.value for hazard in space.unspoken],
    }


def assumed(condition: Condition) -> str:
    """A condition in words, e.g. 同时生效：地质灾害黄色、橙色."""
    value = condition.value
    if condition.kind == "beside":
        hazards, levels = value.split("|")
        value = f"{hazards.replace(',', '或')}{'、'.join(Level(level).zh for level in levels.split(','))}"
    return f"{CONDITIONS[condition.kind]}：{value.replace(',', '、')}"


def _finding(one: Finding, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "danger": one.danger.zh,
        "kind": one.kind.value,
        "where": one.where,
        "what": one.what,
        "mends": list(one.mends),
        "posts": list(one.posts),
        "areas": [names.get(area, area) for area in one.areas],
    }


def _column(case: Case) -> dict[str, str]:
    return {"kind": case.kind.value, "hazard": case.hazard.value, "level": case.level.value, "name": case.zh}


def _row(name: str, cells: Mapping[Case, Any], proof: Proof) -> dict[str, Any]:
    return {
        "area": name,
        "cells": [
            {"due": cell.due, "troubled": cell.troubled, "worst": Danger(cell.worst).zh if cell.worst else ""}
            for cell in (cells.get(case, EMPTY) for case in proof.space.cases)
        ],
    }
