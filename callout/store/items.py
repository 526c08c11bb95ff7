"""Items of the officer's list that end because what they were about has been done."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import BigInteger, String, Update, and_, bindparam

from callout.domain.human_call import HumanCallEvent, HumanCallState
from callout.store import schema
from callout.store.batch import packed, row_source
from callout.store.transaction import Event, Ledger, changed

ItemKey = tuple[str, int, int, str, str]
"""(county, alert, post, kind, about)."""


def settle_items(ledger: Ledger, items: Collection[ItemKey], outcome: str) -> None:
    """Close exactly these where they are open or claimed."""
    if items:
        values = packed(dict.fromkeys(items)) | {"how": outcome, "at": ledger.at}
        ledger.record_set(_settle(ledger.dialect), Event(HumanCallEvent.SETTLED), values=values)


@cache
def _settle(dialect: str) -> Update:
    h = schema.human_call
    key = tuple(h.primary_key.columns)
    v = row_source(dialect, *key)
    return changed(
        h,
        state=HumanCallState.CLOSED.value,
        outcome=bindparam("how", type_=String),
        closed_at=bindparam("at", type_=BigInteger),
        next_at=None,
    ).where(and_(*[c == v.c[c.name] for c in key]), h.c.state != HumanCallState.CLOSED.value)
