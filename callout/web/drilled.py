"""The line on top of every page while a drill runs: nobody at the desk may take it for real."""

from callout.domain.drill import TESTED, Drill, DrillState
from callout.domain.user import Role, Viewer
from callout.web.site import Site

_KNOW = frozenset({Role.LEADER, Role.ADMINISTRATOR})
"""Whoever sees a drill that was not announced (双盲)."""


def may_know(viewer: Viewer, one: Drill) -> bool:
    """Of a drill that is not announced only some know before it is over."""
    return one.announced or one.state is DrillState.OVER or viewer.role in _KNOW


def drills_seen(where: Site, viewer: Viewer | None) -> list[Drill]:
    """The running drills below the viewer's place of which they may know; a test of the line is none."""
    if viewer is None:
        return []
    running = where.store.read(lambda work: work.drills.running())
    codes = [running[base] for base in viewer.scope.counties(running)]
    found = where.store.read(lambda work: [work.drills.find(code) for code in codes]) if codes else []
    return [
        one for one in found
        if one and not one.name.startswith(TESTED) and may_know(viewer, one)
    ]  # fmt: skip
