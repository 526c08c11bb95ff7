"""The file that lists what is listened to, warnings and readings: every error with file, line and key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from callout.domain.errors import RuleError
from callout.domain.here import host_is_here
from callout.domain.instant import MINUTE, SECOND
from callout.domain.listening import Endpoint, EndpointKind, GaugeAddress, GaugeBroker
from callout.rulebook.document import Document, Loc, load


@dataclass(frozen=True, slots=True)
class Listening:
    """What the file names."""

    sources: tuple[Endpoint, ...]
    gauges: tuple[GaugeAddress | GaugeBroker, ...]


def read_endpoints(path: Path) -> Listening:
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
    earlier: set[str] = set()
    for place, entry in found.entries():
        _check(document, place, entry, earlier)
        earlier.add(entry.name)
    return Listening(tuple(_endpoint(one) for one in found.sources), tuple(_gauges(one) for one in found.gauges))


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
    county: str = Field(default="", pattern=r"^(?:[1-8][0-9]{5})?$", examples=["500156"])
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]{1,64}$", examples=["X-Key"])
    key_env: str = Field(default="", pattern=r"^(?:CALLOUT_[A-Z0-9_]+)?$", examples=["CALLOUT_SOURCE_KEY"])


def _a_topic(topic: str) -> str:
    """`+` stands for one level, `#` for all that follow: alone between slashes, `#` at the end only."""
    levels = topic.split("/")
    if not topic or any(("+" in one or "#" in one) and len(one) > 1 for one in levels) or "#" in levels[:-1]:
        raise ValueError("不是 MQTT 主题；+ 和 # 要独占一层，# 只能在最后，如 gauges/+/reading。")
    return topic


class GaugeEntry(_Strict):
    """One source of readings: an address (http) or a broker (mqtt)."""

    name: Annotated[str, AfterValidator(_without_marks)] = Field(max_length=60)
    kind: Literal["http", "mqtt"]
    silent_minutes: int = Field(default=30, ge=1, le=1440)
    url: str = ""
    every_seconds: int = Field(default=60, ge=10, le=3600)
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]{1,64}$", examples=["X-Key"])
    key_env: str = Field(default="", pattern=r"^(?:CALLOUT_[A-Z0-9_]+)?$", examples=["CALLOUT_SOURCE_KEY"])
    host: str = Field(default="", pattern=r"^[A-Za-z0-9.:-]{0,253}$", examples=["broker.example.org"])
    port: int = Field(default=8883, ge=1, le=65535)
    topics: list[Annotated[str, AfterValidator(_a_topic)]] = Field(default=[], max_length=100)
    user: str = Field(default="", max_length=200)
    tls: bool = True
    session: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,23}$", examples=["callout-500156"])

    @property
    def strange(self) -> Iterator[str]:
        """Keys that are given and belong to the other kind."""
        other = _OF_BROKERS if self.kind == "http" else _OF_ADDRESSES
        yield from sorted(self.model_fields_set & other)


_OF_ADDRESSES = {"url", "every_seconds", "header"}
_OF_BROKERS = {"host", "port", "topics", "user", "tls", "session"}


class SourcesFile(_Strict):
    """The whole file."""

    sources: list[SourceEntry] = Field(default=[])
    """预警源。"""
    gauges: list[GaugeEntry] = Field(default=[])
    """测站来源。"""

    def entries(self) -> Iterator[tuple[Loc, SourceEntry | GaugeEntry]]:
        """Each with its place."""
        yield from ((("sources", number), one) for number, one in enumerate(self.sources))
        yield from ((("gauges", number), one) for number, one in enumerate(self.gauges))


def _check(document: Document, place: Loc, entry: SourceEntry | GaugeEntry, earlier: set[str]) -> None:
    if entry.name in earlier:
        raise document.fail((*place, "name"), f"来源“{entry.name}”写了两次；请改成不同的名称。")
    if isinstance(entry, GaugeEntry):
        for key in entry.strange:
            raise document.fail((*place, key), f"kind 是 {entry.kind} 的来源用不着这一项；请删去，或改 kind。")
        if entry.kind == "mqtt":
            _check_broker(document, place, entry)
            return
    if not _is_safe(entry.url):
        message = "网址应是 https://主机/路径，不带用户名；只有本机（127.0.0.1、::1、localhost）可以用 http。"
        raise document.fail((*place, "url"), message)
    if entry.silent_minutes * MINUTE <= entry.every_seconds * SECOND:
        raise document.fail((*place, "silent_minutes"), "应比 every_seconds 长，否则问一次就算失联；请改大。")


def _check_broker(document: Document, place: Loc, entry: GaugeEntry) -> None:
    if not entry.host or not entry.topics:
        raise document.fail(place, "mqtt 来源要写 host（主机）和 topics（主题，一项或几项）。")
    if not entry.tls and not host_is_here(entry.host):
        raise document.fail((*place, "tls"), "只有对本机才能关掉 tls；请改成 true，或删去这一项。")
    if bool(entry.user) != bool(entry.key_env):
        raise document.fail(place, "user 和 key_env（密码在哪个环境变量里）要一起写，或都不写。")


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


def _gauges(entry: GaugeEntry) -> GaugeAddress | GaugeBroker:
    silent_after = entry.silent_minutes * MINUTE
    if entry.kind == "http":
        return GaugeAddress(
            entry.name, entry.url, entry.every_seconds * SECOND, silent_after, entry.header, entry.key_env
        )
    return GaugeBroker(
        name=entry.name,
        host=entry.host,
        topics=tuple(entry.topics),
        port=entry.port,
        silent_after=silent_after,
        user=entry.user,
        key_env=entry.key_env,
        tls=entry.tls,
        session=entry.session,
    )
