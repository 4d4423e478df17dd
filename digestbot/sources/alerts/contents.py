"""Tables of contents: what publishers send of a new issue, and of articles online first.

There are too many layouts for a reading of each. A title is a link whose address names an article of the publisher (a DOI, or an
address that is one), or a link of the publisher's counter whose words are a title: longer than any button, and with
people or a date below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.sources.alerts.letter import Letter, Reading, is_title_by_words, lines_of, papers_in
from digestbot.sources.alerts.lines import Anchor, Line, is_worded
from digestbot.sources.alerts.links import is_tracker, unwrapped

PUBLISHERS = {
    "nature.com": "Nature Portfolio", "springernature.com": "Springer Nature", "springer.com": "Springer",
    "biomedcentral.com": "BMC", "science.org": "Science", "sciencepubs.org": "Science", "aaas.org": "Science",
    "wiley.com": "Wiley", "tandfonline.com": "Taylor & Francis", "taylorandfrancis.com": "Taylor & Francis",
    "sagepub.com": "SAGE", "oup.com": "Oxford University Press", "cambridge.org": "Cambridge University Press",
    "acs.org": "ACS", "acspubs.org": "ACS", "rsc.org": "RSC", "aps.org": "APS", "aip.org": "AIP", "iop.org": "IOP",
    "cell.com": "Cell Press", "elsevier.com": "Elsevier", "pnas.org": "PNAS", "highwire.org": "HighWire", "nejm.org": "NEJM",
    "bmj.com": "BMJ", "jamanetwork.org": "JAMA", "heart.org": "AHA", "elifesciences.org": "eLife", "plos.org": "PLOS",
    "frontiersin.org": "Frontiers", "mdpi.com": "MDPI", "ieee.org": "IEEE", "acm.org": "ACM", "annualreviews.org": "Annual Reviews",
    "royalsociety.org": "Royal Society", "apa.org": "APA", "biorxiv.org": "bioRxiv", "medrxiv.org": "medRxiv", "emerald.com": "Emerald",
    "degruyter.com": "De Gruyter", "brill.com": "Brill", "karger.com": "Karger", "thieme.com": "Thieme", "uchicago.edu": "Chicago",
    "muse.jhu.edu": "Project MUSE", "projectmuse.org": "Project MUSE", "informs.org": "INFORMS", "aeaweb.org": "AEA", "ametsoc.org": "AMS",
    "agu.org": "AGU", "copernicus.org": "Copernicus", "ams.org": "AMS", "siam.org": "SIAM", "worldscientific.com": "World Scientific",
}  # fmt: skip
_ARTICLE = re.compile(
    r"/(?:doi|articles?|abs|abstract|content|fulltext|full|chapter|science/article|stable|document|paper)(?:/|%2F)(?!journals?\b|about|authors?\b)",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(
    r"/(?:toc|loi|journal|action|page|about|pb-assets|series|collections?|browse|user|topic|subjects?)(?:/|\Z)",
    re.IGNORECASE,
)


def read(letter: Letter) -> Reading | None:
    """None when it is not from a publisher that is named above."""
    service = next((name for domain, name in PUBLISHERS.items() if letter.is_from(domain)), "")
    if not service:
        return None
    lines = lines_of(letter)
    told = {anchor: at for at, line in enumerate(lines) for anchor in line.anchors}

    def is_title(anchor: Anchor, line: Line) -> bool:
        return _is_title(anchor, lines[told[anchor] + 1 :])

    return papers_in(letter, service, is_title, why=letter.subject, lines=lines)


def _is_title(anchor: Anchor, after: Sequence[Line]) -> bool:
    address = unwrapped(anchor.href)
    if address:
        named = "doi" in identifiers_in_url(address) or (_ARTICLE.search(address) is not None)
        return named and _NO_ARTICLE.search(address) is None and (is_worded(anchor.text) or not anchor.text)
    return (anchor.is_sealed or is_tracker(anchor.href)) and is_title_by_words(anchor, after)
