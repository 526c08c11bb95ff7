"""plan versions and roster versions: what has been in force when, by whom it was brought in, and what differs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from callout.cli.db import reading
from callout.cli.plan_screen import show_difference
from callout.cli.roster_screen import show_changes, table
from callout.cli.screen import Json, say, show_json
from callout.domain.errors import CalloutError
from callout.domain.instant import beijing
from callout.reports.plan_words import plan_changes
from callout.reports.roster_words import changes
from callout.settings import Settings
from callout.store.roster_reading import read_roster
from callout.store.versions import Version, plan_versions, roster_versions

Old = Annotated[str, typer.Argument(help="较早的版本，写开头几位即可；不写则列出全部版本", metavar="旧版本")]
New = Annotated[str, typer.Argument(help="较新的版本；不写则与现用的比", metavar="新版本")]
_ENGINE = {"engine": "引擎（规则目录）", "": "—"}
_SHORT = 12


def list_plans(old: Old = "", new: New = "", as_json: Json = False) -> None:
    """规则的各个版本：何时由谁换上，多少次预警按它叫应；写两个版本则比较差别"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        known = store.database.read(lambda db: plan_versions(db, settings.county))
        if not old:
            _list(known, as_json=as_json, short=_SHORT)
            return
        before, after = (rulebooks.get(settings.county, one.name) for one in _two(known, old, new))
        roster = store.read(lambda work: read_roster(work.ledger.connection, settings.county, _current(work, settings)))
        document = plan_changes(before, after, roster)
    if as_json:
        show_json(document)
        return
    show_difference(document)


def _current(work: Any, settings: Settings) -> str:
    return next((row.roster for row in work.rosters.counties() if row.county == settings.county), "")


def list_rosters(old: Old = "", new: New = "", as_json: Json = False) -> None:
    """名册的各个版本：何时由谁换上，多少次预警按它叫应；写两个版本则比较差别，号码只显示末四位"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        known = store.database.read(lambda db: roster_versions(db, settings.county))
        if not old:
            _list(known, as_json=as_json, short=0)
            return
        before, after = (
            store.database.read(lambda db, name=one.name: read_roster(db, settings.county, name))  # type: ignore[misc]
            for one in _two(known, old, new)
        )
        plans = store.database.read(lambda db: plan_versions(db, settings.county))
        rulebook = rulebooks.get(settings.county, next(one.name for one in plans if one.in_force))
        document = changes(before, after, rulebook) | {"before": before.version, "shifts_dropped": 0}
    if as_json:
        show_json(document)
        return
    show_changes(document)
    if not document["different"]:
        say("两个版本没有差别")


def _two(known: Sequence[Version], old: str, new: str) -> tuple[Version, Version]:
    return _one(known, old), _one(known, new) if new else next(one for one in known if one.in_force)


def _one(known: Sequence[Version], word: str) -> Version:
    found = [one for one in known if one.name == word] or [one for one in known if one.name.startswith(word)]
    if len(found) != 1:
        said = "没有这个版本" if not found else f"有 {len(found)} 个版本这样开头，请多写几位"
        raise CalloutError(f"“{word}”：{said}；不写版本即列出全部")
    return found[0]


def _list(known: Sequence[Version], *, as_json: bool, short: int) -> None:
    if as_json:
        show_json([asdict(one) for one in known])
        return
    if not known:
        say("还没有任何版本")
        return
    rows = [
        [
            one.name[:short] if short else one.name,
            beijing(one.loaded_at),
            _ENGINE.get(one.loaded_by, one.loaded_by),
            one.alerts,
            "现用" if one.in_force else "",
        ]
        for one in known
    ]
    table(("版本", "换上时间", "由谁", "预警", ""), rows)
