"""Checkpoints go to a mailbox by themselves: on time, once, and what comes there vouches for the record."""

import asyncio
import json
from email.message import EmailMessage
from pathlib import Path

from callout.channels import copy_email
from callout.domain.instant import DAY, HOUR, MINUTE, Instant, later
from callout.ports.copies import CopySetup
from callout.reports.checkpoint_mail import CheckpointMail
from callout.reports.checkpoints import HeldSeal, append_checkpoint, new_key, read_checkpoints, unsigned
from callout.reports.verification import verify_record
from callout.store.sealing import newest_seal
from tests.channels.test_copies import Mailbox, post_office
from tests.reports.test_events import Hands
from tests.reports.world import T0, World
from tests.shape import ROOT


def mailing(home: Path, port: int, clock: Hands, told: list[HeldSeal]) -> CheckpointMail:
    config = copy_email.Config(
        host="127.0.0.1", port=port, sender="callout@office.example", to=("audit@x.example",), start_tls=False
    )

    async def nobody(_leaflet: str, _device: str) -> None:
        """A mailbox does not acknowledge."""

    way = copy_email.way(CopySetup("checkpoint-mail", config, {}, nobody))
    return CheckpointMail(home / "held.jsonl", way, DAY, clock, ROOT / "templates", told.append)


def sealed(world: World, home: Path, at: Instant = T0) -> HeldSeal:
    world.note(at=at)
    world.seal(at)
    made = world.database.read(newest_seal)
    assert made is not None
    key = new_key(home / f"{made.seq}.pem")
    append_checkpoint(home / "held.jsonl", made, key)
    return read_checkpoints(home / "held.jsonl")[-1]


def line_in(mail: EmailMessage) -> str:
    text = mail.get_content()
    [found] = [each for each in text.splitlines() if each.startswith("{")]
    return str(found)


def test_what_comes_to_the_mailbox_vouches_for_the_record(world: World, tmp_path: Path) -> None:
    held, box, told = sealed(world, tmp_path), Mailbox(), list[HeldSeal]()
    with post_office(box) as port:
        assert asyncio.run(mailing(tmp_path, port, Hands(), told).run_once())
    [mail] = box.mails
    assert mail["Subject"] == f"叫应系统封条存证 {held.seq}（2025-06-15 08:00:00）"
    paper = tmp_path / "from-mail.jsonl"
    paper.write_text(line_in(mail) + "\n", encoding="utf-8")
    kept = read_checkpoints(paper)
    assert kept == [held]
    assert unsigned(kept, held.key) == []
    assert world.database.read(lambda db: verify_record(db, kept)).vouched_to == held.seq
    assert told == [held]


def test_it_goes_once_in_its_time_and_only_when_there_is_a_newer_one(world: World, tmp_path: Path) -> None:
    clock, box, told = Hands(), Mailbox(), list[HeldSeal]()
    sealed(world, tmp_path)
    with post_office(box) as port:

        def beat() -> bool:
            """As after a restart: nothing is remembered but what was kept."""
            return asyncio.run(mailing(tmp_path, port, clock, told).run_once())

        assert [beat(), beat()] == [True, False]
        sealed(world, tmp_path, later(T0, HOUR))
        assert not beat(), "it is not time yet"
        clock.at = later(T0, DAY)
        assert [beat(), beat()] == [True, False]
        clock.at = later(T0, 3 * DAY)
        assert not beat(), "nothing new was sealed"
    assert len(box.mails) == 2


def test_a_mail_that_was_not_taken_is_tried_again_after_a_while(world: World, tmp_path: Path) -> None:
    clock, box, told = Hands(), Mailbox(), list[HeldSeal]()
    sealed(world, tmp_path)
    box.verdict = "451 later"
    with post_office(box) as port:
        one = mailing(tmp_path, port, clock, told)
        assert not asyncio.run(one.run_once())
        box.verdict = "250 OK"
        assert not asyncio.run(one.run_once()), "it rests first"
        clock.at = later(T0, 15 * MINUTE)
        assert asyncio.run(one.run_once())
    assert len(told) == 1


def test_without_a_seal_there_is_nothing_to_send(tmp_path: Path) -> None:
    assert not asyncio.run(mailing(tmp_path, 9, Hands(), []).run_once())


def test_the_line_of_the_mail_is_the_document_of_the_seal(world: World, tmp_path: Path) -> None:
    held, box = sealed(world, tmp_path), Mailbox()
    with post_office(box) as port:
        asyncio.run(mailing(tmp_path, port, Hands(), []).run_once())
    assert json.loads(line_in(box.mails[0])) == held.document()
