"""How a plan's changes look on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from callout.cli.roster_screen import show_changes, show_remarks
from callout.cli.screen import fail, say, warn

Apply = Annotated[bool, typer.Option("--apply", help="真正换上；不写只看差别，什么都不改")]
BroughtBy = Annotated[str, typer.Option("--officer", help="导入人姓名，写入记录；换上时必填", metavar="姓名")]

_FEW = 12
_NAMES = 6

Doc = Mapping[str, Any]


def show_plan(document: Doc) -> None:
    """Mends, then every mistake, or what would change and for whom."""
    show_remarks(document["mends"], "已自动改正", say)
    if document["errors"]:
        show_remarks(document["errors"], f"{document['file']}：有错，一行也没有导入", fail)
        return
    if not document["rules_read"]:
        say("工作簿里没有方案的表，规则不变")
    plan, roster = document["plan"], document["roster"]
    show_difference(plan)
    if roster and (roster["different"] or roster["shifts_dropped"]):
        say("名册：", bold=True)
        show_changes(roster)
    different = plan["different"] or bool(roster and roster["different"])
    if document["applied"]:
        _show_applied(document)
    elif different:
        warn("以上只是预览，什么都没有改；确认后加 --apply --officer 姓名 再运行一次")
    else:
        say(f"{document['file']}：与现用的方案和名册没有差别，不必导入")


def show_difference(plan: Doc) -> None:
    """What of the rules differs, and for whom."""
    _show_rules(plan)
    _show_effects(plan["effects"])


def _show_rules(plan: Doc) -> None:
    if not plan["different"]:
        say("规则：没有差别")
        return
    say(f"规则：改前版本 {plan['version_before'][:12]}，改后 {plan['rules']} 条", bold=True)
    _listed("新增规则", plan["rules_added"])
    _listed("删去规则", plan["rules_removed"])
    _listed("改动规则", [f"{one['id']}：{'、'.join(one['parts'])}" for one in plan["rules_changed"]])
    _listed("改动阶梯", plan["ladders_changed"])
    _listed("改动设置", plan["settings_changed"])


def _show_effects(effects: Sequence[Doc]) -> None:
    if effects:
        say("关系到谁：", bold=True)
    for one in effects[:_FEW]:
        said = f"{one['turn']} {few(one['areas'])}的{one['role']}（{one['posts']} 个岗位）：{few(one['warnings'])}"
        (warn if one["turn"] == "不再叫" else say)(f"  {said}")
    if len(effects) > _FEW:
        say(f"  另有 {len(effects) - _FEW} 项，用 --json 看全部")


def _show_applied(document: Doc) -> None:
    if document["files_changed"]:
        say(f"已换上方案，规则目录里改了 {len(document['files_changed'])} 个文件（其中的注释随之去掉）", bold=True)
    if document["roster"] and document["roster"]["different"]:
        say("已换上名册；正在叫应的从下一步起按新名册找人", bold=True)
    say("已开始的叫应仍按原来的阶梯走完；导入已记录")


def _listed(headline: str, names: Sequence[str]) -> None:
    if not names:
        return
    say(f"{headline} {len(names)} 项：")
    for name in names[:_FEW]:
        say(f"  {name}")
    if len(names) > _FEW:
        say(f"  另有 {len(names) - _FEW} 项，用 --json 看全部")


def few(names: Sequence[str]) -> str:
    """The first names, and how many there are."""
    return "、".join(names[:_NAMES]) + (f" 等 {len(names)} 个" if len(names) > _NAMES else "")
