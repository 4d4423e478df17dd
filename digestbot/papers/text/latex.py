"""LaTeX in titles and abstracts becomes Unicode where that reads well, and stays readable where not.

Only what is certain is changed. A `$` opens mathematics by pandoc's rule (no space inside the dollars, no digit behind
the second) or where TeX's own signs stand between two, so `$5 and $10` stays money. No letter is lost but those of a
command's name: an unknown `\\macro` becomes the word `macro`. Read from left to right in one go, braces inside each
other up to `DEEPEST`; linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

from digestbot.papers.text import latex_symbols as tex

DEEPEST = 24  #: braces inside braces; what is deeper stays as it is
FURTHEST = 400  #: characters that a pair of dollars spans

MARKS = ("\\", "$", "{", "~", "^", "`", "''", "--", "**", "+/-")  #: one of these stands in all LaTeX that is read here
_PREAMBLE = re.compile(r"\\documentclass(?>.{0,900}?\\begin\{document\})(.{0,900}?)\\end\{document\}", re.DOTALL)
_TOKEN = re.compile(r"https?://(?:\\[_~%#&]|[^\s{}\\$<>])+|\\(?:[A-Za-z]+\*?|.)|\$\$?|[{}^_~]", re.DOTALL)
_TEX = re.compile(r"\\[A-Za-z]|[\\^_]|\{[^{}\n]*\}")
_PROSE = re.compile(r"\s[A-Za-z]{2}|[A-Za-z]{2}[,.;]?\s|[A-Za-z][.;]\s")
_RELATION = re.compile(r"[<>=≤≥+\-−±×~]{1,2}")  #: `z$>$6`: nothing else stands alone between dollars
_BARE = re.compile(r"[^\s{}\\$^_~]")
_SPACED = re.compile(r"[ \t\n]*")


def latex_to_unicode(text: str) -> str:
    """Returns the text with its LaTeX as Unicode."""
    if not any(map(text.__contains__, MARKS)):  # looked for one by one: a tenth of what a pattern of all takes
        return text
    if "\\documentclass" in text:  # a publisher's formula as a document of its own
        text = _PREAMBLE.sub(r"\1", text)
    return _typography(_Reader(text).read(0, len(text), maths=False))


@dataclass
class _Reader:
    """One text, and for each opening brace where it closes."""

    text: str
    closes: dict[int, int] = field(init=False)
    at: int = 0  #: where the token that is read now ends

    def __post_init__(self) -> None:
        self.closes, opened = {}, []
        for brace in re.finditer(r"(?<!\\)[{}]", self.text):
            if brace.group() == "{":
                opened.append(brace.start())
            elif opened:
                self.closes[opened.pop()] = brace.start()

    def read(self, begin: int, end: int, *, maths: bool, depth: int = 0) -> str:
        """Returns the text between two places with its LaTeX as Unicode. Leaves `at` at the end."""
        made: list[str] = []
        self.at = begin
        while found := _TOKEN.search(self.text, self.at, end):
            made.append(self.text[self.at : found.start()])
            self.at = found.end()
            made.append(self._token(found, made, end, maths=maths, depth=depth))
        made.append(self.text[self.at : end])
        self.at = end
        return "".join(made)

    def _token(self, found: re.Match[str], made: list[str], end: int, *, maths: bool, depth: int) -> str:
        token, before = found.group(), made[-1] or (made[-2] if len(made) > 1 else "")
        match token[0]:
            case "h":
                return self._address(re.sub(r"\\([_~%#&])", r"\1", token), end, depth)
            case "\\":
                return self._command(token[1:], before, end, maths=maths, depth=depth)
            case "$":
                return self._dollar(token, found, end, depth=depth)
            case "{":
                return self._braces(found.start(), maths=maths, depth=depth)
            case "^" | "_":
                return self._script(token, before, end, maths=maths, depth=depth)
            case "~":
                return self._tie(found.start(), maths=maths)
            case _:
                return "" if maths else token

    def _address(self, url: str, end: int, depth: int) -> str:
        """Returns an address unchanged; followed by the text in brackets when the command of `{address}{text}` is gone."""
        if self.closes.get(self.at, -1) < self.at or self.at + 1 == self.closes[self.at]:
            return url
        return f"{url} ({self._argument(end, maths=False, depth=depth)})"

    def _dollar(self, sign: str, found: re.Match[str], end: int, *, depth: int) -> str:
        """Returns the mathematics between this dollar and a second one; the dollar alone where there is none."""
        start = found.end()
        close = self.text.find("$", start, min(end, start + FURTHEST))
        while close > 0 and self.text[close - 1] == "\\":
            close = self.text.find("$", close + 1, min(end, start + FURTHEST))
        if close <= start or depth >= DEEPEST or not _is_maths(self.text, start, close):
            return sign
        after = close + 1 + self.text.startswith("$", close + 1)
        read = self._inside(start, close, maths=True, depth=depth + 1)
        self.at = after
        return read.strip()

    def _inside(self, begin: int, end: int, *, maths: bool, depth: int) -> str:
        read = self.read(begin, end, maths=maths, depth=depth)
        return re.sub(r"\s+", " ", read) if maths else read

    def _braces(self, start: int, *, maths: bool, depth: int) -> str:
        """Returns what braces hold: without them where they protect or group, with them where they are text."""
        end = self.closes.get(start)
        if end is None or end < start or depth >= DEEPEST:
            return "" if maths and end is not None else "{"
        inner = self.text[start + 1 : end]
        if inner in tex.BRACED and not maths:
            self.at = end + 1
            return tex.BRACED[inner]
        read = self.read(start + 1, end, maths=maths, depth=depth + 1)
        self.at = end + 1
        return read if maths or (_protects(inner) and self.text[end + 1 : end + 2] not in _SCRIPTS) else f"{{{read}}}"

    def _argument(self, end: int, *, maths: bool, depth: int) -> str:
        """Returns a command's next argument as Unicode: braces, a command, or one character; "" when there is none."""
        begin = _SPACED.match(self.text, self.at, end).end()  # type: ignore[union-attr]  # matches the empty text too
        closing = self.closes.get(begin, -1)
        if begin < closing < end and depth < DEEPEST:
            read = self._inside(begin + 1, closing, maths=maths, depth=depth + 1)
            self.at = closing + 1
            return read
        found = _TOKEN.match(self.text, begin, end)
        if found and found.group()[0] == "\\" and depth < DEEPEST:
            self.at = found.end()
            return self._command(found.group()[1:], "", end, maths=maths, depth=depth + 1).strip()
        bare = _BARE.match(self.text, begin, end)
        if bare is None:
            return ""
        self.at = bare.end()
        return bare.group()

    def _raw(self, end: int) -> str:
        """Returns an argument in braces as it stands, for what is no text: an address, a colour."""
        closing = self.closes.get(self.at, -1)
        if not self.at < closing < end:
            return ""
        inner = self.text[self.at + 1 : closing]
        self.at = closing + 1
        return inner

    def _option(self, end: int) -> None:
        """Skips an optional argument: `[p. 3]`."""
        if (
            self.text.startswith("[", self.at)
            and (close := self.text.find("]", self.at, min(end, self.at + FURTHEST))) > 0
        ):
            self.at = close + 1

    def _command(self, name: str, before: str, end: int, *, maths: bool, depth: int) -> str:
        if not name[:1].isalpha() or not name.isascii():
            return self._sign(name, end, maths=maths, depth=depth)
        name = name.rstrip("*")
        if name in tex.ACCENTS and not maths and (accented := self._accent(name, end)):
            return accented
        if name in tex.SYMBOLS:
            return self._symbol(name, before, maths=maths)
        if name in tex.FUNCTIONS and maths:
            return _apart(before) + name + " " * self._next_is_word(end)
        if name in tex.SILENT:
            return self._silent(name, before)
        if name in tex.SPACES:
            return " "
        if name in tex.ARGUED:
            self._raw(end)
            return self._argument(end, maths=maths, depth=depth) if name.startswith(("text", "colorb")) else " "
        return self._with_arguments(name, before, end, maths=maths, depth=depth)

    def _symbol(self, name: str, before: str, *, maths: bool) -> str:
        between = name in tex.BETWEEN and before[-1:] == " "  # `n\times d`: that space only ends the name
        return tex.SYMBOLS[name] + self._space(keep=between if maths else name not in tex.LETTERS)

    def _with_arguments(self, name: str, before: str, end: int, *, maths: bool, depth: int) -> str:
        if name in _MADE:
            return _MADE[name](_Arguments(self, before, end, maths=maths, depth=depth))
        if name in tex.HATS and (maths or self.text.startswith("{", self.at)):
            return _hat(self._argument(end, maths=maths, depth=depth), tex.HATS[name])
        if name in tex.STYLES or name in tex.HATS:
            return self._argument(end, maths=maths, depth=depth)
        # an unknown name is a word; TeX eats the space behind it, a reader wants it back
        apart = " " if self.closes.get(self.at, 0) > self.at + 1 else self._space(keep=True, word=maths)
        return _apart(before) + name + apart

    def _sign(self, sign: str, end: int, *, maths: bool, depth: int) -> str:
        if sign in tex.ACCENTS and not maths and (accented := self._accent(sign, end)):
            return accented
        if sign in "([" and (close := self._close(sign, end)) > 0:
            read = self._inside(self.at, close, maths=True, depth=depth + 1) if depth < DEEPEST else ""
            self.at = close + 2 if read else self.at
            return read.strip()
        return {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\n": " ", "\\": " ", "!": "", "/": "", "-": "",
                "(": "(", ")": ")", "|": "‖", "@": ""}.get(sign, sign)  # fmt: skip

    def _close(self, sign: str, end: int) -> int:
        return self.text.find("\\)" if sign == "(" else "\\]", self.at, min(end, self.at + FURTHEST))

    def _accent(self, sign: str, end: int) -> str:
        r"""Returns the letter of an accent, `\'e`, `\'{\i}`, `\c c`; "" when there is none."""
        found = _ACCENTED.match(self.text, self.at, end)
        if not found or (sign.isalpha() and found.group(0)[0] not in "{ "):
            return ""
        self.at = found.end()
        letter = found.group(1) or found.group(2) or found.group(3)
        if len(letter) > 1:  # `\c{opyright}`
            return f"{sign if sign.isalpha() else ''}{letter}"
        return normalize("NFC", letter + tex.ACCENTS[sign])

    def _script(self, sign: str, before: str, end: int, *, maths: bool, depth: int) -> str:
        """Raises or lowers: in mathematics x^2 → x² and x_i → xᵢ, in running text powers only: 10^-5, R^2, π^±."""
        if maths:
            inner = self._argument(end, maths=True, depth=depth)
            return script(sign, inner.strip()) if inner else sign
        power = _POWER.match(self.text, self.at, end) if sign == "^" and _BASE.search(before) else None
        if power is None:
            return sign
        self.at = power.end()
        return script("^", power.group().strip("{}"))

    def _tie(self, at: int, *, maths: bool) -> str:
        """Returns a space for a tie, and the tilde where it says "about": `z~5`, `~30%`."""
        left, right = self.text[max(0, at - 24) : at], self.text[at + 1 : at + 2]
        if maths or (left[-1:] == "$" and right.strip()) or right in ("$", "\\"):
            return " "
        if not right.strip() or not left.strip() or left[-1] in " \n([<>=≈≲≳~":
            return "~"
        if right.isdigit():
            return " " if _NUMBERED.search(left) else "~"
        return " " if right.isalpha() or right in "(['\"`{" else "~"

    def _silent(self, name: str, before: str) -> str:
        begin = self.at - len(name) - 1
        if name == "sc" and _IONISED.match(self.text, max(0, begin - 2)):
            return " "  # `H{\\sc i}`
        if name in ("left", "right") and self.text.startswith(".", self.at):
            self.at += 1  # `\left.` is a bracket that is not there
        elif name not in ("left", "right", "middle"):
            self._space(keep=False)
        return "" if before[-1:] in ("", " ") or name != "par" else " "

    def _space(self, *, keep: bool, word: bool = False) -> str:
        """Skips the space, or the empty braces, that end a command's name. Returns the space that a reader needs there."""
        if self.text.startswith("{}", self.at):
            self.at += 2
            return ""
        begin = self.at
        self.at = _SPACED.match(self.text, begin).end()  # type: ignore[union-attr]  # matches the empty text too
        joined = word and self.text[self.at : self.at + 1].isalnum()
        return " " if joined or (keep and self.at > begin) else ""

    def _next_is_word(self, end: int) -> bool:
        begin = self.at
        self.at = _SPACED.match(self.text, begin, end).end()  # type: ignore[union-attr]  # matches the empty text too
        return self.text[self.at : self.at + 1] not in ("(", ")", "^", "_", "}", "{", "[", "]", ",", ".", "$", "")


@dataclass(frozen=True, slots=True)
class _Arguments:
    """The arguments of one command. Each is read when it is asked for, in order."""

    reader: _Reader
    before: str  #: what stands before the command
    end: int
    maths: bool
    depth: int

    def next(self) -> str:
        """Returns the next argument, as mathematics or text like the command."""
        return self.reader._argument(self.end, maths=self.maths, depth=self.depth)

    def text(self) -> str:
        """Returns the next argument as running text."""
        return self.reader._argument(self.end, maths=False, depth=self.depth)

    def raw(self) -> str:
        """Returns the next argument as it stands, for what is no text: an address, a name."""
        return self.reader._raw(self.end)

    def skip_option(self) -> None:
        """Skips an optional argument."""
        self.reader._option(self.end)


def _blackboard(given: _Arguments) -> str:
    return "".join(tex.BLACKBOARD.get(c, c) for c in given.next())


def _fraction(given: _Arguments) -> str:
    return f"{_group(given.next())}/{_group(given.next())}"


def _under(given: _Arguments) -> str:
    beside, base = given.next(), given.next()
    return f"{base}{script('_', beside.strip())}"


def _over(given: _Arguments) -> str:
    beside, base = given.next(), given.next()
    return f"{base}{script('^', beside.strip())}"


def _link(given: _Arguments) -> str:
    address, shown = given.raw(), given.next()
    return shown if address in shown or not address else f"{shown} ({address})"


def _reference(given: _Arguments) -> str:
    given.skip_option()
    return f"[{given.raw()}]"


def _small_capitals(given: _Arguments) -> str:
    small = given.next()
    return f"{_apart(given.before) if _ROMAN.fullmatch(small) else ''}{small}"


def _negation(given: _Arguments) -> str:
    denied = given.next().strip()
    return normalize("NFC", denied + "\u0338") if len(denied) == 1 else f"¬{denied}"


#: commands → what is made of their arguments
_MADE: Final[Mapping[str, Callable[[_Arguments], str]]] = {
    **dict.fromkeys(("mathbb", "mathds", "Bbb"), _blackboard),
    **dict.fromkeys(("text", "mbox", "textrm", "textnormal"), _Arguments.text),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "nicefrac", "sfrac", "cfrac"), _fraction),
    "underset": _under, "overset": _over, "stackrel": _over,
    "pmod": lambda given: f" (mod {given.next()})",
    **dict.fromkeys(("SI", "qty"), lambda given: f"{given.next()} {given.text()}"),
    "sqrt": lambda given: f"√{_group(given.next())}",
    "binom": lambda given: f"({given.next()} choose {given.next()})",
    "textsuperscript": lambda given: script("^", given.next()),
    "textsubscript": lambda given: script("_", given.next()),
    "href": _link,
    **dict.fromkeys(("cite", "citep", "citet", "citealt", "ref", "eqref", "cref", "Cref", "autoref"), _reference),
    "label": lambda given: "" if given.raw() else "label",
    "ion": lambda given: f"{given.next()} {given.next()}",
    "textsc": _small_capitals,
    **dict.fromkeys(("footnote", "thanks"), lambda given: f" ({given.next()})"),
    "not": _negation,
}  # fmt: skip
_ROMAN = re.compile(r"[ivx]{1,5}")
_IONISED = re.compile(r"[A-Za-z]\{\\sc\s*[ivx]{1,5}\s*\}")
_ACCENTED = re.compile(r"\s*\{\s*\\?([A-Za-zıȷ]+)\s*\}|\s*\\([ij])(?![A-Za-z])|\s?([A-Za-zıȷ])")
_BASE = re.compile(r"[\w)\]}\u2033%]$")
_POWER = re.compile(r"\{?[-−+]?\d{1,3}\}?(?=[-–]10\^|(?!\d|[.–-]\d|_))|[±∓†‡*∗⋆′″‴°]")
#: before a number a tie stands behind a whole word or an abbreviation, and "about" behind a symbol
_NUMBERED = re.compile(
    r"(?:(?<![\w_\\])[a-z]{3,}|\.|,|\b(?:Figure|Section|Table|Equation|Theorem|Lemma|Appendix|Chapter|Part|Algorithm|Type|Phase|"
    r"Class|Version|Proposition|Corollary|Definition|Conjecture|Pop|No|of|to|at|by|in))$"
)


def _is_maths(text: str, begin: int, end: int) -> bool:
    """Is what stands between two dollars mathematics?"""
    inner, after = text[begin:end], text[end + 1 : end + 2]
    if _TEX.search(inner) or _RELATION.fullmatch(inner):
        return True
    closed = not inner[0].isspace() and not inner[-1].isspace() and not after.isdigit()
    return closed and not _PROSE.search(inner) and not (inner[0].isdigit() and inner[-1] in "(-–/,")


def _protects(inner: str) -> bool:
    """Do braces only protect what they hold: `{BERT}`, `{P}sychometrics`, `32{,}768`? `{a, b}` and `{ x: 1 }` are text."""
    return inner in (",", ".", "-", "") or (bool(_PLAIN.match(inner)) and not inner.isdigit())


_SET = r",;:={}|<>∣∈≤≥₀-₉ᵢⱼₖₙ"  #: signs that a set has in its braces, and a protected name does not
_PLAIN = re.compile(rf"[^\s{_SET}](?:[^{_SET}]*[^\s{_SET}])?\Z|\\.*[^\s]\Z|\{{.*\}}\Z")
_SCRIPTS = frozenset("ⁿ⁰¹²³⁴⁵⁶⁷⁸⁹ᵢⱼₖₙ₀₁₂₃₄₅₆₇₈₉")


def script(sign: str, inner: str) -> str:
    """Returns a script: `^2` → ², `_i` → ᵢ. Words keep their sign, `_max`, and get brackets when there are several."""
    if not inner:
        return sign
    if sign == "^" and inner == "∘":
        return "°"
    if all(c in tex.AT_HOME for c in inner):
        return inner
    table = tex.RAISED if sign == "^" else tex.LOWERED
    if sum(map(str.isalpha, inner)) <= 2 and all(ord(c) in table for c in inner):
        return inner.translate(table)
    return f"{sign}{inner}" if _stands_alone(sign, inner) else f"{sign}({inner})"


def _stands_alone(sign: str, inner: str) -> bool:
    """Does it need no brackets: a sign, a word, a number, or text that has brackets?"""
    if len(inner) == 1 or _WHOLE.match(inner):
        return True
    return inner.isalnum() and (sign == "_" or inner.isascii())


_WHOLE = re.compile(r"[+\-−±]?\d+(?:\.\d+)?\Z|\([^()]*\)\Z")  #: a number, or in brackets already


def _hat(inner: str, mark: str) -> str:
    return normalize("NFC", inner + mark) if len(inner) == 1 and inner.isalpha() else inner


def _group(inner: str) -> str:
    inner = inner.strip()
    return f"({inner})" if re.search(r"[+\-−\s/]", inner) and not inner.startswith("(") else inner


def _apart(before: str) -> str:
    return " " if before[-1:].isalnum() else ""


def _typography(text: str) -> str:
    # the bounded runs keep a million backquotes linear
    if "`" in text or "''" in text:
        text = re.sub(r"``\s?([^`]{1,300}?)''", r"“\1”", text)
        text = re.sub(r"(?<![\w'])''(?=\w)([^'`]{1,300})''", r"“\1”", text)
        text = re.sub(r"(?<![\w`])`(?=\w)([^`']{1,100})'(?!\w)", r"‘\1’", text)
    if "--" in text:
        text = re.sub(r"(?<!-)---(?!-)", "—", text)
        text = re.sub(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)", "–", text)
    if "**" in text:
        text = re.sub(r"(?<![\w*])\*\*(?=[^\s*])([^*]{1,200}?)(?<=[^\s*])\*\*(?!\*)", r"\1", text)
    return text.replace("+/-", "±") if "+/-" in text else text
