"""A gauge that calls its township, on both databases: read twice, sent once, and on record."""

from sqlalchemy import select

from callout.store import schema
from tests.scenarios.field import Field
from tests.scenarios.test_gauges import R1, alerts, beat, read


def test_a_reading_over_the_limit_calls_once_whatever_the_database(field: Field) -> None:
    read(field, R1, 55, settle=False)
    assert alerts(field) == []
    beat(field)
    assert (read(field, R1, 55).new, [r.level for r in alerts(field)]) == (0, ["orange"])
    assert {r.state for r in field.rows(select(schema.gauge_alarm.c.state))} == {"issued", "noted"}
    beat(field)
    assert len(alerts(field)) == 1
