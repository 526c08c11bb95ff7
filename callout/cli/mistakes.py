"""What is wrong with which environment variable, and how it should be; never the value, which may be a secret."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

_SAID: Mapping[str, str] = MappingProxyType({
    "value_error": "{error}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "too_short": "应至少有 {min_length} 个字符",
    "string_too_short": "应至少有 {min_length} 个字符",
    "string_too_long": "应至多有 {max_length} 个字符",
    "int_parsing": "应是整数",
    "int_from_float": "应是整数",
    "float_parsing": "应是数字",
    "bool_parsing": "应是 0 或 1",
    "enum": "应是 {expected}",
    "literal_error": "应是 {expected}",
})  # fmt: skip
"""By the kinds of error that pydantic tells apart (its documentation, "Validation Errors")."""


def wrong(error: ValidationError) -> str:
    """One sentence that names each variable with what it should be."""
    said = "；".join(f"CALLOUT_{str(each['loc'][0]).upper()} {_how(each)}" for each in error.errors())
    return f"设置有误，请检查环境变量 {said}"


def _how(each: Any) -> str:
    told = {name: str(value).replace(" or ", " 或 ") for name, value in each.get("ctx", {}).items()}
    return _SAID.get(each["type"], "格式不对，写法见 README 的设置表").format(**told)
