"""From the channels file to channels: secrets from the environment, and nothing real without leave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from callout.channels import load
from callout.domain.errors import CalloutError
from callout.domain.instant import NEVER_YET, Instant
from callout.ports import ChannelsPlan, Hear, Inbound, Provider, ProviderEntry, Setup

_NAMED = "_env"
"""How the name of a field ends that names an environment variable."""
_BLANK = "blank" * 4
"""Stands for every secret where a channel is only asked what it can do."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What channels are built in."""

    live: bool
    """Real providers may be built."""
    environment: Mapping[str, str]
    now: Callable[[], Instant]
    hear: Hear
    public_url: str = ""
    """Where our webhooks are reached from outside; empty: nobody can call in."""
    drill_live: bool = False
    """Drills may use real providers."""


def assemble(plan: ChannelsPlan, around: Surroundings) -> tuple[Provider, ...]:
    """The providers of the plan. Raises CalloutError before anything is built that may not be, or cannot work."""
    for one in plan.providers:
        if one.real and not around.live:
            raise CalloutError(
                f"通道“{one.name}”会真的发短信或打电话，没有 CALLOUT_LIVE=1 不能启用；"
                "只想试用，请去掉 CALLOUT_CHANNELS，以模拟通道运行"
            )
    if len({one.real for one in plan.providers}) > 1:
        raise CalloutError("真实通道和本机模拟通道不能写在同一个通道文件里：真的预警可能交给模拟通道，谁也收不到")
    secrets = [_secrets(one, around.environment) for one in plan.providers]
    return tuple(_provider(one, known, around) for one, known in zip(plan.providers, secrets, strict=True))


def _secrets(entry: ProviderEntry, environment: Mapping[str, str]) -> dict[str, str]:
    """The secrets that the config names, by field."""
    found = {}
    for field in fields(entry.config):
        variable = getattr(entry.config, field.name)
        if not field.name.endswith(_NAMED) or not variable:
            continue
        if not environment.get(variable):
            raise CalloutError(f"通道“{entry.name}”的密钥没有设：请设置环境变量 {variable} 后再启动")
        found[field.name.removesuffix(_NAMED)] = environment[variable]
    return found


def _provider(entry: ProviderEntry, secrets: Mapping[str, str], around: Surroundings) -> Provider:
    module = load(entry.type)
    setup = Setup(entry.name, entry.config, secrets, around.now, around.hear, around.public_url)
    return Provider(module.channel(setup), module.CARRIES, entry.regions, entry.real, entry.forms, around.drill_live)


def described(plan: ChannelsPlan, public_url: str) -> tuple[Provider, ...]:
    """The providers as they would be, to be asked what they can do: without secrets, and never connected."""
    around = Surroundings(False, {}, lambda: NEVER_YET, _nobody, public_url)
    blank = [
        {f.name.removesuffix(_NAMED): _BLANK for f in fields(one.config) if f.name.endswith(_NAMED)}
        for one in plan.providers
    ]
    return tuple(_provider(one, secrets, around) for one, secrets in zip(plan.providers, blank, strict=True))


async def _nobody(_: Sequence[Inbound]) -> None:
    raise RuntimeError("a described channel hears nothing")
