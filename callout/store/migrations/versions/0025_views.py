"""Views for those who read the database with tools of their own: documented names that stay, and nothing personal."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

VIEWS = {
    "v_alert": """
        SELECT ac.county, a.id AS alert, a.identifier, ac.episode, a.sender, a.hazard, a.level, a.msg_type, a.status,
               a.headline, a.sent AS sent_ms, a.received_at AS received_ms, ac.expires_at AS expires_ms, ac.state,
               ac.rulebook, ac.roster, a.run
        FROM alert_county ac JOIN alert a ON a.id = ac.alert""",
    "v_callout": """
        SELECT c.county, c.alert, c.post, c.round, d.title, d.role, d.area, c.state, c.grade, c.late, c.rules,
               c.opened_at AS opened_ms, c.answered_at AS answered_ms, c.next_at AS next_ms, c.carried_by
        FROM callout c
        JOIN alert_county ac ON ac.county = c.county AND ac.alert = c.alert
        LEFT JOIN duty d ON d.county = c.county AND d.roster = ac.roster AND d.post = c.post""",
    "v_attempt": """
        SELECT t.county, t.id AS attempt, t.alert, l.post, l.round, t.notice, t.target, t.channel, t.provider, t.state,
               t.receipt, t.repeated, t.claimed_at AS claimed_ms, t.submitted_at AS submitted_ms,
               t.settled_at AS settled_ms, t.receipt_at AS receipt_ms
        FROM attempt t
        LEFT JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id""",
    "v_answer": """
        SELECT g.county, g.alert, g.post, g.round, g.attempt, g.grade, g.at AS at_ms, g.late, g.moved FROM answer g""",
    "v_human_call": """
        SELECT h.county, h.alert, h.post, h.kind, h.state, h.opened_at AS opened_ms, h.closed_at AS closed_ms
        FROM human_call h""",
    "v_stop_work": """
        SELECT s.county, s.alert, s.area, s.code, s.role, s.rule, s.objects, s.state, s.proposed_at AS proposed_ms
        FROM stop_work s""",
    "v_feedback": """
        SELECT f.county, f.alert, f.post, f.kind, f.rule, f.state, f.opened_at AS opened_ms, f.due_at AS due_ms,
               f.given_at AS given_ms, f.households, f.people
        FROM feedback f""",
    "v_entry": """
        SELECT e.xid, e.id, e.at AS at_ms, e.county, e.event, e.alert, e.post, e.attempt, e.before, e.after
        FROM audit e""",
}


def upgrade() -> None:
    """Make them."""
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Take them away; they hold nothing."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
