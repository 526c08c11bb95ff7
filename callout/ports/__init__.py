"""Protocols that the pipeline stands on, and the values that cross them. Adapters implement; app.py joins."""

from callout.ports.channels import (
    Called,
    Channel,
    Doubtful,
    Finding,
    Forged,
    Hear,
    Hooked,
    Inbound,
    InboundKind,
    Message,
    Outcome,
    Pulls,
    Reconciles,
    Refusal,
    Ringing,
    Runs,
    Submission,
    Thanks,
)
from callout.ports.duties import HearWork, Planner, RemindWork, StopWorkDesk, Watcher
from callout.ports.given import Given
from callout.ports.inbox import InboundRow, first_of_each
from callout.ports.jobs import PlanJob
from callout.ports.providers import (
    ACTUAL,
    SIMULATED,
    ChannelModule,
    ChannelsPlan,
    Provider,
    ProviderEntry,
    Setup,
    everywhere,
)
from callout.ports.relocations import RelocationDesk, RelocationReports
from callout.ports.rows import (
    AlertKeeper,
    Escalator,
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
    "ACTUAL", "SIMULATED", "AlertKeeper", "Called", "Channel", "ChannelModule", "ChannelsPlan", "Clock", "ClockJob",
    "Document", "Doubtful", "Escalator", "Finding", "Forged", "Given", "Hear", "HearWork", "Hooked", "Ids", "Inbound",
    "InboundKind", "InboundRow", "Item", "Keys", "Listener", "Message", "Outcome", "Outgoing", "Part", "PlanJob",
    "Planner", "Provider", "ProviderEntry", "Pulls", "Pulse", "Random", "RawDocument", "Reader", "Reading",
    "Reconciles", "Refusal", "RelocationDesk", "RelocationReports", "RemindWork", "Renderer",
    "Ringing", "Rulebooks", "Runs", "SendWork", "Settled",
    "Settlement", "Setup", "Source", "StopWorkDesk", "Submission", "Summary", "Thanks", "Told", "TriggerWork",
    "Watcher", "Writer", "everywhere", "first_of_each",
]  # fmt: skip
