"""Every table of callout. The county is part of every key; times are milliseconds since 1970 UTC.

Personal data (numbers, names, reply texts) lies in `personal` alone; all other rows carry its commitment. Photos of
places lie in `stop_photo` and are erased with the name of whoever saw it.
"""

from callout.store.schema.alerts import (
    alert,
    alert_county,
    alert_reference,
    alert_to_strike,
    episode,
    raw_document,
    rule_match,
)
from callout.store.schema.callouts import (
    CALLOUT_KEY,
    answer,
    attempt,
    attempt_callout,
    attempt_open,
    attempt_to_hang_up,
    attempt_unknown,
    attempt_with_ref,
    callout,
    inbound,
    inbound_pending,
    inbound_unmatched,
    notice,
    notice_to_send,
)
from callout.store.schema.columns import metadata
from callout.store.schema.copies import broadcast, broadcast_waiting
from callout.store.schema.counties import county, ladder, rulebook_version
from callout.store.schema.desk_calls import desk_call, desk_call_waiting
from callout.store.schema.drills import drill, drill_beyond, drill_listed
from callout.store.schema.engines import engine_beat
from callout.store.schema.gauges import alarm_to_issue, gauge_alarm, incident, reading
from callout.store.schema.humans import (
    feedback,
    feedback_demand,
    feedback_waiting,
    human_call,
    human_call_open,
    stop_decision,
    stop_photo,
    stop_word,
    stop_work,
    stop_work_ordered,
)
from callout.store.schema.journal import journal
from callout.store.schema.record import audit, epoch, seal, seal_leaves
from callout.store.schema.relocations import (
    relocation,
    relocation_shelter,
    relocation_site,
    relocation_version,
    relocation_waiting,
)
from callout.store.schema.roster_rounds import confirmation, handover
from callout.store.schema.rosters import (
    contact,
    contact_landline,
    duty,
    duty_unusable,
    number,
    personal,
    responder,
    roster_version,
    shift,
)
from callout.store.schema.users import api_answer, api_key, office_user, sign_in_try, user_session

__all__ = [
    "CALLOUT_KEY",
    "alarm_to_issue",
    "alert",
    "alert_county",
    "alert_reference",
    "alert_to_strike",
    "answer",
    "api_answer",
    "api_key",
    "attempt",
    "attempt_callout",
    "attempt_open",
    "attempt_to_hang_up",
    "attempt_unknown",
    "attempt_with_ref",
    "audit",
    "broadcast",
    "broadcast_waiting",
    "callout",
    "confirmation",
    "contact",
    "contact_landline",
    "county",
    "desk_call",
    "desk_call_waiting",
    "drill",
    "drill_beyond",
    "drill_listed",
    "duty",
    "duty_unusable",
    "engine_beat",
    "episode",
    "epoch",
    "feedback",
    "feedback_demand",
    "feedback_waiting",
    "gauge_alarm",
    "handover",
    "human_call",
    "human_call_open",
    "inbound",
    "inbound_pending",
    "inbound_unmatched",
    "incident",
    "journal",
    "ladder",
    "metadata",
    "notice",
    "notice_to_send",
    "number",
    "office_user",
    "personal",
    "raw_document",
    "reading",
    "relocation",
    "relocation_shelter",
    "relocation_site",
    "relocation_version",
    "relocation_waiting",
    "responder",
    "roster_version",
    "rule_match",
    "rulebook_version",
    "seal",
    "seal_leaves",
    "shift",
    "sign_in_try",
    "stop_decision",
    "stop_photo",
    "stop_word",
    "stop_work",
    "stop_work_ordered",
    "user_session",
]
