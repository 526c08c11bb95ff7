"""The main menu: where each role may go, by the table of access."""

from collections.abc import Iterable
from urllib.parse import quote

from starlette.datastructures import URL

from callout.domain.user import Right, Role
from callout.web.access import ACCESS

MENU = (
    ("/", "值班屏"),
    ("/desk", "人工叫应"),
    ("/warnings", "预警"),
    ("/stops", "熔断"),
    ("/moves", "转移"),
    ("/drills", "演练安排"),
    ("/journal", "日志"),
    ("/audit", "查记录"),
    ("/users", "用户与密钥"),
)
"""(address, word), most used first."""


def places_for(grants: Iterable[Role | Right]) -> list[tuple[str, str]]:
    """The entries that these grants open."""
    mine = frozenset(grants)
    return [(address, word) for address, word in MENU if (ACCESS["GET", address] or mine) & mine]


def there_again(method: str, url: URL) -> str:
    """This page, or the one from which a form was sent that shows itself again, as a part of an address."""
    path, asked = url.path, f"?{url.query}" if url.query else ""
    if method == "GET":
        return quote(path + asked)
    if ("GET", path) in ACCESS:
        return quote(path)
    return quote(next((address for address, _ in MENU[1:] if path.startswith(address)), "/"))
