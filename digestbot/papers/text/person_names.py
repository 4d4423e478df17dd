"""One person's name as sources write it: read into reading order, and the forms a search may use. Pure.

Sources write `Okafor, Ines`, `Okafor I`, `OKAFOR, Ines`, `Dr. Ines Okafor, PhD`, `okafor@example.org (Ines Okafor)`.
People read `Ines Okafor`. A line that holds several names is read by `papers.text.author_lists`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from digestbot.memo import remembered
from digestbot.papers.text.clean import fold

LONGEST: Final = 300  #: characters that are read of a name
#: surnames as short as initials, where they are written in capitals: `Wei LI`
SHORT_SURNAMES: Final = frozenset(
    "AI LI XU WU HE YU MA LU HU DU SU FU GU AN YE XI BAI CAI CAO CHO CUI DAI FAN GAO GUO HAN HUA JIA KIM KOU LAM LAU LEE LIN LIU "
    "LUO MAO NIE PAN QIN QIU REN RUI SHI SUN TAN TAO WEI XIA XIE XIN YAN YAO YIN YUN ZHU ZOU VU DO HO LE NGO".split()
)
#: institutions, committees, collaborations
BODY: Final = re.compile(
    r"\b(?:collaborat(?:ions?|ors)|consorti(?:um|a)|group|team|network|investigators|committee|commission|organi[sz]ation|"
    r"association|society|agency|institut(?:e|ion)|university|ministry|world bank|council|foundation|cent(?:er|re) (?:for|of)|"
    r"department of|initiative|project|program(?:me)?|federation|task force|alliance|authority|academy|secretariat|corporation|"
    r"inc|ltd|gmbh|united nations)\b",
    re.IGNORECASE,
)
CAMEL_AI: Final = re.compile(r"[a-z]-?AI\Z")  #: OpenAI, DeepSeek-AI
_OTHERS_SAID: Final = (
    r"(?:and\s+)?(?:et\.?\s+al\b\.?|others|co-?workers|\d+\s+(?:additional|other|more)\s+authors?(?:\s+not\s+shown)?)"
)
OTHERS: Final = re.compile(rf"(?:(?<![\s,;])[\s,;]++)?\b{_OTHERS_SAID}\s*\Z", re.IGNORECASE)
_SUFFIX: Final = re.compile(r"(?:jr|sr|ii|iii|iv|2nd|3rd)\.?", re.IGNORECASE)
_DEGREE: Final = (
    r"(?:Ph\.?\s?D|D\.?\s?Phil|M\.?\s?Phil|M\.?\s?Sc|B\.?\s?Sc|M\.?D|M\.?P\.?H|M\.?B\.?A|M\.?H\.?S|M\.?S\.?N?|B\.?S\.?N?|B\.?A|M\.?A|"
    r"D\.?V\.?M|D\.?D\.?S|D\.?O|R\.?N|J\.?D|LL\.?M|Ed\.?D|Sc\.?D|D\.?Sc|Dr\.?P\.?H|Pharm\.?D|Psy\.?D|DNP|MBBS|MB\s?BS|MBChB|BMBS|FRS|FRCP|"
    r"FRCS|FACS|FACC|FAHA|MRCP|MPP|MSW|MEng|M\.?Eng|Esq|Dipl\.?-Ing|dr\.? hab|CNM|APRN|FAAN)\.?"
)
ONLY_DEGREES: Final = re.compile(rf"{_DEGREE}(?:[\s/,]{{1,9}}{_DEGREE}){{0,4}}")
_LIKE_INITIALS: Final = re.compile(r"(?!M\.?D)(?:[A-Z]\.){2}|[A-Z]{2,3}")
#: without a comma only these: `MD` and `MA` are initials, `Smith MD` is PubMed's Michael D. Smith
_SURE_DEGREE: Final = re.compile(
    r"(?<=\w)\s{1,9}(?:Ph\.?\s?D|D\.?Phil|M\.D|M\.Sc|MSc|B\.Sc|BSc|Pharm\.?D|Dr\.?P\.?H|MBBS|MPH|FRS|FRCPC?|FACP|FRCS|FACS|MRCP|FMedSci)\.?\Z"
)
_TITLE: Final = re.compile(
    r"(?:(?:prof(?:essor|\.)|assoc\. prof\.|assist\. prof\.|univ\.-prof\.|profa\.|dra?\.|dr|mr\.|mrs\.|ms\.|sir|dame|rev\.|dr\.-ing\.|"
    r"dipl\.-ing\.|ing\.|mgr\.|mudr\.|priv\.-doz\.|pd|ph\.?d\.?|m\.?sc\.?|(?:med|phil|nat|rer|habil|h\.\s?c)\.)"
    r"\s{1,9})+(?=\S+\s*\S)",
    re.IGNORECASE,
)
_PARTICLES: Final = frozenset(
    "van von der den de del della di da dos das du la le ter ten te 't zu zum zur af av al el bin ibn".split()
)
_DEGREES_LIKE_INITIALS: Final = frozenset(("MD", "RN", "MPH", "MBA", "DO", "JD"))
_SHOUTED: Final = re.compile(r"[^\W\d_a-z]{5,40} [A-Z]{2}")  #: `HALVORSEN EP`
_SHORT_SURNAMES_TOO: Final = frozenset("NG OH KO YI SO BO IM NA MO TU LY MI GE JI QI SI KE BA OU AU EK".split())
_FAMILY_AND_INITIALS: Final = re.compile(r"[^\s,.]{2,40}(?: [^\s,.]{2,40}){0,3} [A-Z]\.?(?:[ -]?[A-Z]\.?){0,2}")
_PRONOUNCEABLE: Final = re.compile(
    r"[^AEIOUY][AEIOUY][A-Z]"
)  #: `DOE`: three letters that are a name sooner than initials
_INITIALS: Final = re.compile(r"[A-Z](?:-?[A-Z]){0,2}")  #: `EP`, `JW`, `YH`, `Y-H`
_DOTTED: Final = re.compile(r"(?:[^\W\d_]\.[\s-]?)+")  #: `H. T.`, `Y.-H.`
_NOBODY: Final = frozenset(
    ("[s.n.]", "s.n.", "n/a", "na", "none", "null", "unknown", "]]>", "admin", "administrator", "webmaster", "anonymous",
     "anon", "no authors listed", "[no authors listed]")
)  # fmt: skip
_ADDRESS: Final = re.compile(r"(?:mailto:)?[^\s@<>()\[\],;]{1,100}@[^\s@<>()\[\],;]{1,200}")
_HANDLE: Final = re.compile(r"(?<=\w)\s@\w{1,40}\Z")
_NUMBERED_PERSON: Final = re.compile(
    r"(?:\(?(?:ORCID|ORCID iD)\s?:?\s?)?[(\[]?(?:https?://(?:www\.)?orcid\.org/)?\d{4}-\d{4}-\d{4}-\d{3}[\dXx][)\]]?\)?",
    re.IGNORECASE,
)
_LABELS: Final = re.compile(
    r"(?<=\w)\s[a-z](?:\s?,\s?[a-z]){0,9}\Z"
    r"|(?<=[^\W\d_⁰¹²³⁴⁵⁶⁷⁸⁹])\s?(?:\[?\d{1,3}(?:\s?[,;]\s?\d{1,3})*+\]?|[*†‡§¶#∗✉⁎⁰¹²³⁴⁵⁶⁷⁸⁹˒\s])++\Z"
)
_ROLE: Final = re.compile(
    r"\s?[(\[](?:eds?|editors?|guest editors?|chair|author|corresponding author|corresp|translators?|transl|trans|director|"
    r"supervisor|advisor|reporter|illustrator|photographer|contributor|presenter|speaker|aut|edt|hrsg|éd|dir)\.?[)\]]\s*\Z"
    r"|,\s{0,9}(?:eds?\.|editors?|guest editors?|corresponding author|"
    r"(?:staff|senior|contributing|science) (?:writer|editor|reporter)|contributor)\s*\Z",
    re.IGNORECASE,
)
_BY: Final = re.compile(
    r"\A\s{0,9}(?:by\s{1,9}|"
    r"(?:illustrations?|photos?|photographs?|words|text|story|edited|translated|interview|reviewed|guest post) by:?\s{1,9}|"
    r"(?:posted|written|submitted|published) by:?\s{1,9}|"
    r"(?:(?:photo|image|illustration)(?:s|graphy)?(?: credits?)?|credits?|texte?|words|story|interview)\s?:\s{0,9}|"
    r"(?:authors?|editors?|auteure?s?|autor(?:a|es|as|en|in|i)?)(?:\(s\))?\s?:\s{0,9}|作者\s?[:：]\s{0,9})",
    re.IGNORECASE,
)
#: the paper it was written for: `Jane Doe for The Conversation`
_FOR_A_PAPER: Final = re.compile(r"(?:\A|(?<=\w)\s)(?:for The|via) [A-Z][\w .'’&-]{1,60}\Z")


def is_suffix(part: str) -> bool:
    """Is it a generation mark that belongs to the name before it (`Jr.`, `III`)?"""
    return _SUFFIX.fullmatch(part) is not None


def are_others(part: str) -> bool:
    """Does it stand for further, unnamed authors (`et al.`, `and others`, `12 additional authors not shown`)?"""
    return re.fullmatch(_OTHERS_SAID, part, re.IGNORECASE) is not None


def is_degree_of(before: str, part: str) -> bool:
    """Is `part`, which stands behind a comma, a degree of the person before it? `MA` behind a family name is initials."""
    if not ONLY_DEGREES.fullmatch(part):
        return False
    if not _LIKE_INITIALS.fullmatch(part):
        return True
    words = before.split()
    return (
        len(words) > 1
        and "." not in part
        and not any(_is_particle(word) for word in words)
        and not words[-1].endswith(".")
    )


def _is_particle(word: str) -> bool:
    return word.rpartition("-")[2].lower() in _PARTICLES


@remembered(4096)  # several steps ask it of the same authors
def is_body(name: str) -> bool:
    """Is it a collaboration, an institution or a company?"""
    return bool(BODY.search(name) or CAMEL_AI.search(name))


def reading_orders(names: Sequence[str]) -> tuple[str, ...]:
    """Returns `reading_order` of each name of a list. The list decides what one name leaves open: in `Kaur MA, Li B` every
    name ends in initials, so `MA` is no surname; `Ada L` alone may be a given name and an initial."""
    if all(map(_IN_ORDER.fullmatch, names)):
        return tuple(names)
    people = [name for name in names if not is_body(name)]
    ends = [name.rpartition(" ")[2].replace(".", "") for name in people]
    initials_last = (
        len(people) > 1
        and all(map(_FAMILY_AND_INITIALS.fullmatch, people))
        and any(len(end.replace("-", "")) == 2 for end in ends)
    )
    return tuple(made for name in names if (made := reading_order(name, initials_last=initials_last)))


#: given and family name, and nothing to take away or turn round: it stays as it is
_IN_ORDER: Final = re.compile(
    r"(?!(?:And|Professor|Sir|Dame|Phd|Msc)\b)[A-Z][a-z]{2,30}(?: (?:[A-Z]\.|[A-Z][a-z]{2,30})){0,3} [A-Z][a-z]{2,30}"
)


def reading_order(name: str, *, initials_last: bool = False) -> str:
    """Returns `read_name` of a name; most are in reading order already."""
    return name if _IN_ORDER.fullmatch(name) else read_name(name, initials_last=initials_last)


@remembered(16384)
def read_name(name: str, *, initials_last: bool = False) -> str:
    """Returns the name as people read it, given name first: `Halvorsen, E. P.` and `Halvorsen EP` give `E. P. Halvorsen`.

    Removes titles, degrees, roles, ORCID iDs, footnote marks and e-mail addresses; keeps bodies whole. "" when no name is
    left. A name in reading order comes back unchanged. `initials_last`: capitals at the end are initials, even one alone or
    two that may be a surname.
    """
    bare = _bare(name[:LONGEST])
    if not bare or is_body(bare):
        return bare.rstrip(":").strip()
    family, comma, given = bare.partition(",")
    if comma:
        return _from_family_first(family.strip(), given.strip(" ,"))
    return _lower_capitals(_initials_first(bare, initials_last).split())


def _bare(name: str) -> str:
    """Returns the name without titles, degrees, roles, labels and addresses; "" for what names nobody."""
    text = _NUMBERED_PERSON.sub("", " ".join(_BY.sub("", name, count=1).split()))
    text = _HANDLE.sub("", _without_address(text)) if "@" in text else text
    while True:
        shorter = _ROLE.sub("", _SURE_DEGREE.sub("", _LABELS.sub("", text))).strip(" ,;:|/·•{}")
        shorter = _FOR_A_PAPER.sub("", shorter)
        before, comma, behind = shorter.rpartition(",")
        shorter = before.rstrip() if comma and is_degree_of(before, behind.strip()) else shorter
        if shorter == text:
            break
        text = shorter
    text = _TITLE.sub("", text, count=1) if _TITLE.match(text) else text
    return "" if are_others(text) or text.lower() in _NOBODY or text.startswith("mailto:") else text


def _without_address(text: str) -> str:
    """Returns `Ada Author` of `ada@example.org (Ada Author)` and of `Ada Author <ada@example.org>`."""
    rest = _ADDRESS.sub("", text)
    rest = re.sub(r"[<(\[]\s?(?:mailto:)?\s?[>)\]]", "", rest).strip(" ,;:")
    inside = re.fullmatch(r"\(([^()]*)\)", rest)
    return (inside.group(1) if inside else rest).strip()


def _from_family_first(family: str, given: str) -> str:
    """Turns `Family, Given`, `Family, Jr., Given` and `Family, Given, Jr.` round; `Given Family, Jr.` stays."""
    parts = [part.strip() for part in given.split(",") if part.strip()]
    suffix = next((part for part in parts if is_suffix(part)), "")
    given = " ".join(part for part in parts if part is not suffix)
    if not suffix:
        given, suffix = _suffix_behind(given)
    family_alone, of_family = _suffix_behind(family)
    words = (family if suffix else family_alone).split()
    suffix = suffix or of_family
    if not given:
        return " ".join([_lower_capitals(words), suffix]).strip()
    moved = 0
    while len(words) - moved > 1 and words[-1 - moved].lower() in _PARTICLES:
        moved += 1  # `Esser van, J.W.J.`
    words = words[len(words) - moved :] + words[: len(words) - moved]
    return " ".join(word for word in (_spaced(given, family), _lower_capitals(words, certain=True), suffix) if word)


def _suffix_behind(words: str) -> tuple[str, str]:
    """`Henry Louis Jr` as (`Henry Louis`, `Jr`)."""
    before, _, last = words.rpartition(" ")
    return (before, last) if before and is_suffix(last) else (words, "")


def _spaced(given: str, family: str) -> str:
    """Returns given names with dotted initials: `JW` of `Meer, JW` → `J. W.`; a given name in capitals stays a name."""
    if all(len(word) == 1 and word.isupper() for word in given.split()):
        return " ".join(f"{letter}." for letter in given.split())
    if _INITIALS.fullmatch(given) and not (family.isupper() and len(family) > 1 and len(given) > 2):
        return _dotted(given)
    return _lower_capitals(given.split(), certain="." not in given and (family.isupper() or len(given) > 3))


def _dotted(initials: str) -> str:
    return (
        " ".join(f"{letter}." for letter in initials if letter != "-")
        if "-" not in initials
        else ".-".join(initials.split("-")) + "."
    )


def _initials_first(name: str, sure: bool) -> str:
    """Puts the initials of `van der Meer JW` and `Reis H. T.` in front. Behind two names `MD` is a degree, and goes."""
    before, _, last = name.rpartition(" ")
    if _SHOUTED.fullmatch(name) and last not in SHORT_SURNAMES | _SHORT_SURNAMES_TOO:
        return f"{_dotted(last)} {before}"
    if before and _INITIALS.fullmatch(last) and not before.isupper():
        if sure or (len(last) > 1 and _is_initials(last) and _is_family(before)):
            return f"{_dotted(last)} {before}"
        return before if last in _DEGREES_LIKE_INITIALS and not _is_family(before) else name
    return _dotted_first(name.split(), sure)


def _dotted_first(words: list[str], sure: bool) -> str:
    """Puts dotted initials in front: `Reis H. T.`, and where the list is `sure` of it `Reis H.`"""
    tail = len(words)
    while tail > 1 and _DOTTED.fullmatch(words[tail - 1]):
        tail -= 1
    turned = sum(map(str.isalpha, "".join(words[tail:]))) > (not sure) and not any(
        _DOTTED.fullmatch(word) for word in words[:tail]
    )
    return " ".join([*words[tail:], *words[:tail]] if turned else words)


def _is_initials(capitals: str) -> bool:
    return capitals not in SHORT_SURNAMES and not _PRONOUNCEABLE.fullmatch(capitals)


def _is_family(words: str) -> bool:
    """Can it be a family name alone: one word, or one with particles before it?"""
    *particles, last = words.split()
    return len(last) > 1 and all(word.lower() in _PARTICLES for word in particles)


def _lower_capitals(words: list[str], *, certain: bool = False) -> str:
    """Writes words in capitals as names: `LUO` → `Luo`, `O'NEILL` → `O'Neill`. Initials and short names of bodies stay."""
    fewest = 2 if certain else 5 if len(words) == 1 else 2 if all(map(str.isupper, words)) else 4
    return " ".join(_capitalized(word) if _shouts(word, fewest) else word for word in words)


def _shouts(word: str, fewest: int) -> bool:
    """Is it a name in capitals? A word of fewer letters may be initials."""
    letters = sum(map(str.isalpha, word))
    return (
        word.isupper()
        and "." not in word
        and letters > 1
        and word != "AI"
        and (letters >= fewest or word in SHORT_SURNAMES or (fewest < 5 and bool(_PRONOUNCEABLE.fullmatch(word))))
    )


def _capitalized(word: str) -> str:
    made = "".join(part.capitalize() if part[:1].isalpha() else part for part in re.split(r"([-'’])", word))
    return re.sub(r"\AMc([a-z])", lambda found: f"Mc{found.group(1).upper()}", made)


def search_forms(name: str) -> tuple[tuple[str, ...], ...]:
    """Returns the folded words of a name in both orders, for rules (`au:`): given name first, then family name first.

    `E. P. Halvorsen`, `Halvorsen, E. P.` and `Halvorsen EP` all give (("e", "p", "halvorsen"), ("halvorsen", "e", "p")).
    A one-letter word is an initial: it stands for every given name that begins with it. A body has one form.
    """
    words = tuple(fold(reading_order(name)).split())
    if len(words) < 2 or is_body(name):
        return (words,) if words else ()
    begin = len(words) - 1 - (len(words) > 2 and is_suffix(words[-1]))
    end = begin + 1
    while begin > 1 and words[begin - 1] in _PARTICLES:
        begin -= 1
    return (words, (*words[begin:end], *words[:begin], *words[end:]))
