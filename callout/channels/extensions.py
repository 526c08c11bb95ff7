"""Digits behind our number by which a reply names the text that it answers."""

import hashlib
from collections import OrderedDict

from callout.channels.parts import KEPT


class Extensions:
    """Which digits were given to which attempt. After a restart replies are matched by their number alone."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._given: OrderedDict[tuple[str, str], str] = OrderedDict()

    def give(self, e164: str, attempt: str) -> str:
        """The digits for a text; empty where there are none to give."""
        if not self._digits:
            return ""
        drawn = int.from_bytes(hashlib.sha256(attempt.encode()).digest()[:8], "big")
        digits = str(drawn % 10**self._digits).zfill(self._digits)
        self._given[e164, digits] = attempt
        while len(self._given) > KEPT:
            self._given.popitem(last=False)
        return digits

    def attempt(self, e164: str, dialled: str) -> str:
        """The attempt that a reply to this number of ours answers; empty where it does not say."""
        return self._given.get((e164, dialled[-self._digits :]), "") if self._digits else ""
