"""The log of a process: nothing that could ring and no secret of any provider, whoever logs it and in whatever form."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from callout.channels import TYPES, load
from callout.cli.logs import Discreet, open_log
from callout.ports import ChannelsPlan, ProviderEntry
from callout.settings import Settings
from tests.cli.office import OFFICER, Office, stop, wait_for

NUMBER = "+9995001560000004"
SECRETS = {"inbox_key": "inbox-secret-1", "heartbeat_url": "https://watch.example/heartbeat-secret-2"}
PASSWORD = "database-secret-3"


def every_provider(monkeypatch: pytest.MonkeyPatch) -> tuple[ChannelsPlan, list[str]]:
    """One provider of each type, every secret set in the environment."""
    entries, secrets = [], []
    for kind in TYPES:
        config: Any = object.__new__(load(kind).Config)
        for field in fields(config):
            value: object = ""
            if field.name.endswith("_env"):
                value = f"SECRET_{kind}_{field.name}".upper()
                secrets.append(f"hush-{kind}-{field.name}-41")
                monkeypatch.setenv(str(value), secrets[-1])
            object.__setattr__(config, field.name, value)
        entries.append(ProviderEntry(kind, kind, (), config, {}))
    return ChannelsPlan(tuple(entries)), secrets


@contextmanager
def opened(settings: Settings, plan: ChannelsPlan) -> Iterator[io.StringIO]:
    handler = open_log(settings, plan)
    assert isinstance(handler, logging.StreamHandler)
    said = io.StringIO()
    handler.setStream(said)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("as_json", [False, True])
def test_no_number_and_no_secret_of_any_provider_is_logged(monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    plan, secrets = every_provider(monkeypatch)
    assert len(secrets) >= 10
    url = f"postgresql+psycopg://callout:{PASSWORD}@db.example/callout"
    settings = Settings(database_url=url, log_json=as_json, **SECRETS)  # type: ignore[arg-type]
    every = [*secrets, *SECRETS.values(), PASSWORD]
    with opened(settings, plan) as said:
        for secret in every:
            logging.getLogger("twilio.http_client").warning("Authorization %s to %s", secret, NUMBER)
            try:
                raise ValueError(f"{secret} refused {NUMBER}, 999 5001-560-000-004")
            except ValueError:
                logging.getLogger("callout.channels").exception("故障")
        logging.getLogger("aiohttp.client").info("quiet: %s", NUMBER)
    lines = said.getvalue()
    assert lines.count("故障") == len(every)
    assert not [secret for secret in every if secret in lines]
    assert "999" not in lines
    assert "quiet" not in lines
    if as_json:
        documents = [json.loads(line) for line in lines.splitlines()]
        assert {one["logger"] for one in documents} == {"twilio.http_client", "callout.channels"}
        assert all(set(one) == {"at", "level", "logger", "message"} for one in documents)


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("引擎已启动  2026-11-26 14:36:50", "引擎已启动  2026-11-26 14:36:50"),
        ("+9995001560000004 于 2026-11-26T14:36 再打", "… 于 2026-11-26T14:36 再打"),
        ("99950015600-2026-11-26 14:36", "…:36"),  # a number that runs on is no date
        ("+862026-11-26 14:36", "…:36"),
    ],
)
def test_a_date_with_its_time_stays_readable_and_no_number_beside_it_does(said: str, logged: str) -> None:
    line = Discreet().format(logging.LogRecord("callout", logging.INFO, "", 0, said, None, None))
    assert line.partition(" ")[2].partition(" ")[2] == logged


def test_an_engine_logs_json(office: Office) -> None:
    """All that the process says about a night: one document a line, none of them with a number or a name."""
    office.staffed(60)
    with office.serving("--no-web", CALLOUT_LOG_JSON="1") as engine:
        office.write(office.inbox, 1)
        wait_for(lambda: office("status", "--json").document["called"] >= 5)
        said = stop(engine)
    documents = [json.loads(line) for line in said.splitlines()]
    messages = [one["message"] for one in documents]
    assert re.fullmatch(r"叫应引擎已启动  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", messages[0])
    assert messages[-2:] == ["正在停止……", "引擎已停止"]
    named = [one for one in messages if "示例" in one and "名册 示例-" not in one]
    assert not [*named, *(one for one in messages if "+999" in one)]
    assert OFFICER not in said
    assert Path(office.database).exists()
