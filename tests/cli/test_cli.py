"""The commands, as a person and a script use them: processes, exit codes, words."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from command_line import CommandLine, SiteFolder, site_folder
from processes import PATIENCE, wait_for

from digestbot import cli
from digestbot.testing import samples
from digestbot.testing.http_server import Reply, fixed

DAY = datetime.now(UTC).date()
CONFIG = """
[site]
contact = "admin@example.org"
[fetch]
allow_private = true
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
url = "{web}/rss"
pause = "0s"
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed"
[[subscribers]]
id = "reader"
email = "reader@example.org"
schedule = "every 5m"
  [[subscribers.topics]]
  name = "Compilers"
  query = "compiler*"
[[subscribers]]
id = "second"
email = "second@example.org"
schedule = "{schedule}"
  [[subscribers.topics]]
  name = "Whales"
  query = "whales"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[SiteFolder]:
    pages = {"/rss": fixed(samples.arxiv_rss(DAY)), "/feed": fixed(samples.journal_atom(DAY))}
    with site_folder(tmp_path, pages) as made:
        made.main.write_text(CONFIG.format(web=made.web, schedule="daily 07:30"))
        yield made


@pytest.mark.slow
def test_the_demo_tells_its_story_and_lays_everything_down(tmp_path: Path) -> None:
    code, out, err = CommandLine(tmp_path).process("demo", "--out", "demo")
    assert (code, err) == (0, "")
    assert "31 entries are 24 new papers. Polled again: 4 unchanged (304), nothing new." in out
    assert all(reason in out for reason in ("same arXiv id", "same DOI", "same title"))
    assert len(out.splitlines()) <= 32
    for ref, count in (("reader", 11), ("second", 2)):
        laid = tmp_path / "demo" / ref
        names = {p.name for p in laid.iterdir()}
        assert names == {"digest.eml", "digest.html", "digest.txt", "feed.atom", "feed.json", "feed.xml"}
        message = message_from_bytes((laid / "digest.eml").read_bytes(), policy=policy.default)
        assert f"· {count} papers ·" in message["Subject"]


@pytest.mark.parametrize("due", [True, False])
def test_send_only_hands_over_so_many_and_pauses_the_outbox(folder: SiteFolder, due: bool) -> None:
    folder.main.write_text(folder.main.read_text().replace('"whales"', '"the OR a"'))
    folder.run("poll")
    folder.run("send", "--only", "1", *(["--now"] if due else []))
    assert len(folder.mails()) == due
    folder.run("send", "--now")
    assert len(folder.mails()) == due, "paused"
    assert "Nothing was paused" not in folder.run("outbox", "resume")
    folder.run("send", "--now")
    assert len(folder.mails()) == 2


def test_every_option_of_a_command_is_used() -> None:
    unused = []
    for path in Path(cli.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.decorator_list:
                read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                given = [a.arg for a in (*function.args.args, *function.args.kwonlyargs) if not a.arg.startswith("_")]
                unused += [f"{path.name}: {function.name}({name})" for name in given if name not in read]
    assert not unused


def test_the_demo_never_empties_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    CommandLine(tmp_path).run("demo", "--out", str(tmp_path), code=1)
    assert (tmp_path / "mine.txt").exists()


def test_init_writes_a_configuration_that_check_finds_right(tmp_path: Path) -> None:
    there = CommandLine(tmp_path)
    there.run("init", "--email", "me@lab.example")
    assert "The configuration is right." in there.run("check")
    assert 'email = "me@lab.example"' in (tmp_path / "config/subscribers/reader.toml").read_text()
    assert "there is a configuration already" in there.run("init", code=1)


def test_check_says_every_problem_with_its_place_and_exits_2(folder: SiteFolder) -> None:
    folder.main.write_text(CONFIG.format(web="nowhere", schedule="weekdys 7:30"))
    said = folder.run("check", code=2)
    assert "3 errors" in said
    assert 'Did you mean "weekdays"?' in said


@pytest.mark.slow
def test_poll_send_status_from_nothing_to_a_mail(folder: SiteFolder) -> None:
    code, out, err = folder.process("poll", "--json")
    assert (code, err) == (0, "")
    polled = json.loads(out)
    assert {s["source"]: (s["status"], s["entries"], s["new"]) for s in polled["sources"]} == {
        "arxiv-cs": ("ok", 12, 12),
        "journal": ("ok", 5, 5),
    }
    assert polled["papers_new"] == 16
    sent = json.loads(folder.process("send", "--now", "reader", "--json").out)
    assert [(d["subscriber"], d["outcome"], len(d["papers"])) for d in sent["digests"]] == [("reader", "sent", 5)]
    (mail,) = folder.mails()
    assert b"Subject: =?utf-8?b?" in mail.read_bytes()
    status = folder.json("status")
    people = {p["subscriber"]: p["answer"] for p in status["subscribers"]}
    assert people == {"reader": "sent", "second": "the first digest is still to come"}


def test_what_is_older_than_a_digest_reaches_back_is_called_new_by_nobody(folder: SiteFolder) -> None:
    item = "<item><title>Old compilers {n}</title><link>https://x.example/{n}</link><pubDate>{at}</pubDate></item>"
    at = f"{DAY - timedelta(days=60):%a, %d %b %Y} 08:00:00 +0000"
    items = "".join(item.format(n=n, at=at) for n in range(3))
    feed = f'<rss version="2.0"><channel><title>X</title>{items}</channel></rss>'
    folder.server.pages["/feed"] = fixed(feed.encode())
    assert "3 entries  0 new, 3 older than 14 days" in folder.run("poll", "journal")
    assert [source["new"] for source in folder.json("status")["sources"]] == [0, 0]
    assert "No new paper came" in folder.run("preview", "reader")


def test_polling_what_is_not_due_asks_nobody(folder: SiteFolder) -> None:
    folder.run("poll")
    asked = len(folder.server.asked)
    assert "Nothing is due" in folder.run("poll")
    assert len(folder.server.asked) == asked


def test_a_poll_that_reaches_nobody_exits_1_and_status_says_why(folder: SiteFolder) -> None:
    folder.server.pages = {"/rss": Reply(status=503), "/feed": Reply(status=503)}
    assert "later" in folder.run("poll", code=1)
    status = folder.run("status")
    assert "Needs a look (2)" in status
    assert "503 from 127.0.0.1" in status


def test_preview_polls_into_memory_and_records_nothing(folder: SiteFolder) -> None:
    said = folder.run("preview", "reader@example.org")
    assert "Nothing was recorded" in said
    made = {p.name for p in (folder.root / "preview" / "reader").iterdir()}
    assert made == {"digest.eml", "digest.html", "digest.txt", "preview.html"}
    assert {p.stat().st_mode & 0o777 for p in (folder.root / "preview" / "reader").iterdir()} == {0o600}
    data = (folder.root / "preview/reader/digest.eml").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert folder.json("status")["papers"] == 0
    assert folder.mails() == []


def test_preview_lints_the_mail_and_exits_1_on_an_error_in_a_template(folder: SiteFolder) -> None:
    folder.run("poll")
    assert "Lint: 0 errors, 1 warning" in folder.run("preview", "reader", "--lint")  # no sender is configured here
    assert {f["rule"] for f in folder.json("preview", "reader")["findings"]} == {"support", "message-id"}
    (folder.root / "own" / "mail").mkdir(parents=True)
    (folder.root / "own" / "mail" / "title.html").write_text("")
    (folder.root / "own" / "mail" / "why.html").write_text(
        '<p><img src="https://x.org/pixel.gif" width="1" alt=""></p>\n'
    )
    config = folder.main.read_text()
    folder.main.write_text(config.replace("[site]", '[site]\ntemplates = "own"', 1))
    assert "remote: <img> of one pixel" in folder.run("preview", "reader", "--lint", code=1)
    assert "--lint names them" in folder.run("preview", "reader")


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(folder: SiteFolder) -> None:
    folder.run("poll")
    said = folder.run("send", "--now", "--dry-run")
    assert "reader@example.org: 5 papers" in said
    assert folder.mails() == []
    assert len(folder.json("send", "--now", "reader")["digests"][0]["papers"]) == 5


def test_a_name_that_is_not_there_names_the_nearest(folder: SiteFolder) -> None:
    assert 'did you mean "reader"?' in folder.run("preview", "raeder", code=1)
    assert "known: arxiv-cs, journal" in folder.run("poll", "nope", code=1)
    assert 'Did you mean "status"?' in folder.run("statsu", code=2)
    assert 'Did you mean "explain"?' in folder.run("why", code=2), "as others call it"
    assert not cli.ELSEWHERE.keys() & cli.COMMANDS.keys()
    assert set(cli.ELSEWHERE.values()) <= cli.COMMANDS.keys()


def test_try_needs_no_configuration_and_reads_files_and_addresses(folder: SiteFolder) -> None:
    folder.main.unlink()
    page = folder.root / "page.txt"
    page.write_bytes(samples.page_text(DAY))
    lines = [json.loads(x) for x in folder.run("try", str(page), f"{folder.web}/rss", "--json").splitlines()]
    assert [(x["kind"], x["status"], len(x["entries"])) for x in lines] == [("page", "ok", 8), ("arxiv", "ok", 12)]
    assert lines[0]["listed"] == DAY.isoformat()
    assert lines[0]["curators"] == "AK and the research community"
    assert lines[1]["entries"][0]["identifiers"] == {
        "arxiv": "2611.09001",
        "arxiv_version": "1",
        "doi": "10.5555/jsc.2026.0417",
    }
    missing = folder.run("try", "nothing.xml", "--json", code=1)
    assert json.loads(missing)["status"] == "unreachable"


def test_a_rebuild_reads_every_kept_reply_again(folder: SiteFolder) -> None:
    folder.run("poll")
    assert folder.json("papers", "rebuild")["replies"] == 2


def test_tick_does_one_round_and_a_mail_is_never_sent_twice(folder: SiteFolder) -> None:
    folder.run("poll")
    folder.run("send", "--now")
    folder.run("tick")
    folder.run("send", "--now")
    assert len(folder.mails()) == 1


@pytest.mark.parametrize(("line", "files"), [("", []), ('private = "files"', ["feed.atom", "feed.json", "feed.xml"])])
def test_feeds_of_one_person_are_files_only_where_the_configuration_says_so(
    folder: SiteFolder, line: str, files: list[str]
) -> None:
    with folder.main.open("a") as main:
        main.write(f"\n[feeds]\n{line}\n")
    folder.run("poll")
    folder.run("send", "--now", "reader")
    assert [path.name for path in sorted((folder.root / "var" / "feeds").glob("private/*/*"))] == files


@pytest.mark.slow
def test_the_daemon_polls_at_once_refuses_a_second_one_and_stops_when_asked(folder: SiteFolder) -> None:
    later = datetime.now(UTC) + timedelta(hours=12)  # or the daemon itself sends what `send --now` asks for
    folder.main.write_text(
        CONFIG.format(web=folder.web, schedule="daily 07:30").replace("every 5m", f"daily {later:%H:%M}")
    )
    daemon = folder.start("run", "--tick", "0.5")
    try:
        wait_for(lambda: len(folder.server.asked) >= 2)
        second = folder.run("run", code=1)
        assert f"another digestbot runs on this store: process {daemon.pid}" in second
        assert folder.json("status")["running"] is True
        assert [d["outcome"] for d in folder.json("send", "--now", "reader")["digests"]] == ["sent"]
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, err = daemon.communicate(timeout=PATIENCE)
    assert daemon.returncode == 0, err
    assert "Traceback" not in err
    assert folder.json("status")["running"] is False


@pytest.mark.slow
def test_a_killed_daemon_leaves_its_place_free(folder: SiteFolder) -> None:
    first = folder.start("run")
    wait_for(lambda: len(folder.server.asked) >= 2)
    first.kill()
    first.communicate()
    second = folder.start("run")
    try:
        wait_for(lambda: folder.json("status")["running"])
        assert second.poll() is None
    finally:
        second.terminate()
        second.communicate(timeout=PATIENCE)


@pytest.mark.slow
def test_no_address_or_secret_stands_in_the_log(folder: SiteFolder) -> None:
    folder.main.write_text(CONFIG.format(web=folder.web, schedule="daily 07:30").replace("/feed", "/feed?key=s3cret"))
    err = "".join(folder.process("-v", *command).err for command in (["poll"], ["send", "--now"]))
    assert '"level": "info"' in err
    assert "s3cret" not in err
    assert "reader@example.org" not in err


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "serve"])
def test_the_pages_are_served_by_run_and_by_serve_and_a_taken_port_is_said(folder: SiteFolder, command: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pages = f'[site]\nbase_url = "http://127.0.0.1:{port}"'
    text = CONFIG.format(web=folder.web, schedule="daily 07:30").replace("[site]", pages)
    folder.main.write_text(f'{text}\n[web]\nlisten = "127.0.0.1:{port}"\n')
    process = folder.start(command)
    try:
        wait_for(lambda: _answer(f"http://127.0.0.1:{port}/healthz") == "ok\n")
        assert "Is the port taken?" in folder.run("serve", code=1)
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err


def _answer(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_a_backup_is_restored_into_an_empty_store_and_nothing_comes_twice(folder: SiteFolder) -> None:
    folder.run("poll")
    assert [d["outcome"] for d in folder.json("send", "--now", "reader")["digests"]] == ["sent"]
    folder.run("backup", "b.db")
    assert "something in it already" in folder.run("restore", "b.db", code=1)
    (folder.root / "var" / "digestbot.db").rename(folder.root / "old.db")
    assert "are back" in folder.run("restore", "b.db")
    assert folder.json("status")["papers"] > 0
    assert [d["outcome"] for d in folder.json("send", "--now", "reader")["digests"]] == ["skipped_empty"]


def test_search_finds_stored_papers_by_a_rule_and_says_what_matched(folder: SiteFolder) -> None:
    folder.run("poll")
    assert "” in title" in folder.run("search", "compiler*")
    found = folder.json("search", "compiler*")
    assert all(paper["reasons"] for paper in found["papers"])
    assert folder.run("search", "nothinglikethis", code=1).startswith("Nothing stored matches")
    for command in (("search", "last 7 days"), ("backtest", "reader", "--query", "last 7 days")):
        assert "Is this meant? Last 7 days is looked for as words" in folder.ended(*command).err.replace("\n    ", " ")
    assert "Did you mean ti:" in folder.run("search", "tit:compilers", code=2)


def test_audit_tells_the_ledger_and_whether_something_is_missing(folder: SiteFolder) -> None:
    assert "Nothing is written down" in folder.run("audit")
    folder.run("poll")
    found = folder.json("audit")
    lines = {line["source"]: line for line in sorted(found["days"], key=lambda line: str(line["date"]))}
    assert (found["complete"], lines["arxiv-cs"]["got"], lines["arxiv-cs"]["state"]) == (
        True,
        len(samples.carried_by("arxiv")),
        "filling",
    )
    assert lines["journal"]["state"] == "counted"
    assert "Nothing is missing." in folder.run("audit")
    assert folder.json("audit", "--date", "2020-01-01") == {"complete": True, "days": [], "left_out": {}}
    folder.server.pages["/feed"] = Reply(status=503)
    os.remove(folder.root / "var" / "digestbot.db")
    folder.run("poll", "journal", code=1)
    said = folder.run("audit", code=1)
    assert "never answered that day; failing since" in said
    assert "Nothing is missing." not in said
    failed = json.loads(folder.run("audit", "--json", code=1))
    assert [failed["complete"], *(line["since"] is not None for line in failed["days"])] == [False, True]
    folder.server.pages["/feed"] = Reply(body=b"<html><body>Sign in</body></html>")
    folder.run("poll", "journal", code=1)
    assert "answered, but no answer could be read" in folder.run("audit", code=1)
