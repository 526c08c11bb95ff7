"""A YAML file that remembers on which line everything stands, so that an error can name the place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from callout.domain.errors import RuleError

Loc = Sequence[int | str]
"""Path from the top of a file to a value: keys and list positions from 0."""

Model = TypeVar("Model", bound=BaseModel)

_FEW = 8


def near(word: str, options: Sequence[str]) -> str:
    """Chinese hint with the options most like `word`, or all of them where they are few and none is alike."""
    alike = get_close_matches(word, options, n=3, cutoff=0.5)
    if alike:
        return f"；相近的有：{'、'.join(alike)}"
    return f"；可用的有：{'、'.join(options)}" if 0 < len(options) <= _FEW else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a rule file."""

    file: str
    line: int | None = None
    """From 1; None where the whole file is meant."""
    key: str = ""
    """e.g. rules[1].level, counted from 1."""

    def __str__(self) -> str:
        line = "" if self.line is None else f" 第 {self.line} 行"
        return f"{self.file}{line}" + (f" {self.key}" if self.key else "")


class FileError(RuleError):
    """A rule file that cannot be used, its place and its mend apart."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(f"{place}：{message}")
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed rule file."""

    name: str
    root: yaml.Node
    data: Any

    def fail(self, loc: Loc, message: str) -> FileError:
        """An error that names file, line and key of the value at `loc` (or of the nearest thing that exists)."""
        node, path = _find(self.root, loc)
        return FileError(Place(self.name, node.start_mark.line + 1, path), message)

    def read(self, model: type[Model]) -> tuple[Model | None, list[FileError]]:
        """The file as `model`, or everything in it that does not fit, from top to bottom."""
        try:
            return model.model_validate(self.data), []
        except ValidationError as error:
            return None, [self.fail(one["loc"], explain(one, model)) for one in error.errors(include_url=False)]


def load(name: str, text: str) -> Document:
    """Parse one YAML text safely. Raises FileError for bad syntax, repeated keys, anchors and an empty file."""
    try:
        return _document(name, _Fast(text) if yaml.__with_libyaml__ else _Loader(text))
    except (yaml.YAMLError, ValueError, RecursionError):
        return _carefully(name, text)


def _document(name: str, loader: Any) -> Document:
    root = loader.get_single_node()
    if root is None:
        raise FileError(Place(name, 1), "文件是空的；请补上内容，或删去这个文件。")
    return Document(name, root, loader.construct_document(root))


def _carefully(name: str, text: str) -> Document:
    """Parse with the slow scanner, whose errors name the better place; it has the last word."""
    try:
        return _document(name, _Loader(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise FileError(Place(name, line), _syntax(error, text, line)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError(Place(name, line), "有不可见的控制字符；请删去后重新输入这一行。") from None
    except (ValueError, RecursionError):
        raise FileError(Place(name), "有不存在的日期，或括号层次过深；请改正，日期请加英文引号。") from None


class _Refusal(yaml.MarkedYAMLError):
    """A thing that YAML allows and a rule file must not hold; the problem text is for people."""


class _Composer(yaml.composer.Composer):
    """Refuses repeated keys (the second would silently win) and anchors (they can grow without end)."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[attr-defined]
        if getattr(event, "anchor", None):
            raise _Refusal(problem="不能使用 & 锚点和 * 引用；请把内容写全。", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refusal(problem="键应为一个词；请检查冒号和括号。", problem_mark=key.start_mark)
            if key.value in seen:
                raise _Refusal(problem=f"键“{key.value}”写了两次；请删去一个。", problem_mark=key.start_mark)
            seen.add(key.value)
        return node


class _Loader(_Composer, yaml.SafeLoader):
    """Everything in Python."""


if yaml.__with_libyaml__:

    class _Fast(_Composer, yaml.CSafeLoader):
        """The same nodes, scanned by libyaml: a tenth of the time for a county's forty files."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            _Composer.__init__(self)


def _syntax(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    if isinstance(error, _Refusal):
        return str(error.problem)
    lines = text.splitlines()
    nearby = "".join(lines[max(line - 2, 0) : line])
    if "：" in nearby or "，" in nearby:
        return "YAML 写法有误；可能用了中文冒号或逗号，请改成英文的“: ”和“, ”。"
    if "\t" in nearby:
        return "YAML 写法有误；缩进里有制表符，请改成空格。"
    return "YAML 写法有误；请检查这一行和上一行的缩进、引号和括号。"


def _find(node: yaml.Node, loc: Loc) -> tuple[yaml.Node, str]:
    path = ""
    for part in loc:
        child = _child(node, part)
        if child is None:
            break
        node = child
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return node, path.lstrip(".")


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None


_WRONG = "写法不对；请对照同目录的示例改正。"
_SAYINGS = {
    "missing": "缺少“{key}”；请补上。",
    "string_type": "应为文字；数字和日期请加英文引号。",
    "int_type": "应为整数，不加引号。",
    "float_type": "应为数字，不加引号。",
    "list_type": "应为列表；请用方括号，或每行一个“- ”。",
    "dict_type": "应为“键: 值”的形式。",
    "model_type": "应为“键: 值”的形式。",
    "too_short": "不能为空；请至少写一项。",
    "too_long": "项数过多；最多 {max_length} 项。",
    "string_too_short": "不能为空；请补上。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
}
"""pydantic's error type → what to tell a person."""


def explain(error: Any, model: type[BaseModel]) -> str:
    """One of pydantic's errors in Chinese."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    key = str(error["loc"][-1]) if error["loc"] else model.__name__
    if kind == "extra_forbidden":
        return f"不认识的键“{key}”{near(key, _keys(model, error['loc'][:-1]))}；请改正或删去。"
    if kind == "string_pattern_mismatch":
        return _unlike(context["pattern"], _place(model, error["loc"]).get("examples", []))
    return _SAYINGS.get(kind, _WRONG).format(key=key, **context)


def _unlike(pattern: str, examples: Sequence[str]) -> str:
    """What a text should have been: one of a few words, or like an example."""
    if words := re.fullmatch(r"\^\(\?:([^()\[\]\\]+)\)\$", pattern):
        return f"只能写 {words[1].replace('|', '、')} 之一；请改正。"
    return f"写法不对，应像“{'”“'.join(examples)}”这样；请改正。" if examples else _WRONG


def _keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that may stand at `loc`."""
    return list(_place(model, loc).get("properties", {}))


def _place(model: type[BaseModel], loc: Loc) -> dict[str, Any]:
    """The JSON schema of what stands at `loc`."""
    schema = model.model_json_schema()
    place: dict[str, Any] = schema
    for part in loc:
        place = _resolve(schema, place.get("items") if isinstance(part, int) else _below(place, part))
    return place


def _below(place: dict[str, Any], part: str) -> Any:
    return place.get("properties", {}).get(part, place.get("additionalProperties"))


def _resolve(schema: dict[str, Any], place: Any) -> dict[str, Any]:
    """Follow a reference, through `anyOf` where a value may be left out or be a plain word."""
    found = place if isinstance(place, dict) else {}
    found = next((each for each in found.get("anyOf", []) if {"$ref", "properties"} & each.keys()), found)
    reference = found.get("$ref", "")
    resolved: dict[str, Any] = schema["$defs"][reference.rsplit("/", 1)[-1]] if reference else found
    return resolved
