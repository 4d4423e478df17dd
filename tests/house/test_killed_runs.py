"""What a test run leaves behind when it is killed: nothing that goes on, and no folder after the next run's start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import wait_for
from run_folder import runs, sweep

HERE = Path(__file__).resolve().parents[1]
HOLDS = "from run_folder import hold; hold({run!r})"
SERVES = (
    "from postgres_server import server_address; from run_folder import hold; server_address(hold({run!r}));"
    "print(open(hold({run!r}) / 'postgres/data/postmaster.pid').readline())"
)


def killed(run: str, does: str) -> tuple[Path, str]:
    """Kill a run of that name with its process group when it has done this; its folder, and the line it wrote."""
    code = f"import sys, time; sys.path.insert(0, {str(HERE)!r}); {does.format(run=run)}; print(flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    with process:
        assert process.stdout is not None
        said = process.stdout.readline().decode()
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return runs() / run, said


def test_the_next_run_deletes_the_folder_of_a_killed_one_and_leaves_its_own(tmp_path: Path) -> None:
    folder, _ = killed(f"killed-{os.getpid()}", HOLDS)
    assert folder.is_dir()
    sweep()
    assert not folder.exists()
    assert tmp_path.is_dir()


@pytest.mark.usefixtures("store")  # where PostgreSQL cannot run this is skipped
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_killed_run_leaves_no_server_and_no_folder() -> None:
    folder, server = killed(f"served-{os.getpid()}", SERVES)
    wait_for(lambda: not folder.exists())
    with pytest.raises(ProcessLookupError):
        os.kill(int(server), 0)
