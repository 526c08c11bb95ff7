"""channels: what must be submitted to the providers for review and was approved; and who gets copies."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from callout.app import App, channels_plan
from callout.channels import load
from callout.channels.building import Surroundings, described
from callout.channels.copying import TYPES as COPY_TYPES
from callout.channels.copying import assemble_copies, load_copy
from callout.cli.doctor import HOME, without_notices
from callout.cli.screen import Json, fail, say, show_json, warn
from callout.cli.unheard import Unheard, unheard
from callout.domain.errors import CalloutError
from callout.domain.form import Form, Variable
from callout.domain.instant import HOUR, MINUTE, Instant
from callout.domain.level import Level
from callout.domain.meaning import Meaning, MessageKind, NoticeKind
from callout.pipeline import broadcast
from callout.ports import ChannelsPlan, ProviderEntry
from callout.render.messages import Templates
from callout.render.review import against_approved, example, faults, numbered
from callout.reports.words import MESSAGES
from callout.rulebook.copies import read_copies
from callout.rulebook.document import near
from callout.settings import Settings

app = typer.Typer(help="通道：送审模板", no_args_is_help=True)

WRONG = 1
"""Exit code where a wording in use would not be sent."""
_CALLS = (MessageKind.CALL, MessageKind.DEPUTY, MessageKind.SUPERIOR, MessageKind.DESK)
_NOON = Instant(1_785_636_000_000)


@dataclass(frozen=True, slots=True)
class Line:
    """One template of one provider."""

    provider: str
    kind: str
    code: str
    words: str
    numbered: str
    example: str
    problems: tuple[str, ...]


@app.command()
def templates(
    approved: Annotated[
        Path | None, typer.Option("--approved", help="已核准的模板：YAML，编号: 文字", metavar="文件")
    ] = None,
    as_json: Json = False,
) -> None:
    """列出要送各家审核的模板，核对正在用的文字与已核准的是否一致。退出码：全部可用为 0，否则为 1"""
    settings = Settings()
    entries = [one for one in channels_plan(settings).providers if not getattr(load(one.type), "FREE_TEXT", True)]
    known = _approved(approved) if approved else None
    providers = described(ChannelsPlan(tuple(entries)), settings.public_url or "")
    lost = [unheard(one, HOME) for one in providers]
    wording = Templates(settings.templates)
    lines = [line for entry, vain in zip(entries, lost, strict=True) for line in _lines(entry, wording, known, vain)]
    if as_json:
        show_json({"ok": not any(line.problems for line in lines), "templates": [asdict(line) for line in lines]})
    else:
        _show(lines, checked=known is not None)
    if any(line.problems for line in lines):
        raise typer.Exit(WRONG)


def _approved(file: Path) -> Mapping[str, str]:
    try:
        told: Any = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise CalloutError(f"{file.name}：读不出来；请检查路径和权限") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise CalloutError(f"{file.name}：不是 UTF-8 的 YAML；每行应写成 编号: 文字") from None
    if not isinstance(told, dict) or not all(isinstance(words, str) for words in told.values()):
        raise CalloutError(f"{file.name}：每行应写成 编号: 文字")
    return {str(code): words for code, words in told.items()}


def _lines(
    entry: ProviderEntry, wording: Templates, approved: Mapping[str, str] | None, vain: Sequence[Unheard]
) -> Iterator[Line]:
    for kind in (*_CALLS, *NoticeKind):
        form = entry.forms.get(kind)
        if form is not None:
            line = _line(entry.name, kind, form, wording, approved)
            yield replace(line, problems=(*line.problems, *(told for lost in vain if (told := lost.told([kind])))))
        elif kind in _CALLS:
            missing = f"没有模板，这类消息不会从这里发出；请送审一条，再写进通道文件的 forms: {kind}"
            yield Line(entry.name, kind, "", "", "", "", (missing,))


def _line(provider: str, kind: str, form: Form, wording: Templates, approved: Mapping[str, str] | None) -> Line:
    sample, shown = _sample(kind), ""
    gaps = [found for gap in form.variables if (found := _of_gap(wording, form, gap, sample))]
    problems = [*faults(form), *gaps]
    if not gaps:
        shown = example(form, wording.fill(form, sample))
    if approved is not None and (differs := against_approved(form, approved)):
        problems.append(differs)
    return Line(provider, kind, form.code, form.words, numbered(form), shown, tuple(problems))


def _of_gap(wording: Templates, form: Form, gap: Variable, sample: Meaning) -> str:
    """Why a gap cannot be filled, with what to do; empty where it can."""
    try:
        wording.fill(replace(form, variables=(gap,)), sample)
    except ValueError as error:
        return f"示例填不进去：{error}；请改它的 value、longest、charset 或 overflow"
    except Exception as error:
        if unknown := re.search(r"Meaning object' has no attribute '(\w+)'", str(error)):
            names = [one.name for one in fields(Meaning)]
            hint = near(unknown[1], names) or f"；可用的有：{'、'.join(names)}"
            return f"变量 {gap.name} 的 value 里写了 m.{unknown[1]}，没有这一项{hint}；请改正"
        return f"变量 {gap.name} 的 value 不是能用的 Jinja 写法（{error}）；请改正"
    return ""


def _sample(kind: str) -> Meaning:
    """A made-up warning of usual length."""
    called = MessageKind(kind) if kind in _CALLS else MessageKind.CALL
    return Meaning(
        county="示例区",
        hazard="暴雨",
        level=Level.ORANGE,
        area="示例乡、示例镇",
        issued_at=_NOON,
        expires_at=Instant(_NOON + 6 * HOUR),
        measure="转移临崖临坎人员",
        issuer="示例区气象台",
        titles=("示例村书记",),
        silent=("示例甲",),
        code="A2",
        kind=called,
        wanted=("到岗",),
        due_at=Instant(_NOON + 30 * MINUTE),
        in_force=("地质灾害橙色",),
    )


def _show(lines: list[Line], *, checked: bool) -> None:
    if not lines:
        say("没有只收模板的通道，不用送审")
        return
    for line in lines:
        say(f"{line.provider}  {MESSAGES[line.kind]}（{line.kind}）  {line.code or '没有编号'}", bold=True)
        if line.words:
            say(f"  送审文字  {line.words}")
            say(f"  序号写法  {line.numbered}")
            say(f"  填写示例  {line.example or '—'}")
        for problem in line.problems:
            fail(f"  {problem}")
    for provider in dict.fromkeys(line.provider for line in lines):
        there = {line.kind for line in lines if line.provider == provider}
        if missing := [kind for kind in NoticeKind if kind not in there]:
            warn(f"{provider} {without_notices(missing)}")
    wrong = sum(bool(line.problems) for line in lines)
    say(f"共 {len(lines)} 条，{wrong} 条有问题")
    if not checked:
        warn("没有与已核准的文字核对；请把核准结果写进文件，用 --approved 再查一次")


def copies(settings: Settings, app: App) -> broadcast.Broadcasting | None:
    """Copies to offices, loudspeakers and groups; None where no file names any. Raises RuleError or CalloutError."""
    if settings.copies is None:
        return None
    entries = read_copies(settings.copies, COPY_TYPES, lambda kind: load_copy(kind).Config)
    made: list[broadcast.Broadcasting] = []

    async def acknowledged(leaflet: str, device: str) -> None:
        broadcast.acknowledged(made[0], leaflet, device)

    around = Surroundings(settings.live, os.environ, app.world.clock.now, app.world.ear, "")
    endpoints = assemble_copies(entries, around, acknowledged)
    made.append(broadcast.Broadcasting(app.store, endpoints, Templates(settings.templates), app.world.clock))
    return made[0]
