"""deploy/compose.yaml: what it names exists, here and in itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from digestbot.acts.jobs import Queue
from digestbot.app.config_files import checked
from digestbot.cli import cli

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
#: of https://github.com/compose-spec/compose-spec/blob/main/05-services.md, those that are used or likely
SERVICE_KEYS = set(
    "build command configs depends_on deploy entrypoint environment healthcheck image init networks ports restart secrets "
    "stop_grace_period user volumes".split()
)
TOP_KEYS = {"name", "services", "networks", "volumes", "configs", "secrets"}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if "build" in one}


def test_only_keys_of_the_compose_specification_are_written() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} <= TOP_KEYS
    for name, service in SERVICES.items():
        assert service.keys() <= SERVICE_KEYS, name
        assert ("image" in service) != ("build" in service), name


def test_what_a_service_refers_to_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= SERVICES.keys(), name
        assert {one["source"] for one in service.get("configs", ())} <= COMPOSE["configs"].keys(), name
        assert {one.partition(":")[0] for one in service.get("volumes", ())} <= COMPOSE["volumes"].keys(), name
    for service in OURS.values():
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_service_is_one_of_ours_with_options_it_has(name: str) -> None:
    command, *arguments = OURS[name]["command"]
    context = click.Context(cli)
    found = cli.get_command(context, command)
    assert found is not None
    parsed = found.make_context(command, list(arguments), parent=context)
    assert {*(parsed.params.get("queues") or "mail").split(",")} <= set(Queue)


def test_its_workers_take_every_queue_between_them() -> None:
    taken = " ".join(" ".join(one["command"]) for one in OURS.values() if one["command"][0] == "worker")
    assert set(re.split(r"[ ,]", taken)) >= {str(queue) for queue in Queue}


def test_its_configuration_is_right_and_names_its_services() -> None:
    text = COMPOSE["configs"]["digestbot"]["content"]
    config = checked([("digestbot.toml", text)], Path("/etc/digestbot/config/digestbot.toml"))
    assert not config.warnings
    assert config.store.queue == "procrastinate"
    assert "@postgres/" in config.store.url
    assert config.smtp is not None
    assert config.smtp.host in SERVICES
    assert config.web.port == 8080


def test_docker_reads_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        return  # the tests above hold what can be held without it
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    (tmp_path / "deploy" / ".env").write_text("POSTGRES_PASSWORD=x\n")
    command = [docker, "compose", "-f", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet"]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""
