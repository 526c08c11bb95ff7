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


@pytest.fixture(scope="session")
def public() -> list[Path]:
    """Every public XML document; none where their folder is missing."""
    folders = (
        CHECKOUT.parent / "shared" / "warnings" / name for name in ("cn-12379", "cn-cma-cap12", "cap-international")
    )
    return [path for folder in folders for path in sorted(folder.glob("*")) if path.suffix in (".xml", ".cap")]
