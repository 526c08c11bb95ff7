"""The documents that the intake tests read: our own (合成), and public ones where they lie beside the checkout."""

from pathlib import Path

import pytest

OWN = Path(__file__).parent / "documents"
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def own() -> Path:
    """Our own documents; those in `refused/` must be refused."""
    return OWN


@pytest.fixture(scope="session")
def storm() -> Path:
    """The three messages of the demo."""
    return CHECKOUT / "callout" / "rehearsal" / "storms" / "wulong-2026-08"
