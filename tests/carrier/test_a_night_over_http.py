"""One night with everything as a process of its own: `callout serve`, the simulated carrier, HTTP both ways.

Both run on the real clock; only the people and the network are faster. At night orange and red begin with a call, by
day with a text, and the story must hold at any hour: so some numbers take no texts, and are called at once.
"""

import json
import sqlite3
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callout.simulation.twilio.options import ACCOUNT, TOKEN
from tests.carrier.test_command import running
from tests.channels.peers import free_port
from tests.cli.office import PATIENCE, Office, stop, wait_for, write_warning

SENDER = "+99900000000001"
PEOPLE = 50
NO_TEXTS = 8
"""People whose numbers take calls only."""

CHANNELS = """
providers:
  - name: sms
    type: twilio_sms
    settings: {{account_sid: {0}, auth_token_env: SIMULATED, senders: ["{1}"], base_url: "{2}", per_sender: 0}}
  - name: voice
    type: twilio_voice
    settings: {{account_sid: {0}, auth_token_env: SIMULATED, senders: ["{1}"], base_url: "{2}", per_second: 0}}
"""

WAITING = """SELECT c.post, p.value FROM callout c
    JOIN attempt_callout x ON x.alert = c.alert AND x.post = c.post
    JOIN attempt t ON t.id = x.attempt AND t.receipt = 'delivered'
    JOIN number n ON n.id = t.number JOIN personal p ON p.commitment = n.commitment
    WHERE c.alert = 1 AND c.round = 0 AND c.state = 'waiting'"""
"""Posts that have the text and have not answered, and their numbers."""


@dataclass(frozen=True, slots=True)
class Night:
    """What can be seen of the night from outside."""

    office: Office
    carrier: str

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.office.database}?mode=ro", uri=True) as db:
            found = db.execute(statement).fetchall()
        db.close()
        return found

    def warn(self, serial: int, level: str) -> None:
        """A warning comes in; red is made of the orange one."""
        path = write_warning(self.office.home, serial, "03-orange" if level == "red" else level)
        if level == "red":
            text = path.read_text(encoding="utf-8").replace("<severity>Orange<", "<severity>Red<")
            path.write_text(text.replace("橙色", "红色").replace("[II级", "[I级"), encoding="utf-8")
        path.rename(self.office.inbox / path.name)

    def trouble(self, requests: Mapping[str, float]) -> None:
        """What goes wrong from now on with requests."""
        self.order("PUT", "troubles", {"requests": requests})

    def order(self, method: str, what: str, document: object) -> None:
        """Ask the simulated carrier for something."""
        body = json.dumps(document).encode()
        order = urllib.request.Request(f"{self.carrier}/simulated/{what}", body, method=method)
        order.add_header("Content-Type", "application/json")
        urllib.request.urlopen(order, timeout=PATIENCE).close()

    @property
    def counts(self) -> Counter[str]:
        with urllib.request.urlopen(f"{self.carrier}/simulated/status", timeout=PATIENCE) as answer:
            return Counter(json.load(answer))

    def tally(self, alert: int) -> Counter[str]:
        """State → callouts of a warning."""
        return Counter(
            dict(self.rows(f"SELECT state, count(*) FROM callout WHERE alert = {alert} AND round = 0 GROUP BY state"))
        )

    def all_called(self, alerts: int) -> bool:
        """So many warnings are expanded, and everybody who was due has been called."""
        seen = self.office("status", "--json").document
        planned = [one for one in seen["per_alert"] if one["state"] == "planned"]
        return len(planned) == alerts and bool(seen["due"]) and seen["called"] == seen["due"]

    def said(self, kind: str) -> list[str]:
        """What came back from the phones, in words or keys."""
        words = "SELECT coalesce(p.value, i.body) FROM inbound i LEFT JOIN personal p ON p.commitment = i.body"
        return [str(value) for (value,) in self.rows(f"{words} WHERE i.kind = '{kind}'")]


@pytest.mark.long
def test_a_night_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    office = Office(tmp_path, capsys)
    settings = {
        "DATABASE_URL": f"sqlite:///{office.database}",
        "INBOX": str(office.inbox),
        "WEB_PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIMULATED", TOKEN)
    monkeypatch.delenv("CALLOUT_LIVE", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(f"CALLOUT_{name}", value)
    assert office("roster", "sample", "--people", str(PEOPLE)).code == 0
    numbers = Night(office, "").rows(f"SELECT value FROM personal WHERE value LIKE '+999%' LIMIT {NO_TEXTS}")
    refused = [f"--refuse={e164}=21614" for (e164,) in numbers]
    with running("--speed", "30", f"--inbound=http://127.0.0.1:{port}/hooks/sms/sms", *refused) as (_, url):
        text = CHANNELS.format(ACCOUNT, SENDER, url)
        (tmp_path / "channels.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("CALLOUT_CHANNELS", "channels.yaml")
        with office.serving() as engine:
            night = Night(office, url)
            yellow_is_answered_by_text_and_code(night)
            orange_in_a_storm_of_429_is_answered_by_key(night)
            red_with_errors_after_acceptance_is_proved_and_not_repeated(night)
            said = stop(engine)
    assert engine.returncode == 0
    assert "Traceback" not in said
    assert office("status", "--json").document["lost"] == 0
    assert office("audit", "verify").code == 0


def yellow_is_answered_by_text_and_code(night: Night) -> None:
    night.warn(1, "02-yellow")
    wait_for(lambda: night.all_called(1))
    wait_for(lambda: night.tally(1)["answered"] >= night.tally(1).total() / 2)
    assert "收到" in night.said("reply")
    post, e164 = night.rows(WAITING)[0]
    [(code,)] = night.rows("SELECT code FROM alert WHERE id = 1")
    night.order("POST", "say", {"from": e164, "to": SENDER, "body": f"收到{code}"})
    mine = f"SELECT state FROM callout WHERE alert = 1 AND post = {post} AND round = 0"
    wait_for(lambda: night.rows(mine) == [("answered",)])


def orange_in_a_storm_of_429_is_answered_by_key(night: Night) -> None:
    night.trouble({"429": 0.5})
    night.warn(2, "03-orange")
    wait_for(lambda: night.all_called(2))
    assert night.counts["request fault 429"] > PEOPLE / 10
    night.trouble({})
    wait_for(lambda: "1" in night.said("key"))
    # Texts that are answered within half a minute may be meant for the warning before: who wrote so is called then.
    wait_for(lambda: night.tally(2)["answered"] >= night.tally(2).total() / 2, 2 * PATIENCE)


def red_with_errors_after_acceptance_is_proved_and_not_repeated(night: Night) -> None:
    """The callback names the attempt, so that what was in doubt is sent, and no phone hears it twice the same way."""
    night.trouble({"500-taken": 0.5})
    night.warn(3, "red")
    wait_for(lambda: night.all_called(3))
    assert night.counts["request fault 500-taken"] > PEOPLE / 4
    doubted = night.rows("SELECT count(*) FROM audit WHERE event = 'attempt.doubtful'")
    assert doubted > [(0,)]
    wait_for(lambda: night.rows("SELECT count(*) FROM attempt WHERE state IN ('unknown', 'submitting')") == [(0,)])
    repeated = """SELECT x.post, t.number, t.channel FROM attempt t JOIN attempt_callout x ON x.attempt = t.id
        WHERE x.alert = 3 AND t.notice = '' AND NOT t.repeated AND x.post NOT IN
            (SELECT post FROM audit WHERE alert = 3 AND event = 'callout.cannot_come') -- who cannot come: deputy anew
        GROUP BY 1, 2, 3 HAVING count(*) > 1"""
    assert night.rows(repeated) == []
