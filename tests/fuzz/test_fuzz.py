"""Texts changed at random, those that reach new lines of the package further: every function that meets strangers
answers or refuses, in time, whatever comes.

The run as a whole is bounded by `FUZZ_SECONDS` (3 or, in full, 20 unless said; `make fuzz` sets more). What once broke a function stands in `cases/`,
a file a text, and is tried on all of them by every run of the tests.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sizes import size

from digestbot.errors import DigestbotError
from digestbot.papers.text.clean import plain
from digestbot.testing import samples

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "hostile")]
from hostile_calls import MEETING, Work  # noqa: E402  a helper of the folder beside this one
from lines_seen import LinesSeen  # noqa: E402

SECONDS = float(os.environ.get("FUZZ_SECONDS", size("3", full="20")))
TURN = 5  #: texts of one function before it is the next one's turn
LONGEST = 20.0  #: seconds of processor time for one text of some kB: far from what any takes, and far from quadratic
DAY = datetime(2026, 11, 30, tzinfo=UTC).date()
CASES = sorted((HERE / "cases").glob("*"))
SIGNS = [
    "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "&", "&amp;", "&#0;", "&#x110000;", "&#99999999999999999999;", "&#" + "9" * 5000 + ";",
    "\x00", "\ud800", "\u202e", "\ufeff", "\U0010ffff", "\x85", "\u2028", "\r\n", "{", "}", "$", "\\", "\\frac{", "^", "_", "=?utf-8?q?=0A?=", "%s",
    "%00", "10.1/", "arXiv:", "2611.00001v99999", "-1", "1e999", "9" * 400, "31 Feb 2026", "0000-00-00", '"', "'", "://[", "http://[::1", "@", "~",
]  # fmt: skip


def seeds() -> list[str]:
    """Texts of every kind that comes in."""
    made = [samples.arxiv_rss(DAY), samples.daily_json(DAY), samples.journal_atom(DAY), samples.page_text(DAY)]
    return [text.decode() for text in made] + [
        "@article{key, title = {A {B}}, author = {Ada Author and others}, year = 2026}\n",
        "TY  - JOUR\nTI  - A title\nAU  - Author, Ada\nPY  - 2026\nER  - \n",
        "<opml><body><outline text='x' xmlUrl='https://x.example/rss'/></body></opml>",
        '(diffusion OR "flow matching"~5) AND cat:cs.CV -ti:survey upvotes:>=20 published:>2026-01-01',
        "Mon, 30 Nov 2026 12:00:00 +0100", "Author, A. B.; van der Meer, Jan, Jr. and the ATLAS Collaboration",
        "From: MAILER-DAEMON@x.example\nSubject: Undelivered\n\n550 5.1.1 <a@x.example> no such user\n",
        "https://doi.org/10.1234/abc?utm_source=x#y", "$\\alpha$-GAN <sub>2</sub> &lt;b&gt; \\emph{x} ``quoted''",
    ]  # fmt: skip


def changed(draw: random.Random, texts: list[str]) -> str:
    """One seed with a few changes: cut, doubled, swapped with a piece of another, a sign put in."""
    text = draw.choice(texts)
    for _ in range(draw.randint(1, 6)):
        at, end = sorted(draw.randint(0, len(text)) for _ in range(2))
        what = draw.randrange(5)
        if what == 0:
            text = text[:at] + text[end:]
        elif what == 1:
            text = text[:at] + text[at:end] * draw.randint(2, 4) + text[end:]
        elif what == 2:
            other = draw.choice(texts)
            text = text[:at] + other[draw.randint(0, len(other)) :][:2000] + text[end:]
        elif what == 3:
            text = text[:at] + draw.choice(SIGNS) * draw.choice((1, 1, 3, 200)) + text[at:]
        else:
            text = text[:at] + chr(draw.randrange(0x110000)) + text[at + 1 :]
    return text[:20_000]


class TookTooLong(BaseException):
    """Raised from the alarm: no function that meets strangers catches it."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Ends what takes more processor time than this, also a pattern that would never come back."""

    def ring(*_: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def failures(text: str) -> Iterator[str]:
    """Of every function: an error that is no refusal, or a time that is no time."""
    for name, works in MEETING.items():
        for number, work in enumerate(works):
            if said := failure(work, text):
                yield f"{name} #{number}: {said}"


def failure(work: Work, text: str) -> str:
    """What this function makes of the text that it should not; "" when it answers or refuses in time."""
    try:
        with alarm(LONGEST):
            work(text)
    except (DigestbotError, ValueError, LookupError):
        pass
    except TookTooLong:
        return f"more than {LONGEST:.0f} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_once_broke_a_function_breaks_none(case: Path) -> None:
    assert not list(failures(case.read_bytes().decode("utf-8", "surrogatepass")))


def test_a_pattern_that_never_comes_back_is_ended_and_told() -> None:
    with pytest.raises(TookTooLong), alarm(0.2):
        re.compile(r"(a*)*b").match("a" * 5000)


def test_lines_are_new_once_and_also_those_of_a_call_that_raises() -> None:
    seen, before = LinesSeen(), sys.gettrace()
    assert seen.watch(lambda: plain("a <i>title</i>")) == "a title"
    first = seen.found
    seen.watch(lambda: plain("a second <i>title</i>"))
    assert seen.found < 3 < first
    with pytest.raises(ValueError, match="no such thing"):
        seen.watch(lambda: [plain("<b>bold</b> &amp; H<sub>2</sub>"), int("no such thing")])
    assert seen.found > 0
    assert seen.total > first
    assert sys.gettrace() is before


@pytest.mark.slow
def test_texts_that_reach_new_lines_are_changed_further_and_none_breaks_anything() -> None:
    """What is changed is one of the seeds, or a text that has reached new lines: of this function, or of any."""
    seed = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
    draw, end, seen, tried = random.Random(seed), time.monotonic() + SECONDS, LinesSeen(), 0
    shared = seeds()
    works = [(f"{name} #{n}", work, seeds()) for name, found in MEETING.items() for n, work in enumerate(found)]
    draw.shuffle(works)
    for name, work, texts in itertools.cycle(works):
        if time.monotonic() > end:
            break
        for _ in range(TURN):
            text, tried = changed(draw, draw.choice((texts, shared))), tried + 1
            if said := seen.watch(partial(failure, work, text)):
                case = HERE / "cases" / f"found-{seed}"
                case.write_bytes(text.encode("utf-8", "surrogatepass"))
                pytest.fail(f"{name}: {said}\nseed {seed}; the text stands in {case}")
            if seen.found:
                texts.append(text)
                shared.append(text)
    print(f"\nseed {seed}: {tried} texts, {seen.total} lines of the package reached")
