"""A report that came with a reply, or that an officer entered."""

from dataclasses import dataclass

from callout.domain.feedback import Report


@dataclass(frozen=True, slots=True)
class Given:
    """One report about one post."""

    county: str
    alert: int
    post: int
    report: Report
    ref: str
    """The inbound event that brought it, or the officer's entry."""
    by: str = ""
    """Commitment of the name of who reported to an officer; empty for a reply."""
