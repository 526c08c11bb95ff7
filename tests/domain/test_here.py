"""This machine is told by its name or number alone."""

import pytest

from callout.domain.here import host_is_here


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert host_is_here(host)


@pytest.mark.parametrize("host", ["", "example.com", "localhost.example.com", "127.0.0.1.a.com", "10.0.0.1", "::2"])
def test_another_machine(host: str) -> None:
    assert not host_is_here(host)
