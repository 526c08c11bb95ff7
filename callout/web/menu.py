"""The main menu: where each role may go, by the table of access."""

from collections.abc import Iterable

from callout.domain.user import Right, Role
from callout.web.access import ACCESS

MENU = (
    ("/", "值班屏"),
    ("/desk", "人工叫应"),
    ("/warnings", "预警"),
    ("/stops", "熔断"),
    ("/moves", "转移"),
    ("/journal", "日志"),
    ("/audit", "查记录"),
    ("/users", "用户与密钥"),
)
"""(address, word), most used first."""


def places_for(grants: Iterable[Role | Right]) -> list[tuple[str, str]]:
    """The entries that these grants open."""
    mine = frozenset(grants)
    return [(address, word) for address, word in MENU if (ACCESS["GET", address] or mine) & mine]
