"""The suite every kind of source has to pass: subclass `SourceContract` and say what yours is and what it is sent.

class TestMine(SourceContract):
    def source(self):
        return MySource.from_options({"url": "https://example.org/feed"})

    def replies(self):
        return [Path("recorded.json").read_bytes()]   # good replies, of every shape your source sends
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import category
from urllib.parse import urlsplit

from digestbot.model import Entry, ParseResult, ReadStatus, Request, Response
from digestbot.sources import Listed, Source

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
HTML = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>We value your privacy.</p></body></html>",
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
    b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html><body/></html>',
    b"<!-- -->" * 400 + b"<html><body>" + b"<p>long text</p>" * 100,
)
_ANSWERS = (ReadStatus.OK, ReadStatus.EMPTY, ReadStatus.PARTIAL, ReadStatus.STALE, ReadStatus.UNREADABLE)
_CUTS = 40  #: places at which each reply is cut off
_RANDOM = 60  #: bodies of random bytes


class SourceContract:
    """What `sources.Source` promises."""

    def source(self) -> Source:
        """Returns a source of this kind: a new one with each call, configured alike."""
        raise NotImplementedError

    def replies(self) -> list[bytes]:
        """Returns bodies that the source reads without a problem."""
        raise NotImplementedError

    def read(self, body: bytes) -> ParseResult:
        """Returns what a new source of this kind reads in one body."""
        source = self.source()
        first = source.requests({}, NOW)[0]
        return source.parse(Response(url=first.url, body=body, fetched=NOW), NOW)

    def damaged(self) -> Iterator[bytes]:
        """Returns the replies cut off and with bytes changed, the same in every run."""
        dice = random.Random(2611)  # noqa: S311  no secret hangs on it: the same damage every time
        for body in self.replies():
            yield from (body[: len(body) * n // _CUTS] for n in range(_CUTS))
            for _ in range(_CUTS):
                at = dice.randrange(len(body))
                yield body[:at] + dice.randbytes(dice.randrange(1, 9)) + body[at + 1 :]

    def entries(self) -> list[Entry]:
        """Returns the entries of all good and all damaged replies."""
        return [entry for body in (*self.replies(), *self.damaged()) for entry in self.read(body).entries]

    def test_the_contract_has_the_version_we_know(self) -> None:
        assert self.source().contract == 1

    def test_it_asks_for_web_addresses(self) -> None:
        asked = self.source().requests({}, NOW)
        assert asked
        for request in asked:
            assert isinstance(request, Request)
            assert urlsplit(request.url).scheme in ("http", "https")
            assert urlsplit(request.url).hostname

    def test_the_same_state_and_instant_give_the_same_requests(self) -> None:
        source = self.source()
        first = list(source.requests({}, NOW))
        assert list(source.requests({}, NOW)) == first
        assert list(self.source().requests({}, NOW)) == first

    def test_asking_changes_no_state(self) -> None:
        state: dict[str, object] = {}
        self.source().requests(state, NOW)
        assert state == {}

    def test_good_replies_give_entries(self) -> None:
        for body in self.replies():
            result = self.read(body)
            assert result.status is ReadStatus.OK, result.problems
            assert result.entries

    def test_entries_of_good_replies_have_a_title_and_a_key_of_their_own(self) -> None:
        for body in self.replies():
            entries = self.read(body).entries
            assert all(entry.title for entry in entries)
            assert len({entry.native_key for entry in entries} - {""}) == len(entries)

    def test_parsing_twice_gives_the_same_values(self) -> None:
        for body in self.replies():
            assert self.read(body) == self.read(body)

    def test_parsing_keeps_nothing_in_the_source(self) -> None:
        source = self.source()
        url = source.requests({}, NOW)[0].url
        for body in self.replies():
            response = Response(url=url, body=body, fetched=NOW)
            assert source.parse(response, NOW) == source.parse(response, NOW)
        assert list(source.requests({}, NOW)) == list(self.source().requests({}, NOW))

    def test_cut_off_and_damaged_replies_are_values_and_never_errors(self) -> None:
        for body in self.damaged():
            _sound(self.read(body))

    def test_random_bytes_are_values_and_never_errors(self) -> None:
        dice = random.Random(1)  # noqa: S311  no secret hangs on it: the same bytes every time
        for _ in range(_RANDOM):
            _sound(self.read(dice.randbytes(dice.randrange(1, 4000))))

    def test_an_empty_body_is_unreadable_and_says_so(self) -> None:
        for body in (b"", b" \r\n", b"\xef\xbb\xbf"):
            _unreadable(self.read(body))

    def test_a_web_page_is_unreadable_and_not_a_quiet_day(self) -> None:
        for body in HTML:
            _unreadable(self.read(body))

    def test_a_body_that_names_a_file_opens_none(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "reply"
            path.write_bytes(self.replies()[0])
            _unreadable(self.read(str(path).encode()))

    def test_a_source_with_listing_days_keeps_its_own_calendar(self) -> None:
        source = self.source()
        if not isinstance(source, Listed):
            return
        due = source.due(NOW - timedelta(days=14), NOW)
        assert source.parts
        assert [d.opens for d in due] == sorted(d.opens for d in due)
        for day in due:
            assert NOW - timedelta(days=14) < day.opens <= NOW
            assert day.opens < day.closes
            assert day.full <= day.closes
            assert source.listing_day(day.day) == day
            for request in source.recover(day.day, source.parts, NOW):
                assert urlsplit(request.url).scheme in ("http", "https")

    def test_no_text_of_an_entry_holds_control_characters(self) -> None:
        for entry in self.entries():
            for text in _texts(entry):
                assert not any(category(c) in ("Cc", "Cs") for c in text), repr(text)

    def test_every_link_of_an_entry_leads_to_the_web(self) -> None:
        for entry in self.entries():
            for href in (*([entry.link] if entry.link else []), *(link.href for link in entry.links)):
                assert urlsplit(href).scheme in ("http", "https"), href
                assert urlsplit(href).netloc, href


def _sound(result: ParseResult) -> None:
    """Asserts that a result keeps the contract: a failure says what is wrong."""
    assert isinstance(result, ParseResult)
    assert result.status in _ANSWERS
    if result.status in (ReadStatus.PARTIAL, ReadStatus.UNREADABLE):
        assert result.problems
        assert all(problem.what for problem in result.problems)
    if result.status is ReadStatus.OK:
        assert result.entries or result.next_requests


def _unreadable(result: ParseResult) -> None:
    assert result.status is ReadStatus.UNREADABLE
    assert not result.entries
    assert result.problems
    assert result.problems[0].what


def _texts(entry: Entry) -> Iterator[str]:
    yield from (entry.title, entry.summary, entry.link, entry.venue, entry.comment, entry.tldr, entry.rights)
    yield from (entry.announce_type, entry.submitter, entry.language, entry.native_key)
    yield from (*entry.authors, *entry.affiliations, *entry.categories, *entry.identifiers.values())
    yield from (link.href for link in entry.links)


class AlertsContract(SourceContract):
    """What a kind of alert mails promises beside that: `replies` are mails, `source` has a Maildir."""

    def read(self, body: bytes) -> ParseResult:
        """Returns what is read in one mail."""
        source = self.source()
        [first] = source.requests({}, NOW)
        return source.parse(Response(url=f"{first.url}#1", body=body, fetched=NOW), NOW)

    def test_it_asks_for_web_addresses(self) -> None:
        """It asks for a mailbox."""
        [asked] = self.source().requests({}, NOW)
        assert asked.url.partition(":")[0] in ("maildir", "imap", "imaps")

    def test_an_empty_body_is_unreadable_and_says_so(self) -> None:
        """It is a mail that is gone since the mailbox was listed: no failure, and it says so."""
        result = self.read(b"")
        assert result.status is ReadStatus.EMPTY
        assert result.problems

    def test_nothing_in_a_mail_is_asked_for(self) -> None:
        for body in (*self.replies(), *self.damaged()):
            assert self.read(body).next_requests == ()

    def test_a_mail_of_somebody_else_is_put_aside(self) -> None:
        stranger = b"From: a@stranger.example\nSubject: x\n\nA Title of Words <https://doi.org/10.1000/x>\n"
        result = self.read(stranger)
        assert (result.entries, len(result.broken)) == ((), 1)
