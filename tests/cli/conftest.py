"""What the tests of the command line share."""

from pathlib import Path

import pytest

from tests.cli.office import Office


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    """An empty office; its settings are in the environment of this process and of those that it starts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLOUT_DATABASE_URL", f"sqlite:///{tmp_path}/callout.sqlite3")
    monkeypatch.setenv("CALLOUT_INBOX", str(tmp_path / "inbox"))
    monkeypatch.delenv("CALLOUT_LIVE", raising=False)
    return Office(tmp_path, capsys)
