"""Words and names of rules, written from docs/rules.md alone: the tables are read from the page, nothing from the program.

It is slow and plain on purpose. Whoever changes the page or the program has to change the other too.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
APOSTROPHES, UNSEEN = "'’ʼʻ", "\u00ad\u200c\u200d\u2060"
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fa1f]")
STROKES = dict(zip("ø ł đ ð ħ ŧ ı æ œ þ".split(), "o l d d h t i ae oe th".split(), strict=True))


def _block(name: str) -> str:
    [block] = re.findall(rf"```{name}\n(.*?)\n```", PAGE, re.DOTALL)
    return str(block).replace("\n", " ")


ELIDED = sorted(_block("elided").split(), key=len, reverse=True)
PLURALS = dict(pair.split(" → ") for pair in _block("plurals").split(" · "))
CHANCE = _block("chance").split()
GREEK_NAMES = re.findall(r"`(\w+)`", re.findall(r"U\+0370–03FF, or is (.*?) \(in any letters\)", PAGE, re.DOTALL)[0])
HYPHENS = "-\u2010\u2011"
ENDINGS: list[tuple[str, str]] = re.findall(
    r"`(\w+)` → `(\w+)`", re.findall(r"endings that it has, replaced:\n(.*?);\n3\.", PAGE, re.DOTALL)[0]
)
GREEK = dict(
    zip("αβγδεζηθικλμνξοπρστυφχψω", re.findall(r"The names are (.*?);", PAGE, re.DOTALL)[0].split(), strict=True)
)


def is_cjk(char: str) -> bool:
    return CJK.match(char) is not None


def _sign(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)


def _letter(char: str) -> bool:
    return _sign(char) and not char.isdecimal()


def _after_marks(text: str, at: int) -> int:
    while at < len(text) and (unicodedata.category(text[at])[0] == "M" or text[at] in UNSEEN):
        at += 1
    return at


def _word_end(text: str, at: int) -> int | None:
    """Where the word that begins at `at` ends; None when none does."""
    if is_cjk(text[at]) and text[at].isalnum():
        return _after_marks(text, at + 1)
    if not _sign(text[at]):
        return None
    signs = end = _after_marks(text, at + 1)
    while end < len(text) and text[end] in "+#":
        end += 1
    if _letter(text[at]) and end > signs and not text[end : end + 1].isalnum():
        return end
    for word in ELIDED:
        behind = at + len(word)
        if text[at:behind].lower() == word and text[behind : behind + 1] and text[behind] in APOSTROPHES:
            second = _after_marks(text, behind + 2)
            if all(text[n : n + 1] and _letter(text[n]) for n in (behind + 1, second)):
                return behind
    return _run_end(text, at)


def _run_end(text: str, at: int) -> int:
    while at < len(text) and _sign(text[at]):
        at = _after_marks(text, at + 1)
    while at + 1 < len(text) and text[at] in APOSTROPHES and _letter(text[at + 1]):
        at += 1
        while at < len(text) and _letter(text[at]):
            at = _after_marks(text, at + 1)
    return at


def cut(text: str) -> list[tuple[str, str]]:
    """Each word as it stands, and folded."""
    found, at = [], 0
    while at < len(text):
        end = _word_end(text, at)
        if end is not None and (folded := fold(text[at:end])):
            found.append((text[at:end], folded))
        at = end or at + 1
    return found


def fold(word: str) -> str:
    kept = "".join(c for c in word if c not in APOSTROPHES + UNSEEN and not "\ufe00" <= c <= "\ufe0f")
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", kept).casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return "".join(STROKES.get(c, c) for c in plain)


def words(text: str) -> list[str]:
    return [folded for _, folded in cut(text)]


def form(word: str) -> str:
    """The form of a folded word."""
    greek = [0x370 <= ord(c) <= 0x3FF for c in f" {word} "]
    named = [
        c if not greek[n + 1] or greek[n] or greek[n + 2] or re.match("μ[a-z]", word[n:]) else GREEK.get(c, c)
        for n, c in enumerate(word)
    ]
    word = "".join(named)
    if word in PLURALS:
        return PLURALS[word]
    for ending, instead in ENDINGS if len(word) > 4 else ():
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    stays = (
        len(word) <= 3
        or not word.endswith("s")
        or word.endswith(("ss", "is"))
        or (word.endswith("us") and len(word) > 4)
    )
    return word if stays else word[:-1]


# --- names ---------------------------------------------------------------------------------------------------------


def _lone(word: str) -> bool:
    return len(word) == 1 and word.isalpha() and not is_cjk(word)


def _apart(text: str) -> list[str]:
    found = cut(text)
    if any(c.islower() for c in text) and len(text) <= 300 and found:
        for at in (0, len(found) - 1):
            if re.fullmatch("[A-Z]{2,3}", found[at][0]):
                return [w for n, (raw, one) in enumerate(found) for w in ([*raw.lower()] if n == at else [one])]
    return words(text)


def _joined(some: list[str]) -> list[str]:
    made: list[str] = []
    for before, word in zip(["", *some], some, strict=False):
        if _lone(word) and _lone(before):
            made[-1] += word
        else:
            made.append(word)
    return made


def finds(rule: str, author: str, *, begun: bool) -> bool:
    """Does `au:"rule"` (with `begun`: `au:"rule*"`) find this author? The rule has two words or more."""
    readings = [r[:40] for r in (words(author), _apart(author), _joined(words(author))) if r]
    for wanted in [words(rule)] if begun else [words(rule), _apart(rule)]:
        count = len(wanted)
        for turn in range(count if count <= 6 else 1):
            last = (count - 1 - turn) % count if begun else None
            if any(_stands(wanted[turn:] + wanted[:turn], last, r, n) for r in readings for n in range(len(r))):
                return True
    return False


def _stands(wanted: list[str], begun: int | None, there: list[str], start: int) -> bool:
    pairs: list[tuple[str, str, bool]] = []
    at = start
    for n, word in enumerate(wanted):
        reach = [start] if n == 0 else []
        for place in range(at, len(there)) if n else ():
            reach.append(place)
            if is_cjk(there[place]):
                break
        equal = [p for p in reach if there[p] == word]
        like = [p for p in reach if _alike(word, there[p], n == begun)]
        if not (equal or like):
            return False
        at = (equal or like)[0]
        pairs.append((word, there[at], n == begun))
        at += 1
    if all(_lone(mine) for mine, _, _ in pairs):
        return all(mine == theirs for mine, theirs, _ in pairs)
    written = any(
        not _lone(mine) and (mine == theirs or (last and theirs.startswith(mine))) for mine, theirs, last in pairs
    )
    guessed = any(_lone(theirs) and not _lone(mine) for mine, theirs, _ in pairs)
    return written and not (guessed and any(not _lone(word) for word in there[:start] + there[at:]))


def _alike(mine: str, theirs: str, begun: bool) -> bool:
    return (
        mine == theirs
        or ((_lone(mine) or _lone(theirs)) and mine[0] == theirs[0])
        or (begun and theirs.startswith(mine))
    )


# --- compounds -----------------------------------------------------------------------------------------------------


def spellings(value: str, *, begun: bool, near: bool) -> set[str]:
    """The value in all its spellings, as the page says."""
    joints = [joint for begin, end in _runs(value) for joint in _joints(value, begin, end, begun)]
    ways = set(itertools.product((False, True), repeat=len(joints)))
    if near or len(joints) > 3:
        ways = {way for way in ways if len(set(way)) < 2}
    found = set()
    for way in ways:
        turned = {place for place, turn in zip(joints, way, strict=True) if turn}
        found.add(
            "".join(
                ("" if (n, True) in turned else " " + c if (n, False) in turned else c) for n, c in enumerate(value)
            )
        )
    return found


def _runs(value: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(value):
        end = at
        while end < len(value) and (
            value[end].isalnum()
            or (value[end] in HYPHENS and value[end - 1].isalnum() and end > at and value[end + 1 : end + 2].isalnum())
        ):
            end += 1
        if end > at:
            yield at, end
        at = max(end, at + 1)


def _joints(value: str, begin: int, end: int, begun: bool) -> Iterator[tuple[int, bool]]:
    """Place of each joint, and whether it is a hyphen."""
    signs = [c for c in value[begin:end] if c not in HYPHENS]
    enough = len(signs) >= 4 or (len(signs) == 3 and any(c.isdecimal() for c in signs))
    enough = enough or (len(signs) == 2 and signs[0].isdecimal())
    for n in range(begin, end):
        if value[n] in HYPHENS and enough and not all(c.isdecimal() for c in signs):
            yield n, True
    for part in re.finditer(f"[^{HYPHENS}]+", value[begin:end]):
        place = _first_letters(part[0])
        if place and not (begun and begin + part.end() == len(value)):
            yield begin + part.start() + place, False


def _is_letter(sign: str) -> bool:
    return sign.isalpha() or (sign.isalnum() and not sign.isdecimal())


def _first_letters(part: str) -> int:
    if _is_letter(part[0]) and not "\u0370" <= part[0] <= "\u03ff" and part[1:2].isdecimal() and part[2:3].isdecimal():
        return 0 if len(part) > 21 or part[0].lower() in CHANCE else 1
    for n in range(2, min(20, len(part) - 1) + 1):
        if not _is_letter(part[n - 1]) or not _is_letter(part[0]) or any("\u0370" <= c <= "\u03ff" for c in part[:n]):
            return 0
        rest = part[n:]
        greek = any(rest.lower().startswith(name) and len(rest) <= len(name) + 2 for name in GREEK_NAMES)
        if len(rest) <= 20 and (rest[0].isdecimal() or "\u0370" <= rest[0] <= "\u03ff" or greek):
            return 0 if part[:n].lower() in CHANCE else n
    return 0
