"""An alert mail is read the same behind a gateway, as text, forwarded, and in other encodings."""

from __future__ import annotations

import base64
import quopri

import pytest
from alert_layouts import BUTTONS, HTML, PAPERS, SERVICES, TEXT, laid_out
from alert_mails import SAMPLES, Sample, mail, scholar_item
from passed_on_mails import HEADERS, SEALS, WRAPS, Wrap, as_text, forwarded, parts, proofpoint_3, wrapped
from rows import rows

from digestbot.model import Entry
from digestbot.sources.alerts.links import unwrapped
from digestbot.sources.kinds.alerts import read_mail
from digestbot.sources.values.mail_gateways import sent_as

every_sample = rows("sample", SAMPLES.values(), ids=SAMPLES.keys())


def names(entry: Entry) -> set[str]:
    return {f"{scheme}:{value}" for scheme, value in entry.identifiers.items()} | {entry.link}


def assert_reads_as(sample: Sample, data: bytes) -> None:
    result = read_mail(data)
    assert [entry.title for entry in result.entries] == [paper[0] for paper in sample.papers], result.problems
    assert all(paper[4] in names(entry) for entry, paper in zip(result.entries, sample.papers, strict=True))


@every_sample
@rows("wrap", WRAPS.values(), ids=WRAPS.keys())
def test_links_that_a_gateway_wrapped_are_as_they_were_sent(sample: Sample, wrap: Wrap) -> None:
    assert_reads_as(sample, wrapped(sample.mail, wrap))


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS.keys())
def test_a_mail_whose_links_are_sealed_gives_titles_without_links(seal: Wrap) -> None:
    item = scholar_item(
        "A Title of Five Words", "https://arxiv.org/abs/2611.00001", "J Doe, M Roe - Nature, 2026", "Words."
    )
    for sender, html in (
        ("scholaralerts-noreply@google.com", item),
        ("do-not-reply@semanticscholar.org", '<p><a href="https://www.semanticscholar.org/paper/00">A Title of Five Words</a></p><p>Jane Doe, Max Roe</p>'),
        ("no-reply@jstor.org", '<a href="https://www.jstor.org/stable/26543210">A Title of Five Words</a><p>Jane Doe</p><p>Isis, 2026</p>'
         '<a href="https://www.jstor.org/terms">Terms and conditions of our use</a>'),
    ):  # fmt: skip
        [entry] = read_mail(wrapped(mail(sender, "Jane Doe - new articles", html), seal)).entries
        assert (entry.title, entry.link, dict(entry.identifiers)) == ("A Title of Five Words", "", {})


@pytest.mark.parametrize(("given", "sent"), [
    ("https://urldefense.com/v3/__https:/doi.org/10.1000/x__;!!a!b$", "https://doi.org/10.1000/x"),
    ("https://urldefense.us/v3/__https://x.org/a**Ab*__;IyMjIQ!!a!b$", "https://x.org/a##b#"),
    ("https://urldefense.com/v3/__javascript:alert(1)__;!!a!b$", ""),
    ("https://urldefense.com/v3/__https://x.org/__", ""),
    ("https://linkprotect.cudasvc.com/url?a=javascript%3aalert(1)", ""),
    ("https://eu.safelinks.protection.outlook.com/?url=https%253A%252F%252Fx.org%252Fa", "https://x.org/a"),
    ("https://mimecast.com.example/s/a", "https://mimecast.com.example/s/a"),
    ("https://www.google.com/search?q=https://x.org", "https://www.google.com/search?q=https://x.org"),
    ("https://scholar.google.com/scholar_url?url=https://x.org", "https://scholar.google.com/scholar_url?url=https://x.org"),
    ("https://[broken", "https://[broken"),
])  # fmt: skip
def test_what_a_gateway_holds_is_told_from_what_it_does_not(given: str, sent: str) -> None:
    assert sent_as(given) == sent


def test_signs_that_proofpoint_takes_out_are_put_back() -> None:
    address = "https://onlinelibrary.wiley.com/doi/10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O"
    assert sent_as(proofpoint_3(address)) == address


TEXTS = {
    "a link behind the title": "{words} <{address}>\n",
    "a link below the title": "{words}\n{address}\n",
    "in brackets": "{words}[{address}]\n",
    "bold, as Gmail writes it": "*{words}*\n<{address}>\n",
}


@every_sample
@rows("form", TEXTS.values(), ids=TEXTS.keys())
def test_a_mail_as_text_reads_like_its_html(sample: Sample, form: str) -> None:
    sender, subject, html, text = parts(sample.mail)
    assert_reads_as(sample, mail(sender, subject, text=text or as_text(html, form)))


@rows("language", HEADERS)
@rows("how", ["gmail", "outlook", "thunderbird", "text", "quoted"])
def test_a_mail_forwarded_inside_another_counts_as_it_was(how: str, language: str) -> None:
    for name in ("scholar, citations", "semantic scholar, citations", "pubmed, of today", "ssrn, text"):
        sample = SAMPLES[name]
        passed = forwarded(sample.mail, "text" if how == "quoted" else how, language, quoted=how == "quoted")
        assert_reads_as(sample, passed)
        assert {entry.reason for entry in read_mail(passed).entries} == {sample.reason}


@rows("service", SERVICES)
@rows("layout", [*HTML, *TEXT])
def test_a_layout_that_changed_is_read(service: str, layout: str) -> None:
    is_html = layout in HTML
    result = read_mail(laid_out(SERVICES[service], HTML[layout] if is_html else TEXT[layout], html=is_html))
    assert not result.broken
    for entry, (title, people, place) in zip(result.entries, PAPERS, strict=True):
        assert entry.title.endswith(title)
        assert ", ".join(entry.authors) == people
        assert entry.venue.startswith(place.split(",")[0])
        assert entry.reason.startswith(service)


@rows("service", SERVICES)
@rows("layout", BUTTONS)
def test_a_layout_whose_titles_are_no_links_gives_no_wrong_ones(service: str, layout: str) -> None:
    result = read_mail(laid_out(SERVICES[service], BUTTONS[layout], html=True))
    assert [entry.title for entry in result.entries] in ([], [paper[0] for paper in PAPERS])
    assert result.entries or result.broken


PUBMED_TEXTS = {
    "summary": "1: Afgan E, Baker D. Galaxy as text, or how it\n   came about. Nucleic Acids Res. 2018 Jul 2;46(W1):W537-W544.\n   doi: 10.1093/nar/gky379. PMID: 29790989.\n\n"
    "2: O'Brien-Smith K, et al. Is mail a paper? Elife. 2019;8:e1. PMID: 29790990; PMCID: PMC1.\n",
    "abstracts": "1. Nucleic Acids Res. 2018 Jul 2;46(W1):W537-W544. doi: 10.1093/nar/gky379.\n\nGalaxy as text, or how it came about.\n\nAfgan E(1), Baker D(1).\n\nAuthor information:\n"
    "(1)Somewhere.\n\nWords.\n\nPMID: 29790989 [Indexed for MEDLINE]\n\n2. Elife. 2019;8:e1.\n\nIs mail a paper?\n\nO'Brien-Smith K.\n\nPMID: 29790990\n",
}  # fmt: skip


@pytest.mark.parametrize("text", PUBMED_TEXTS.values(), ids=PUBMED_TEXTS.keys())
def test_formats_of_pubmed_as_text_are_told_apart(text: str) -> None:
    result = read_mail(
        mail(
            "efback@ncbi.nlm.nih.gov",
            "What's new for 'galaxy' in PubMed",
            text=f"Sent on Sunday\nSearch: galaxy\n\n{text}",
        )
    )
    assert [(entry.title, entry.identifiers["pmid"]) for entry in result.entries] == [
        ("Galaxy as text, or how it came about", "29790989"), ("Is mail a paper?", "29790990"),
    ]  # fmt: skip
    assert result.entries[0].identifiers["doi"] == "10.1093/nar/gky379"


@rows("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-8-sig"])
@rows("encoding", ["8bit", "base64", "quoted-printable", "BASE64", "binary"])
def test_encodings_are_undone(charset: str, encoding: str) -> None:
    body = scholar_item(
        "Über die Größe der Café-Milieus",
        "https://arxiv.org/abs/2611.00001",
        "J Müller - Zeitschrift für Cafés, 2026",
        "é",
    ).encode(charset)
    encoded = {"base64": base64.b64encode(body), "quoted-printable": quopri.encodestring(body)}.get(
        encoding.lower(), body
    )
    head = f'From: <scholaralerts-noreply@google.com>\r\nSubject: =?utf-8?q?J_M=C3=BCller_-_neue_Artikel?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset="{charset.removesuffix("-sig")}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    [entry] = read_mail(head.encode() + encoded).entries
    assert (entry.title, entry.authors, entry.venue) == (
        "Über die Größe der Café-Milieus",
        ("J Müller",),
        "Zeitschrift für Cafés",
    )
    assert entry.reason == "Google Scholar: new articles by “J Müller”"


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("gb2312", "量子邮件 的研究与应用方法"),
        ("koi8-r", "Квантовая почта и её читатели"),
        ("iso-2022-jp", "量子メール の研究について"),
        ("big5", "量子郵件 的研究與應用方法"),
    ],
)
def test_titles_in_other_scripts_are_read(charset: str, title: str) -> None:
    body = scholar_item(title, "https://arxiv.org/abs/2611.00001", "J Doe - Nature, 2026", "x").encode(charset)
    head = f"From: <scholaralerts-noreply@google.com>\nSubject: Jane Doe - new articles\nContent-Type: text/html; charset={charset}\n\n"
    [entry] = read_mail(head.encode() + body).entries
    assert entry.title == title


@pytest.mark.parametrize("header", ["X-Original-From", "X-Original-Sender", "Reply-To"])
def test_a_list_that_writes_the_sender_anew_hides_nobody(header: str) -> None:
    sample = SAMPLES["scholar, citations"]
    data = sample.mail.replace(
        b"From: Alerts <scholaralerts-noreply@google.com>",
        f"From: 'Alerts' via lab <lab@groups.example>\n{header}: Alerts <scholaralerts-noreply@google.com>".encode(),
    )
    assert_reads_as(sample, data)


@pytest.mark.parametrize("mark", ["[EXTERNAL] ", "[Ext] Fwd: ", "WG: ", "AW: WG: ", "转发: "])
def test_marks_that_servers_and_people_put_before_a_subject_are_no_part_of_it(mark: str) -> None:
    item = scholar_item("A Title of Five Words", "https://arxiv.org/abs/2611.00001", "J Doe - Nature, 2026", "Words.")
    [entry] = read_mail(mail("scholaralerts-noreply@google.com", f"{mark}Jane Doe - new articles", item)).entries
    assert entry.reason == "Google Scholar: new articles by “Jane Doe”"


def test_the_text_of_a_mail_is_read_where_its_html_says_nothing() -> None:
    text = "Jane Doe - new articles\n\nA Title of Five Words\nhttps://www.semanticscholar.org/paper/0123\nJane Doe\n"
    both = mail(
        "do-not-reply@semanticscholar.org", "New papers by Jane Doe", "<img src='https://x.example/all.png'>", text
    )
    assert [entry.title for entry in read_mail(both).entries] == ["A Title of Five Words"]


def test_a_mail_that_only_speaks_of_an_alert_is_put_aside() -> None:
    talk = "From: what I said on Monday (scholaralerts-noreply@google.com sends these)\n\nA Title of Five Words <https://arxiv.org/abs/2611.00001>\n"
    result = read_mail(mail("friend@example.net", "About alerts", text=talk))
    assert (result.entries, result.next_requests, len(result.broken)) == ((), (), 1)


@pytest.mark.parametrize(("given", "behind"), [
    ("https://u1.ct.sendgrid.net/ls/click?upn=u001.abc-2Bdef", ""),
    ("https://click.e.example.org/?qs=0123456789abcdef", ""),
    ("https://track.example.org/c?target=https%3A%2F%2Fdoi.org%2F10.1000%2Fx&id=9", "https://doi.org/10.1000/x"),
    ("https://example.org/track/click?url=aHR0cHM6Ly9kb2kub3JnLzEwLjEwMDAveA==", "https://doi.org/10.1000/x"),
    ("https://example.org/redirect?dest=https%253A%252F%252Fdoi.org%252F10.1000%252Fx", "https://doi.org/10.1000/x"),
    ("https://mandrillapp.com/track/click/30000/doi.org?p=eyJzIjoiYSIsInYiOjEsInAiOiJ7XCJ1XCI6MzAwMDAsXCJ2XCI6MSxcInVybFwiOlwiaHR0cHM6XFxcL1xcXC9kb2kub3JnXFxcLzEwLjEwMDBcXFwveFwifSJ9", "https://doi.org/10.1000/x"),
    ("https://mandrillapp.com/track/click/30000/doi.org?p=eyJ4", ""),
])  # fmt: skip
def test_a_counter_that_holds_the_address_is_read_and_any_other_dropped(given: str, behind: str) -> None:
    assert unwrapped(given) == behind


def test_halves_of_characters_in_a_forwarded_mail_are_read_over() -> None:
    sample = next(iter(SAMPLES.values()))
    head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822; charset=unicode-escape\n"
    inner = base64.encodebytes(sample.mail.replace(b"\n\n", b"\nX-Half: \\ud800\n\n", 1))
    result = read_mail(head.encode() + b"Content-Transfer-Encoding: base64\n\n" + inner + b"--x--\n")
    assert result.problems or result.entries
