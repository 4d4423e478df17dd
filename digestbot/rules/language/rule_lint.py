"""Warnings about valid rules: they never match, always match, or contain a word that looks like a field.

Each warning names the nearest rule that can match.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from itertools import takewhile

from digestbot.rules.language.arxiv_categories import ARCHIVES, CATEGORIES
from digestbot.rules.language.contradictions import Atom, always_or_never, atoms_of
from digestbot.rules.language.fields import ALIASES, DEFAULT, HAS
from digestbot.rules.language.lexer import Token, lex, without_unseen
from digestbot.rules.language.syntax_tree import Code, Node, Term
from digestbot.rules.language.terms import NAMES

#: of arXiv ids: a year and a month, a dot, four digits until 2014 and five since
_ARXIV_NUMBER = re.compile(r"(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2]) \d{4}|(?:1[5-9]|[2-9]\d)(?:0[1-9]|1[0-2]) \d{5}")
_VALUE = re.compile(r"[\w.'’-]+\Z")  #: a word that may belong to the value before it
_SMALL = frozenset("of the for and in on de la van von der den du & di da".split())  #: words inside names
_HASHTAG = re.compile(r"#[^\W\d_]\w{2,60}")
_ABOUT = frozenset("paper papers article articles research study studies work works publications preprints".split())
_EITHER = re.compile(r"([^\W\d_]{2,40})/([^\W\d_]{2,40})")
_SPILLING = ("au", "aff", "venue", "ti", "abs", "cat")  #: fields whose values people write without quotation marks
_CONTAINS = frozenset("contains containing includes including mentions mentioning has says".split())
_PERIODS = frozenset("day days week weeks month months year years".split())
_OR = re.compile(r"(?<=\s)OR(?=\s)")
_LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es", "chinese": "zh", "japanese": "ja",
    "russian": "ru", "portuguese": "pt", "italian": "it", "korean": "ko", "eng": "en", "ger": "de", "fre": "fr",
}  # fmt: skip


def lint(tree: Node, text: str = "", sources: Collection[str] | None = None) -> tuple[str, ...]:
    """Returns warnings that continue the sentence "this rule is likely not meant:".

    `text` is the rule as written; `sources` are the names of the sources, where they are known.
    """
    found = [said for atom in dict.fromkeys(atoms_of(tree)) if (said := _lookalike(atom, sources))]
    found += _text_warnings(without_unseen(text))
    if whole := always_or_never(tree):
        found.append(whole)
    return tuple(dict.fromkeys(found))


# --- what a term says ----------------------------------------------------------------------------------------------


def _lookalike(atom: Atom, sources: Collection[str] | None) -> str:
    """Warns of a bare word that was meant for a field, or of a value that no paper has; "" for others."""
    if isinstance(atom, Code):
        return _code_warning(atom, sources)
    if isinstance(atom, Term) and atom.fields == DEFAULT and len(atom.words) in (2, 3, 4) and atom.near is None:
        return _bare_warning(atom.words)
    return ""


def _code_warning(code: Code, sources: Collection[str] | None) -> str:
    match code.field:
        case "lang" if re.fullmatch(r"[a-z]{3,}", code.value) and not code.prefix:
            return f"lang:{code.value} is no language code; write lang:{_LANGUAGES.get(code.value, code.value[:2])}"
        case "cat":
            return _category_warning(code)
        case "src" if sources is not None:
            return _source_warning(code, sources)
        case "id" if code.value in CATEGORIES:
            return f"{CATEGORIES[code.value]} is a category and no identifier; write cat:{CATEGORIES[code.value]}"
        case "doi" if re.fullmatch(r"10\.\d{4,9}/?", code.value) and not code.prefix:
            return f"doi:{code.value} is the beginning of DOIs; write doi:{code.value.rstrip('/')}/*"
    return ""


def _category_warning(code: Code) -> str:
    value = code.value
    several = _BETWEEN_CATEGORIES.split(value)
    if len(several) > 1:
        return _one_at_a_time(value, several)
    archive, dot, _ = value.partition(".")
    if code.prefix:
        known = any(name.startswith(value) for name in CATEGORIES) or archive not in ARCHIVES
        return "" if known else f"no category of arXiv begins with {value}; write cat:{archive}.*"
    whole = value.rstrip(".")
    if ARCHIVES.get(whole):
        return f"cat:{value} is a whole archive, and papers have one of its parts; write cat:{whole}.*"
    unknown = dot and archive in ARCHIVES and value not in CATEGORIES
    return f"arXiv has no category {value}; the nearest is {_nearest_category(value, archive)}" if unknown else ""


def _one_at_a_time(value: str, several: list[str]) -> str:
    shown = f'cat:"{value}"' if " " in value else f"cat:{value}"
    return (
        f"{shown} is one category of this name; write cat:({' OR '.join(CATEGORIES.get(v, v) for v in several if v)})"
    )


_BETWEEN_CATEGORIES = re.compile(r"(?<!\s)\s++(?:or|and)\s+|(?:(?<!\s)\s++)?[,;|]\s*")


def _nearest_category(value: str, archive: str) -> str:
    near = get_close_matches(value, [name for name in CATEGORIES if name.startswith(f"{archive}.")], 1, 0.4)
    if near:
        return f"cat:{CATEGORIES[near[0]]}"
    return f"cat:{archive}.*" if ARCHIVES[archive] else f"cat:{archive}"


def _source_warning(code: Code, sources: Collection[str]) -> str:
    names = {name.casefold(): name for name in sources}
    if any(name.startswith(code.value) if code.prefix else name == code.value for name in names):
        return ""
    near = get_close_matches(code.value, names, 1, 0.5) or [name for name in names if code.value in name][:1]
    listed = ", ".join(sorted(sources)[:8]) or "none"
    return f'there is no source "{code.value}"; ' + (
        f"the nearest is {_src(names[near[0]])}" if near else f"sources: {listed}"
    )


def _src(name: str) -> str:
    return f"src:{name}" if re.fullmatch(r"[\w./-]+", name) else f'src:"{name}"'


def _bare_warning(words: tuple[str, ...]) -> str:
    """`2602.00001`, `cs.CV` and `hep-ex/0304038` are cut into words."""
    joined = " ".join(words)
    number = re.fullmatch(r"(\S+ \d+?)(v\d+)?", joined)
    if number and _ARXIV_NUMBER.fullmatch(number[1]):
        name = joined.replace(" ", ".")
        return f"{name} looks like an arXiv id and is looked for as words; write id:{name}"
    for archive, parts in ARCHIVES.items():
        head = archive.replace("-", " ")
        if not joined.startswith(head):
            continue
        if joined == head and "-" in archive:
            return f"{archive} looks like a category and is looked for as words; write cat:{archive}{'.*' if parts else ''}"
        if re.fullmatch(rf"{head} \d{{7}}(v\d+)?", joined):
            name = f"{archive}/{joined.removeprefix(head + ' ')}"
            return f"{name} looks like an arXiv id and is looked for as words; write id:{name}"
        part = joined.removeprefix(f"{head} ").replace(" ", "-")
        if joined.startswith(f"{head} ") and (name := CATEGORIES.get(f"{archive}.{part}", "")):
            return f"{name} looks like a category and is looked for as words; write cat:{name}"
    return ""


# --- what the text says --------------------------------------------------------------------------------------------


def _text_warnings(text: str) -> Iterator[str]:
    """Warns of values whose quotation marks are missing, and of fields inside quotation marks."""
    tokens, _ = lex(text)
    yield from _mixed(tokens, text)
    for at, token in enumerate(tokens):
        if token.kind == "phrase" and not token.field:
            if (inner := re.match(r"([A-Za-z]+):(\S.*)", token.text)) and inner[1].lower() in NAMES:
                value = inner[2] if " " not in inner[2].strip() else f'"{inner[2].strip()}"'
                yield f'"{token.text}" is looked for as words; write {inner[1]}:{value}'
        elif token.kind == "word" and token.field:
            yield from _spilled(token, tokens[at + 1 :])
        elif token.kind == "word":
            yield from _of_feeds(token, tokens[at + 1 : at + 2])
            yield from _of_sentences(token, tokens[at + 1 : at + 4])
            yield from _of_questions(token, tokens[at + 1 : at + 3])


def _of_feeds(token: Token, behind: list[Token]) -> Iterator[str]:
    """A hashtag, and `since 2025`, are looked for as words."""
    if _HASHTAG.fullmatch(token.text):
        word = token.text[1:]
        yield f'{token.text} is looked for as the word "{word}"; papers have no hashtags: write its words, like "machine learning"'
    if token.text.lower() == "since" and behind and re.fullmatch(r"(?:19|20)\d\d", behind[0].text):
        yield f'"since {behind[0].text}" is looked for as words; write published:>={behind[0].text}'


def _of_sentences(token: Token, behind: list[Token]) -> Iterator[str]:
    """`papers about diffusion`, `by Yoshua Bengio` and `MRI/CT` ask for more than is meant."""
    words = [other.text for other in takewhile(_is_plain_value, behind)]
    if words and token.text.lower() in _ABOUT and words[0].lower() in ("about", "on", "by", "from", "regarding"):
        said = f"{token.text} {words[0]}"
        yield f"{said} is looked for as words too; leave it out, or write {chr(34)}{said}{chr(34)} where it is meant"
    if token.text.lower() == "by" and len(name := list(takewhile(_in_names, words))) > 1:
        yield f'by {" ".join(name)} is looked for as words; write au:"{" ".join(name)}"'
    if not token.field and (either := _EITHER.fullmatch(token.text)):
        one, other = either.groups()
        yield f'{token.text} is the phrase "{one} {other}"; write ({one} OR {other}), or "{token.text}" where it is meant'


def _of_questions(token: Token, behind: list[Token]) -> Iterator[str]:
    """`title contains "graphs"`, `last 7 days`, `has code` and `interested in graphs` are sentences, and looked for as words."""
    word, following = token.text.lower(), behind[0].text if behind else ""
    said, plain = f"{token.text} {following}", bool(behind) and behind[0].kind == "word" and not behind[0].field
    if plain and word in ("title", "abstract") and following.lower() in _CONTAINS:
        wanted = behind[1].text if behind[1:] else ""
        value = f'"{wanted}"' if " " in wanted else wanted or "…"
        yield f"{said} is looked for as words; write {'ti' if word == 'title' else 'abs'}:{value}"
    if plain and word in ("last", "past", "this") and (period := _period(behind)):
        yield f"{token.text} {period} is looked for as words; leave it out, or write published:>=2026-01: a digest brings what is new"
    if plain and word in ("has", "have", "with") and following.lower() in HAS:
        yield f"{said} is looked for as words; write has:{following.lower()}"
    if plain and word == "interested" and following.lower() == "in":
        yield f"{said} is looked for as words too; leave out what is no word of the papers"


def _period(behind: list[Token]) -> str:
    """`week`, `7 days`; "" for other words."""
    words = [token.text for token in behind]
    if words[0].lower() in _PERIODS:
        return words[0]
    return " ".join(words) if words[0].isdecimal() and words[-1].lower() in _PERIODS else ""


def _mixed(tokens: list[Token], text: str) -> Iterator[str]:
    """Without brackets, `LLM AND agents OR tools` is tools, or both other words. `a AND b OR c AND d` is read as it looks, and
    so is `LLM OR large language models`."""
    kinds = [token.kind for token in tokens if token.kind != "end"]
    if not {"AND", "OR"} <= set(kinds) <= {"word", "phrase", "AND", "OR"} or any(token.field for token in tokens):
        return
    alternatives = [part.strip() for part in _OR.split(text)]
    joined = [len(part.split()) > 1 for part in " ".join(kinds).split(" OR ")]
    if len(set(joined)) > 1 and len(alternatives) == len(joined):
        read = " OR ".join(f"({part})" if several else part for part, several in zip(alternatives, joined, strict=True))
        yield f"it is read as {read}; write brackets where they are meant"


def _spilled(token: Token, behind: list[Token]) -> Iterator[str]:
    """`au:Yann LeCun` asks for the author Yann and for the word LeCun."""
    name = ALIASES.get(token.field, token.field)
    if not _may_spill(token, name):
        return
    more = [other.text for other in takewhile(_is_plain_value, behind)]
    if name == "au":
        more = more[:1] if token.text[0].islower() else list(takewhile(_in_names, more))
    if not more:
        return
    value = " ".join((token.text, *more))
    both = " AND ".join((f"{token.field}:{token.text}", *more))
    yield f'{token.field}: holds "{token.text}" alone; write {token.field}:"{value}", or {both} for words beside it'


def _may_spill(token: Token, name: str) -> bool:
    """Can the value of this field have more words than the one that stands there?"""
    if name not in _SPILLING or token.exact or token.text[-1] == "*":
        return False
    return name != "cat" or (token.text.isalpha() and token.text.lower() not in ARCHIVES)


def _is_plain_value(token: Token) -> bool:
    return token.kind == "word" and not (token.field or token.exact) and _VALUE.match(token.text) is not None


def _in_names(word: str) -> bool:
    return word[0].isupper() or word in _SMALL
