"""Calls that officers asked for at the desk are put through beside the engine's own work."""

from functools import partial

from callout.app import App
from callout.pipeline import connect
from callout.scheduler import Job

_LOOK = 500
"""Milliseconds between two looks; an officer with a phone in the hand waits for it."""


def connecting(app: App) -> Job:
    """Places what was asked for."""
    stage = connect.Connecting(app.store, app.world.providers, app.world.clock)
    return Job("connect", _LOOK, partial(connect.run_once, stage))
