"""Whether a host is this machine: what does not leave it reaches no phone, and needs no certificate."""

from functools import lru_cache
from ipaddress import ip_address


@lru_cache
def host_is_here(host: str) -> bool:
    """By its name or number alone; nothing is looked up."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
