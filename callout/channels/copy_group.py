"""Copies to groups by apprise: 企业微信, 钉钉, 飞书 and whatever else it knows. It tells success, and nothing more."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import apprise

from callout.domain.errors import CalloutError
from callout.domain.here import host_is_here
from callout.ports import Outcome, Submission
from callout.ports.copies import CopySetup, CopyWay, Leaflet


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Where to; the address holds the group's secret, so it stands in the environment."""

    url_env: str
    local: bool = False
    """The address is on this machine (json://127.0.0.1…): a trial that nobody sees."""

    @property
    def real(self) -> bool:
        """Whether people may see it."""
        return not self.local


def way(setup: CopySetup) -> CopyWay:
    """The way. Raises CalloutError for an address that apprise does not know."""
    config: Config = setup.config
    url = setup.secrets["url"]
    if config.local and not host_is_here(urlsplit(url).hostname or ""):
        raise CalloutError(f"抄送“{setup.name}”写了 local: true，但 {config.url_env} 的地址不在本机；请改成一致")
    known = apprise.Apprise()
    if not known.add(url):
        raise CalloutError(f"抄送“{setup.name}”的地址用不了；请按 apprise 的写法改正环境变量 {config.url_env}")
    return _Group(known)


class _Group:
    def __init__(self, known: apprise.Apprise) -> None:
        self._known = known

    async def submit(self, leaflet: Leaflet) -> Submission:
        """One message. A failure may have been seen all the same: apprise does not tell."""
        done = await self._known.async_notify(body=leaflet.text, title=leaflet.title)
        return Submission(
            Outcome.ACCEPTED if done else Outcome.UNKNOWN, ref=leaflet.id, reason="" if done else "apprise"
        )
