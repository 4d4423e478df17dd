"""Sanitize: text as it comes becomes text as it is read: markup, mojibake and control characters go, letters never do."""

from __future__ import annotations

import html
import re
from collections.abc import Set
from html.entities import html5
from typing import Final
from unicodedata import category, combining, normalize

from digestbot.memo import remembered
from digestbot.papers.text.latex import MARKS, latex_to_unicode, script
from digestbot.papers.text.mathml import mathml_to_text

#: a tag begins with a letter, a slash or `!`, and behind its name are attributes: in `p < 0.05` and `a<b and c>d` is none
_TAG = re.compile(
    r"<(?:(/?)([A-Za-z][\w:-]*+)((?:\s+[A-Za-z_:@][\w:.-]*\s*=\s*[^\s\"'<>=]+)*|\s(?:[^<>=]++|=(?!\s*[\"']))*+=[^<>]*+)\s*/?|[!?][A-Za-z][^<>]*)>"
)
_HIDDEN = re.compile(r"<(script|style|template)\b[^<>]*>", re.IGNORECASE)
#: a formula in TeX that is given once more as MathML or as a picture (Springer's JATS)
_SAID_TWICE = re.compile(
    r"<(?:\w+:)?tex-math\b[^<>]*>[^<]*</(?:\w+:)?tex-math>(?=\s*<(?:\w+:)?(?:math|inline-graphic|graphic)\b)",
    re.IGNORECASE,
)
_MATHML = re.compile(r"<((?:\w+:)?math)\b[^<>]*>((?:[^<]|<(?!(?:\w+:)?math\b))*?)</\1\s*>", re.IGNORECASE)
_SCRIPTED = re.compile(r"<((?:\w+:)?(?:su[bp]|inf))(?:\s[^<>]*)?>([^<>]{1,40})</\1>", re.IGNORECASE)
#: publishers set elements of a title on lines of their own: `CO <sub>2</sub>`, `<i>Rana</i> , a frog`
_BLANK_BEFORE_SCRIPT = re.compile(
    r"(?<=[\w)\]])\s{1,60}(?=<(?:\w{1,8}:)?(?:su[bp]|inf)>\s{0,60}[\d+\-−–]{1,8}\s{0,60}</)", re.IGNORECASE
)
_BLANK_BEHIND_ITALICS = re.compile(r"(?<=[ib]>)\s{1,60}(?=[,;.](?:\s|\Z))", re.IGNORECASE)
_JOINING_WORD = r"(?:and|or|of|in|for|with|is|are|to|by|on|as|from|at|the)\b"
_ABSTRACT = re.compile(
    r"(?:(?<!\s)\s++)?<(?:jats:)?title>\s*(?:abstract|summary)[.:]?\s*</(?:jats:)?title>", re.IGNORECASE
)
_HEADED = re.compile(r"(?:[.:]\s*+|(?<!\s)\s++)?</jats:title>")
_ENTITY = re.compile(r"&(?:amp;)*(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|& ([A-Za-z]{2,9});")
#: how bioRxiv and medRxiv mark the ends of lists and headings in plain text; the `n` is a line end of theirs
_MARKED = "(?:ST_ABS|LINKSMALLFIG|LI|UL|OL|QD|FIG|TBL|SCPLOW|SCPCAP|TEXTBOX|INLINEFIG|TABLE)"
_MARKERS = re.compile(
    rf"O_FIG\s*O_LINKSMALLFIG.{{0,2000}}?C_FIG|(?:(?<![A-Za-z])n?O|(?<![A-Z])n?C(?=_{_MARKED}(?![a-z])))_{_MARKED}(?:n?[OC]_{_MARKED})*",
    re.DOTALL,
)
#: small capitals stand inside a word: `PO_SCPLOWEAFOWLC_SCPLOW` is PEAFOWL
_SMALL_CAPITALS = re.compile(r"[OC]_SCP(?:LOW|CAP)(?=[^a-z]|\Z)|(?<=[A-Z])O_SCP(?:LOW|CAP)")
_MARKED_BEHIND_LETTER = re.compile(rf"(?<=[A-Za-z.:)])O_{_MARKED}")
_ABSTRACT_BEFORE = re.compile(r"\A(?:ABSTRACT|Abstract)\s(?=[A-Z])")
#: bioRxiv's headings run into the next word: `BackgroundPercutaneous coronary`
RUN_IN = (
    r"((?:Background|Backgrounds|Introduction|Objectives?|Aims?|Purpose|Rationale|Motivation|Importance|"
    r"Significance|Hypothesis|Methods?|Methodology|Materials and [Mm]ethods|Methods and [Rr]esults|Study [Dd]esign|Design|Setting|"
    r"Participants|Interventions?|Measurements|Main [Oo]utcomes?(?: and [Mm]easures)?|Outcomes?|Approach|Results?|Findings|"
    r"Principal [Ff]indings|Main [Rr]esults|Discussion|Conclusions?(?: and [Rr]elevance)?|Interpretation|Implications|Summary|Limitations|"
    r"Availability(?: and [Ii]mplementation)?|Contact|Funding|Key [Pp]oints|Key [Mm]essages|Trial [Rr]egistration))"
    r"(?=[A-Z][A-Za-z0-9]|A [a-z])"
)
#: one pattern of both would be tried at every letter: four times the cost of all else `plain` does
_RUN_IN_FIRST, _RUN_IN_BEHIND = re.compile(RUN_IN), re.compile(rf"([.!?)]) ?{RUN_IN}")
#: a small letter before a capital one, with which a heading runs in, and what tells the two
_RUNS_IN = b"aA"
_CASES = bytes(
    0 if not chr(c).isascii() or not chr(c).isalpha() else ord("a" if chr(c).islower() else "A") for c in range(256)
)
_HUGE = re.compile(r"&#(?:[0-9]{20,}|[xX][0-9A-Fa-f]{20,});?")
_CLOSING_QUOTE = re.compile(r"(?<=[^\W\d_]{3})''(?=[\s.,;:!?)]|\Z)")
_BRACKETED = re.compile(r"\[([≤≥±×~→←≈°µ])\]")
_LETTERS = re.compile(r"[^\W_]+")
_URL = re.compile(r"https?://[^\s<>\"“”{}|\\^`]+", re.IGNORECASE)
_INLINE = frozenset(
    "a abbr b bdi bold cite code em font i italic mark monospace overline q roman sans-serif sc small span strong "
    "styled-content named-content ext-link xref inline-formula sub sup tt u underline var "
    "scp smallcaps small-caps fixed-case emphasis "  # Wiley's, ACL's, Springer's
    "mi mn mo mrow mstyle msub msup msubsup semantics".split()  # of formulas that are torn
)
#: elements that are often not closed: nobody writes of `<br>` in an abstract
_LONELY = frozenset(
    "p br hr li ul ol dl div dd dt td th tr wbr h1 h2 h3 h4 h5 h6 table section article blockquote pre".split()
)
#: elements that are real HTML, JATS or MathML: anything else between < and > may be text (`List<T>`), and stays
_KNOWN = _INLINE | frozenset(
    "p br hr div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr td th pre blockquote section article header "
    "footer figure figcaption img picture source video audio iframe object embed input button form label nav aside main "
    "details summary center svg math mi mo mn mrow msub msup msubsup mfrac msqrt mtext mstyle mover munder mspace mtable mtr "
    "mtd mmultiscripts mprescripts none mroot mfenced mphantom mpadded menclose merror ms math semantics annotation "
    "st annotation-xml alternatives disp-formula tex-math "
    "script style link meta html head body title base wbr ins del kbd samp time address noscript "
    "xml i18n inf sec list font strike big".split()
)


def plain(text: str) -> str:
    """Returns HTML, or text with entities, as one line of plain text. LaTeX stays as it is.

    Unknown "tags" are kept: `List<T>` and `p<0.05` lose no letter. Recent results are cached, because several steps ask for
    the same texts of an entry.
    """
    return _read_before(text) if len(text) <= _SHORT else _read(text)


def _read(text: str) -> str:
    if "<" in text or "&" in text:
        text = _ENTITY.sub(_character, _without_markup(text))
        if "<" in text and "</" in text:  # escaped HTML inside (RSS descriptions)
            text = _ENTITY.sub(_character, _without_markup(text))
    if not text.isprintable():
        text = visible(_one_line(text))
    return parted_headings(_one_line(text))


def parted_headings(text: str) -> str:
    """`BackgroundPercutaneous coronary` → `Background: Percutaneous coronary`."""
    if _RUNS_IN not in text.encode(errors="replace").translate(_CASES):  # looked for in a fifth of the pattern's time
        return text
    if found := _RUN_IN_FIRST.match(text):
        text = f"{found.group()}: {text[found.end() :]}"
    return _RUN_IN_BEHIND.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    """A function, because a template is looked up for each text: seven times what looking for the pattern takes."""
    return f"{found[1]} {found[2]}: "


def _one_line(text: str) -> str:
    if "  " not in text and text.isprintable() and text[:1] != " " and text[-1:] != " ":
        return text  # no blank but single spaces: most texts, in half the time
    return " ".join(text.split())


def _without_markup(text: str) -> str:
    if "<" not in text:
        return text
    text = _between(text, "<![CDATA[", "]]>", kept=True)
    text = _unscripted(_between(text, "<!--", "-->", kept=False))
    if "jats:" in text:
        text = _HEADED.sub(": ", _ABSTRACT.sub("", text, count=1))
    if "math" in text:
        text = _MATHML.sub(_formula, _SAID_TWICE.sub("", text))
    text = _BLANK_BEHIND_ITALICS.sub("", _BLANK_BEFORE_SCRIPT.sub("", text))
    return _without_tags(_SCRIPTED.sub(_raised, text))


def _formula(found: re.Match[str]) -> str:
    """Returns a formula as text, with blanks around it where publishers leave them out: `waves in<math>`."""
    made, text = mathml_to_text(found.group(2)), found.string
    before = " " if made[:1].isalnum() and text[max(found.start() - 2, 0) : found.start()].islower() else ""
    before = before if text[max(found.start() - 2, 0) : found.start()].isalpha() else ""
    behind = " " if re.match(_JOINING_WORD, text[found.end() : found.end() + 8]) else ""
    return f"{before}{made}{behind}"


def unescape(text: str) -> str:
    """Returns the text with its character references decoded. Unlike `html.unescape` it raises on no number, however long."""
    return html.unescape(_HUGE.sub("\ufffd", text)) if "&" in text else text


def cut(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """Returns the text without each stretch from a begin to the next end. Linear, unlike the pattern `begin.*?end`."""
    parts, at = [], 0
    while (start := begin.search(text, at)) and (stop := end.search(text, start.end())):
        parts.append(text[at : start.start()])
        at = stop.end()
    return "".join([*parts, text[at:]])


def _between(text: str, begin: str, end: str, *, kept: bool) -> str:
    """Removes pairs of these two signs, and what they hold unless it is to be kept. A sign without its partner is text."""
    parts, at = [], 0
    while (start := text.find(begin, at)) >= 0 and (stop := text.find(end, start + len(begin))) >= 0:
        parts += [text[at:start], text[start + len(begin) : stop] if kept else " "]
        at = stop + len(end)
    return "".join([*parts, text[at:]])


def _unscripted(text: str) -> str:
    """Removes scripts and style sheets. One that is never closed is text; with attributes it hides the rest, as in a browser."""
    parts, at, open_ended = [], 0, set()
    while found := _HIDDEN.search(text, at):
        name = found.group(1).lower()
        close = None if name in open_ended else re.compile(f"</{name}[^<>]*>", re.IGNORECASE).search(text, found.end())
        if close is not None:
            parts += [text[at : found.start()], " "]
            at = close.end()
        elif "=" in found.group():
            return "".join([*parts, text[at : found.start()]])
        else:
            open_ended.add(name)
            parts.append(text[at : found.end()])
            at = found.end()
    return "".join([*parts, text[at:]])


def _character(found: re.Match[str]) -> str:
    """Decodes one character reference by HTML's table, with its semicolon only: `?a=1&copy=2` is an address and holds no ©."""
    name = found.group(1) or found.group(2)
    if name[0] == "#":
        return unescape(f"&{name};")
    return html5.get(f"{name};", found.group())


def _raised(found: re.Match[str]) -> str:
    """Raises and lowers numbers, 10<sup>-5</sup> → 10⁻⁵ and H<sub>2</sub>O → H₂O; letters stay on the line: 5th, Teff."""
    inner = unescape(found.group(2)).strip()
    made = script("^" if found.group(1)[-1] in "pP" else "_", inner)
    return made if not any(map(str.isalpha, inner)) and made[:1] not in ("^", "_") else found.group(2)


def _without_tags(text: str) -> str:
    """Removes what is surely a tag: one that is closed, or has attributes. `<s>` or `<img>` alone is a token that a text is about."""
    sure = _LONELY | _paired(text)
    return _TAG.sub(lambda found: _in_place_of_tag(found, sure), text)


def _paired(text: str) -> set[str]:
    """Returns the names of elements that are both opened and closed."""
    opened, paired = set[str](), set[str]()
    for found in _TAG.finditer(text):
        name = (found.group(2) or "").lower()
        if not found.group(1):
            opened.add(name)
        elif name in opened:
            paired.add(name)
    return paired


def _in_place_of_tag(found: re.Match[str], sure: Set[str]) -> str:
    if found.group(2) is None:
        return " "
    name = found.group(2).lower()
    prefix, _, local = name.rpartition(":")
    is_tag = prefix or name in sure or found.group(1) or found.group(3)
    if not is_tag or (local not in _KNOWN and prefix != "jats"):
        return found.group()
    return "" if local in _INLINE else " "


def visible(text: str) -> str:
    """Removes control, zero-width, soft-hyphen and bidirectional-control characters; line ends become spaces."""
    if text.isprintable():
        return text
    return _JOINER.sub("", "".join(_shown(c) for c in text))


#: zero-width joiners and non-joiners make letters of Indian scripts, words of Persian and families of emoji; else they hide
_JOINER = re.compile(r"(?<![\u200c\u200d])(?:(?<![^\x00-\x7f])[\u200c\u200d]++|[\u200c\u200d]++(?![^\x00-\x7f]))")


def _shown(char: str) -> str:
    if char in "\t\n\r\x0b\x0c\x85\u2028\u2029":
        return " "
    kind = category(char)
    return "" if kind in ("Cc", "Cf", "Cs", "Co", "Cn") and char not in "\u200c\u200d" else char


def clean(text: str) -> str:
    """Does what `plain` does, and makes LaTeX Unicode where that reads well: `$\\alpha$-GAN &amp; co` → `α-GAN & co`.

    No letter is lost, and cleaning twice changes nothing more. Recent results are cached, because several steps clean the
    same texts of an entry.
    """
    return _remembered(text) if len(text) <= _SHORT else _cleaned(text)


_SHORT = 5_000  #: characters of a text that is remembered


#: text with no sign that markup, LaTeX or a preprint server could mean something by
_HARMLESS = re.compile(r"[A-Za-z0-9,.;:?!()]++(?:[ -][A-Za-z0-9,.;:?!()]++)*+")


#: what LaTeX, markup or a preprint server means something by
_SIGNS: Final = (*MARKS, "<", "&", "_", "[")


def _cleaned(text: str) -> str:
    if _HARMLESS.fullmatch(text):
        return parted_headings(text)
    if not any(map(text.__contains__, _SIGNS)) and text.isprintable():
        return parted_headings(_one_line(text))
    return cleaned_with_care(text)


def cleaned_with_care(text: str) -> str:
    """Does what `clean` does, whatever the text holds."""
    read = _signs(plain(text))
    for _ in range(MOST_PASSES):  # what one pass uncovers (an entity inside LaTeX) the next one reads
        again = latex_to_unicode(read)
        if again != read or "&" in read or "<" in read:
            again = _signs(plain(again))
        if again == read:
            return _CLOSING_QUOTE.sub("”", read) if "''" in read else read
        read = again
    return plain(read.translate(_MARKUP))  # made to be read without end: then without what could be read


_remembered = remembered(1024)(_cleaned)
_read_before = remembered(256)(_read)

MOST_PASSES = 6  #: of real texts none needed more than three
_MARKUP = {ord(c): " " for c in "\\${}~^`<>&*'-[]_"}


def _signs(text: str) -> str:
    """Replaces the marks that preprint servers leave in plain text."""
    if "_" in text:
        unmarked = _one_line(_MARKERS.sub(" ", _MARKED_BEHIND_LETTER.sub(" ", _SMALL_CAPITALS.sub("", text))))
        text = unmarked if unmarked == text else parted_headings(_ABSTRACT_BEFORE.sub("", unmarked))
    return _BRACKETED.sub(r"\1", text) if "[" in text else text


#: letter → its name
GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi "
        "omega".split(),
        strict=True,
    )
)
#: letters that Unicode does not take apart
_UNDIVIDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)


#: one sign of a script that sets no blanks between words
UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def fold(text: str) -> str:
    """Returns a form for keys: without accents and case, with one space for everything but letters and digits."""
    letters = text.casefold()
    if letters.isascii():
        return " ".join(letters.encode().translate(_ASCII_LETTERS).decode().split())
    apart = normalize("NFKD", letters).casefold()  # twice: what stands for 𝕋 or ² has a case of its own
    return " ".join(_LETTERS.findall("".join(c for c in apart if not combining(c)).translate(_UNDIVIDED)))


#: what `_LETTERS` finds in ASCII, each other byte as a blank: a quarter of its time
_ASCII_LETTERS: Final = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256))

#: of an abstract, which several steps fold one after the other
fold_again = remembered(16)(fold)


def urls_in(text: str) -> tuple[str, ...]:
    """Returns the web addresses in plain text, without the dot, comma or bracket that belongs to the sentence."""
    if "://" not in text:
        return ()
    found = (_trimmed(m.group()) for m in _URL.finditer(text))
    return tuple(dict.fromkeys(u for u in found if len(u) > len("https://")))


_OPENING = {")": "(", "]": "["}


def _trimmed(url: str) -> str:
    end = len(url)
    spare = {close: url.count(close) - url.count(opening) for close, opening in _OPENING.items()}
    while end and (url[end - 1] in ".,;:!?'’*…" or spare.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in spare:
            spare[url[end]] -= 1
    return url[:end]
