"""The container files say what they must; whether an image builds is seen only where a Docker daemon runs."""

import re
from typing import Any

import pytest
import yaml

from tests.shape import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICE_KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "profiles", "restart",
    "stop_grace_period", "volumes",
}  # fmt: skip
HEALTH_KEYS = {"interval", "retries", "start_period", "test", "timeout"}


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
    return found


def test_compose_uses_known_keys_only(services: dict[str, dict[str, Any]]) -> None:
    assert set(yaml.safe_load(COMPOSE)) == {"services", "volumes"}
    assert set(services) == {"postgres", "migrate", "engine", "demo"}
    assert not {name: unknown for name, one in services.items() if (unknown := set(one) - SERVICE_KEYS)}
    assert all(set(one.get("healthcheck", {})) <= HEALTH_KEYS for one in services.values())


def test_compose_names_what_it_uses(services: dict[str, dict[str, Any]]) -> None:
    mounted = {volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    assert mounted == set(yaml.safe_load(COMPOSE)["volumes"])
    assert {needed for one in services.values() for needed in one.get("depends_on", {})} <= set(services)


def test_engine_waits_for_a_migrated_database_and_reports_its_own_health(services: dict[str, dict[str, Any]]) -> None:
    assert services["engine"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["migrate"]["command"] == ["db", "upgrade"]
    assert services["postgres"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert services["engine"]["healthcheck"]["test"] == ["CMD", "callout", "status", "--json"]


def test_no_service_reaches_a_real_phone_unasked(services: dict[str, dict[str, Any]]) -> None:
    assert {services[name]["environment"]["CALLOUT_LIVE"] for name in ("engine", "demo")} == {"0"}
    assert "CALLOUT_LIVE=0" in DOCKERFILE


def test_every_secret_must_be_given_from_outside() -> None:
    given = re.findall(r"(?i)password: *(\S+)|://callout:([^@\s]+)", COMPOSE)
    assert given
    assert all("".join(one).startswith("${POSTGRES_PASSWORD:?") for one in given)


def test_image_runs_without_rights_and_copies_only_what_is_there() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"(?m)^USER (\S+)", final_stage) == ["callout"]
    copied = [name for line in re.findall(r"(?m)^COPY (.+) \S+$", DOCKERFILE) for name in line.split()]
    allowed = re.findall(r"(?m)^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"))
    assert set(copied) == set(allowed)
    assert all((ROOT / name).exists() for name in copied)
