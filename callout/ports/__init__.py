"""Protocols that the pipeline stands on, and the values that cross them. Adapters implement; app.py joins."""

from callout.ports.rows import (
    AlertKeeper,
    Escalator,
    HearWork,
    InboundRow,
    Item,
    Keys,
    Outgoing,
    PlanJob,
    Planner,
    RawDocument,
    SendWork,
    Settled,
    Told,
    Watcher,
    Writer,
)
from callout.ports.world import (
    Channel,
    Clock,
    Document,
    Ids,
    Inbound,
    InboundKind,
    Listener,
    Message,
    Outcome,
    Part,
    Pulse,
    Random,
    Reader,
    Reading,
    Renderer,
    Rulebooks,
    Settlement,
    Source,
    Submission,
    Summary,
)

__all__ = [
    "AlertKeeper", "Channel", "Clock", "Document", "Escalator", "HearWork", "Ids", "Inbound", "InboundKind",
    "InboundRow", "Item", "Keys", "Listener", "Message", "Outcome", "Outgoing", "Part", "PlanJob", "Planner",
    "Pulse", "Random", "RawDocument", "Reader", "Reading", "Renderer", "Rulebooks", "SendWork", "Settled",
    "Settlement", "Source", "Submission", "Summary", "Told", "Watcher", "Writer",
]  # fmt: skip
