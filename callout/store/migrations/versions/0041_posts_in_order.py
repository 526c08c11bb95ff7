"""Posts in their order within a role and an area, so that the next few of a warning are found without reading all."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = ["county", "roster", "role", "area"]


def upgrade() -> None:
    """The index goes on to the post."""
    op.create_index(op.f("ix_duty_county_roster_role_area_post"), "duty", [*BEFORE, "post"])
    op.drop_index(op.f("ix_duty_county_roster_role_area"), "duty")


def downgrade() -> None:
    """The index ends with the area."""
    op.create_index(op.f("ix_duty_county_roster_role_area"), "duty", BEFORE)
    op.drop_index(op.f("ix_duty_county_roster_role_area_post"), "duty")
