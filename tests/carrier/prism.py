"""Prism, from npm, with Twilio's own description of its interface: a second opinion on requests and answers.

`CALLOUT_TEST_NPM` names a folder where `npm install` has put @stoplight/prism-cli and @twilio/cli-core. See `.ci/run`.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.channels.peers import free_port

DESCRIPTION = "package/src/services/twilio-api/twilio_api_v2010.json"
PROGRAM = "node_modules/@stoplight/prism-cli/dist/index.js"
SPOKEN = ("Accounts/{Sid}", "/Messages", "/Messages/{Sid}", "/Calls", "/Calls/{Sid}")
"""The resources that we use; the others only cost time at the start."""
MOST = 2
"""Path parameters of those resources; deeper ones belong to others."""
PATIENCE = 60.0


def folder() -> Path:
    """Where npm put its packages; skips the test where they are not."""
    home = Path(os.environ.get("CALLOUT_TEST_NPM", ""))
    if not os.environ.get("CALLOUT_TEST_NPM") or not (home / DESCRIPTION).is_file() or not (home / PROGRAM).is_file():
        pytest.skip("CALLOUT_TEST_NPM names no folder with @stoplight/prism-cli and @twilio/cli-core")
    return home


def described(home: Path) -> dict[str, Any]:
    """Twilio's description of what we use, mended in two places where it contradicts itself.

    A list in a form is told by repeating its name; the description does not say so, and without it Prism takes two
    StatusCallbackEvents for no list. Links between pages are called absolute, while those in its own examples are not.
    """
    document: dict[str, Any] = json.loads((home / DESCRIPTION).read_text(encoding="utf-8"))
    wanted = [path for path in document["paths"] if path.endswith(tuple(f"{one}.json" for one in SPOKEN))]
    document["paths"] = {path: document["paths"][path] for path in wanted if path.count("{") <= MOST}
    for one in (one for item in document["paths"].values() for one in item.values() if "responses" in one):
        _mend_lists(one)
        _mend_links(one)
    return document


def _mend_lists(operation: dict[str, Any]) -> None:
    for body in operation.get("requestBody", {}).get("content", {}).values():
        lists = [name for name, each in body["schema"].get("properties", {}).items() if each.get("type") == "array"]
        body["encoding"] = {name: {"style": "form", "explode": True} for name in lists}


def _mend_links(operation: dict[str, Any]) -> None:
    contents = [one for answer in operation["responses"].values() for one in answer.get("content", {}).values()]
    for field in (field for one in contents for field in one["schema"].get("properties", {}).values()):
        if field.get("format") == "uri":
            field["format"] = "uri-reference"


@contextmanager
def prism(home: Path, work: Path, *command: str) -> Iterator[str]:
    """`prism mock` or `prism proxy … URL` on the description; its address. Ended by its id."""
    description, port = work / "twilio.json", free_port()
    description.write_text(json.dumps(described(home)), encoding="utf-8")
    verb, *rest = command
    where = ["-h", "127.0.0.1", "-p", str(port)]
    with (
        (work / "prism.log").open("w") as log,
        subprocess.Popen(
            ["node", str(home / PROGRAM), verb, *where, str(description), *rest], stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("prism does not listen")
