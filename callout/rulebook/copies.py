"""The copies file: which offices, loudspeakers and groups are told of what. Errors name file, line and key."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from callout.domain.broadcast import Audience
from callout.domain.errors import RuleError
from callout.domain.level import Level
from callout.ports.copies import CopyEntry
from callout.rulebook.document import load, near
from callout.rulebook.providers import config_of_type

_LEVELS = {"蓝": Level.BLUE, "黄": Level.YELLOW, "橙": Level.ORANGE, "红": Level.RED}


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class CopyModel(_Strict):
    """One endpoint."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$", examples=["guangbo-1"])
    type: str
    counties: list[Annotated[str, Field(pattern=r"^[1-8][0-9]{5}$", examples=["500156"])]] = []
    lowest: str = Field(default="蓝", pattern="^(?:蓝|黄|橙|红)$")
    settings: dict[str, Any] = {}


class CopiesFile(_Strict):
    """The whole file."""

    copies: list[CopyModel] = Field(min_length=1)


def read_copies(path: Path, types: Collection[str], config_of: Callable[[str], type]) -> tuple[CopyEntry, ...]:
    """What the file says. Raises RuleError, in Chinese, for the first thing that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise RuleError(f"{path.name}：读不出来；请检查 CALLOUT_COPIES 和文件权限。") from None
    except UnicodeDecodeError:
        raise RuleError(f"{path.name}：文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None
    document = load(path.name, text)
    found, mistakes = document.read(CopiesFile)
    if found is None:
        raise mistakes[0]
    entries: list[CopyEntry] = []
    for number, one in enumerate(found.copies):
        place = ("copies", number)
        if one.type not in types:
            raise document.fail((*place, "type"), f"没有“{one.type}”这种抄送{near(one.type, sorted(types))}；请改正。")
        if one.name in {other.audience.name for other in entries}:
            raise document.fail((*place, "name"), f"抄送“{one.name}”写了两次；请改成不同的名称。")
        try:
            shape = config_of(one.type)
        except ImportError as error:
            message = f"抄送“{one.type}”要用的 {error.name} 没有安装；请按 docs/ways.md 安装后再试。"
            raise document.fail((*place, "type"), message) from None
        config = config_of_type(document, place, shape, one.settings)
        audience = Audience(one.name, frozenset(one.counties), _LEVELS[one.lowest], bool(config.real))
        entries.append(CopyEntry(audience, one.type, config))
    return tuple(entries)
