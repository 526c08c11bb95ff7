"""The outlets file: which platforms are told of events, and who gets checkpoints. Errors name file, line and key."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from callout.domain.errors import RuleError
from callout.domain.instant import HOUR, Millis
from callout.rulebook.document import Document, load
from callout.rulebook.providers import config_of_type


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OutletModel(_Strict):
    """One platform."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$", examples=["shuju-1"])
    url: str = Field(pattern=r"^https?://[^\s#]+$", examples=["https://example.org/hook"])
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", examples=["OUTLET_SECRET"])
    cursor: str = Field(min_length=1)
    kinds: list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", examples=["callout"])]] = []
    counties: list[Annotated[str, Field(pattern=r"^[1-8][0-9]{5}$", examples=["500156"])]] = []


class MailModel(_Strict):
    """Checkpoints by mail."""

    every_hours: int = Field(default=24, ge=1, le=168)
    settings: dict[str, Any]


class OutletsFile(_Strict):
    """The whole file."""

    outlets: list[OutletModel] = []
    checkpoint_mail: MailModel | None = None


@dataclass(frozen=True, slots=True)
class OutletEntry:
    """One platform as the file describes it."""

    name: str
    url: str
    secret_env: str
    """Environment variable with the key of the signature."""
    cursor: Path
    """File that keeps how far it has been told."""
    kinds: frozenset[str]
    counties: frozenset[str]


@dataclass(frozen=True, slots=True)
class MailEntry:
    """Who gets checkpoints, and how often."""

    every: Millis
    config: Any


@dataclass(frozen=True, slots=True)
class OutletsPlan:
    """What the file says."""

    outlets: tuple[OutletEntry, ...] = ()
    mail: MailEntry | None = None


def read_outlets(path: Path, mail_config: Callable[[], type]) -> OutletsPlan:
    """What the file says; `mail_config` gives the settings of a mail server (ImportError: its package is not there).

    Raises RuleError, in Chinese, for the first thing that cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise RuleError(f"{path.name}：读不出来；请检查 CALLOUT_OUTLETS 和文件权限。") from None
    except UnicodeDecodeError:
        raise RuleError(f"{path.name}：文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None
    document = load(path.name, text)
    found, mistakes = document.read(OutletsFile)
    if found is None:
        raise mistakes[0]
    for number, one in enumerate(found.outlets):
        if any(one.name == other.name or one.cursor == other.cursor for other in found.outlets[:number]):
            message = f"平台“{one.name}”的名称或位置文件写了两次；请改成不同的。"
            raise document.fail(("outlets", number, "name"), message)
    return OutletsPlan(_outlets(found), _mail(document, found.checkpoint_mail, mail_config))


def _outlets(found: OutletsFile) -> tuple[OutletEntry, ...]:
    return tuple(
        OutletEntry(o.name, o.url, o.secret_env, Path(o.cursor), frozenset(o.kinds), frozenset(o.counties))
        for o in found.outlets
    )


def _mail(document: Document, found: MailModel | None, mail_config: Callable[[], type]) -> MailEntry | None:
    if found is None:
        return None
    try:
        shape = mail_config()
    except ImportError as error:
        message = f"发邮件要用的 {error.name} 没有安装；请先运行 pip install 'callout[copies]'。"
        raise document.fail(("checkpoint_mail",), message) from None
    return MailEntry(found.every_hours * HOUR, config_of_type(document, ("checkpoint_mail",), shape, found.settings))
