"""Stories of channels are coroutines, each in its own event loop."""

import asyncio
import inspect

import pytest

from callout.web import pause


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is answered without a pause."""
    monkeypatch.setattr(pause, "SECONDS", 0.0)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine; a story that takes a minute has hung."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    story = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    asyncio.run(asyncio.wait_for(story, 60))
    return True
