"""Programs that others wrote, started for a test, bounded in time, ended by their own process id."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path

import pytest


def program(name: str, package: str, *elsewhere: str) -> str:
    """Where a program is; the test is skipped with its reason where it is not installed."""
    path = shutil.which(name) or next((place for place in elsewhere if Path(place).is_file()), None)
    if path is None:
        pytest.skip(f"{name} is not installed (apt install {package})")
    return path


_BLOCK = 100 * (os.getpid() % 100 * 2 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 2)
_PORTS = cycle(range(10_000 + _BLOCK, 10_100 + _BLOCK))
"""Of this test worker alone, and below those that the system hands out by itself: nobody else takes one."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on which nothing listens. One asked of the system might be another's by the time a program opens it."""
    for port in islice(_PORTS, 100):
        with socket.socket(type=kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@contextmanager
def running(command: Sequence[str], log: Path, port: int = 0, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process, from the moment its port answers; it is told to end, and killed if it does not."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=more or None) as process:
        try:
            if port:
                _answers(process, port, log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        if _is_open(port):
            return
        time.sleep(0.02)  # the program is starting; nothing tells when it is ready but its port
    raise AssertionError(f"{process.args!r} does not listen on {port}: {log.read_text(errors='replace')[-2000:]}")


def _is_open(port: int) -> bool:
    if any(line.split()[1].endswith(f":{port:04X}") for line in _udp_sockets()):
        return True
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _udp_sockets() -> list[str]:
    table = Path("/proc/net/udp")
    return table.read_text().splitlines()[1:] if table.exists() else []
