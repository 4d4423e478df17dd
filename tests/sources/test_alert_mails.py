"""Alert mails become entries; what is none of them, or has another shape than it had, is put aside with a word."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import imap_server
import pytest
from alert_mails import SAMPLES, SCHOLAR, SCHOLAR_END, SCHOLAR_HEAD, Sample, mail, scholar_item, scholar_url
from rows import rows

from digestbot.model import Entry, Fetched, ReadStatus, Request, Response, Secret
from digestbot.sources import Source
from digestbot.sources.alerts import google_scholar
from digestbot.sources.alerts.below_title import people
from digestbot.sources.alerts.letter import Letter, Reading, papers_in
from digestbot.sources.alerts.links import unwrapped
from digestbot.sources.kinds.alerts import REMEMBERED, AlertsSource, read_mail
from digestbot.testing.sources import SourceContract
from digestbot.transport.mailboxes import WithMailboxes

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class TestAlerts(SourceContract):
    def source(self) -> Source:
        return AlertsSource.from_options({"url": "https://alerts.example.org/mail"})

    def replies(self) -> list[bytes]:
        return [sample.mail for sample in SAMPLES.values()]


def told(entry: Entry) -> tuple[str, str, str, str]:
    published = entry.published.text if entry.published else ""
    return entry.title, next(iter(entry.authors), ""), entry.venue, published


@rows("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_title_people_place_year_and_reason_are_read(sample: Sample) -> None:
    result = read_mail(sample.mail)
    assert (result.status, result.problems) == (ReadStatus.OK, ())
    assert [told(e) for e in result.entries] == [paper[:4] for paper in sample.papers]
    for entry, paper in zip(result.entries, sample.papers, strict=True):
        names = {f"{scheme}:{value}" for scheme, value in entry.identifiers.items()} | {entry.link}
        assert paper[4] in names
        assert entry.reason == sample.reason
        assert entry.announced is not None
        assert entry.announced.text == "2026-11-23"


@rows("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_no_link_leads_to_who_counts_clicks(sample: Sample) -> None:
    for entry in read_mail(sample.mail).entries:
        assert not any(
            sign in entry.link for sign in ("scholar_url", "awstrack", "click.", "safelinks", "upn=", "utm_")
        )


@rows("sample", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_layout_in_which_no_title_is_found_is_noticed(sample: Sample) -> None:
    """The same sender and subject, with words in place of what the titles were known by."""
    sender = sample.mail.decode().partition("<")[2].partition(">")[0]
    changed = read_mail(
        mail(
            sender, "Your alert", "<p>Dear reader, see what is new <a href='https://x.example/app'>in the app</a>.</p>"
        )
    )
    assert (changed.status, changed.entries) == (ReadStatus.UNREADABLE, ())
    assert "without a paper in it" in changed.problems[0].what
    assert changed.broken[0].data


def test_links_that_lost_their_titles_are_noticed() -> None:
    link = scholar_url("https://arxiv.org/abs/2611.00001")
    bare = "".join(f'<h3><a class="gse_alrt_title" href="{link}{n}"><img src="x.png"></a></h3>' for n in range(3))
    result = read_mail(mail(SCHOLAR, "Jane Doe - new articles", SCHOLAR_HEAD + bare + SCHOLAR_END))
    assert result.status is ReadStatus.UNREADABLE
    assert "3 links that have no title" in result.problems[0].what


def test_a_mail_of_nobody_we_know_is_put_aside_and_nothing_in_it_is_followed() -> None:
    result = read_mail(
        mail("friend@example.net", "New articles", '<a href="https://arxiv.org/abs/2611.00001">A paper that I like</a>')
    )
    assert (result.entries, result.next_requests, len(result.broken)) == ((), (), 1)
    assert "a mail from example.net that is no alert we know" in result.problems[0].what


@pytest.mark.parametrize("sender", ["scholaralerts-noreply@google.com.evil.example", "x@notsemanticscholar.org", ""])
def test_a_sender_is_known_by_the_whole_of_its_domain(sender: str) -> None:
    item = scholar_item("A Title of Words", "https://arxiv.org/abs/2611.00001", "J Doe - 2026", "Words.")
    assert read_mail(mail(sender or "a@b.example", "Jane Doe - new articles", item)).entries == ()


def test_an_alert_that_says_that_nothing_is_new_is_no_failure() -> None:
    html = '<html lang="en"><p>Greetings!</p><a href="https://www.webofscience.com/wos/woscc/alert-execution-summary/1">View all 0 records</a></html>'
    result = read_mail(mail("alerts-noreply@clarivate.com", "Web of Science Alert - catalyst - 0 results", html))
    assert (result.status, result.problems) == (ReadStatus.EMPTY, ())
    two = read_mail(mail("alerts-noreply@clarivate.com", "Web of Science Alert - catalyst - 2 results", html))
    assert "without a paper in it" in two.problems[0].what


def test_a_forwarded_mail_counts_as_it_was() -> None:
    inner = SAMPLES["scholar, citations"].mail.decode()
    outer = (
        'From: me@example.org\nSubject: Fwd: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="bb"\n\n--bb\n'
        f"Content-Type: text/plain\n\nsee this\n--bb\nContent-Type: message/rfc822\n\n{inner}\n--bb--\n"
    )
    assert [e.title for e in read_mail(outer.encode()).entries] == ["Sparse Heads Suffice"]


@pytest.mark.parametrize(("given", "behind"), [
    ("http://scholar.google.ru/scholar_url?url=https://www.jstage.jst.go.jp/article/x/E102.D/12/_article/-char/ja/&hl=en", "https://www.jstage.jst.go.jp/article/x/E102.D/12/_article/-char/ja/"),
    ("https://scholar.google.au/scholar_url?url=http://www.test.com&hl=1", "http://www.test.com"),
    ("https://www.google.com/url?q=https://arxiv.org/abs/2611.00001&sa=D", "https://arxiv.org/abs/2611.00001"),
    ("https://urldefense.com/v3/__https://doi.org/10.1000/x__;!!abc!def$", "https://doi.org/10.1000/x"),
    ("https://urldefense.proofpoint.com/v2/url?u=https-3A__doi.org_10.1000_x&d=DwMF", "https://doi.org/10.1000/x"),
    ("https://el.wiley.com/wf/click?upn=-2F4d0Y8aR13", ""),
    ("javascript:alert(1)", ""),
    ("https://journal.example.org/a/1?utm_source=alert&id=7", "https://journal.example.org/a/1?id=7"),
    ("https://link.springer.com/article/10.1007/s1-2", "https://link.springer.com/article/10.1007/s1-2"),
])  # fmt: skip
def test_a_link_is_unwrapped_or_dropped(given: str, behind: str) -> None:
    assert unwrapped(given) == behind


@pytest.mark.parametrize(("line", "names"), [
    ("H Hu, Q Chen, Z Liu…", ("H Hu", "Q Chen", "Z Liu")),
    ("Halbritter, Dale A.; Storer, Caroline G.", ("Halbritter, Dale A.", "Storer, Caroline G")),
    ("Ludwig van der Berg and Ana de la Cruz", ("Ludwig van der Berg", "Ana de la Cruz")),
    ("Ines Okafor, +3 authors", ("Ines Okafor",)),
    ("Nature Communications", ()), ("Journal of Things, Volume 3", ()), ("We show that this, and that, hold", ()), ("Open Access", ()),
])  # fmt: skip
def test_a_line_of_people_is_told_from_other_lines(line: str, names: tuple[str, ...]) -> None:
    assert people(line) == names


def test_a_mailbox_is_one_of_two() -> None:
    for wrong, said in (
        ({}, "needs a maildir"),
        ({"maildir": "a", "imap": "imaps://b@c/d"}, "one of"),
        ({"imap": "imaps://b@c/d"}, "password_file"),
    ):
        with pytest.raises(ValueError, match=said):
            AlertsSource.from_options(wrong)


class Nothing:
    """No network."""

    async def fetch(self, request: Request) -> Fetched:
        """Nobody asks."""
        raise AssertionError(request.url)


async def polled(
    source: AlertsSource, box: WithMailboxes, state: dict[str, object]
) -> tuple[list[Entry], dict[str, object]]:
    """One poll: the list of names, then each mail."""
    entries: list[Entry] = []
    [asked] = source.requests(state, NOW)
    listed = await box.fetch(asked)
    assert listed.response is not None, listed.error
    result = source.parse(listed.response, NOW)
    for request in result.next_requests:
        answer = await box.fetch(request)
        assert answer.response is not None
        read = source.parse(answer.response, NOW)
        entries, state = [*entries, *read.entries], state | dict(read.state)
    return entries, state


async def test_each_mail_of_a_maildir_is_read_once_and_none_is_touched(tmp_path: Path) -> None:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    first, second = (SAMPLES[name].mail for name in ("scholar, citations", "myads"))
    (tmp_path / "box/new/1.a").write_bytes(first)
    (tmp_path / "box/cur/2.b[x]:2,S").write_bytes(second)
    source, box = AlertsSource.from_options({"maildir": "box"}), WithMailboxes(Nothing(), tmp_path, lambda: NOW)
    entries, state = await polled(source, box, {})
    assert [e.title for e in entries] == ["Sparse Heads Suffice", "A Hot Jupiter in the Cold"]
    (tmp_path / "box/new/1.a").rename(tmp_path / "box/cur/1.a:2,S")  # a reader has looked at it
    (tmp_path / "box/new/3.c").write_bytes(first)
    entries, state = await polled(source, box, state)
    assert [e.title for e in entries] == ["Sparse Heads Suffice"]
    assert (await polled(source, box, state))[0] == []
    assert sorted(p.name for p in (tmp_path / "box/cur").iterdir()) == ["1.a:2,S", "2.b[x]:2,S"]
    for gone in (tmp_path / "box/cur").iterdir():
        gone.unlink()
    (tmp_path / "box/new/4.d").write_bytes(second)
    _, state = await polled(source, box, state)
    assert len(json.loads(json.dumps(state[REMEMBERED]))) == 2  # what is gone is forgotten


async def test_a_maildir_that_is_not_there_is_said(tmp_path: Path) -> None:
    box = WithMailboxes(Nothing(), tmp_path, lambda: NOW)
    fetched = await box.fetch(Request(url="maildir:nowhere"))
    assert (fetched.status, fetched.error) == (
        ReadStatus.UNREACHABLE,
        "the mailbox cannot be read: No such file or directory",
    )
    odd = await box.fetch(Request(url="maildir:nowhere#../../etc/passwd"))
    assert odd.response is None


def test_a_list_of_names_is_read_in_parts() -> None:
    source = AlertsSource.from_options({"maildir": "box"})
    body = json.dumps({"names": [str(n) for n in range(400)], "read": []}).encode()
    result = source.parse(Response(url="maildir:box", body=body, fetched=NOW), NOW)
    assert len(result.next_requests) == 251  # and the word that they were read
    broken = source.parse(Response(url="maildir:box", body=b"[", fetched=NOW), NOW)
    assert broken.status is ReadStatus.UNREADABLE


async def test_a_folder_over_imap_is_read_by_uid_and_left_as_it_was(tmp_path: Path) -> None:
    mails = {3: SAMPLES["scholar, citations"].mail, 9: SAMPLES["myads"].mail}
    with imap_server.serving(mails) as server:
        address = f"imap://me%40x@127.0.0.1:{server.port}/Alerts"
        source = AlertsSource.from_options({"imap": address, "password": Secret("right")})
        box = WithMailboxes(Nothing(), tmp_path, lambda: NOW)
        entries, state = await polled(source, box, {})
        assert [e.title for e in entries] == ["Sparse Heads Suffice", "A Hot Jupiter in the Cold"]
        server.mails[12] = SAMPLES["jstor"].mail
        entries, state = await polled(source, box, state)
        assert [e.title for e in entries] == ["Printers and Their Errors"]
        box.close()
        assert any(said.startswith("EXAMINE") for said in server.said)
        assert not any(said.startswith(("SELECT", "UID STORE")) for said in server.said)
        wrong = AlertsSource.from_options({"imap": address, "password": Secret("no")})
        refused = await box.fetch(wrong.requests({}, NOW)[0])
        assert refused.status is ReadStatus.UNREACHABLE


def test_a_stranger_reads_mails_of_their_own_beside_ours() -> None:
    def read(letter: Letter) -> Reading | None:
        if not letter.is_from("bulletin.example"):
            return None
        return papers_in(letter, "Bulletin", lambda anchor, line: "/item/" in anchor.href, why=letter.subject)

    class WithBulletin(AlertsSource):
        readers = (read, *AlertsSource.readers)

    html = (
        '<p><a href="https://bulletin.example/item/9">A Note on Notes</a></p><p>Jane Doe, Max Roe</p><p>Notes, 2026</p>'
    )
    source = WithBulletin.from_options({"maildir": "box"})
    for body, title in (
        (mail("x@bulletin.example", "No. 9", html), "A Note on Notes"),
        (SAMPLES["jstor"].mail, "Printers and Their Errors"),
    ):
        [entry] = source.parse(Response(url="maildir:box#1", body=body, fetched=NOW), NOW).entries
        assert entry.title == title
        assert len(entry.authors) in (1, 2)


@pytest.mark.parametrize(
    "subject", ["Jane Doe - 新文章", "Jane Doe - 新的文章", "Jane Doe - Neue Artikel", "Jane Doe - nuevos artículos"]
)
def test_new_articles_are_understood_in_other_languages(subject: str) -> None:
    assert google_scholar._why(subject, ()) == "new articles by “Jane Doe”"
