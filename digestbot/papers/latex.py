"""LaTeX in titles and abstracts becomes Unicode where that reads well, and stays readable where not.

Only what is certain is changed: a `$` is mathematics by pandoc's rule (no space inside the dollars, no digit behind
the second), so `$5 and $10` stays money. A letter is never lost: an unknown `\\macro` becomes the word `macro`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from unicodedata import normalize

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν "
    "xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ "
    "Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_SIGNS = (
    "times × cdot · div ÷ pm ± mp ∓ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ sim ∼ simeq ≃ equiv ≡ propto ∝ infty ∞ partial ∂ "
    "nabla ∇ sum ∑ prod ∏ int ∫ in ∈ notin ∉ subset ⊂ subseteq ⊆ supset ⊃ cup ∪ cap ∩ emptyset ∅ varnothing ∅ forall ∀ exists ∃ "
    "neg ¬ land ∧ wedge ∧ lor ∨ vee ∨ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ mapsto ↦ "
    "uparrow ↑ downarrow ↓ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ perp ⊥ parallel ∥ mid | angle ∠ circ ∘ bullet • star ⋆ ast ∗ dagger † "
    "oplus ⊕ otimes ⊗ odot ⊙ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ prime ′ degree ° ldots … dots … cdots ⋯ langle ⟨ rangle ⟩ lceil ⌈ "
    "rceil ⌉ lfloor ⌊ rfloor ⌋ vert | Vert ‖ S § P ¶ copyright © pounds £ euro € ss ß ae æ AE Æ oe œ OE Œ o ø O Ø aa å AA Å l ł L Ł "
    "i ı j ȷ textendash – textemdash — textquoteright ’ textquoteleft ‘ textquotedblleft “ textquotedblright ” textdegree ° "
    "texttrademark ™ textregistered ® textmu µ textasciitilde ~ textbackslash \\ checkmark ✓ quad \u2003 sqrt √"
)


def _table(listed: str) -> dict[str, str]:
    # split(" ") and not split(): the em space of \quad is white space itself
    parts = [part for part in listed.split(" ") if part]
    return dict(zip(parts[::2], parts[1::2], strict=True))


SYMBOLS: Final = _table(f"{_GREEK} {_SIGNS}") | {"quad": " ", "qquad": " "}
#: commands whose argument is what is meant; the command itself says only how it looks
STYLES: Final = frozenset(
    "textbf textit texttt textsc textsf textrm textnormal textup emph underline text mathrm mathbf mathit mathsf mathtt mathcal "
    "mathscr mathfrak mathbb boldsymbol bm operatorname mbox hbox textsuperscript textsubscript url ensuremath uline textsl "
    "overline widehat widetilde bar hat tilde vec".split()
)
#: commands that only switch or space
SILENT: Final = frozenset(
    "left right big Big bigg Bigg displaystyle textstyle it bf em rm tt sc sf small large Large xspace "
    "protect noindent limits nolimits".split()
)
_BLACKBOARD: Final = dict(zip("CHNPQRZEF", "ℂℍℕℙℚℝℤ𝔼𝔽", strict=True))
_ACCENTS: Final = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307", "u": "\u0306",
    "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_RAISED: Final = dict(
    zip("0123456789+-=()niTabcdeghjklmoprstuvwxyz*′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵃᵇᶜᵈᵉᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ*′", strict=True)
)
_LOWERED: Final = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))

_MATHS = re.compile(r"(?<!\\)\$\$?(?=[^\s$])([^$]{1,300}?)(?<![\s\\])\$\$?(?!\d)")
_PARENS = re.compile(r"\\\((.{1,200}?)\\\)|\\\[(.{1,200}?)\\\]")
_COMMAND = re.compile(r"\\([A-Za-z]+)[ \t]*|\\(.)", re.DOTALL)
_ACCENT = re.compile(
    r"""\\(?:(['`^"~=.])\s?|([uvHckrdb])(?=\{|\s+[A-Za-z]))\s*(?:\{\\?([A-Za-z])\}|\\([ij])(?![A-Za-z])|([A-Za-z]))"""
)
_NAMED = re.compile(r"\{(" + "|".join(sorted(_table(_GREEK), key=len, reverse=True)) + r")\}")
_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]{1,40})\}|([A-Za-z0-9*′]))")
_PROTECTED = re.compile(r"\{([^{},;:=\s]+(?: [^{},;:=\s]+)*)\}")
_TIE = re.compile(r"(?<=[\w.,)])~(?=[\w(\\$])")
_NEEDED = re.compile(r"[\\$~{]|``|''|--")


def latex_to_unicode(text: str) -> str:
    """The text with its LaTeX read. Linear in its length."""
    if not _NEEDED.search(text):
        return text
    text = _ACCENT.sub(_accented, text)
    text = _NAMED.sub(lambda m: SYMBOLS[m.group(1)], text)
    text = _PARENS.sub(lambda m: _maths(m.group(1) or m.group(2)), text)
    text = _MATHS.sub(lambda m: _maths(m.group(1)) if "\n\n" not in m.group(1) else m.group(), text)
    return _typography(_commands(text, in_maths=False))


def _accented(found: re.Match[str]) -> str:
    accent = _ACCENTS[found.group(1) or found.group(2)]
    return normalize("NFC", (found.group(3) or found.group(4) or found.group(5)) + accent)


def _maths(inner: str) -> str:
    read = _commands(inner, in_maths=True)
    return _SCRIPT.sub(_script, read).replace("{", "").replace("}", "") if _balanced(read) else read


def _balanced(text: str) -> bool:
    return text.count("{") == text.count("}")


def _script(found: re.Match[str]) -> str:
    """x^2 → x², x_i → xᵢ; what has no such letter stays behind its sign, in brackets when it is long."""
    sign, inner = found.group(1), (found.group(2) or found.group(3)).strip()
    table = _RAISED if sign == "^" else _LOWERED
    if inner and all(c in table for c in inner):
        return "".join(table[c] for c in inner)
    return f"{sign}{inner}" if len(inner) <= 1 or inner.isalnum() else f"{sign}({inner})"


def _commands(text: str, *, in_maths: bool) -> str:
    """Commands by name; braces of their arguments go with them."""
    if "\\" not in text:
        return text
    text = re.sub(
        r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", lambda m: f"{_group(m.group(1))}/{_group(m.group(2))}", text
    )
    text = re.sub(r"\\mathbb\s*\{?([CHNPQRZEF])\}?(?![A-Za-z])", lambda m: _BLACKBOARD[m.group(1)], text)
    for _ in range(4):  # styles inside each other
        after = re.sub(r"\\(" + "|".join(STYLES) + r")\s*\{([^{}]*)\}", r"\2", text)
        if after == text:
            break
        text = after
    return _COMMAND.sub(_command(in_maths), text)


def _group(inner: str) -> str:
    return f"({inner})" if re.search(r"[+\-\s]", inner.strip()) else inner


def _command(in_maths: bool) -> Callable[[re.Match[str]], str]:
    def read(found: re.Match[str]) -> str:
        name, sign = found.group(1), found.group(2)
        if name is None:
            return {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\\": " ", "/": "", "-": ""}.get(sign, sign)
        spaced = found.group().endswith((" ", "\t"))
        if name in SYMBOLS:
            # TeX eats the space behind a command; readers of running text want it back
            return SYMBOLS[name] + (" " if spaced and not in_maths else "")
        if name in SILENT:
            return ""
        before = " " if in_maths and found.string[max(0, found.start() - 1) : found.start()].isalnum() else ""
        return f"{before}{name} " if spaced or in_maths else name

    return read


def _typography(text: str) -> str:
    # the bounded runs keep a million backquotes linear
    text = _TIE.sub(" ", text)
    text = re.sub(r"``\s?([^`]{1,300}?)''", r"“\1”", text)
    text = re.sub(r"(?<![\w'])''(?=\w)([^'`]{1,300})''", r"“\1”", text)
    text = re.sub(r"(?<!-)---(?!-)", "—", text)
    text = re.sub(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)", "–", text)
    return _PROTECTED.sub(r"\1", text)
