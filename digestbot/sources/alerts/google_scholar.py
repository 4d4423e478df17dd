"""Google Scholar: `"words" - new results`, `Jane Doe - new articles`, `… - new citations`, `… - new related research`.

A title is an `h3` with a link of the class `gse_alrt_title` (since 2018) to `scholar_url?url=…`; below it authors, venue and
year in one line (`A Karmakar, B Ng - Venue, 2019`), and words of the paper. Before 2018 the link had no class, and the words
stood in `font`; replies to a text-only account are lines with addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digestbot.sources.alerts.below_title import Below, day_in, parted, people, read_below
from digestbot.sources.alerts.letter import Letter, Reading, lines_of, papers_in, quoted
from digestbot.sources.alerts.lines import Anchor, Line, is_worded

SERVICE = "Google Scholar"
SENDERS = ("scholaralerts-noreply@google.com", "scholarcitations-noreply@google.com", "scholar-noreply@google.com")
_PLACE = re.compile(
    r"https?://scholar\.google\.[\w.]{2,12}/scholar(?:_url)?\?(?!.{0,400}view_op=|.{0,400}scholar_alerts)",
    re.IGNORECASE,
)
_SHARE = re.compile(r"scholar_(?:share|alerts|settings)|cleardot\.gif", re.IGNORECASE)
_CITES = re.compile(r"\s{0,3}cites?:\s{0,3}(.{3,300})", re.IGNORECASE)
_NEW = re.compile(
    r"(.{1,250}?)\s+[-–—]\s+(?:new|neue|nouve\w+|nuev\w+|nuov\w+|nov\w+|新的?|новы\w+|nieuwe)\s?(.{1,60})\Z",
    re.IGNORECASE,
)
#: what follows `new`, in the languages of the alerts that were seen
_KINDS = (
    (re.compile(r"cit|zitat|引用|цитат", re.IGNORECASE), "citing {}"),
    (
        re.compile(r"relat|ähnlich|verwandt|connex|relacion|correlat|相关|связанн|похож|gerelateerd", re.IGNORECASE),
        "related to {}",
    ),
    (re.compile(r"article|artikel|artícul|articol|artigo|文章|стать", re.IGNORECASE), "new articles by {}"),
    (re.compile(r"result|ergebnis|résultat|risultat|结果|результат|resultaten", re.IGNORECASE), "new results for {}"),
)


def read(letter: Letter) -> Reading | None:
    """None when it is not from there."""
    if letter.sender not in SENDERS:
        return None
    lines = lines_of(letter)
    return papers_in(letter, SERVICE, _is_title, why=_why(letter.subject, lines), below=_below, lines=lines)


def _is_title(anchor: Anchor, line: Line) -> bool:
    if "gse_alrt_title" in anchor.mark:
        return True
    heading = line.block == "h3" or anchor.mark == "text" or is_worded(anchor.text)
    return heading and _PLACE.match(anchor.href) is not None and not _SHARE.search(anchor.href)


def _why(subject: str, lines: Sequence[Line]) -> str:
    """`Jane Doe - new citations` is `citing “Jane Doe”`; a subject that is not understood stands as it is."""
    cited = next((found[1] for line in lines if (found := _CITES.match(line.text))), "")
    said = _NEW.match(re.sub(r"\A(?:google )?scholar alerts?\s{0,3}[:-]?\s{0,3}", "", subject, flags=re.IGNORECASE))
    if cited:
        return f"citing {quoted(cited)}"
    if said is None:
        return subject
    form = next((form for sign, form in _KINDS if sign.search(said[2])), "{}: " + said[2])
    return form.format(quoted(said[1]))


def _below(lines: Sequence[Line]) -> Below:
    """`A Karmakar, B Ng… - Venue…, 2019`, then words of the paper in one or several lines."""
    about = next((at for at, line in enumerate(lines[:3]) if line.text), None)
    if about is None:
        return Below()
    names, dash, rest = parted(lines[about].text)
    if not dash:
        return read_below(lines)
    words = " ".join(line.text for line in lines[about + 1 : about + 6] if line.text and _is_snippet(line))
    venue = rest.rpartition(",")[0] if day_in(rest.rpartition(",")[2]) else rest
    found = read_below(lines[about + 1 :])
    return Below(
        authors=people(names), venue=_venue(venue), published=day_in(rest.rpartition(",")[2] or rest), summary=words.strip(),
        identifiers=found.identifiers,
    )  # fmt: skip


def _venue(text: str) -> str:
    """Scholar cuts long names with an ellipsis: a name that is cut is no name."""
    bare = text.strip(" ,")
    return "" if "…" in bare or "..." in bare or bare.isdecimal() or bare.lower().startswith("arxiv") else bare[:150]


def _is_snippet(line: Line) -> bool:
    return (
        not line.anchors
        and _CITES.match(line.text) is None
        and not line.text.startswith(("[", "This message was sent", "This alert is sent"))
    )
