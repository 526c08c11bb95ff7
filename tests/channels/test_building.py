"""From the channels file to channels: nothing real without leave, no secret outside the environment."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from callout.channels.building import Surroundings, assemble
from callout.domain.errors import CalloutError
from callout.domain.form import NO_FORMS
from callout.domain.instant import Instant
from callout.ports import ChannelsPlan, Inbound, ProviderEntry


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a made-up provider."""

    token_env: str
    real: bool


async def nobody_hears(_: Sequence[Inbound]) -> None:
    raise AssertionError


def around(*, live: bool, **environment: str) -> Surroundings:
    return Surroundings(live, environment, lambda: Instant(0), nobody_hears)


def plan(*, real: bool) -> ChannelsPlan:
    entry = ProviderEntry("示例", "none of ours", (), Config("CALLOUT_TOKEN", real), NO_FORMS)
    return ChannelsPlan((entry,))


def test_a_real_provider_is_not_even_built_without_leave() -> None:
    with pytest.raises(CalloutError, match="没有 CALLOUT_LIVE=1 不能启用"):
        assemble(plan(real=True), around(live=False, CALLOUT_TOKEN="t"))


@pytest.mark.parametrize("environment", [{}, {"CALLOUT_TOKEN": ""}])
def test_a_secret_that_is_not_set_is_asked_for_by_its_name(environment: dict[str, str]) -> None:
    with pytest.raises(CalloutError, match="请设置环境变量 CALLOUT_TOKEN"):
        assemble(plan(real=False), around(live=False, **environment))


def test_real_and_simulated_providers_do_not_stand_in_one_file() -> None:
    """Else a real warning could be handed to a simulation, counted as called and read by nobody."""
    [real], [simulated] = plan(real=True).providers, plan(real=False).providers
    with pytest.raises(CalloutError, match="不能写在同一个通道文件里"):
        assemble(ChannelsPlan((real, simulated)), around(live=True, CALLOUT_TOKEN="t"))
