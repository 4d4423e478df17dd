"""The operator's hand: see what happens to mail, and mend it with a command."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from command_line import CommandLine

from digestbot.acts.answers.audit import Audit, Line
from digestbot.cli import terminal
from digestbot.cli.answers.audit import audit_text
from digestbot.cli.answers.status import _budget, _left_out
from digestbot.store import SourceRow

MAIN = """
[site]
contact = "admin@example.org"
base_url = "https://papers.example.org"
[delivery]
channel = "smtp"
from = "Papers <papers@example.org>"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
[[sources]]
name = "page"
kind = "feed"
url = "http://127.0.0.1:1/rss"
"""
PEOPLE = """
[[subscribers]]
id = "ana"
email = "ana@example.org"
[[subscribers]]
id = "bo"
email = "bo@example.org"
when_empty = "send"
schedule = "every 5m"
"""


@pytest.fixture
def folder(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path)
    (tmp_path / "config" / "subscribers").mkdir(parents=True)
    (tmp_path / "config" / "digestbot.toml").write_text(MAIN.format(port=1))
    (tmp_path / "config" / "subscribers" / "all.toml").write_text(PEOPLE)
    return made


def database(folder: CommandLine) -> sqlite3.Connection:
    return sqlite3.connect(folder.root / "var" / "digestbot.db")


def a_mail_that_waits(folder: CommandLine) -> None:
    """Bo's slot has come, the mail server is down, and has been for a while."""
    folder.run("subscribers", "show", "bo")
    with database(folder) as db:
        db.execute("UPDATE subscribers SET next_slot = next_slot - 600000000 WHERE ref = 'bo'")
        db.execute("UPDATE sources SET status = 'ok'")
    folder.run("send", "bo", code=1)
    with database(folder) as db:
        db.execute("UPDATE servers SET failures = 6, open_until = 4000000000000000")


def test_a_mail_server_that_is_down_is_the_first_line_of_status_and_retry_asks_it_again(folder: CommandLine) -> None:
    (folder.root / "config" / "digestbot.toml").write_text(
        MAIN.format(port=1).replace("[[sources]]", "[[topics]]").split("[[topics]]")[0]
    )
    a_mail_that_waits(folder)
    first = folder.run("status").splitlines()[0]
    assert first.startswith("NO MAIL GOES OUT: 127.0.0.1:1 said: connect:"), first
    assert "1 mail waits: digestbot outbox retry --all" in folder.run("send", code=1)
    assert "not asked before" in folder.run("send", code=1)
    assert "to be sent with the next round" in folder.run("outbox", "retry", "bo")
    assert "not asked before" not in folder.run("send", code=1)
    assert "Connect call failed" in " ".join(folder.run("outbox", "show", "bo").split())
    assert "cancelled" in folder.run("outbox", "cancel", "bo@example.org")
    assert folder.run("outbox", "list") == "Nothing waits.\n"


def test_a_test_mail_says_how_far_it_went(folder: CommandLine) -> None:
    assert "failed" in folder.run("send", "--test", "me@example.org", code=1)
    main = folder.root / "config" / "digestbot.toml"
    main.write_text(main.read_text().replace('channel = "smtp"', 'channel = "maildir"'))
    assert "A mail to me@example.org was accepted." in folder.run("send", "--test", "me@example.org")
    assert folder.json("outbox", "list", "--all") == []


def test_suppressions_are_listed_added_exported_imported_and_lifted(folder: CommandLine) -> None:
    folder.run("suppressions", "add", "Ana@example.org", "--reason", "asked by telephone")
    assert [one["reason"] for one in folder.json("suppressions", "list")] == ["asked by telephone"]
    assert "not mailed: asked by telephone" in folder.run("subscribers", "list")
    table = folder.run("suppressions", "export")
    digest = hashlib.sha256(b"ana@example.org").hexdigest()
    assert f"ana@example.org,{digest},asked by telephone," in table
    told = folder.run("subscribers", "resume", "ana")
    assert told == "ana@example.org is active again; lifted: asked by telephone.\n"
    (folder.root / "list.csv").write_text(table + "gone@example.org\nnonsense\n")
    done = folder.json("suppressions", "import", "list.csv")
    assert (done["added"], done["unread"]) == (2, ["nonsense"])
    folder.run("suppressions", "remove", "ana@example.org")
    assert "is not suppressed" in folder.run("suppressions", "remove", "ana@example.org", code=1)


def test_questions_write_nothing_and_are_answered_by_the_last_good_configuration(folder: CommandLine) -> None:
    def state() -> dict[str, tuple[int, int]]:
        found = [p for p in folder.root.rglob("*") if p.is_file() and not p.name.endswith(("-shm", "-wal"))]
        return {str(p.relative_to(folder.root)): (p.stat().st_mtime_ns, p.stat().st_size) for p in found}

    questions = (("status",), ("outbox", "list"), ("subscribers", "list"), ("audit",), ("suppressions", "list"))
    before = state()
    for question in questions:
        folder.run(*question)
    assert state() == before  # nothing was there, and nothing is
    folder.run("suppressions", "add", "x@example.org")
    before = state()
    (folder.root / "config" / "subscribers" / "all.toml").write_text(PEOPLE + '[[subscribers]]\nid = "ci"\n')
    for question in questions:
        ended = folder.ended(*question)
        assert ended.code == 0, ended.err
        assert "This answer is by the last good one" in ended.err
    assert "ana@example.org" in folder.run("subscribers", "list")
    (folder.root / "config" / "digestbot.toml").write_text("[site\n")  # not even TOML
    assert "ana@example.org" in folder.run("subscribers", "list")
    (folder.root / "config" / "digestbot.toml").write_text(MAIN.format(port=1))
    (folder.root / "config" / "subscribers" / "all.toml").write_text(PEOPLE.replace("ana@", "anna@"))
    assert "anna@example.org" in folder.run("subscribers", "list")  # as it would be, applied by nobody yet
    after = state()
    assert {name for name in after if after[name] != before.get(name)} <= {
        "config/digestbot.toml", "config/subscribers/all.toml",
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as another user")
def test_another_user_who_may_only_read_is_answered(folder: CommandLine) -> None:
    folder.run("suppressions", "add", "x@example.org")
    folder.run("status")  # its modules are loaded: this Python may be closed to other users
    for path in (folder.root, *folder.root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in (folder.root.parent, folder.root.parent.parent):  # pytest's own, open to nobody else
        path.chmod(0o711)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            ended = folder.ended("status")
            os.write(writer, f"{ended.code} {ended.out} {ended.err}".encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        told = answer.read()
    assert told.startswith("0 "), told
    assert "ana@example.org" in told


@pytest.mark.parametrize(("stdout", "code"), [("/dev/full", 1), (None, 0)])
def test_a_stdout_that_is_full_or_closed_is_one_line_at_most(
    folder: CommandLine, stdout: str | None, code: int
) -> None:
    script = f"{sys.executable} -m digestbot status " + (f"> {stdout}" if stdout else ">&-")
    done = subprocess.run(["sh", "-c", script], cwd=folder.root, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1, done.stderr


def test_a_pipe_of_any_encoding_gets_what_it_can_take(folder: CommandLine) -> None:
    (folder.root / "config" / "subscribers" / "all.toml").write_text(
        PEOPLE.replace('id = "ana"', 'id = "ana"\nname = "Žižek 山"')
    )
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "digestbot", "subscribers", "show", "ana"], cwd=folder.root, env=environment,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"?i?ek ?" in done.stdout


@pytest.mark.parametrize("columns", [80, 40])
def test_status_is_no_wider_than_the_terminal(
    folder: CommandLine, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command_line.ENVIRONMENT", {"NO_COLOR": "1", "COLUMNS": str(columns)})
    long = PEOPLE.replace("ana@example.org", "a.very.long.name.indeed@department.university.example.org")
    (folder.root / "config" / "subscribers" / "all.toml").write_text(long)
    lines = folder.run("status").splitlines()
    assert not [line for line in lines if len(line) > columns and " " in line.strip()]


def test_a_reason_that_is_too_long_for_its_cell_goes_on_below_and_is_whole_for_scripts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    why = "nothing new; a source could not be read"
    rows, head = [("ana@example.org", why, "412"), ("ben@example.org", "x" * 99, "0")], ("WHO", "WHY", "SEEN")
    monkeypatch.setenv("COLUMNS", "60")
    made = terminal.fitting_table([*rows, ("cy", f"{why} " * 20, "1")], head=head, right=(2,)).splitlines()
    assert max(map(len, made)) <= 60
    assert [line[17:].split("  ")[0].strip() for line in made[1:3]] == ["nothing new; a source could not be", "read"]
    assert sum("…" in line for line in made) == 2, "one word of a hundred letters, and what is longer than four lines"
    assert len(made) == 1 + 2 + 1 + 4
    monkeypatch.delenv("COLUMNS")
    assert len(terminal.fitting_table(rows, head=head, right=(2,)).splitlines()) == 1 + 2, "a row is a line for grep"


def test_of_many_people_a_terminal_is_told_how_many_got_what_and_a_pipe_is_told_each(
    folder: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"reader{n}@example.org,attention" for n in range(120))
    (folder.root / "people.csv").write_text(f"email,rule\n{rows}\n")
    folder.run("subscribers", "import", "people.csv", "--consent", "told us")
    with database(folder) as db:
        db.execute("UPDATE subscribers SET status = 'left' WHERE email LIKE 'reader1%'")
    told = folder.run("status").splitlines()
    assert "    31  unsubscribed" in told
    assert "  each: digestbot status | less" in told
    assert not [line for line in told if "reader2@example.org" in line]
    monkeypatch.setattr("command_line.ENVIRONMENT", {"NO_COLOR": "1", "COLUMNS": None})
    assert "reader2@example.org" in folder.run("status")


def test_init_beside_a_configuration_writes_nothing(folder: CommandLine) -> None:
    before = sorted(folder.root.rglob("*"))
    assert "there is a configuration already" in folder.run("init", code=1)
    assert sorted(folder.root.rglob("*")) == before


def test_a_pause_is_said_by_the_readers_own_calendar_and_is_over_when_it_is(folder: CommandLine) -> None:
    people = folder.root / "config" / "subscribers" / "all.toml"
    people.write_text(PEOPLE.replace('id = "ana"', 'id = "ana"\ntime_zone = "Pacific/Auckland"'))
    for day in ("99999999d", "9" * 30 + "d"):
        assert "is no day" in folder.run("subscribers", "pause", "ana", "--until", day, code=2)
    assert "until Mon 5 Jul 2100" in folder.run("subscribers", "pause", "ana", "--until", "2100-07-05")
    assert "paused to Mon 5 Jul 2100" in folder.run("subscribers", "list")
    with database(folder) as db:
        db.execute("UPDATE subscribers SET paused_until = 1000 WHERE ref = 'ana'")
    assert "paused" not in folder.run("subscribers", "list")


def test_a_file_that_is_no_library_and_one_wrong_zone_are_said_once(folder: CommandLine) -> None:
    (folder.root / "notes.txt").write_text("root:x:0:0:root:/root:/bin/bash\n")
    told = folder.run("import", "bibtex", "notes.txt", "--subscriber", "ana", code=2)
    assert "this is no BibTeX, and no RIS" in told
    main = folder.root / "config" / "digestbot.toml"
    main.write_text(main.read_text().replace("[site]", '[site]\ntime_zone = "Europe/Berln"'))
    told = folder.run("check", code=2)
    assert told.count("Europe/Berln") == 1
    assert told.startswith("1 error")


def test_a_mistake_of_the_program_is_one_line(folder: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("nobody foresaw this")

    monkeypatch.setattr("digestbot.cli.answers.status.status", broken)
    ended = folder.ended("status")
    assert ended.code == 1
    assert ended.err.splitlines()[0].startswith("digestbot: a mistake of the program: KeyError")


@pytest.mark.parametrize(("named", "meant"), [("cs.XX", "cs."), ("cs.lg", "cs.LG"), ("math.ag", "math.AG")])
def test_check_warns_of_a_category_that_no_paper_has(folder: CommandLine, named: str, meant: str) -> None:
    main = folder.root / "config" / "digestbot.toml"
    main.write_text(
        main.read_text()
        + f'[[sources]]\nname = "arxiv"\nkind = "arxiv"\ncategories = ["{named}", "cs.CL", "quant-ph"]\n'
    )
    told = folder.run("check")
    assert f'arXiv has no category "{named}", did you mean "{meant}' in told
    assert told.count("arXiv has no category") == 1
    assert "asked too    arxiv, crossref, openalex" in told


def test_status_says_what_a_service_still_lets_us_spend() -> None:
    told = {"budget": {"left": 0.42, "limit": 1.0, "resets": None}}
    assert _budget(SourceRow(name="works", kind="openalex", state=told)) == ", 0.42 of 1 US dollars left"
    assert _budget(SourceRow(name="lab", kind="feed")) == ""


def test_audit_says_what_a_source_left_out_as_no_papers(folder: CommandLine) -> None:
    folder.run("send")
    with database(folder) as db:
        db.execute("""UPDATE sources SET state = '{"not papers": "2 dataset"}'""")
    assert folder.json("audit")["left_out"] == {"page": "2 dataset"}
    line = Line(source="crossref", part="", day=date(2026, 11, 23), state="counted", got=7)
    told = audit_text(Audit(lines=(line,), left_out=(("crossref", "2 dataset"),)))
    assert "crossref left out as no papers at its last poll: 2 dataset." in told
    assert told.endswith("Nothing is missing.")


def test_status_says_what_a_source_left_out_as_no_papers() -> None:
    row = SourceRow(name="works", kind="crossref", state={"not papers": "2 dataset, 1 reference-entry"})
    assert _left_out(row) == ", left out as no papers: 2 dataset, 1 reference-entry"
    assert _left_out(SourceRow(name="lab", kind="feed")) == ""


def test_status_says_whose_slot_waits_for_a_source(folder: CommandLine) -> None:
    folder.run("poll", code=1)
    with database(folder) as db:
        db.execute("UPDATE subscribers SET next_slot = next_slot - 600000000 WHERE ref = 'bo'")
    assert "so these wait for a while: bo." in folder.run("send")
    assert "waiting for one for some hours at most: bo" in " ".join(folder.run("status").split())
