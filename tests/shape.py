"""What can be measured and found in source text; `test_architecture.py` says what is allowed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@cache
def tracked() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def modules(*folders: str) -> list[tuple[str, ast.Module]]:
    """Name and syntax tree of every Python file below these folders of the checkout."""
    roots = [Path(folder) for folder in folders]
    names = [path.relative_to(ROOT) for path in sorted(tracked()) if path.suffix == ".py"]
    inside = [name for name in names if any(name.is_relative_to(root) for root in roots)]
    return [(str(name), _tree(ROOT / name)) for name in inside]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def texts_like(pattern: str) -> list[tuple[str, str]]:
    """File and text of every match of the pattern in a tracked file."""
    files = [(path, path.read_bytes().decode("utf-8", "ignore")) for path in tracked()]
    return [(str(path.relative_to(ROOT)), hit[0]) for path, text in files for hit in re.finditer(pattern, text)]


@cache
def functions(tree: ast.AST) -> list[Function]:
    """Every function, inner ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> int:
    """How many a caller sees: self and cls are not counted."""
    given = function.args
    stars = [star for star in (given.vararg, given.kwarg) if star]
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *stars]
    return len([one for one in every if one.arg not in {"self", "cls"}])


def nesting(node: ast.AST) -> int:
    """How deep blocks lie in each other; elif is no deeper than its if, an inner function counts on its own."""
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, SCOPES)]
    return max((nesting(child) + _opens_block(node, child) for child in inner), default=0)


def _opens_block(parent: ast.AST, child: ast.AST) -> bool:
    is_elif = isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]
    return isinstance(child, BLOCKS) and not is_elif


def imports(tree: ast.AST) -> Iterator[str]:
    """The first name of every import; a relative one is our own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "callout" if node.level else (node.module or "").split(".")[0]


def strings(tree: ast.AST) -> list[str]:
    """Every string that is not a docstring or another bare expression."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in bare]
    return [node.value for node in constants if isinstance(node.value, str)]


def uses(tree: ast.AST, pattern: str) -> list[str]:
    """The last two of every dotted name, where they have the pattern, e.g. `datetime.now`."""
    dotted = (f"{_last(node.value)}.{node.attr}" for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return [name for name in dotted if re.search(pattern, name)]


def _last(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def clocks(tree: ast.AST) -> list[str]:
    """Every use of the machine's own time or chance."""
    taken = [name for name in imports(tree) if name in {"random", "secrets", "time"}]
    return taken + uses(tree, r"\bdate(time)?\.(now|utcnow|today)$")


def sql_clocks(tree: ast.AST) -> list[str]:
    """Every place where SQL would read the database's clock."""
    names = "current_timestamp|clock_timestamp|localtimestamp"
    spoken = rf"(?i)\bnow\s*\(|\b({names})\b|\b(date|datetime|unixepoch)\s*\(\s*'now"
    return uses(tree, rf"\bfunc\.(now|{names})$") + [text for text in strings(tree) if re.search(spoken, text)]


def state_writes(tree: ast.AST) -> list[str]:
    """Every place that assigns a state: an attribute, `values(state=…)`, `values({"state": …})` or SQL text."""
    set_clause = r"(?is)\bset\s(?:(?!\bwhere\b)[^;])*\bstate\s*="
    found = [text for text in strings(tree) if re.search(set_clause, text)]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="state", ctx=ast.Store()):
                found.append(ast.unparse(node))
            case ast.Call(func=ast.Attribute(attr="values")) if "state" in _keys(node):
                found.append(ast.unparse(node))
    return found


def _keys(call: ast.Call) -> set[object]:
    """The names a call gives, by keyword or in a dict."""
    dicts = [arg for arg in call.args if isinstance(arg, ast.Dict)]
    written = {key.value for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
    return written | {keyword.arg for keyword in call.keywords}


def helps(tree: ast.AST) -> list[str]:
    """What a command line says about itself: help= texts and the docstrings of commands."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "help"]
    commands = [one for one in functions(tree) if any(_is_command(decorator) for decorator in one.decorator_list)]
    undocumented = "{0.name} has no docstring"
    return [ast.unparse(text) for text in given] + [
        ast.get_docstring(one) or undocumented.format(one) for one in commands
    ]


def _is_command(decorator: ast.expr) -> bool:
    return bool(re.search(r"\.(command|callback)\b", ast.unparse(decorator)))
