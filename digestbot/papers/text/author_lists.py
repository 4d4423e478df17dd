"""A line of authors as sources write it becomes names in reading order, and their affiliations. Pure and linear.

One reader for all sources. Names are separated by `;`, commas, `and`, `&`, `|`, lines and the separators of other scripts;
`Kaur, M., Shukla, A.` are two people and `Meier, Anna` is one. What stands in brackets behind a name is its affiliation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from digestbot.papers.text.clean import plain
from digestbot.papers.text.person_names import (
    ONLY_DEGREES,
    OTHERS,
    are_others,
    is_body,
    is_degree_of,
    is_suffix,
    reading_orders,
)

LONGEST_LINE: Final = 100_000  #: characters that are read: the lists of collaborations have thousands of names
_RAISED: Final = re.compile(r"<sup\b[^<>]{0,200}>[^<>]{0,60}</sup>", re.IGNORECASE)
_LINE_END: Final = re.compile(r"<br\s{0,3}/?>|</(?:p|li|div)>", re.IGNORECASE)
#: a separator that stands in no name, and the word that may follow it
_SURE: Final = re.compile(r"\s?(?:[;；؛|｜•\n]|、|，|،)\s{0,3}(?:(?:and|&|amp;)\s{1,3})?(?:[;；]\s?)?", re.IGNORECASE)
_COMMA_LIST: Final = re.compile(
    r"\s?,\s{0,3}(?:(?:and|&|und|et)\s{1,3})?|\s{1,3}(?:and|&|und|et)\s{1,3}|&(?!\w)", re.IGNORECASE
)
_JOINING: Final = re.compile(r"\s{1,3}(?:and|&|und|et)\s{1,3}|&", re.IGNORECASE)
_AND: Final = re.compile(r"\s{1,3}(?:and|&)\s{1,3}")
#: `University of Science and Technology of China`
_ONE_INSTITUTION: Final = re.compile(
    r"\b(?:universit\w+|academ\w+|institut\w+|department|ministry|society|association|cent(?:er|re)|agency|office) (?:of|for) "
    r"(?:[^\s,]{1,40} ){0,6}and ",
    re.IGNORECASE,
)
#: joins names in some languages and stands inside names in others: it separates only whole names
_JOINS_WHOLE_NAMES: Final = re.compile(r"(?<=\w{2})\s(?:y|e|и|و)\s(?=\w)")
_DOT: Final = re.compile(r"\s?[·・]\s?")
_JAPANESE: Final = re.compile(r"\s?[\u3400-\u9fff]{3,6}\s?")  #: 山田太郎
_SPACED_SIGN: Final = re.compile(r"\s[·/–—]\s")
_BEHALF: Final = re.compile(
    r"[,;]?\s?\(?\bon\s{1,3}behalf\s{1,3}of\s{1,3}(?:all\s{1,3})?(?:the\s{1,3})?(?=\S)|"
    r"[,;]?\s?\(?\bfor\s{1,3}(?:the\s{1,3})?(?=(?:[^\s,;]{1,40}\s){1,6}(?:collaborations?|consorti(?:um|a)|group|team|network|investigators)\b)",
    re.IGNORECASE,
)
#: `(for the Quiver Group)`
_BEHALF_IN_BRACKETS: Final = re.compile(
    r"\s?\(\s?((?:for|on\s{1,3}behalf\s{1,3}of|representing)\s{1,3}(?:all\s{1,3})?the\s[^()]{1,120})\)", re.IGNORECASE
)
_PLACE: Final = re.compile(
    r"\b(?:universit\w+|institut\w*|departments?|college|school|hospitals?|facult\w+|laborator\w+) (?:of|for|de|di|du|für)\b|"
    r"\b(?:university|hospital|college|universität)\Z",
    re.IGNORECASE,
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]{2,4}|[\uac00-\ud7a3]{2,4}")  #: a Chinese or a Korean name
_HAN_SURNAMES: Final = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖萧田董袁潘于蒋蔡余杜叶葉程苏蘇魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변"
)
#: given names of Spain and Portugal, whose family names are two: `García López, María José`
_IBERIAN_GIVEN: Final = frozenset(
    "alberto alejandro alfonso alfredo ana andrés ángel antonio beatriz carlos carmen cristina daniel david diego eduardo elena "
    "enrique ernesto felipe fernando francisco gabriel guadalupe guillermo gustavo henrique ignacio inés isabel javier jesús joão "
    "joaquín jorge josé josefa juan julia julio laura lucía luis luisa luiz manuel marcos maria maría marta mercedes miguel "
    "mónica patricia paula paulo pablo pedro pilar rafael ramón raquel ricardo roberto rosa rosario sara sergio sofía susana "
    "teresa victoria".split()
)
#: countries of two words that stand behind a university
_COUNTRY: Final = re.compile(
    r"(?:(?:the )?United (?:States(?: of America)?|Kingdom|Arab Emirates)|(?:South|North) \w+|New Zealand|Saudi Arabia|Sri Lanka|"
    r"Costa Rica|Hong Kong|Czech Republic|P\.? ?R\.? China)"
)
_LABEL: Final = r"(?:\d{1,3}|[A-Za-z]|[*†‡§¶]+)"
_LABELS: Final = re.compile(rf"{_LABEL}(?:\s?(?:,|;|&|\band\b)\s?{_LABEL}){{0,30}}")
_EXPLAINED: Final = re.compile(rf"\(\s?{_LABEL}\s?\)")
_NICKNAME: Final = re.compile(r"[\"“'‘]?[^\W\d_][\w.-]{1,15}[\"”'’]?")
_NAME_GOES_ON: Final = re.compile(r" (?!(?:and|und|et|for|on)\b)[^\W\d_]")
#: the number of a footnote that a comma parts from its name (`Doe,1 John Roe`), the word behind the icon of an ORCID
_BESIDE_NAME: Final = re.compile(
    r"\A\d{1,2}\s(?=[^\W\d_])|\s(?:ORCID|iD)(?: (?:iD|logo|icon))?\Z|\s\+\s?\d{1,4} more\Z"
)
_CAPITALS: Final = re.compile(r"[A-Z]{2,6}")  #: `MIT`, `USA`, `FACP` behind a whole name
_GAP: Final = re.compile(r"\A(?:\.{3}|…)\s?")
_FOOTNOTE: Final = re.compile(r"(?:[a-z]|\d{1,2}|[*†‡§¶#])")
_ONE_NAME: Final = re.compile(r"[A-Z][^\W\d_]*[a-z][\w'’-]{0,30}")
_GIVEN_NAMES: Final = re.compile(r"[A-Z][^\W\d_]*[a-z][\w'’-]{0,30}(?: [A-Z]\.?){0,3}")
_LETTERS: Final = re.compile(r"[^\W\d_]+\.?")
_BETWEEN_INITIALS: Final = re.compile(r"[\s.'’-]*")
_ROLES_IN_BRACKETS: Final = re.compile(
    r"(?:(?:guest |corresponding |associate )?(?:eds?|editors?|authors?|translators?)|"
    r"(?:staff|senior|contributing|science) (?:writer|editor|reporter)|chair|transl?|director|supervisor|advisor|"
    r"autor(?:es|as?|in|/a|\(a\))?|auteure?|auteurs?|autrice|autor[ei]|автор(?:ы)?|автор[кы]?|verfasser(?:in)?|tradutora?|traductora?|traducteur|"
    r"traductrice|herausgeber(?:in)?|übersetzer(?:in)?|coord(?:inador|enador)?a?|"
    r"photographer|illustrator|contributor|speaker|presenter|aut|edt|hrsg|deceased|retired|orcid.{0,60}|(?:https?://)?orcid\.org.{0,40}|"
    r"\d{4}-\d{4}-\d{4}-\d{3}[\dxX]|he/him|she/her|they/them)\.?",
    re.IGNORECASE,
)


_LAST_BRACKET: Final = re.compile(r"\(([^()]{1,60})\)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorList:
    """The people and bodies of one line, in the order they stand, and the affiliations it names, each once."""

    names: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()


def read_authors(line: str) -> AuthorList:
    """Returns the authors of one line of text or HTML. Equal names stay two people, and no name is dropped for looking odd."""
    text = _LINE_END.sub("\n", _RAISED.sub("", line[:LONGEST_LINE]))
    text = "\n".join(filter(None, map(plain, text.split("\n")))).replace("（", " (").replace("）", ")")
    outside, brackets = _without_brackets(_BEHALF_IN_BRACKETS.sub(r", \1", text))
    places = [place for inside in brackets for place in _places(inside)]
    people, among = _without_places([name for part in _BEHALF.split(outside) for name in split_authors(part)])
    return AuthorList(names=reading_orders(people), affiliations=tuple(dict.fromkeys([*places, *among])))


def _without_places(names: list[str]) -> tuple[list[str], list[str]]:
    """Splits off the universities and hospitals that stand among people: these are theirs, and write nothing."""
    places = [name for name in names if _PLACE.search(name)]
    for before, name in pairwise(names):  # `University of Oslo, Norway`
        if before in places and ((" " not in name and "." not in name) or _COUNTRY.fullmatch(name)):
            places.append(name)
    people = [name for name in names if name not in places]
    return (people, places) if any(" " in name and not is_body(name) for name in people) else (names, [])


def split_authors(text: str) -> list[str]:
    """Splits a plain line without brackets into names as they are written."""
    text = OTHERS.sub("", _flowing(text))
    if _SURE.search(text):
        parts = _without_degrees(_named(_SURE.split(text)))
        return [name for part in parts for name in (_family_first(_AND.split(part)) or _joined_names(part))]
    return _list_by_sign(text) or _list_by_commas(text)


def _flowing(text: str) -> str:
    """Joins wrapped lines; keeps line ends where each line is a name, as separators."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    short = all(len(line.split()) <= 6 and line[-1] not in ",&" and "," not in line for line in lines)
    return "\n".join(lines) if len(lines) > 1 and (short or _family_first(lines)) else " ".join(lines)


def _joined_names(part: str) -> list[str]:
    if "," in part:
        return _name_and_place(_named(_COMMA_LIST.split(part))) or [part]
    return [part] if _ONE_INSTITUTION.search(part) else _named(_AND.split(part))


def _name_and_place(parts: list[str]) -> list[str]:
    """Returns the name, and the places behind it, of `Jane Doe, University of Oslo, Norway`; the names of `Li X, Wang Y,
    Chen Z`; [] for `Doe, Jane`."""
    name, *behind = parts or [""]
    places = [part for part in behind if _PLACE.search(part)]
    if " " not in name or not (places or len(behind) > 1):
        return []
    if places:
        return [name, *places]
    people = [part for part in behind if not _CAPITALS.fullmatch(part)]
    return [name, *people] if all(" " in part for part in people) else []


def _list_by_sign(text: str) -> list[str]:
    """Returns names separated by a sign or blanks that may also stand inside a name; [] where the text is one name."""
    japanese = text.split("・")  # inside a name it stands between kana
    if len(japanese) > 1 and all(map(_JAPANESE.fullmatch, japanese)):
        return japanese
    for parts, whole in ((_SPACED_SIGN.split(text), True), (_DOT.split(text), False), (text.split(), False)):
        if names := _list_of(parts, whole=whole):
            return names
    return []


def _list_by_commas(text: str) -> list[str]:
    if "," not in text and _ONE_INSTITUTION.search(text):
        return [text]
    if people := _family_first(_AND.split(text)):
        return people
    parts = _without_footnotes(_named(_COMMA_LIST.split(_JOINS_WHOLE_NAMES.sub(_comma_between_names, text))))
    if not _JOINING.search(text) and _is_one_name([part for part in parts if not is_suffix(part)]):
        return [", ".join(parts)]
    return _with_initials(parts)


def _named(parts: Iterable[str]) -> list[str]:
    """Returns the parts that name somebody: neither a gap nor `and others`."""
    bare = (_BESIDE_NAME.sub("", _GAP.sub("", part.strip(" ,;"))) for part in parts)
    return [part for part in bare if part and not are_others(part) and part.lower() != "amp"]


def _without_degrees(parts: list[str]) -> list[str]:
    alone = len(parts) == 1
    return [p for p in parts if alone or not (ONLY_DEGREES.fullmatch(p) or _ROLES_IN_BRACKETS.fullmatch(p))]


def _without_footnotes(parts: list[str]) -> list[str]:
    """Drops parts that are only a degree, a role or the letter of a footnote."""
    kept: list[str] = []
    for part in parts:
        aside = _FOOTNOTE.fullmatch(part) or _ROLES_IN_BRACKETS.fullmatch(part)
        if not kept or not (aside or is_degree_of(kept[-1], part)):
            kept.append(part)
    return kept


def _list_of(parts: Sequence[str], *, whole: bool) -> list[str]:
    """Returns the parts when each is a whole name: of several words, or a Chinese one. [] when together they are one name."""
    named = [part.strip() for part in parts if part.strip()]
    chinese = all(_HAN.fullmatch(part) and part[0] in _HAN_SURNAMES for part in named)
    several = whole and all(" " in part for part in named)
    return named if len(named) > 1 and (chinese or several) else []


def _comma_between_names(found: re.Match[str]) -> str:
    """Puts a comma in place of `y`, `e` or `и` between two whole names; `Ortega y Gasset` is one name and stays."""
    before = found.string[max(0, found.start() - 80) : found.start()].rpartition(",")[2].split()
    behind = found.string[found.end() : found.end() + 80].partition(",")[0].split()
    return ", " if len(before) > 1 and len(behind) > 1 else found.group()


def _family_first(parts: Sequence[str]) -> list[str]:
    """Returns the names of `Smith, Bob and Doe, Jan`, where each part between two `and` is `Family, Given`; else []."""
    pairs = [part.split(",") for part in parts]
    alike = all(
        len(pair) == 2
        and pair[1].strip()
        and (" " not in pair[0].strip() or pair[0][0].islower() or _are_given_names(pair[1], pair[0]))
        for pair in pairs
    )
    return [part.strip() for part in parts] if len(parts) > 1 and alike else []


def _is_one_name(parts: Sequence[str]) -> bool:
    """Are the two parts `Family, Given`, and not two people? Few people have one word, few family names two without a particle."""
    if len(parts) != 2 or any(part.endswith(":") or is_body(part) for part in parts):
        return False
    family, given = parts
    if not family[0].isupper() and not family[0].islower():
        return False  # scripts without capitals write a name as one word, family name first
    if _is_initials(family.rpartition(" ")[2]) and _is_initials(given.rpartition(" ")[2]):
        return False  # `de Vries H, van der Meer JW`
    if " " not in family or family[0].islower() or _are_given_names(given, family):
        return True
    return " " not in given and not given.isupper() and not _is_initials(given)


def _are_given_names(given: str, family: str) -> bool:
    """Are these given names alone, and the words before their comma none?"""
    return _IBERIAN_GIVEN.issuperset(given.lower().split()) and family.lower().split()[0] not in _IBERIAN_GIVEN


def _with_initials(parts: Sequence[str]) -> list[str]:
    """Joins each family name with the initials and the suffix behind it; a group has none and stays alone.

    Capitals without a dot may be a group (`WHO`): they count as initials only in a list that begins with a name and its initials.
    """
    if _is_paired(parts):
        return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    paired = len(parts) % 2 == 0 and all(map(_is_initials, parts[1::2]))
    bare = paired or (len(parts) > 1 and " " not in parts[0] and _is_initials(parts[1]))
    people: list[str] = []
    complete = True
    for part in parts:
        if people and is_suffix(part):
            people[-1] += f", {part}" if complete else f" {part}"
        elif not complete and _is_initials(part) and (bare or "." in part):
            people[-1], complete = f"{people[-1]}, {part}", True
        else:
            people.append(part)
            complete = _is_initials(part)
    return people


def _is_paired(parts: Sequence[str]) -> bool:
    """Is it `Doe, Jane, Roe, John B.`: two people or more, each with the family name in a part of its own?"""
    if len(parts) < 4 or len(parts) % 2:
        return False
    families, given = parts[::2], parts[1::2]
    return all(map(_ONE_NAME.fullmatch, families)) and all(map(_GIVEN_NAMES.fullmatch, given))


def _is_initials(part: str) -> bool:
    """Is it initials: `J.`, `JA`, `Y.-H.`, `Ö.`, `Th.`? Scripts without capitals have none."""
    runs = _LETTERS.findall(part)
    if sum(map(len, runs)) > 5 and "." not in part:
        return False  # `JOHN ROE`
    return bool(runs) and bool(_BETWEEN_INITIALS.fullmatch(_LETTERS.sub("", part))) and all(map(_is_initial, runs))


def _is_initial(run: str) -> bool:
    letters = run.removesuffix(".")
    if letters.isupper():
        return len(letters) <= 4
    return run != letters and (len(letters) == 1 or (len(letters) <= 3 and letters[0].isupper()))


def _without_brackets(text: str) -> tuple[str, list[str]]:
    """Returns the text outside brackets, and the text inside each. A nickname in brackets inside a name stays outside."""
    outside: list[str] = []
    inside: list[str] = []
    at = 0
    for begin, end in outermost_brackets(text):
        held = text[begin + 1 : end].strip()
        outside.append(text[at:begin])
        if _is_part_of_name(held, text[end + 1 : end + 8]):
            outside.append(text[begin : end + 1])
        elif "@" in held and not outside[-1].rpartition(",")[2].strip():
            outside.append(held)
        elif "@" in outside[-1].rpartition(",")[2]:  # `ada@example.org (Ada Author)`
            outside[-1] = outside[-1].rpartition(",")[0]
            outside.append(f", {held}" if any(outside) else held)
        else:
            inside.append(held)
        at = end + 1
    outside.append(text[at:])
    return "".join(outside), inside


def _is_part_of_name(held: str, behind: str) -> bool:
    """Is it a nickname, as in `Xiaoming (Simon) Li`: a word in brackets with a name behind it?"""
    return _NICKNAME.fullmatch(held) is not None and len(held) > 1 and _NAME_GOES_ON.match(behind) is not None


def _places(inside: str) -> list[str]:
    """Returns the affiliations that one pair of brackets holds; [] for labels, roles and addresses of e-mail."""
    if (
        not inside
        or "@" in inside
        or _LABELS.fullmatch(inside)
        or are_others(inside)
        or _ROLES_IN_BRACKETS.fullmatch(inside)
    ):
        return []
    listed = _EXPLAINED.split(inside) if _EXPLAINED.match(inside) else [inside]
    return [p for place in listed if (p := re.sub(r"(?<![\s,;])[\s,;]++(?:and\s*+)?\Z", "", place).strip(" ,;"))]


def without_role(name: str) -> str:
    """Returns one name without what its bearer did: `Luis Soto (Autor/a)`."""
    found = _LAST_BRACKET.search(name[-80:])
    return name.rpartition("(")[0].rstrip() if found and _ROLES_IN_BRACKETS.fullmatch(found[1]) else name


def outermost_brackets(text: str) -> list[tuple[int, int]]:
    """Returns (opening, closing) of each outermost pair of parentheses. One without a partner counts as a letter."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    for found in re.finditer(r"[()]", text):
        if found.group() == "(":
            opened.append(found.start())
        elif opened:
            begin = opened.pop()
            while pairs and pairs[-1][0] > begin:
                pairs.pop()
            pairs.append((begin, found.start()))
    return pairs
