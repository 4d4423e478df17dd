"""The CPU time of one mail of ten papers, HTML, text and MIME, against two plainer ways in the same run.

Peers: every template run for every person, encoded whole by the same code; and the same texts given to the standard
library's email.message. 400 people, each with ten of 40 papers, words, links and counts of their own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from statistics import median

from benchmarks.report import report
from digestbot.digest.rendering.fragments import Letter, decoded
from digestbot.digest.rendering.renderer import Templates
from digestbot.mail.message import build
from digestbot.model import Digest, Item, Links, PolledSource, Reason, Section

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from plain_path import plain

from digestbot.testing.builders import digest, paper, section, subscriber

PEOPLE, PAPERS, RUNS = 400, 40, 5
LIMIT, LIBRARY = 150, 2702  #: of ../shared/reference/measured.md: machines differ, ratios hold
SENDER = "Papers <papers@example.org>"
LOREM = Path(__file__).resolve().parents[2] / "shared" / "data" / "seed" / "daily-papers.txt"


def digests() -> list[Digest]:
    """As they come from the store: papers shared, everything else each person's own."""
    text = [" ".join(p.split()) for p in LOREM.read_text().split("\n\n") if p.strip()][5:] if LOREM.exists() else []
    real = list(zip(text[::2], text[1::2], strict=True)) or [
        (f"Title {n}", "We propose it. " * 60) for n in range(PAPERS)
    ]
    papers = [paper(n, title=title, summary=abstract) for n, (title, abstract) in enumerate(real[:PAPERS])]
    return [_one(n, [papers[(n * 7 + k * 3) % len(papers)] for k in range(10)]) for n in range(PEOPLE)]


def _one(n: int, papers: list) -> Digest:
    def item(at: int) -> Item:
        reasons = (Reason(field="title", text=f"word{(n + at) % 50}"), Reason(field="abstract", text=f"other{n % 30}"))
        return Item(paper=papers[at], topic="A", reasons=reasons)

    sections: list[Section] = [
        section(*(item(at) for at in range(5)), title="Attention"),
        section(*(item(at) for at in range(5, 10)), title=f"Topic {n % 20}", note=f"word{n % 50} OR other"),
    ]
    token = f"{n:032}"
    links = Links(
        page=f"https://p.example/d/{token}", leave=f"https://p.example/u/{token}", feed=f"https://p.example/f/{token}/"
    )
    polled = tuple(PolledSource(ref=f"s{k}", name=f"Source {k}", new=50 * k, sent=(n + k) % 5) for k in range(6))
    person = replace(subscriber(f"reader{n}"), name=f"Reader {n}")
    return replace(digest(*sections, subscriber=person, polled=polled, considered=400 + n % 7), links=links)


def by_standard_library(letter: Letter, one: Digest) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, one.subscriber.email, letter.subject
    mail.set_content(decoded(letter.text))
    mail.add_alternative(decoded(letter.html), subtype="html")
    return mail.as_bytes()


def microseconds(act: Callable[[Digest], object], people: list[Digest]) -> float:
    began = time.process_time()
    for one in people:
        act(one)
    return (time.process_time() - began) / len(people) * 1e6


def main() -> None:
    people, templates = digests(), Templates.load()

    def quick(one: Digest) -> bytes:
        return build(one, templates.letter(one), sender=SENDER, unsubscribe_mailto="a@b.example").data

    def whole(one: Digest) -> bytes:
        return build(one, plain(templates, one), sender=SENDER, unsubscribe_mailto="a@b.example").data

    cold = microseconds(quick, people)
    same = all(quick(one) == whole(one) for one in people[:20])
    few = people[:20]
    letters = {one.subscriber.ref: templates.letter(one) for one in few}
    runs = [
        (microseconds(quick, people), microseconds(templates.letter, people), microseconds(whole, few),
         microseconds(lambda one: by_standard_library(letters[one.subscriber.ref], one), few))
        for _ in range(RUNS)
    ]  # fmt: skip
    ours, letter, templated, library = (median(run[at] for run in runs) for at in range(4))
    limit = LIMIT * library / LIBRARY
    size = f"a message of 10 papers, {len(quick(people[0])) / 1000:.1f} kB"
    report.add(size, ours, "µs", peer="email.message, building alone", against=library, aim=f"{limit:.0f}")
    report.add(size, ours, "µs", peer="every template for every person", against=templated)
    report.add(size, ours, "µs", peer="that, given to email.message", against=templated + library)
    report.add("its two bodies", letter, "µs")
    report.add(f"each of the first {len(people)}, with every card still to be made", cold, "µs")
    print(f"  bytes equal to those of the plain way: {same}")


if __name__ == "__main__":
    main()
