"""Phrases that are the same for all people of an alert are worded once: macros, kept by what they read of a Meaning."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from jinja2 import Environment, nodes

from callout.domain.meaning import Meaning

KEPT = 1_000
"""Wordings that are remembered of one macro."""
_FIELDS = frozenset(field.name for field in fields(Meaning))


def keep_phrases(environment: Environment, name: str) -> Any:
    """The module of this template, whose macros that take a Meaning and nothing else remember what they said.

    What a macro may read is found in its source, through the macros that it calls; one that does anything else with
    its Meaning is left as it is.
    """
    assert environment.loader  # noqa: S101  # every environment of ours has one
    source, _, _ = environment.loader.get_source(environment, name)
    macros = {macro.name: macro for macro in environment.parse(source).find_all(nodes.Macro)}
    module = environment.get_template(name).module
    for macro in macros:
        read = _read(macros, macro)
        if read:
            setattr(module, macro, _remembering(getattr(module, macro), sorted(read)))
    return module


def _read(macros: Mapping[str, nodes.Macro], name: str) -> frozenset[str]:
    """Fields of the Meaning that a macro reads; none where that cannot be told."""
    macro = macros[name]
    if [arg.name for arg in macro.args] != ["m"]:
        return frozenset()
    others = {other: macro for other, macro in macros.items() if other != name}
    found = set[str]()
    for node, inside in _uses(macro):
        match inside:
            case nodes.Getattr(node=whole, attr=field) if whole is node and field in _FIELDS:
                found.add(field)
            case nodes.Call(node=nodes.Name(name=other), args=[whole], kwargs=[]) if whole is node and other in others:
                further = _read(others, other)
                if not further:
                    return frozenset()
                found |= further
            case _:
                return frozenset()
    return frozenset(found)


def _uses(macro: nodes.Macro) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    """Every mention of `m` in the body, with the node around it."""
    waiting: list[nodes.Node] = list(macro.body)
    while waiting:
        around = waiting.pop()
        for node in around.iter_child_nodes():
            if isinstance(node, nodes.Name) and node.name == "m":
                yield node, around
            waiting.append(node)


def _remembering(macro: Callable[[Any], str], read: list[str]) -> Callable[[Any], str]:
    key, said = attrgetter(*read), dict[Any, str]()

    def phrase(m: Any) -> str:
        found = key(m)
        words = said.get(found)
        if words is None:
            if len(said) >= KEPT:
                said.clear()
            words = said[found] = macro(m)
        return words

    return phrase
