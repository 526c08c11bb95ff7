"""What a long measurement tells whoever waits for it."""

import sys
from datetime import UTC, datetime


def say(text: str) -> None:
    """One line with the time, beside the tables."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)
