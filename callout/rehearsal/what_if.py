"""What would be different if: each change turns one setting into another."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from callout.domain.alert import Alert, MsgType
from callout.domain.errors import CalloutError
from callout.domain.instant import HOUR, Instant, later
from callout.rehearsal.setting import Outage, Setting
from callout.simulation.gateways import lose


def peak(setting: Setting) -> Instant:
    """When the first warning of the highest level was issued."""
    return min(alert.sent for alert in highest(setting.storm.alerts))


def highest(alerts: Iterable[Alert]) -> list[Alert]:
    """Those that warn of the highest level among them, in order; where none has a level, all."""
    warns = [a for a in alerts if a.msg_type is not MsgType.CANCEL]
    top = max((a.info.level.rank for a in warns if a.info.level), default=None)
    return [a for a in warns if top is None or (a.info.level and a.info.level.rank == top)]


def lost_gateway(setting: Setting, name: str) -> Setting:
    """That gateway is gone for the whole storm. Raises CalloutError where there is none of that name."""
    try:
        return replace(setting, gateways=lose(setting.gateways, name, (Instant(0), later(setting.storm.ends, HOUR))))
    except KeyError:
        known = "、".join(one.name for one in setting.gateways)
        raise CalloutError(f"没有通道“{name}”；可用的有：{known}") from None


def dark(setting: Setting, names: Sequence[str], hours: float) -> Setting:
    """断网 in these townships for so many hours from the peak of the storm. Raises CalloutError for unknown ones."""
    county = setting.rulebook.county
    known = {name: town.key for town in county.townships for name in (town.name, *town.aliases)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise CalloutError(f"{county.name}没有乡镇“{unknown[0]}”；请用名册里的乡镇名")
    begins = peak(setting)
    out = Outage(frozenset(known[name] for name in names), begins, later(begins, round(hours * HOUR)))
    return replace(setting, outages=(*setting.outages, out))


def absent(setting: Setting, share: float) -> Setting:
    """So large a part of the night shift is not there."""
    return replace(setting, absent=share)


def officers(setting: Setting, many: int) -> Setting:
    """So many officers at the desk."""
    return replace(setting, working=replace(setting.working, officers=many))


def silenced(setting: Setting, responder: int) -> Setting:
    """One person's phones are off the whole time."""
    return replace(setting, off=setting.off | {responder})
