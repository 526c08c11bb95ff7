"""callout (叫应) calls everybody whom a warning concerns until somebody answers."""

import sys
from enum import EnumType

if sys.version_info < (3, 12) and "__getattr__" in vars(EnumType):
    # The words of an enum stand in its class. Python 3.11 goes to them by way of this method all the same, which takes
    # five times as long, a thirtieth of all that the engine does; Python 3.12 has dropped it.
    del EnumType.__getattr__  # type: ignore[attr-defined]  # no type stub names it
