"""Lines of a mail without HTML: which words a link belongs to.

An address in a line of its own stands below the title in some layouts, and below authors and journal in others. What is
numbered, what looks like people or a date, and where a line was broken for its length tell which line the title is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from digestbot.sources.alerts.below_title import day_in, is_labelled, people
from digestbot.sources.alerts.lines import LARGEST, MOST_LINES, Line, is_button, link_to, words

LINE = 66  #: characters that mail programs fill before they break a line
FULL = 45
_ADDRESS = re.compile(r"[<\[(]?https?://[^\s<>\"]{4,2000}+>?")
_QUOTED = re.compile(r"\A[ \t]{0,8}(?:>[> \t]{0,40})?")
_NUMBER = re.compile(r"\[?\d{1,3}[\].:)]\s{0,5}(?=[^\d\s])|[*•·–-]\s{1,5}(?=\S)")
_KIND = re.compile(r"\[(?:pdf|html|doc|book|citation|b|c)\]\s{0,3}", re.IGNORECASE)
_TITLE = re.compile(r"title\s{0,3}:\s{0,3}", re.IGNORECASE)


@dataclass(slots=True)
class _Text:
    """What has been read so far."""

    lines: list[Line] = field(default_factory=list)
    begins: int = 0  #: of what the next link can belong to
    has_titles: bool = False  #: are titles linked in this mail? Then its buttons are none.

    def link(self, bare: str, hrefs: list[str]) -> None:
        """A line with links: behind a title, below one, or on a button."""
        label = self._label(bare)
        offers = is_button(label) if label else False
        if offers and self.has_titles:
            self.lines.append(Line(bare, tuple(link_to(href, label, "text") for href in hrefs), "text"))
        elif bare and not offers:
            self.lines.append(Line(bare, (), "text"))
            last = len(self.lines) - 1
            _give_link(self.lines, _first_of_broken(self.lines, self.begins, last), last + 1, hrefs)
        elif self.begins < len(self.lines):
            _give_link(self.lines, *_title_of(self.lines, self.begins), hrefs)
        else:
            self.lines.append(Line(bare, tuple(link_to(href, bare, "text") for href in hrefs), "text"))
        self.begins, self.has_titles = len(self.lines), self.has_titles or not offers

    def _label(self, bare: str) -> str:
        """What is clicked: the words in front of the address, or the line above it."""
        above = self.lines[-1].text if self.begins < len(self.lines) else ""
        return (bare or above).strip("*")


def lines_of_text(text: str) -> list[Line]:
    """Of plain text, quoted or not."""
    found = _Text()
    blank = False
    for raw in text[:LARGEST].split("\n")[:MOST_LINES]:
        said = words(_QUOTED.sub("", raw))
        hrefs = [_bare(href) for href in _ADDRESS.findall(said)]
        bare = _ADDRESS.sub(" ", said).strip() if hrefs else said
        if blank and said and (not hrefs or (bare and not is_button(bare.strip("*")))):
            found.begins = len(found.lines)
        blank = not said
        if hrefs:
            found.link(bare, hrefs)
        elif said:
            found.lines.append(Line(said, (), "text"))
    return found.lines


def _bare(href: str) -> str:
    """Without the signs around it that are none of its own."""
    bare = href.lstrip("<[(").rstrip(">").rstrip(".,;'\"]")
    return bare[:-1] if bare.endswith(")") and bare.count("(") < bare.count(")") else bare


def _give_link(found: list[Line], first: int, end: int, hrefs: list[str]) -> None:
    """The lines from first to end are one title."""
    title = " ".join(line.text for line in found[first:end])
    title = _KIND.sub("", _TITLE.sub("", _NUMBER.sub("", title, count=1), count=1), count=1)
    title = title[1:-1] if title[:1] == "*" == title[-1:] else title
    found[first:end] = [Line(title, tuple(link_to(href, title, "text") for href in hrefs), "text")]


def _title_of(found: list[Line], begins: int) -> tuple[int, int]:
    """First and end of the title among the lines since `begins`, a link being below all of them."""
    first = next((at for at in range(len(found) - 1, begins - 1, -1) if _NUMBER.match(found[at].text)), begins)
    end = _end_of_broken(found, first)
    if end < len(found) and is_about(found[end].text):
        return first, end
    last = next((at for at in range(len(found) - 1, first - 1, -1) if not is_about(found[at].text)), first)
    return _first_of_broken(found, first, last), last + 1


def is_about(text: str) -> bool:
    """People, a date or a label: what stands around a title and is none."""
    return bool(people(text)) or is_labelled(text) or day_in(text) is not None


def _first_of_broken(found: list[Line], begins: int, last: int) -> int:
    """Where the line that was broken for its length begins."""
    while last > begins and _goes_on(found[last - 1].text, found[last].text):
        last -= 1
    return last


def _end_of_broken(found: list[Line], first: int) -> int:
    end = first + 1
    while end < len(found) and _goes_on(found[end - 1].text, found[end].text) and not people(found[end].text):
        end += 1
    return end


def _goes_on(line: str, following: str) -> bool:
    """Was this line broken because the next word did not fit?"""
    return len(line) >= FULL and len(line) + 1 + len(following.split(maxsplit=1)[0]) > LINE
