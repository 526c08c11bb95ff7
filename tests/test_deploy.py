"""The container files say what they must, by the schema of the Compose specification too; nothing of it is run here."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from callout.channels import TYPES, load
from callout.rulebook.providers import read_channels
from callout.settings import Settings
from callout.simulation.twilio.options import ACCOUNT, TOKEN
from tests.shape import ROOT
from tests.test_docs import understand

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
UNITS = ("callout.service", "callout-web.service", "callout-backup.service", "callout-backup.timer")
UNIT = (ROOT / "deploy" / "callout.service").read_text(encoding="utf-8")
WORKERS = ("worker", "worker-2")
ALWAYS = {"postgres", *WORKERS, "web", "backup"}
SERVICE_KEYS = {
    "build", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "network_mode",
    "ports", "profiles", "restart", "stop_grace_period", "volumes",
}  # fmt: skip
HEALTH_KEYS = {"interval", "retries", "start_period", "test", "timeout"}


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
    return found


def test_compose_uses_known_keys_only(services: dict[str, dict[str, Any]]) -> None:
    assert set(yaml.safe_load(COMPOSE)) == {"services", "volumes", "x-build", "x-database"}
    assert set(services) == {*ALWAYS, "migrate", "carrier", "drill-worker", "demo"}
    assert not {name: unknown for name, one in services.items() if (unknown := set(one) - SERVICE_KEYS)}
    assert all(set(one.get("healthcheck", {})) <= HEALTH_KEYS for one in services.values())


def test_compose_is_valid_by_the_schema_of_its_specification() -> None:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(COMPOSE), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(COMPOSE.replace("interval: 5s", "intervall: 5s")), schema)


def test_the_dumps_are_made_by_programs_of_the_servers_version(services: dict[str, dict[str, Any]]) -> None:
    """A pg_dump that is older than its server refuses."""
    server = services["postgres"]["image"].removeprefix("postgres:")
    assert f"postgresql-client-{server} " in DOCKERFILE


def test_compose_names_what_it_uses(services: dict[str, dict[str, Any]]) -> None:
    mounted = {volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    here = {one for one in mounted if one.startswith("./")}
    assert all((ROOT / one).is_file() for one in here)
    assert mounted - here == set(yaml.safe_load(COMPOSE)["volumes"])
    assert {needed for one in services.values() for needed in one.get("depends_on", {})} <= set(services)


def test_whatever_uses_the_database_waits_until_it_is_migrated(services: dict[str, dict[str, Any]]) -> None:
    users = {name for name, one in services.items() if "CALLOUT_DATABASE_URL" in one.get("environment", {})}
    assert users == {*ALWAYS, "migrate", "drill-worker"} - {"postgres"}
    for name in users - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["migrate"]["command"] == ["db", "upgrade"]


def test_whatever_runs_for_long_reports_its_health_and_comes_back(services: dict[str, dict[str, Any]]) -> None:
    assert services["postgres"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert all(services[name]["healthcheck"]["test"] == ["CMD", "callout", "status", "--here"] for name in WORKERS)
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]
    assert all(services[name]["restart"] == "unless-stopped" for name in ALWAYS)


def test_two_workers_differ_in_their_watch_outside_only(services: dict[str, dict[str, Any]]) -> None:
    """At a common address a dead one is hidden by the other. Without any the variable arrives empty, which is none."""
    asked = [services[name]["environment"].pop("CALLOUT_HEARTBEAT_URL") for name in WORKERS]
    assert asked == ["${HEARTBEAT_1:-}", "${HEARTBEAT_2:-}"]
    assert services["worker"] == services["worker-2"]
    assert "deploy" not in services["worker"]
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    override, after = re.findall(r"# docker-compose.override.yml\n(.*?)```(.*?)## ", guide, re.DOTALL)[0]
    assert "CALLOUT_HEARTBEAT_URL" not in override
    assert set(yaml.safe_load(override)["services"]) == {*WORKERS, "web"}
    assert all(f"`{name}=" in after for name in ("HEARTBEAT_1", "HEARTBEAT_2"))


def test_the_image_is_built_with_extras_that_exist(services: dict[str, dict[str, Any]]) -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = set(re.findall(r"EXTRAS[=:-]+([a-z,]+)", COMPOSE + DOCKERFILE))
    assert {extra for one in named for extra in one.split(",")} < known.keys()
    assert all(one["build"]["args"] == {"EXTRAS": "${EXTRAS:-reports}"} for one in services.values() if "build" in one)
    assert DOCKERFILE.count("ARG EXTRAS=reports\n") == DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ")


@pytest.mark.parametrize(("works", "kept"), [(True, {"callout-new.dump"}), (False, {"callout-old.dump"})])
def test_no_copy_goes_while_no_new_one_comes(
    services: dict[str, dict[str, Any]], tmp_path: Path, works: bool, kept: set[str]
) -> None:
    """One night of the backup container, word for word; its health is that a copy of the last two days is there."""
    backups, programs = tmp_path / "backups", tmp_path / "bin"
    for folder in (backups, programs):
        folder.mkdir()
    (backups / "callout-old.dump").touch()
    os.utime(backups / "callout-old.dump", (0, 0))
    make = 'touch "backups/callout-new.dump"' if works else "exit 1"
    (programs / "callout").write_text(f"#!/bin/sh\n{make}\n", encoding="utf-8")
    (programs / "callout").chmod(0o755)
    [loop] = services["backup"]["command"]
    night = loop.replace("$$", "$").replace("while true; do", "").replace("done", "").replace("sleep 86400", "")
    kind, health = services["backup"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"

    def run(script: str) -> int:
        around = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(["sh", "-c", script], cwd=tmp_path, env=around, check=False).returncode

    run(night)
    assert {one.name for one in backups.iterdir()} == kept
    assert (run(health) == 0) is works


def test_the_override_of_the_guide_fits_the_file(services: dict[str, dict[str, Any]]) -> None:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [written] = re.findall(r"```yaml\n(# docker-compose.override.yml\n.*?)```", guide, re.DOTALL)
    override = yaml.safe_load(written)
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(override, json.loads(vendored.read_text(encoding="utf-8")))
    assert override["services"].keys() <= services.keys()
    settings = {f"CALLOUT_{name.upper()}" for name in Settings.model_fields}
    assert all(one["environment"].keys() <= settings for one in override["services"].values())


def test_the_settings_of_the_guide_name_real_channels_only_together_with_leave_to_use_them() -> None:
    """One without the other is refused at the start (tests/channels/test_building.py), and the guide starts before."""
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [written] = re.findall(r"```text\n(   CALLOUT_DATABASE_URL=.*?)```", guide, re.DOTALL)
    lines = [line.strip() for line in written.splitlines()]
    in_force = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    assert ("CALLOUT_CHANNELS" in in_force) is ("CALLOUT_LIVE" in in_force)
    assert {"CALLOUT_DATABASE_URL", "CALLOUT_LINK_KEY"} < in_force


def test_pages_are_published_to_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    published = [port for one in services.values() for port in one.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_commands_of_the_containers_are_understood(services: dict[str, dict[str, Any]]) -> None:
    for one in services.values():
        if one["image"] != "callout":
            continue
        if one.get("entrypoint") != ["sh", "-c"]:
            understand(shlex.join(["callout", *one["command"]]))
            continue
        [script] = one["command"]
        for line in re.findall(r"(?m)^ *(callout .+)$", script.replace("$$(date +%Y%m%d-%H%M%S)", "now")):
            understand(line)


def test_the_drill_calls_the_simulated_carrier_only(services: dict[str, dict[str, Any]]) -> None:
    plan = read_channels(ROOT / "deploy" / "drill-channels.yaml", TYPES, lambda kind: load(kind).Config)
    assert plan.providers
    assert not any(one.real for one in plan.providers)
    assert {one.config.account_sid for one in plan.providers} == {ACCOUNT}
    assert services["drill-worker"]["network_mode"] == "service:carrier"
    assert services["drill-worker"]["environment"]["SIMULATED"] == TOKEN
    assert {name for name, one in services.items() if one.get("profiles") == ["drill"]} == {"carrier", "drill-worker"}


def test_alarms_ask_for_figures_that_are_told() -> None:
    told = (ROOT / "callout" / "web" / "metrics.py").read_text(encoding="utf-8")
    counters = {f"{name}_total" for name in re.findall(r'CounterMetricFamily\(\s*"(callout_\w+)"', told)}
    known = set(re.findall(r'"(callout_\w+)"', told)) | counters
    alarms = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text(encoding="utf-8"))
    rules = [rule for group in alarms["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"callout_\w+", rule["expr"])}
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    assert asked <= known
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(callout_\w+)(?=[`{])", guide)) <= known | {"callout_canary"}


def test_no_service_reaches_a_real_phone_unasked(services: dict[str, dict[str, Any]]) -> None:
    calling = (*WORKERS, "web", "drill-worker", "demo")
    assert {services[name]["environment"]["CALLOUT_LIVE"] for name in calling} == {"0"}
    assert "CALLOUT_LIVE=0" in DOCKERFILE


def test_the_unit_comes_back_has_no_rights_and_holds_no_secret() -> None:
    lines = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert (lines["Restart"], lines["User"], lines["NoNewPrivileges"]) == ("always", "callout", "yes")
    assert lines["ExecStart"].endswith("/callout serve")
    assert not [name for name in lines if name.startswith("Environment") and name != "EnvironmentFile"]
    assert lines["StateDirectory"] == "callout"


def test_every_secret_must_be_given_from_outside() -> None:
    given = re.findall(r"(?i)password: *(\S+)|://callout:([^@]+)@", COMPOSE)
    assert given
    assert all("".join(one).startswith("${POSTGRES_PASSWORD:?") for one in given)
    assert len(given) == 2


def test_image_runs_without_rights_and_copies_only_what_is_there() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"(?m)^USER (\S+)", final_stage) == ["callout"]
    copied = [name for line in re.findall(r"(?m)^COPY (.+) \S+$", DOCKERFILE) for name in line.split()]
    allowed = re.findall(r"(?m)^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"))
    assert set(copied) == set(allowed)
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("name", UNITS)
def test_units_start_commands_that_exist_and_hold_no_secret(name: str) -> None:
    unit = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for command in re.findall(r"(?m)^ExecStart(?:Post)?=/opt/callout/bin/(callout .+)$", unit):
        understand(command.replace("%%", "%"))
    assert not re.findall(r"(?m)^Environment=", unit)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_has_nothing_against_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        unit = (ROOT / "deploy" / name).read_text(encoding="utf-8").replace("/opt/callout/bin/callout", "/bin/true")
        (tmp_path / name).write_text(unit, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
