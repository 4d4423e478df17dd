"""BibTeX and CSV out: papers as reference managers and spreadsheets take them in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from digestbot.model import Paper
from digestbot.papers.identity.identifiers import normal, public_id, surnames
from digestbot.papers.text.clean import visible

COLUMNS = (
    "id", "title", "authors", "published", "venue", "arxiv", "doi", "pmid", "link", "categories", "abstract",
)  # fmt: skip
#: signs that TeX reads as commands; with the braces of our own names balanced, as BibTeX counts them
_TEX = {
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
}  # fmt: skip
_SPECIAL = re.compile("[" + re.escape("".join(_TEX)) + "]")
#: a word that BibTeX styles must not write in lower case: LLM, mRNA, GPT-4
_CAPITALS = re.compile(r"(?<![\w{\\])\w[^\WA-Z]*+[A-Z]\w*+(?![{}])")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: https://owasp.org/www-community/attacks/CSV_Injection, and their full-width forms, which some programs read alike
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def bibtex(papers: Iterable[Paper]) -> str:
    """Returns papers as BibTeX in UTF-8, which biber and today's BibTeX read. A paper has the same key in every list."""
    return "\n".join(_entry(paper) for paper in papers)


def key(paper: Paper) -> str:
    """Returns `okafor-2611.00001`: the first author, and the paper's public id, so that the key is unique in every list."""
    family = next(iter(surnames(paper.authors[:1])), "")
    ascii_only = re.sub(r"[^a-z0-9]", "", normalize("NFKD", family).lower())
    return f"{ascii_only[:40] or 'anon'}-{paper.public_id or public_id(paper)}"


def _entry(paper: Paper) -> str:
    kind = "article" if paper.venue else "misc"
    lines = [f"  {name} = {{{value}}}," for name, value in _fields(paper) if value]
    month = _month(paper)
    lines += [f"  month = {month},"] if month else []
    return "\n".join([f"@{kind}{{{key(paper)},", *lines, "}", ""])


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    known = normal(paper.identifiers)
    yield "title", _CAPITALS.sub(_kept, tex(paper.title))
    yield "author", " and ".join(_name(author) for author in paper.authors)
    yield "journal", tex(paper.venue)
    day = paper.published or paper.announced
    yield "year", day.text[:4] if day else ""
    yield "date", day.text[:10] if day else ""
    if "arxiv" in known:
        yield "eprint", known["arxiv"]
        yield "archivePrefix", "arXiv"
        yield "primaryClass", next(iter(paper.categories), "") if _is_code(paper.categories[:1]) else ""
    yield "doi", _address(known.get("doi", ""))
    yield "pmid", known.get("pmid", "")
    yield "url", _address(paper.link)
    yield "abstract", tex(paper.summary)


def _kept(word: re.Match[str]) -> str:
    return f"{{{word.group()}}}"


def _is_code(categories: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"[a-z-]+(\.[A-Za-z-]+)?", c) for c in categories)


def tex(text: str) -> str:
    """Returns plain text escaped for a field: every sign stands for itself, and braces are balanced."""
    return _SPECIAL.sub(lambda sign: _TEX[sign.group()], " ".join(visible(text).split()))


#: what BibTeX would take apart: its own words, commas, and groups of people, whose last word is no family name
_ODD_NAME = re.compile(
    r"(?i)\band\b|\bothers\b|,.*,|^,|,\s*$|\A(?:the|for)\s"
    r"|\b(?:collaborations?|consorti(?:um|a)|team|(?:working|study|research) group|network|committee|initiative|project)\b"
)


def _name(author: str) -> str:
    """Returns a name, in braces where BibTeX would take it apart."""
    return f"{{{tex(author)}}}" if _ODD_NAME.search(author) else tex(author)


def _address(text: str) -> str:
    """Returns an address without white space; what would end the field is percent-encoded, which a server reads alike."""
    return re.sub(r"[\s{}\\]", lambda c: f"%{ord(c.group()):02X}", text).replace("%", r"\%")


def _month(paper: Paper) -> str:
    day = paper.published or paper.announced
    return _MONTHS[int(day.text[5:7]) - 1] if day and len(day.text) >= 7 else ""


def table(papers: Iterable[Paper]) -> str:
    """Returns papers as CSV (RFC 4180) with a header line. Cells that a spreadsheet would run as formulas begin with a quote."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in _row(paper)] for paper in papers)
    return out.getvalue()


def _row(paper: Paper) -> tuple[str, ...]:
    known = normal(paper.identifiers)
    day = paper.published or paper.announced
    return (
        paper.public_id or public_id(paper), paper.title, "; ".join(paper.authors), day.text if day else "", paper.venue,
        known.get("arxiv", ""), known.get("doi", ""), known.get("pmid", ""), paper.link, "; ".join(paper.categories),
        paper.summary,
    )  # fmt: skip


def safe(cell: str) -> str:
    """Returns text that no spreadsheet takes for a formula, and no program for the end of the file."""
    text = cell.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text
