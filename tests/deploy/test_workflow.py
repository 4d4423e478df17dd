"""The workflow of deploy/github-actions: it parses, runs the script that is there, and names the secrets its README names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "github-actions"


@pytest.fixture(scope="module")
def workflow() -> Any:
    return yaml.safe_load((FOLDER / "digestbot.yml").read_text())


def test_the_workflow_runs_the_script_that_the_tests_run(workflow: Any) -> None:
    [job] = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert "deploy/github-actions/round.sh" in runs
    assert os.access(FOLDER / "round.sh", os.X_OK)
    assert all(set(step) & {"run", "uses"} for step in job["steps"])
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    assert any("mkdir -p config/subscribers" in run for run in runs), "git keeps no empty folder"


def test_it_begins_by_a_schedule_and_never_twice_at_once(workflow: Any) -> None:
    begins = workflow[True]  # YAML 1.1 reads `on` as true, GitHub does not
    assert re.fullmatch(r"\d+ \* \* \* \*", begins["schedule"][0]["cron"])
    assert workflow["concurrency"] == {"group": "digestbot", "cancel-in-progress": False}
    assert workflow["permissions"] == {"contents": "write", "pages": "write", "id-token": "write"}


def test_its_secrets_are_those_that_its_readme_names(workflow: Any) -> None:
    named = set(re.findall(r"secrets\.(\w+)", (FOLDER / "digestbot.yml").read_text()))
    told = set(re.findall(r"DIGESTBOT_\w+", (FOLDER / "README.md").read_text()))
    assert named
    assert named <= told
    [job] = workflow["jobs"].values()
    given = {name for step in job["steps"] for name in step.get("env", {})}
    used = set(re.findall(r"\$\{?(DIGESTBOT_(?:STATE_KEY|SMTP_PASSWORD))", (FOLDER / "round.sh").read_text()))
    assert used <= given
