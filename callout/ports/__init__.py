"""Protocols that the pipeline stands on, and the values that cross them. Adapters implement; app.py joins."""

from callout.ports.duties import Given, HearWork, Planner, RemindWork, StopWorkDesk, Watcher
from callout.ports.rows import (
    AlertKeeper,
    Escalator,
    InboundRow,
    Item,
    Keys,
    Outgoing,
    PlanJob,
    RawDocument,
    SendWork,
    Settled,
    Told,
    Writer,
)
from callout.ports.triggers import ClockJob, TriggerWork
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
    "AlertKeeper", "Channel", "Clock", "ClockJob", "Document", "Escalator", "Given", "HearWork", "Ids", "Inbound",
    "InboundKind", "InboundRow", "Item", "Keys", "Listener", "Message", "Outcome", "Outgoing", "Part", "PlanJob",
    "Planner", "Pulse", "Random", "RawDocument", "Reader", "Reading", "RemindWork", "Renderer", "Rulebooks", "SendWork",
    "Settled", "Settlement", "Source", "StopWorkDesk", "Submission", "Summary", "Told", "TriggerWork", "Watcher",
    "Writer",
]  # fmt: skip
