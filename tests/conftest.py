"""Fixtures that more than one file needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from databases import RUN, empty_store
from hypothesis import HealthCheck, settings
from run_folder import finish, hold, sweep
from sizes import FULL
from xdist.scheduler import LoadScopeScheduling

from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW
from digestbot.testing.http_server import Site, running
from digestbot.testing.site import TestSite

PLAYED_ONCE = ("test_month.py", "test_played_week.py")  #: a fixture of the module plays for all tests of it
STARTS_MUCH = ("played", "hostile", "fuzz", "daemon", "cli")  #: folders whose tests start processes or measure time
QUICK_IN_THEM = ("test_alert_command.py", "test_health.py", "test_loop.py", "test_recipes_cli.py", "test_text_out.py")
TAKES_LONG = (
    "test_backup.py", "test_browser.py", "test_corpora.py", "test_deliver.py", "test_enrich.py", "test_fate.py",
    "test_functions.py", "test_inbox.py", "test_library_fates.py", "test_polite.py", "test_queue.py",
    "test_reading_feeds.py", "test_reading_pages.py", "test_rule_index.py", "test_search.py", "test_side_tasks.py",
    "test_source_contract.py", "test_sources_damage.py", "test_subscribing.py", "test_suggest.py", "test_templates.py",
    "test_voters.py", "test_web.py", "test_who_is_at_fault.py",
)  # fmt: skip
NO_DATA = "../shared/data is not beside this checkout"
_skipped: list[str] = []
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few examples", settings.get_profile("any machine"), max_examples=20)
settings.load_profile("any machine")
GOLDEN = Path(__file__).parent / "golden"


def pytest_configure(config: pytest.Config) -> None:
    """Everything a run writes stands in one folder, which the next run deletes if this one cannot."""
    if config.option.full:
        os.environ[FULL] = "1"
    if quick(config):
        settings.load_profile("few examples")
    config.option.loadscopereorder = False  # our groups have an order already
    folder = hold(RUN)
    os.environ.setdefault("DIGESTBOT_READ_HERE", "1")  # processes for replies are for tests/hostile alone
    if not hasattr(config, "workerinput"):
        sweep()
        config.option.testrunuid = RUN
        config.option.basetemp = config.option.basetemp or str(folder / "tmp")


def quick(config: pytest.Config) -> bool:
    """Whether this is `make quick`."""
    return "not slow" in config.option.markexpr


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make quick` does not read the files that it would run no test of: each process reads all others."""
    return True if quick(config) and collection_path.suffix == ".py" and takes_long(collection_path) else None


def takes_long(path: Path) -> bool:
    """Whether a file of tests is for `make test`: by its name, or as one of a folder of such files."""
    return path.name in TAKES_LONG or (path.parent.name in STARTS_MUCH and path.name not in QUICK_IN_THEM)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped for another reason than that it needs data which is not ours to ship."""
    if report.skipped and NO_DATA not in str(report.longrepr):
        _skipped.append(f"{report.nodeid}: {report.longrepr}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Under CI, name what was skipped: it fails the run."""
    if os.environ.get("CI"):
        for skipped in _skipped:
            terminalreporter.write_line(f"SKIPPED UNDER CI {skipped}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What failed tests wrote stays until the next run. A run of CI that has skipped something has failed."""
    if not hasattr(session.config, "workerinput"):
        if os.environ.get("CI") and _skipped and exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        finish(hold(RUN), keep=exitstatus != 0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept what is made now as the golden files")
    parser.addoption("--full", action="store_true", help="all of what is slow by nature, as `make test-all` does")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark what `make quick` leaves out; put what takes long first, so that no process is left alone with it at the end."""
    if "growth" not in config.option.markexpr:
        items[:] = [item for item in items if item.get_closest_marker("growth") is None]
    if not config.option.full:
        items[:] = [item for item in items if item.get_closest_marker("full") is None and not is_left_to_full(item)]
    for item in items:
        if takes_long(item.path):
            item.add_marker("slow")
        if "postgres" in item.name or "Postgres" in item.nodeid:
            item.add_marker("postgres")
    yield
    items.sort(key=turn)


def is_left_to_full(item: pytest.Item) -> bool:
    """Whether this is one of the three in four that try on PostgreSQL what stands above the store's own suite.

    That suite holds both databases to one contract, and all of it is run always. What is tried above it fails on
    PostgreSQL alone so seldom that a fourth, drawn by name and so always the same, is enough before a push.
    """
    values = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    above = "store" not in item.path.parts[-2:]
    return above and values.get("store") == "postgresql" and crc32(item.nodeid.encode()) % 4 > 0


def turn(item: pytest.Item) -> int:
    if item.path.name in PLAYED_ONCE:
        return 0
    return 1 if {"slow", "full"} & {mark.name for mark in item.iter_markers()} else 2


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a third of the time a test waits for a process, a server or an answer."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Tests to each process that is free; those for which something is played once stay together."""
    return InGroups(config, log)


class InGroups(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Groups of twenty, and towards the end of fewer, so that the processes end together.

    A test that is sent alone costs more than most tests. The groups of xdist itself are files, of which one can
    take as long as all others, and are walked through for each test.
    """

    def schedule(self) -> None:
        if self.collection is None and self.collection_is_completed:
            order = next(iter(self.registered_collections.values()))
            self.place = {nodeid: place for place, nodeid in enumerate(order)}
            self.group = groups(order, processes=len(self.nodes))
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self.group[nodeid]

    def _assign_work_unit(self, node: Any) -> None:
        group, tests = self.workqueue.popitem(last=False)
        self.assigned_work[node][group] = tests
        node.send_runtest_some([self.place[nodeid] for nodeid, done in tests.items() if not done])

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        nodeid = self.registered_collections[node][item_index]
        group = self.assigned_work[node][self.group[nodeid]]
        group[nodeid] = True
        if all(group.values()):
            del self.assigned_work[node][self.group[nodeid]]
        self._reschedule(node)


def groups(order: list[str], *, processes: int) -> dict[str, str]:
    """The group of each test: what is played once by its file, the others as they follow each other."""
    group: dict[str, str] = {}
    alone = [nodeid for nodeid in order if Path(nodeid.partition("::")[0]).name not in PLAYED_ONCE]
    while alone:
        first = alone[: max(1, min(20, len(alone) // (8 * processes)))]
        del alone[: len(first)]
        group.update(dict.fromkeys(first, first[0]))
    return {nodeid: group.get(nodeid, nodeid.partition("::")[0]) for nodeid in order}


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes | str], None]:
    """Compare with tests/golden/NAME, or rewrite it under --update-golden."""

    def compare(name: str, data: bytes | str) -> None:
        made = data.encode() if isinstance(data, str) else data
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made)
        assert path.exists(), f"{path} is missing: run `make golden` and read the diff"
        assert path.read_bytes() == made, f"{path} differs: run `make golden` and read the diff"

    return compare


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real input beside the checkout; a test that needs it says why it is skipped when it is not there."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(NO_DATA)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """An empty database: in memory, and on the run's PostgreSQL server."""
    with empty_store("memory" if request.param == "sqlite" else "postgresql", Path()) as opened:
        yield opened


@pytest.fixture
def polled_site() -> Iterator[TestSite]:
    """An installation, and a web server that its sources are polled from."""
    server = Site()
    with empty_store("memory", Path()) as opened, running(server) as web:
        site = TestSite(opened, server=server, web=web)
        site.now = NOW
        yield site


def needed(program: str, *places: str) -> str:
    """The path of a program of this machine; without it a test is skipped with the reason, and fails under CI."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *places]))
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    return needed("chromium")


@pytest.fixture(scope="session")
def smtp_sink() -> str:
    """Postfix's own test server: somebody else's idea of SMTP."""
    return needed("smtp-sink", "/usr/sbin", "/usr/local/sbin")
