"""The file that lists the sources on the network: YAML → Endpoint, every error with file, line and key."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from callout.domain.errors import RuleError
from callout.domain.here import host_is_here
from callout.domain.instant import MINUTE, SECOND
from callout.domain.listening import Endpoint, EndpointKind
from callout.rulebook.document import Document, load


def read_endpoints(path: Path) -> tuple[Endpoint, ...]:
    """The endpoints of the file. Raises RuleError, in Chinese, for the first thing that cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise RuleError(f"{path.name}：读不出来；请检查 CALLOUT_SOURCES 和文件权限。") from None
    except UnicodeDecodeError:
        raise RuleError(f"{path.name}：文件编码不是 UTF-8；请用编辑器另存为 UTF-8。") from None
    document = load(path.name, text)
    found, mistakes = document.read(SourcesFile)
    if found is None:
        raise mistakes[0]
    entries = found.sources
    for number, entry in enumerate(entries):
        _check(document, number, entry, {other.name for other in entries[:number]})
    return tuple(_endpoint(entry) for entry in entries)


def _without_marks(name: str) -> str:
    if not name or "@" in name or re.search(r"[\s\x00-\x1f]", name):
        raise ValueError("名称不能为空，也不能含空格和 @；请改正。")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class SourceEntry(_Strict):
    """One source."""

    name: Annotated[str, AfterValidator(_without_marks)] = Field(max_length=60)
    kind: Literal["feed", "document"]
    url: str
    every_seconds: int = Field(default=60, ge=10, le=3600)
    silent_minutes: int = Field(default=15, ge=1, le=1440)
    county: str = Field(default="", pattern=r"^(?:[1-8][0-9]{5})?$")
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]{1,64}$")
    key_env: str = Field(default="", pattern=r"^(?:CALLOUT_[A-Z0-9_]+)?$")


class SourcesFile(_Strict):
    """The whole file."""

    sources: list[SourceEntry]


def _check(document: Document, number: int, entry: SourceEntry, earlier: set[str]) -> None:
    place = ("sources", number)
    if entry.name in earlier:
        raise document.fail((*place, "name"), f"来源“{entry.name}”写了两次；请改成不同的名称。")
    if not _is_safe(entry.url):
        message = "网址应是 https://主机/路径，不带用户名；只有本机（127.0.0.1、::1、localhost）可以用 http。"
        raise document.fail((*place, "url"), message)
    if entry.silent_minutes * MINUTE <= entry.every_seconds * SECOND:
        raise document.fail((*place, "silent_minutes"), "应比 every_seconds 长，否则问一次就算失联；请改大。")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        bare = bool(parts.hostname) and parts.username is None and not re.search(r"\s", url)
        return bare and (parts.scheme == "https" or (parts.scheme == "http" and host_is_here(parts.hostname or "")))
    except ValueError:
        return False


def _endpoint(entry: SourceEntry) -> Endpoint:
    return Endpoint(
        name=entry.name,
        kind=EndpointKind(entry.kind),
        url=entry.url,
        every=entry.every_seconds * SECOND,
        silent_after=entry.silent_minutes * MINUTE,
        county=entry.county,
        header=entry.header,
        key_env=entry.key_env,
    )
