"""Protocols that the pipeline stands on, and the values that cross them. Adapters implement; app.py joins."""

from callout.ports.channels import (
    ACTUAL,
    SIMULATED,
    Channel,
    ChannelModule,
    ChannelsPlan,
    Finding,
    Hear,
    Inbound,
    InboundKind,
    Message,
    Outcome,
    Provider,
    ProviderEntry,
    Pulls,
    Reconciles,
    Refusal,
    Ringing,
    Runs,
    Setup,
    Submission,
    everywhere,
)
from callout.ports.duties import Given, HearWork, Planner, RemindWork, StopWorkDesk, Watcher
from callout.ports.jobs import PlanJob
from callout.ports.rows import (
    AlertKeeper,
    Escalator,
    InboundRow,
    Item,
    Keys,
    Outgoing,
    RawDocument,
    SendWork,
    Settled,
    Told,
    Writer,
)
from callout.ports.triggers import ClockJob, TriggerWork
from callout.ports.world import (
    Clock,
    Document,
    Ids,
    Listener,
    Part,
    Pulse,
    Random,
    Reader,
    Reading,
    Renderer,
    Rulebooks,
    Settlement,
    Source,
    Summary,
)

__all__ = [
    "ACTUAL", "SIMULATED", "AlertKeeper", "Channel", "ChannelModule", "ChannelsPlan", "Clock", "ClockJob", "Document",
    "Escalator", "Finding", "Given", "Hear", "HearWork", "Ids", "Inbound", "InboundKind", "InboundRow", "Item",
    "Keys", "Listener", "Message", "Outcome", "Outgoing", "Part", "PlanJob", "Planner", "Provider", "ProviderEntry",
    "Pulls", "Pulse", "Random", "RawDocument", "Reader", "Reading", "Reconciles", "Refusal", "RemindWork", "Renderer",
    "Ringing", "Rulebooks", "Runs", "SendWork", "Settled", "Settlement", "Setup", "Source", "StopWorkDesk",
    "Submission", "Summary", "Told", "TriggerWork", "Watcher", "Writer", "everywhere",
]  # fmt: skip
