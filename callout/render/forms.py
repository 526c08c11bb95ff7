"""Fills the gaps of approved templates, and sees that every value fits."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from callout.domain.form import Charset, Filled, Form, Overflow, Variable

_DECORATION = re.compile(r"[【】\[\]\x00-\x1f\u2028\u2029★☆※→←↑↓●◆■▲①-⑳]|https?:|www\.", re.IGNORECASE)
_FITS: Mapping[Charset, Callable[[str], bool]] = MappingProxyType(
    {
        Charset.ANY: lambda _: True,
        Charset.PLAIN: lambda value: not _DECORATION.search(value),
        Charset.DIGITS: lambda value: value.isascii() and value.isdigit(),
    }
)


def fill(form: Form, render: Callable[[str], str]) -> Filled:
    """The template with its gaps filled by `render`. Raises ValueError for a value that is empty or does not fit."""
    values = {variable.name: _fitted(variable, render(variable.value).strip()) for variable in form.variables}
    return Filled(form.code, MappingProxyType(values), tuple(values.values()))


def _fitted(variable: Variable, value: str) -> str:
    if not value:
        raise ValueError(f"模板变量 {variable.name} 没有内容")
    if not _FITS[variable.charset](value):
        raise ValueError(f"模板变量 {variable.name} 含有不允许的字符")
    if len(value) <= variable.longest:
        return value
    if variable.overflow is Overflow.REFUSE:
        raise ValueError(f"模板变量 {variable.name} 有 {len(value)} 字，最多 {variable.longest} 字")
    return value[: variable.longest - 1] + "…"
