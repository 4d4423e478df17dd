"""Alert mails through the command line: piped in, polled, shown, and put aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alert_mails import SAMPLES, mail
from command_line import CommandLine, configured

from digestbot.cli.setup.alert import chosen_source
from digestbot.errors import UsageError
from digestbot.settings.config import SourceConfig
from digestbot.sources.kinds.alerts import AlertsSource
from digestbot.sources.kinds.feed import FeedSource

CONFIG = """
[site]
contact = "admin@example.org"
[delivery]
channel = "maildir"
from = "Papers <papers@example.org>"
[enrich]
on = false
[[sources]]
name = "mails"
kind = "alerts"
maildir = "var/alerts"
"""


@pytest.fixture
def site(tmp_path: Path) -> CommandLine:
    return configured(tmp_path, CONFIG)


def test_a_mail_from_a_pipe_becomes_papers_with_the_next_poll(site: CommandLine) -> None:
    piped = site.ended("alert", stdin=SAMPLES["scholar, articles of a person"].mail)
    assert (piped.code, piped.out) == (0, "Google Scholar: 2 papers, read with the next poll of mails\n")
    assert site.ended("alert", stdin=SAMPLES["scholar, articles of a person"].mail).code == 0
    polled = site.json("poll")
    assert [(s["source"], s["status"], s["new"]) for s in polled["sources"]] == [("mails", "ok", 2)]
    assert "new articles by “Jane Doe”" in site.run("papers", "show", "Code Generation from Supervised")
    assert site.json("poll", "mails")["sources"][0]["new"] == 0


def test_a_mail_that_is_no_alert_is_said_at_the_pipe_and_put_aside_by_the_poll(site: CommandLine) -> None:
    piped = site.ended("alert", "--json", stdin=mail("friend@example.net", "Lunch", "<p>At one?</p>"))
    told = json.loads(piped.out)
    assert (told["entries"], told["problems"][0]["what"]) == ([], "a mail from example.net that is no alert we know")
    assert site.json("poll")["sources"][0]["status"] == "partial"
    assert "a mail from example.net" in site.run("quarantine", "list")
    assert "quarantine" in site.run("status")


def test_a_mail_needs_a_source_and_a_source_a_maildir(site: CommandLine) -> None:
    assert "no mail on stdin" in site.ended("alert").err
    assert site.ended("alert", "--source", "other", stdin=b"x").code == 2
    (site.root / "var").mkdir(exist_ok=True)
    (site.root / "var" / "alerts").write_text("a file in its place")
    kept = site.ended("alert", stdin=SAMPLES["myads"].mail)
    assert (kept.code, "cannot be written" in kept.err) == (75, True)


def test_a_mail_can_be_tried_as_a_file(site: CommandLine) -> None:
    (site.root / "mail.eml").write_bytes(SAMPLES["pubmed, of today"].mail)
    told = json.loads(site.run("try", "mail.eml", "--json"))
    assert (told["kind"], told["entries"][0]["title"]) == ("alerts", "Base editing in vivo")


def test_mails_go_to_a_kind_of_ones_own_too() -> None:
    class WithBulletin(AlertsSource):
        readers = (lambda letter: None, *AlertsSource.readers)

    kinds = {"bulletin": WithBulletin, "alerts": AlertsSource, "folder": FeedSource}
    own, other = (
        SourceConfig(name="own", kind="bulletin", options={"maildir": "a"}),
        SourceConfig(name="f", kind="folder", options={"maildir": "b"}),
    )
    assert chosen_source([own, other], kinds, "") == (own, WithBulletin.readers)
    ours = SourceConfig(name="ours", kind="alerts", options={"maildir": "c"})
    assert chosen_source([own, ours], kinds, "ours")[0] == ours
    for sources, name, said in (([other], "", "no Maildir"), ([own, ours], "", "several"), ([own], "f", "no source")):
        with pytest.raises(UsageError, match=said):
            chosen_source(sources, kinds, name)
