"""What one run of a stage did, for whoever drives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """`moved` counts rows that changed; 0 means that the stage had nothing to do at this instant."""

    stage: str
    moved: int
