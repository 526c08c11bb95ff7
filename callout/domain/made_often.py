"""How what is made by the thousand is declared: a frozen dataclass, to whoever reads it and to the type checker.

At run time nothing guards its fields. The guard made an object take seven times as long to make, a twentieth of all
that the engine does; and as the gate checks types, nobody can assign a field all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["made_often", "replace", "words"]
T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)

if TYPE_CHECKING:
    from dataclasses import dataclass as made_often
    from dataclasses import replace
else:

    def made_often(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """The decorator: `@made_often(frozen=True, slots=True)`."""
        return dataclass(slots=slots, unsafe_hash=frozen)

    def replace(one: T, /, **changes: Any) -> T:
        """As `dataclasses.replace`, which goes through all fields one by one and takes three times as long."""
        new = one.__class__(*_values(one.__class__)(one))
        for name, value in changes.items():
            object.__setattr__(new, name, value)
        return new

    @cache
    def _values(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
        names = [field.name for field in fields(kind)]
        return attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)


def words(kind: type[W]) -> Mapping[str, W]:
    """The members of an enum by their word, for whoever reads them by the thousand: to call the enum takes ten times as
    long."""
    return {str(one): one for one in kind}
