"""relocation check: whether the list leaves somebody behind; the same test blocks `rules prove` and `doctor`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from callout.app import SystemClock
from callout.cli.db import reading
from callout.cli.roster_import import file_bytes, in_force
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.domain.area import County
from callout.domain.errors import CalloutError
from callout.domain.proof.by_roster import Ground
from callout.domain.proof.by_sites import site_findings
from callout.domain.proof.finding import Danger, in_order
from callout.domain.proof.rungs import CLOUD
from callout.domain.relocation_plan import RelocationPlan
from callout.domain.roster import Roster
from callout.domain.roster_views import roster_views
from callout.domain.rule import Rulebook
from callout.rulebook.reading import parse, read_files
from callout.rulebook.relocation_file import read_relocation
from callout.settings import Settings

LEFT_BEHIND = 1
"""Exit code where somebody would be left behind."""
_FEW = 20


def check_relocation(
    file: Annotated[Path | None, typer.Argument(help="转移台账（CSV）；不写则核对现用的台账", metavar="文件")] = None,
    as_json: Json = False,
) -> None:
    """核对台账会不会落下人：没有对接责任人、没有去处、叫不到、没有核实。退出码：没有危急为 0，有为 1"""
    settings = Settings()
    with reading(settings) as (store, rulebooks):
        (book, roster), plan = store.read(
            lambda work: (in_force(work, settings.county), work.relocations.plans.plan(settings.county))
        )
        rulebook = rulebooks.get(settings.county, book) if book else parse(read_files(settings.rules), settings.county)
    if file is not None:
        plan = list_from(file, rulebook.county, roster)
    if not plan.version:
        raise CalloutError("还没有转移台账：没有一个不能行走的人在册；用 callout relocation template 得到空表")
    found = findings(plan, rulebook, roster)
    grave = any(one["danger"] == Danger.DEADLY.zh for one in found)
    if as_json:
        show_json({"ok": not grave, "version": plan.version, "findings": found})
    else:
        show_findings(found)
        say("没有人会被落下" if not grave else "有人会被落下，汛期前必须补上", bold=True)
    if grave:
        raise typer.Exit(LEFT_BEHIND)


def list_from(file: Path, county: County, roster: Roster) -> RelocationPlan:
    """The list in a file. Raises CalloutError with the first mistake where it has any."""
    read = read_relocation(file_bytes(file), county, roster, file.name)
    if read.plan is None:
        said = f"{file.name} 有 {len(read.errors)} 处错误，第一处在{read.errors[0]}"
        raise CalloutError(f"{said}；先用 callout relocation import 看全")
    return read.plan


def findings(plan: RelocationPlan, rulebook: Rulebook, roster: Roster) -> list[dict[str, Any]]:
    """What is wrong with the list, worst first, as plain data."""
    ground = Ground(rulebook, roster, roster_views(roster), CLOUD, SystemClock().now(), plan)
    found = in_order(site_findings(plan, ground))
    return [
        {"danger": one.danger.zh, "kind": one.kind.value, "where": one.where, "what": one.what,
         "mends": list(one.mends)}
        for one in found
    ]  # fmt: skip


def show_findings(found: Sequence[dict[str, Any]]) -> None:
    """Each with its mend; red ones to stderr."""
    for one in found[:_FEW]:
        show = fail if one["danger"] == Danger.DEADLY.zh else warn
        show(f"[{one['danger']}] {one['where']}：{one['what']}。改法：{'；'.join(one['mends'])}")
    if len(found) > _FEW:
        warn(f"还有 {len(found) - _FEW} 项，见 --json")
