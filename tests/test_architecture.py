"""The shape of the house, held by tests: layout, sizes, purity, one write path, nothing private in any file."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.shape import (
    ROOT,
    Function,
    clocks,
    functions,
    helps,
    imports,
    length,
    modules,
    nesting,
    parameters,
    sql_clocks,
    state_writes,
    texts_like,
    tracked,
)

LAYOUT = {
    "__init__", "__main__", "app", "channels", "cli", "domain", "pipeline", "ports", "rehearsal", "render",
    "reports", "rulebook", "scheduler", "settings", "simulation", "sources", "store", "web",
}  # fmt: skip
BUCKETS = {"common", "helper", "helpers", "manager", "managers", "misc", "service", "services", "util", "utils"}
LOCKS = {"package-lock.json", "poetry.lock", "uv.lock"}
OUTSIDE_WORLD = {
    "asyncio", "io", "logging", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading", "urllib",
}  # fmt: skip
STATE_WRITERS = {"callout/store/transaction.py"}
"""The files of callout/store that may assign a state: the one write path of record() and record_set(). Others hand it
the words of a set-based change through `changed`; no other module builds an UPDATE (tests/scenarios/test_record.py)."""
_PLAIN = (
    *("apart", "canary", "connecting", "housekeeping", "listening", "logs", "mistakes", "number_test", "pulse"),
    "unheard",
)
SPEECHLESS = ("__init__.py", *(f"cli/{name}.py" for name in _PLAIN))
"""Files of callout/cli in which no command or option is declared."""
DOCUMENTED_NUMBERS: set[str] = set()
"""Numbers that a public API prints in its own documentation; any other that looks like a mobile is a finding."""

PURE = ("callout/domain", "callout/pipeline")
OURS = ("callout", "tests", "bench")


def test_the_top_level_is_the_known_set() -> None:
    assert {Path(name).parts[1].removesuffix(".py") for name, _ in modules("callout")} <= LAYOUT


def test_no_bucket_modules() -> None:
    assert not [name for name, _ in modules(*OURS) if BUCKETS & set(Path(name).with_suffix("").parts)]


def test_files_are_short() -> None:
    lines = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name, _ in modules(*OURS)}
    assert not {name: count for name, count in lines.items() if count > 300}


@pytest.mark.parametrize(("measure", "limit"), [(length, 40), (parameters, 5), (nesting, 3)])
def test_functions_are_small(measure: Callable[[Function], int], limit: int) -> None:
    every = [(name, one) for name, tree in modules(*OURS) for one in functions(tree)]
    assert not [f"{name}:{one.lineno} {one.name}: {measure(one)}" for name, one in every if measure(one) > limit]


def test_the_usual_function_has_ten_lines() -> None:
    assert median(length(one) for _, tree in modules("callout") for one in functions(tree)) <= 10


def test_domain_and_pipeline_import_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"callout"}
    assert not [(name, foreign) for name, tree in modules(*PURE) if (foreign := set(imports(tree)) - allowed)]


def test_domain_does_no_input_or_output_and_keeps_no_log() -> None:
    assert not [(name, found) for name, tree in modules(PURE[0]) if (found := set(imports(tree)) & OUTSIDE_WORLD)]


def test_time_and_chance_come_in_as_arguments() -> None:
    assert not [(name, found) for name, tree in modules(*PURE) if (found := clocks(tree))]


def test_sql_never_reads_a_clock() -> None:
    assert not [(name, found) for name, tree in modules("callout/store") if (found := sql_clocks(tree))]


def test_a_state_is_written_in_one_place_only() -> None:
    others = [(name, tree) for name, tree in modules("callout/store") if name not in STATE_WRITERS]
    assert not [(name, found) for name, tree in others if (found := state_writes(tree))]


def test_a_rehearsal_drives_the_production_engine_and_is_no_second_one() -> None:
    """It builds the app and settles it; it has no stage, writes no row of its own, and decides nothing about calls."""
    parts = modules("callout/rehearsal", "callout/simulation")
    names = {(name, function.name) for name, tree in parts for function in functions(tree)}
    assert not {each for each in names if each[1] == "run_once"}
    assert not [(name, found) for name, tree in parts if (found := state_writes(tree))]
    assert not [
        (name, node.func.attr)
        for name, tree in parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"record", "record_set"}
    ]
    taken = {
        (name, node.module or "") for name, tree in parts for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    readers = {f"callout/rehearsal/{each}.py" for each in ("desk", "fitting", "observing", "play", "worst/playing")}
    assert {name for name, module in taken if module.startswith("sqlalchemy")} <= readers
    brains = ("callout.domain.moves", "callout.domain.matching", "callout.domain.closing", "callout.pipeline.send")
    assert not [each for each in taken if each[1].startswith(brains)]
    assert ("callout/rehearsal/play.py", "callout.app") in taken


def test_migrations_stand_in_one_line() -> None:
    """Two that were written side by side and share a number would leave no database able to open."""
    folder = ROOT / "callout/store/migrations/versions"
    numbers = [
        re.findall(r'^(?:down_)?revision = "(\d{4})"', p.read_text(encoding="utf-8"), re.M)
        for p in sorted(folder.glob("0*.py"))
    ]
    assert [each[1] for each in numbers[1:]] == [each[0] for each in numbers[:-1]]


def test_commands_explain_themselves_in_chinese() -> None:
    texts = {name: helps(tree) for name, tree in modules("callout/cli") if not name.endswith(SPEECHLESS)}
    assert not [name for name, said in texts.items() if not said]
    assert not [(name, one) for name, said in texts.items() for one in said if not re.search("[一-鿿]", one)]


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_path_of_a_machine() -> None:
    assert not texts_like(r"(?<![\w.])/(work|root|home)/\w+")


def test_no_lock_file_and_no_registry_address() -> None:
    assert not [str(path.relative_to(ROOT)) for path in tracked() if path.name in LOCKS]
    assert not texts_like(r"/simple(?=/)|/packages/[0-9a-f]{2}/")


def test_no_number_that_could_ring() -> None:
    found = texts_like(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
    assert not [(name, number) for name, number in found if number not in DOCUMENTED_NUMBERS]


@pytest.mark.parametrize(
    ("measure", "code", "expected"),
    [
        (length, "def f():\n a = 1\n return a", 3),
        (parameters, "def f(self, a, /, b, *c, d, **e): ...", 5),
        (nesting, "def f():\n if a:\n  for b in c:\n   with d: pass\n elif e: pass\n elif g: pass", 3),
        (nesting, "def f():\n def g():\n  if a:\n   if b: pass", 0),
    ],
)
def test_measures(measure: Callable[[Function], int], code: str, expected: int) -> None:
    assert measure(functions(ast.parse(code))[0]) == expected


@pytest.mark.parametrize(
    ("find", "code"),
    [
        (clocks, "from random import choice"),
        (clocks, "import time"),
        (clocks, "import datetime\nx = datetime.datetime.now()"),
        (sql_clocks, "execute('UPDATE a SET b = now()')"),
        (sql_clocks, "x = func.current_timestamp()"),
        (sql_clocks, "execute(\"SELECT datetime('now')\")"),
        (state_writes, "row.state = 1"),
        (state_writes, "update(t).values(state=1)"),
        (state_writes, "update(t).values({'state': 1})"),
        (state_writes, "execute('UPDATE t SET a = 1, state = 2 WHERE b')"),
        (helps, "@app.command()\ndef f(): ..."),
        (helps, "Option(help='x')"),
    ],
)
def test_what_must_be_found_is_found(find: Callable[[ast.AST], list[str]], code: str) -> None:
    assert find(ast.parse(code))


@pytest.mark.parametrize(
    ("find", "code"),
    [
        (clocks, "def f(now): return now.date()"),
        (sql_clocks, "'''No now() in SQL.'''\nx = clock.now()"),
        (state_writes, "x = t.state\nexecute('UPDATE t SET a = 1 WHERE state = 2')"),
    ],
)
def test_what_is_allowed_is_not_found(find: Callable[[ast.AST], list[str]], code: str) -> None:
    assert not find(ast.parse(code))
