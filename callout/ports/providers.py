"""Providers: channels with their place among the others, what they are made from, and whether they may reach people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from callout.domain.drill import DRILL
from callout.domain.form import NO_FORMS, Form
from callout.domain.instant import Instant
from callout.domain.ladder import ChannelKind
from callout.ports.channels import Channel, Hear


@dataclass(frozen=True, slots=True)
class Setup:
    """What a channel is made from. `config` is an instance of the `Config` of its own module."""

    name: str
    config: Any
    secrets: Mapping[str, str]
    """By field of the config without its `_env`: `auth_token_env: CALLOUT_X` gives `auth_token`."""
    now: Callable[[], Instant]
    hear: Hear
    public_url: str = ""
    """Address at which providers reach our webhooks, without a slash at the end; empty: nobody can call in."""


class ChannelModule(Protocol):
    """What one file of callout/channels/ holds."""

    CARRIES: frozenset[ChannelKind]
    Config: type
    """A frozen dataclass with a property `real`: False where it can reach nothing but this machine.

    A field `x_env` names an environment variable that holds the secret `x`. Its `__post_init__` may raise ValueError
    with one Chinese sentence."""

    @staticmethod
    def channel(setup: Setup) -> Channel:
        """The channel; opens no connection yet."""


ACTUAL = "actual"
"""The run in which people are called."""
SIMULATED = "demo"
"""The run of everything that is called without a real provider."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A channel with its place among the others. The order in which they are listed is the order of preference."""

    channel: Channel
    kinds: frozenset[ChannelKind]
    regions: tuple[str, ...] = ()
    """Prefixes of the numbers that it is for (+852); empty: every number."""
    real: bool = False
    """It can reach people: nothing but a run that is meant for people may be handed to it."""
    forms: Mapping[str, Form] = field(default_factory=lambda: NO_FORMS)
    """Approved templates by kind of message."""
    drills: bool = False
    """Though it can reach people, drills may use it: CALLOUT_DRILL_LIVE said so."""

    def takes(self, run: str) -> bool:
        """Whether a message of this run may be handed to it: what only looks real never reaches a phone."""
        return not self.real or run == ACTUAL or (self.drills and run == DRILL)

    def carries(self, kind: ChannelKind, e164: str) -> bool:
        """Whether this number can be reached here in this way."""
        return kind in self.kinds and (not self.regions or e164.startswith(self.regions))


def everywhere(channel: Channel) -> tuple[Provider, ...]:
    """One channel for every number and every way, as in simulations."""
    return (Provider(channel, frozenset(ChannelKind)),)


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """One provider as the channels file describes it; nothing is built yet."""

    name: str
    type: str
    regions: tuple[str, ...]
    config: Any
    """An instance of the Config of its type."""
    forms: Mapping[str, Form]

    @property
    def real(self) -> bool:
        """Whether it can reach anything beyond this machine."""
        return bool(self.config.real)


@dataclass(frozen=True, slots=True)
class ChannelsPlan:
    """The whole channels file, in order of preference."""

    providers: tuple[ProviderEntry, ...] = ()

    def run(self, *, live: bool) -> str:
        """What kind of run an engine with these channels is: people are called only by real ones that may be used."""
        return ACTUAL if live and any(one.real for one in self.providers) else SIMULATED
