"""With CALLOUT_CI=1 a skip is a failure; the fixtures that replace skips really work."""

from pathlib import Path

import psycopg
import pytest

pytest_plugins = ["pytester"]

SKIPS = {
    "in the body": "import pytest\ndef test_it(): pytest.skip('not today')",
    "by a marker": "import pytest\n@pytest.mark.skip(reason='not today')\ndef test_it(): pass",
    "in a fixture": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('not today')\ndef test_it(f): pass",
    "of a module": "import pytest\npytest.skip('not today', allow_module_level=True)",
}


@pytest.fixture
def house(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty project that has our conftest.py."""
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text(encoding="utf-8"))
    return pytester


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_a_skip_fails_the_run_in_ci(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setenv("CALLOUT_CI", "1")
    house.makepyfile(source)
    result = house.runpytest_inprocess()
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*CALLOUT_CI=1 allows no skip*not today*"])


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS.keys())
def test_elsewhere_a_skip_is_a_skip(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.delenv("CALLOUT_CI", raising=False)
    house.makepyfile(source)
    house.runpytest_inprocess().assert_outcomes(skipped=1)


def test_an_expected_failure_is_no_skip(house: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_CI", "1")
    house.makepyfile("import pytest\n@pytest.mark.xfail\ndef test_it(): assert False")
    house.runpytest_inprocess().assert_outcomes(xfailed=1)


def test_a_fresh_database_is_empty_and_writable(fresh_postgres: str) -> None:
    with psycopg.connect(fresh_postgres) as connection:
        connection.execute("CREATE TABLE mark (x int)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables == [("mark",)]
