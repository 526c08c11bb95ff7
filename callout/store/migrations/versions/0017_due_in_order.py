"""Indexes in the order in which the engine asks: what is due needs no sorting, open items are found by county,
and posts that nobody can be reached on without looking at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_BY_TIME = ("state", "lane", "next_at")


def upgrade() -> None:
    """The key of a callout ends its index, the county goes before the time of an item."""
    op.drop_index("ix_callout_state_lane_next_at", "callout")
    op.create_index("ix_callout_due", "callout", [*_BY_TIME, "county", "alert", "post", "round"])
    _items("county", "next_at")
    where = sa.text("unusable != ''")
    posts = ["county", "roster", "post"]
    op.create_index("ix_duty_unusable", "duty", posts, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """By time alone."""
    op.drop_index("ix_duty_unusable", "duty")
    op.drop_index("ix_callout_due", "callout")
    op.create_index("ix_callout_state_lane_next_at", "callout", [*_BY_TIME])
    _items("next_at")


def _items(*columns: str) -> None:
    where = sa.text("state = 'open'")
    op.drop_index("ix_human_call_open", "human_call")
    op.create_index("ix_human_call_open", "human_call", list(columns), sqlite_where=where, postgresql_where=where)
