"""CMPP 2.0 and 3.0: the protocol between a service and the SMS gateway of a mainland carrier."""

from callout.channels.cmpp.config import Config
from callout.channels.cmpp.dialect import CmppDialect as _Dialect
from callout.channels.texting import Texting as _Texting
from callout.domain.ladder import ChannelKind
from callout.ports import Channel, Setup

CARRIES = frozenset({ChannelKind.SMS})

__all__ = ["CARRIES", "Config", "channel"]


def channel(setup: Setup) -> Channel:
    """The channel; it connects when it runs."""
    config: Config = setup.config
    return _Texting(setup, config, _Dialect(config, setup.secrets["secret"], setup.now))
