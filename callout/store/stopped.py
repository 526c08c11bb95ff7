"""Providers that have stopped our account: one line on each list of the counties concerned, and senders look for it."""

from collections.abc import Collection

from sqlalchemy import Connection, func, literal_column, select

from callout.domain.human_call import HumanCallKind, HumanCallState, NewHumanCall
from callout.domain.instant import Instant, beijing
from callout.store import schema
from callout.store.prepared import fetch
from callout.store.transaction import Ledger

_H = schema.human_call
_MARK = "stopped"
_SELECT_STOPS = (
    select(_H.c.about, func.max(_H.c.opened_at).label("since"))
    .where(
        _H.c.alert == literal_column("0"),
        _H.c.kind == literal_column(f"'{HumanCallKind.PROVIDER_DOWN}'"),
        _H.c.state != literal_column(f"'{HumanCallState.CLOSED}'"),
        _H.c.about.like(literal_column(f"'%@{_MARK}%'")),
    )
    .group_by(_H.c.about)
)


def stopped(ledger: Ledger, some: Collection[tuple[str, str]]) -> list[NewHumanCall]:
    """The items about these (county, provider) pairs, but for those that are on the list already."""
    known = stops(ledger.connection) if some else {}
    return [
        NewHumanCall(
            county,
            0,
            0,
            HumanCallKind.PROVIDER_DOWN,
            f"{provider}@{_MARK}{beijing(ledger.at, '%Y%m%d%H%M%S')}",
            f"通道“{provider}”说账户已停用：有别的通道就走别的通道，会自动再试；请联系服务商",
        )
        for county, provider in sorted(some)
        if provider not in known
    ]


def stops(db: Connection) -> dict[str, Instant]:
    """Since when each provider that has stopped our account is on a list."""
    return {row.about.rpartition("@")[0]: Instant(row.since) for row in fetch(db, _SELECT_STOPS)}
