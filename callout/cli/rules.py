"""rules: checking rule files before they are put in force, and the schemas that help to write them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from callout.cli.doctor import warnings_for
from callout.cli.rules_prove import prove_rules
from callout.cli.screen import Json, fail, say, show_json, warn, writing
from callout.domain.errors import CalloutError
from callout.domain.rule import Rulebook
from callout.rulebook.document import FileError, Place
from callout.rulebook.reading import examine, read_files
from callout.rulebook.schema import schemas
from callout.settings import Settings

app = typer.Typer(help="规则文件：检查、编辑器用的 JSON Schema", no_args_is_help=True)

app.command("prove")(prove_rules)

WRONG = 1
"""Exit code where the rules cannot be used."""


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="规则目录；不写则用 CALLOUT_RULES", metavar="目录")] = None,
    county: Annotated[str | None, typer.Option(help="区县代码；不写则用 CALLOUT_COUNTY", metavar="代码")] = None,
    as_json: Json = False,
) -> None:
    """检查规则目录，一次列出全部错误：文件、行、键和改法。不改动任何东西。退出码：可用为 0，有错为 1"""
    settings = Settings()
    rulebook, mistakes = _examined(folder or settings.rules, county or settings.county)
    carried = warnings_for(settings, rulebook) if rulebook else []
    if as_json:
        problems, ladders = [_problem(one) for one in mistakes], [{"grave": f.grave, "text": f.text} for f in carried]
        show_json({"ok": rulebook is not None, "problems": problems, "ladders": ladders, **_facts(rulebook)})
    else:
        _show(rulebook, mistakes)
        for one in carried:
            (fail if one.grave else warn)(one.text)
    if rulebook is None:
        raise typer.Exit(WRONG)


@app.command()
def schema(
    out: Annotated[Path, typer.Option("--out", help="写到这个目录；同名文件会被替换", metavar="目录")],
) -> None:
    """导出规则文件的 JSON Schema，编辑器据此补全和提示"""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for name, text in schemas().items():
            (out / name).write_text(text, encoding="utf-8")
    say(f"已写入 {len(schemas())} 个文件：{out}")


def _examined(folder: Path, county: str) -> tuple[Rulebook | None, list[FileError]]:
    if not folder.is_dir():
        raise CalloutError(f"没有目录 {folder}，请核对路径")
    try:
        return examine(read_files(folder), county)
    except FileError as error:
        return None, [error]


def _problem(mistake: FileError) -> dict[str, Any]:
    place: Place = mistake.place
    return {"file": place.file, "line": place.line, "key": place.key, "message": mistake.message}


def _facts(rulebook: Rulebook | None) -> dict[str, Any]:
    if rulebook is None:
        return {}
    return {
        "version": rulebook.version,
        "rules": len(rulebook.rules),
        "townships": len(rulebook.planned),
        "without_plan": _without_plan(rulebook),
    }


def _without_plan(rulebook: Rulebook) -> list[str]:
    return [township.name for township in rulebook.county.townships if township.key not in rulebook.planned]


def _show(rulebook: Rulebook | None, mistakes: list[FileError]) -> None:
    for mistake in mistakes:
        fail(str(mistake))
    if rulebook is None:
        fail(f"共 {len(mistakes)} 处错误，规则不能启用；改好后再检查一次")
        return
    plans = f"{len(rulebook.planned)} 个乡镇（街道）有方案"
    say(f"规则可用：{len(rulebook.rules)} 条，{plans}，版本 {rulebook.version[:12]}")
    missing = _without_plan(rulebook)
    if missing:
        warn(f"没有方案的乡镇（街道），预警涉及时转人工：{'、'.join(missing)}")
