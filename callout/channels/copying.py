"""From the copies file to ways: secrets from the environment, and nothing real without leave."""

from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from typing import Protocol, cast

from callout.channels.building import Surroundings
from callout.domain.errors import CalloutError
from callout.ports.copies import Acknowledged, CopyEndpoint, CopyEntry, CopySetup, CopyWay

TYPES: tuple[str, ...] = ("email", "mqtt", "group")
"""Ways for copies: copy_NAME.py of this folder, imported only where it is used."""


class CopyModule(Protocol):
    """What one such file holds."""

    Config: type

    @staticmethod
    def way(setup: CopySetup) -> CopyWay:
        """The way; opens no connection yet."""


def load_copy(kind: str) -> CopyModule:
    """The file of this type. Raises ImportError where the package that it needs is not installed."""
    if kind not in TYPES:
        raise KeyError(kind)
    return cast(CopyModule, import_module(f"callout.channels.copy_{kind}"))


def assemble_copies(
    entries: Sequence[CopyEntry], around: Surroundings, acknowledged: Acknowledged
) -> tuple[CopyEndpoint, ...]:
    """The endpoints. Raises CalloutError before anything is built that may not be, or cannot work."""
    for one in entries:
        if one.audience.real and not around.live:
            raise CalloutError(
                f"抄送“{one.audience.name}”会真的发出去，没有 CALLOUT_LIVE=1 不能启用；只想试用，请去掉 CALLOUT_COPIES"
            )
    return tuple(_endpoint(one, around, acknowledged) for one in entries)


def _endpoint(entry: CopyEntry, around: Surroundings, acknowledged: Acknowledged) -> CopyEndpoint:
    name, secrets = entry.audience.name, {}
    for field in fields(entry.config):
        variable = getattr(entry.config, field.name)
        if not field.name.endswith("_env") or not variable:
            continue
        if not around.environment.get(variable):
            raise CalloutError(f"抄送“{name}”的密钥没有设：请设置环境变量 {variable} 后再启动")
        secrets[field.name.removesuffix("_env")] = around.environment[variable]
    setup = CopySetup(name, entry.config, secrets, acknowledged)
    return CopyEndpoint(entry.audience, load_copy(entry.type).way(setup))
