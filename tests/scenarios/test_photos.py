"""semantics 7: a photo from the site goes when its time is over; the record keeps its hash and tells of a change."""

import hashlib

import pytest
from sqlalchemy import delete, select, update

from callout.cli.personal import ERASE
from callout.domain.errors import CalloutError
from callout.domain.instant import DAY, later
from callout.pipeline import stop_work
from callout.reports.verification import check_commitments
from callout.store import schema
from tests.scenarios.conftest import Opener
from tests.scenarios.field import Field
from tests.scenarios.sites import ON_SITE, decide, seen, sites_and_a_school, warn
from tests.scenarios.test_erasing import WHO, sound

PHOTO = bytes(range(256)) * 40
F = schema.stop_photo


def confirmed(open_county: Opener) -> Field:
    town = open_county(roster=sites_and_a_school())
    warn(town, hours=1)
    decide(town, stop_work.order, seen(town, "停学"))
    decide(town, stop_work.confirm, seen(town, "停学"), by=ON_SITE, basis="校门已关", photo=PHOTO)
    return town


def wrong(town: Field) -> list[str]:
    return [one.text for one in town.app.database.read(check_commitments)]


def test_a_photo_goes_with_the_name_of_whoever_saw_it_and_leaves_its_hash(open_county: Opener) -> None:
    town = confirmed(open_county)
    [kept] = town.rows(select(F))
    assert (bytes(kept.body), kept.sha256) == (PHOTO, hashlib.sha256(PHOTO).hexdigest())
    assert sound(town)
    town.clock.advance(later(town.clock.now(), 40 * DAY))
    town.settle()
    shown = ERASE.run(town.app, {"days": 30, "person": 0, "apply": False} | WHO)
    assert shown["kinds"]["photo"] == 1
    assert ERASE.run(town.app, {"days": 30, "person": 0, "apply": True} | WHO)["kinds"]["photo"] == 1
    [left] = town.rows(select(F))
    assert (left.body, left.sha256) == (None, kept.sha256)
    [entry] = town.audit("stop_photo.erased")
    assert (entry.county, entry.ref, entry.actor) == (kept.county, str(kept.decision), WHO["officer"])
    assert entry.detail == f"{WHO['reason']} sha256={kept.sha256}"
    assert sound(town)
    assert "photo" not in ERASE.run(town.app, {"days": 30, "person": 0, "apply": False} | WHO)["kinds"]


def test_one_photo_that_should_not_have_been_taken_goes_at_once(open_county: Opener) -> None:
    town = confirmed(open_county)
    decide(town, stop_work.order, seen(town, "停工"))
    decide(town, stop_work.confirm, seen(town, "停工"), by=ON_SITE, basis="同一张", photo=PHOTO)
    kept, _ = town.rows(select(F))
    asked = {"days": 0, "person": 0, "photo": kept.sha256[:12]} | WHO
    assert ERASE.run(town.app, asked | {"apply": False})["kinds"] == {"photo": 2}
    for wrong_mark in ("%", "_", "0" * 12):
        with pytest.raises(CalloutError, match="有 0 张"):
            ERASE.run(town.app, asked | {"photo": wrong_mark, "apply": True})
    with pytest.raises(CalloutError, match="请选一样"):
        ERASE.run(town.app, asked | {"days": 40, "apply": True})
    assert ERASE.run(town.app, asked | {"apply": True}) == {"applied": True, "kinds": {"photo": 2}}
    assert [row.body for row in town.rows(select(F))] == [None, None]
    assert ON_SITE in {row.value for row in town.rows(select(schema.personal.c.value))}
    assert [entry.actor for entry in town.audit("stop_photo.erased")] == [WHO["officer"]] * 2
    assert sound(town)


def test_a_photo_that_was_exchanged_slipped_in_or_taken_out_is_found(open_county: Opener) -> None:
    town = confirmed(open_county)

    def change(statement: object) -> str:
        town.app.database.write(lambda db: db.execute(statement))  # type: ignore[call-overload]
        [text] = wrong(town)
        return text

    other = b"another"
    assert "内容被改动" in change(update(F).values(body=other))
    assert "与记录不符" in change(update(F).values(sha256=hashlib.sha256(other).hexdigest()))
    assert "整行删除" in change(delete(F))
