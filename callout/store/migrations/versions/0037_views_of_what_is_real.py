"""Views hold what was real and nothing else; their twins hold all, and say of which run. Attempts tell of calls."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

VIEWS = {
    "v_alert": ("""
        SELECT ac.county, a.id AS alert, a.identifier, ac.episode, a.sender, a.hazard, a.level, a.msg_type, a.status,
               a.headline, a.sent AS sent_ms, a.received_at AS received_ms, ac.expires_at AS expires_ms, ac.state,
               ac.rulebook, ac.roster, a.run""", """
        FROM alert_county ac JOIN alert a ON a.id = ac.alert""", "ac", ""),
    "v_callout": ("""
        SELECT c.county, c.alert, c.post, c.round, d.title, d.role, d.area, c.state, c.grade, c.late, c.rules,
               c.opened_at AS opened_ms, c.answered_at AS answered_ms, c.next_at AS next_ms, c.carried_by""", """
        FROM callout c
        JOIN alert_county ac ON ac.county = c.county AND ac.alert = c.alert
        LEFT JOIN duty d ON d.county = c.county AND d.roster = ac.roster AND d.post = c.post""", "c", ""),
    "v_attempt": ("""
        SELECT t.county, t.id AS attempt, t.alert, l.post, l.round, t.notice, t.target, t.channel, t.provider, t.state,
               t.receipt, t.repeated, t.claimed_at AS claimed_ms, t.submitted_at AS submitted_ms,
               t.settled_at AS settled_ms, t.receipt_at AS receipt_ms""", """
        FROM attempt t
        LEFT JOIN attempt_callout l ON l.county = t.county AND l.attempt = t.id""", "t", """,
               t.picked_up_at AS picked_up_ms, t.ended_at AS ended_ms, t.heard_s"""),
    "v_answer": ("""
        SELECT g.county, g.alert, g.post, g.round, g.attempt, g.grade, g.at AS at_ms, g.late, g.moved""", """
        FROM answer g""", "g", ""),
    "v_human_call": ("""
        SELECT h.county, h.alert, h.post, h.kind, h.state, h.opened_at AS opened_ms, h.closed_at AS closed_ms""", """
        FROM human_call h""", "h", ""),
    "v_stop_work": ("""
        SELECT s.county, s.alert, s.area, s.code, s.role, s.rule, s.objects, s.state,
               s.proposed_at AS proposed_ms""", """
        FROM stop_work s""", "s", ""),
    "v_feedback": ("""
        SELECT f.county, f.alert, f.post, f.kind, f.rule, f.state, f.opened_at AS opened_ms, f.due_at AS due_ms,
               f.given_at AS given_ms, f.households, f.people""", """
        FROM feedback f""", "f", ""),
    "v_entry": ("""
        SELECT e.xid, e.id, e.at AS at_ms, e.county, e.event, e.alert, e.post, e.attempt, e.before, e.after""", """
        FROM audit e""", "e", ""),
}  # fmt: skip
"""Columns as they were; from where; the table that tells of county and alert; the new columns."""

_OWN = {"v_stop_work": "WHEN s.run <> 'actual' THEN s.run "}
"""A 熔断 proposed by hand is about no alert and knows its run by itself."""


def _run(name: str) -> str:
    """The run of a row: a drill is a county of its own; what is about no alert is real."""
    of = VIEWS[name][2]
    return (
        f"CASE WHEN {of}.county LIKE '%-D%' THEN 'drill' {_OWN.get(name, '')}"  # noqa: S608  # our own names
        f"ELSE COALESCE((SELECT r.run FROM alert r WHERE r.id = {of}.alert), 'actual') END"
    )


def upgrade() -> None:
    """PostgreSQL keeps who may read a view that is replaced and not made anew."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, (columns, source, _, more) in VIEWS.items():
        run = _run(name)
        if not postgresql:
            op.execute(f"DROP VIEW {name}")
        make = "CREATE OR REPLACE VIEW" if postgresql else "CREATE VIEW"
        op.execute(f"{make} {name} AS {columns}{more}{source} WHERE {run} = 'actual'")
        told = "" if name == "v_alert" else f", {run} AS run"
        op.execute(f"CREATE VIEW {name}_all AS {columns}{more}{told}{source}")


def downgrade() -> None:
    """Everything in one view again, and without the course of a call."""
    for name, (columns, source, _, _) in VIEWS.items():
        op.execute(f"DROP VIEW {name}_all")
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} AS {columns}{source}")
