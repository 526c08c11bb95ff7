"""The documents say what is: links lead somewhere, commands and files exist, tables are those of the code."""

import ast
import re
import shlex
import tomllib
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import typer
from typer.main import get_command

from callout.channels import TYPES, load
from callout.cli import app
from callout.domain import callout
from callout.domain.machine import picture
from callout.rulebook.providers import read_channels
from callout.settings import Settings
from tests.shape import ROOT, Function

DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
MANUALS = ("README.md", "README.zh-CN.md")
FOLDERS = r"(?:callout|tests|docs|rules|templates|bench|\.ci)/[\w./-]*"
FILES = r"[A-Z][\w.-]*\.md|Makefile|constraints\.txt|[\w-]+\.(?:toml|yml)"
SHELL = {"<", ">", "|", "&&"}
COMMANDS: Any = get_command(app)
USAGE_ERROR = typer.BadParameter.__mro__[1]
"""What the command line library raises for any mistake; it exports only the one below."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, *languages: str) -> list[str]:
    """The insides of fenced blocks."""
    return [body for kind, body in re.findall(r"(?ms)^```(\w*)\n(.*?)^```", text(name)) if kind in languages]


def spans(name: str) -> list[str]:
    """What stands between single backquotes outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text(name)))


def anchors(path: Path) -> set[str]:
    """The fragments under which a page shows its headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


def commands(name: str) -> list[str]:
    """Every quoted command line of callout."""
    lines = [line.strip() for body in blocks(name, "sh") for line in body.splitlines()]
    return [one for one in [*lines, *spans(name)] if one.startswith("callout ")]


def understand(line: str) -> None:
    """Parse a command line without running it; raises what the command line library raises for a mistake.

    A bare `callout ack` names the command and needs no arguments.
    """
    words = shlex.split(line, comments=True)[1:]
    words = words[: min((words.index(sign) for sign in SHELL & set(words)), default=len(words))]
    command: Any = COMMANDS
    while words and hasattr(command, "get_command"):
        command = command.get_command(None, words.pop(0))
        assert command, line
    if words:
        command.make_context("callout", words)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_internal_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text(name)):
        file, _, fragment = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        assert path.exists(), target
        assert not fragment or fragment in anchors(path), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_named_files_exist(name: str) -> None:
    named = [one for one in spans(name) if re.fullmatch(f"{FOLDERS}|{FILES}", one) and "NAME" not in one]
    assert not [one for one in named if not (ROOT / one).exists()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name: str) -> None:
    quoted = [*spans(name), *(line for body in blocks(name, "sh") for line in body.splitlines())]
    asked = {found[1] for one in quoted if (found := re.match(r"make ([a-z]+)", one))}
    assert asked <= set(re.findall(r"(?m)^([a-z]+):", text("Makefile")))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_named_tests_exist(name: str) -> None:
    for file, function in re.findall(r"(tests/[\w/]+\.py)::(\w+)", text(name)):
        defined = {node.name for node in ast.walk(ast.parse(text(file))) if isinstance(node, Function)}
        assert function in defined, f"{file}::{function}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_quoted_commands_are_understood(name: str) -> None:
    for line in commands(name):
        understand(line)


def test_the_manual_shows_every_command() -> None:
    shown = {line.split()[1] for line in commands("README.zh-CN.md")}
    assert shown == set(COMMANDS.list_commands(None))


@pytest.mark.parametrize("wrong", ["nothing", "status --bogus", "ack 1", "ack x 2 --officer y"])
def test_a_wrong_command_is_found(wrong: str) -> None:
    with pytest.raises((AssertionError, USAGE_ERROR)):
        understand(f"callout {wrong}")


def test_the_settings_table_is_complete() -> None:
    rows = re.findall(r"(?m)^\| `CALLOUT_(\w+)` \| (.+?) \|", text("README.md"))
    assert [name.lower() for name, _ in rows] == list(Settings.model_fields)
    for name, default in rows:
        field = Settings.model_fields[name.lower()]
        plain = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert field.default_factory or field.default is None or default == f"`{plain}`", name


@pytest.mark.parametrize("name", ["docs/channels.md", "docs/ways.md", "docs/carrier.md"])
def test_sample_channels_files_can_be_read_as_they_stand(name: str, tmp_path: Path) -> None:
    found = [body for body in blocks(name, "yaml") if re.search(r"(?m)^(providers:|- name: )", body)]
    assert found
    for body in found:
        file = tmp_path / "channels.yaml"
        file.write_text(body if "providers:" in body else "providers:\n" + indent(body, "  "), encoding="utf-8")
        assert read_channels(file, TYPES, lambda kind: load(kind).Config).providers


def test_the_readme_shows_the_states_and_stages_of_the_code() -> None:
    assert picture(callout.TABLE, callout.START) in [body.strip() for body in blocks("README.md", "mermaid")]
    folder = ROOT / "callout" / "pipeline"
    stages = {path.stem for path in folder.glob("*.py")} - {"__init__"} | {
        p.parent.name for p in folder.glob("*/__init__.py")
    }
    assert set(re.findall(r"`callout/pipeline/(\w+)(?:/__init__)?\.py`", text("README.md"))) == stages


def test_the_readme_shows_the_end_of_the_demo_in_its_own_words() -> None:
    _, _, after = text("README.md").partition("<!-- demo -->\n```text\n")
    said = text("callout/rehearsal/closing.py")
    labels = [line.split("  ")[0] for line in after.partition("```")[0].splitlines() if "  " in line.strip()]
    assert len(labels) > 10
    assert not [label for label in labels if label and label not in said]


def test_every_promise_names_a_test_that_holds_it() -> None:
    built, _, later = text("docs/promises.md").partition("\n## Not yet")
    promises = re.findall(r"(?ms)^- (.+?)(?=^- |^#|\Z)", built)
    assert len(promises) > 20
    assert not [one for one in promises if "::" not in one]
    assert later.strip()
    assert "::" not in later


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in text("CHANGELOG.md")
    for name in MANUALS:
        assert set(re.findall(r"callout-([\d.]+)-py3", text(name))) == {version}


def test_the_readme_names_the_command_that_runs_the_tests() -> None:
    lines = [line.partition("#")[0].strip() for body in blocks("README.md", "sh") for line in body.splitlines()]
    assert "make test" in lines
