"""推演: a setting, what it comes to with different officers, and beside it what another setting comes to."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from callout.rehearsal.assumptions import Assumptions, as_document
from callout.rehearsal.monte_carlo import Company, play_all
from callout.rehearsal.observing import Facts
from callout.rehearsal.setting import Setting
from callout.rehearsal.summing import summarise
from callout.rehearsal.what_if import officers
from callout.reports.words import RUNS

FEW = 20
"""Seeds for the comparison of officers, at most: the same ones for each number."""


@dataclass(frozen=True)
class Asked:
    """What is to be rehearsed."""

    setting: Setting
    seeds: tuple[int, ...]
    desks: tuple[int, ...] = ()
    """Numbers of officers to compare."""
    other: Setting | None = None
    """The setting to put beside it."""
    change: str = ""
    """What is different there, in words."""
    processes: int = 1


def rehearse(asked: Asked) -> dict[str, Any]:
    """The whole result as plain data. It holds no wall time: the same request gives the same bytes."""
    setting = asked.setting
    with closing(Company(setting, asked.processes)) as company:
        own = company.play(setting, asked.seeds)
        document = {"run": RUNS["rehearsal"], **_given(setting), "result": summarise(setting, own)}
        document["desks"] = [_desk(asked, many, own[:FEW], company) for many in asked.desks]
    document["other"] = None
    if asked.other is not None:
        runs = play_all(asked.other, asked.seeds, asked.processes)
        document["other"] = {"change": asked.change, **_given(asked.other), "result": summarise(asked.other, runs)}
    return document


def _given(setting: Setting) -> dict[str, Any]:
    storm, roster = setting.storm, setting.roster
    return {
        "county": setting.rulebook.county.name,
        "rules": setting.rulebook.version[:12],
        "roster": {"version": roster.version, "posts": len(roster.posts), "people": len(roster.responders)},
        "storm": {
            "name": storm.name,
            "opens": storm.opens,
            "ends": storm.ends,
            "refused": list(storm.refused),
        },
        "beat_ms": setting.beat,
        "gateways_from": setting.gateways_from,
        "absent": setting.absent,
        "outages": [{"areas": sorted(one.areas), "begins": one.begins, "ends": one.ends} for one in setting.outages],
        "assumed": as_document(Assumptions(setting.habits, setting.working, tuple(setting.gateways))),
    }


def _desk(asked: Asked, many: int, own: Sequence[Facts], company: Company) -> dict[str, Any]:
    """With so many officers; `own`: what the setting itself has come to, which need not be played again."""
    setting, seeds = officers(asked.setting, many), asked.seeds[: len(own)]
    found = summarise(setting, own if setting == asked.setting else company.play(setting, seeds))
    return {"officers": many, "seeds": len(seeds), "total": found["total"], "human": found["human"]}
