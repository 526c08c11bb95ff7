"""Ways to reach phones: one file each, listed here; what an installation uses stands in its channels file."""

from importlib import import_module
from typing import cast

from callout.ports import ChannelModule

TYPES: tuple[str, ...] = (
    "twilio_sms",
    "twilio_voice",
    "aliyun_sms",
    "aliyun_voice",
    "cmpp",
    "gammu",
    "http_gateway",
    "sip",
    "smpp",
    "tencent_sms",
    "tencent_voice",
)
"""The files of this folder that hold a channel, by name. One is imported only where it is used: some need packages
that are installed as extras."""


def load(kind: str) -> ChannelModule:
    """The file of this type. Raises ImportError where the package that it needs is not installed."""
    if kind not in TYPES:
        raise KeyError(kind)
    return cast(ChannelModule, import_module(f"callout.channels.{kind}"))
