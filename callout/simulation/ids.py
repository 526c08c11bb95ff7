"""Identifiers and salts that a seed decides, so that a rehearsal can be repeated to the letter."""

from random import Random


class SeededIds:
    """Unique by a counter, repeatable by the seed. Anybody can guess them: never for a real run."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"ids:{seed}")  # noqa: S311 - repeatable on purpose
        self._given = 0

    def attempt(self) -> str:
        """Twelve hex digits: a counter, then six by chance."""
        self._given += 1
        return f"{self._given:06x}{self._random.getrandbits(24):06x}"

    def salt(self) -> bytes:
        """16 bytes."""
        return self._random.randbytes(16)
